"""The whole reasoning of an incident in plain words: what it rests on, how likely each explanation was, what was ruled
out and by which control, and how the judgement changed. Pure: rows in, lines out.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from monitor.model import Cause, Incident, Stage, Tier
from monitor.tiers import DAY_S, YEAR_S

Row = Mapping[str, Any]

MOST_CALLS = 12
CERTAIN_S = 1000 * YEAR_S
MECHANISMS = {
    "geo": "the vendor refuses the region", "ban": "the vendor has shut out the account",
    "key": "the key is not accepted", "money": "the quota or the money is used up",
    "throttle": "the vendor limits our rate", "model": "the vendor serves the model no more",
    "ours": "our own request is at fault", "robot": "a check for robots stands before the vendor",
    "outage.errors": "an outage of the vendor, with errors", "outage.silent": "an outage of the vendor, in silence",
    "outage.regional": "an outage of the vendor for this region alone", "busy": "the vendor is overloaded",
    "cut.dns": "interference: the vendor's name is answered wrongly", "path": "the link from here to the vendor fails",
    "cut.reset": "interference: connections are cut off", "own.place": "our own network is cut off",
    "own.abroad": "our link abroad is cut",
}


def explained(incident: Incident, moves: Sequence[Row], calls: Mapping[int, Row], name: str = "") -> list[str]:
    """`moves`: Queries.moves; `calls`: rows of v_measurement by seq; `name`: of the vendor, as people call it."""
    who = name or incident.scope.provider or "our own network"
    lines = [f"{who}: {_words(incident.cause)}, {_percent(incident.confidence)} sure", ""]
    for at, move in enumerate(_weighings(moves)):
        lines += [f"{'What it was judged by' if not at else 'What changed the judgement'}, {_time(move)}:",
                  *(f"  {line}" for line in _weighed(move, calls)), ""]
    return [*lines, "How it went:", *(f"  {line}" for line in _story(moves))]


def rests_on(moves: Sequence[Row]) -> list[int]:
    """Sequence numbers of the calls that `explained` shows."""
    return sorted({seq for move in _weighings(moves) for seq in move["samples"]})


def _weighings(moves: Sequence[Row]) -> list[Row]:
    """The judgement that opened it (of a suspicion, the last), and each that gave it another cause."""
    weighed = [move for move in moves if move["why"]]
    first = next((move for move in weighed if move["after"] != Stage.SUSPECTED), weighed[-1] if weighed else None)
    if first is None:
        return []
    found = [first]
    for move in weighed[weighed.index(first) + 1:]:
        if move["cause"] != found[-1]["cause"]:
            found.append(move)
    return found


def _weighed(move: Row, calls: Mapping[int, Row]) -> Iterator[str]:
    why: Mapping[str, Any] = json.loads(move["why"])
    yield f"{move['because']}"
    yield from _evidence(move, why)
    yield from _calls(move["samples"], calls)
    yield from _likelihoods(why)
    yield from _ruled_out(move, why)


def _evidence(move: Row, why: Mapping[str, Any]) -> Iterator[str]:
    tier = Tier(why.get("tier", move["tier"])).name.lower()
    rules = ", ".join(why.get("rules", ()))
    seconds = why.get("evidence_s")
    if seconds is None:
        yield f"evidence: enough for the tier {tier}; rules: {rules}"
    else:
        yield (f"evidence: by chance alone, so much would be seen from one stream once in {_span(seconds)} "
               f"({seconds:.3g} s to a false alarm): the tier {tier}; rules: {rules}")


def _calls(samples: Sequence[int], calls: Mapping[int, Row]) -> Iterator[str]:
    if not samples:
        return
    there = [calls[seq] for seq in samples if seq in calls]
    yield f"it rests on {len(samples)} call{'' if len(samples) == 1 else 's'}:"
    for row in there[:MOST_CALLS]:
        key = f"account {row['account']}" if row["account"] else "no key"
        status = f" {row['status']}" if row["status"] else ""
        reason = " ".join(str(row["reason"] or "").split())
        yield (f"  {row['slot']}Z from {row['region']}, {row['kind']}, {key}: {row['outcome']}{status}"
               f"{f' – {reason}' if reason else ''}")
    if len(there) > MOST_CALLS:
        yield f"  and {len(there) - MOST_CALLS} more"
    if gone := len(samples) - len(there):
        yield f"  {gone} of them {'is' if gone == 1 else 'are'} no longer kept"


def _likelihoods(why: Mapping[str, Any]) -> Iterator[str]:
    posterior: Mapping[str, float] = why.get("posterior", {})
    if not posterior:
        return
    yield f"how likely each explanation was (table {why.get('table', '')}):"
    for mechanism, share in sorted(posterior.items(), key=lambda item: -item[1]):
        yield f"  {MECHANISMS.get(mechanism, mechanism)}: {_percent(share)}"
    yield "  everything else: less than 0.05 % each"


def _ruled_out(move: Row, why: Mapping[str, Any]) -> Iterator[str]:
    """What the controls said, each with the explanation that it speaks for or against."""
    said = [*_own_network(move, why.get("neutral", {})), *_elsewhere(why), *_beside(why.get("seen", {}))]
    if said:
        yield "what the controls said:"
        yield from (f"  {line}" for line in said)


def _own_network(move: Row, neutral: Mapping[str, Sequence[int]]) -> Iterator[str]:
    for region, (well, asked) in sorted(neutral.items()):
        hosts = f"{well} of {asked} neutral hosts answered from {region}"
        if not asked:
            yield f"our own network: not ruled out, no neutral host was asked from {region}"
        elif move["cause"] == Cause.OWN_NETWORK:
            yield f"our own network: {hosts}"
        else:
            yield f"our own network: {'ruled out' if 2 * well > asked else 'not ruled out'}, {hosts}"


def _elsewhere(why: Mapping[str, Any]) -> Iterator[str]:
    if fine := why.get("fine"):
        yield f"elsewhere: {', '.join(fine)} {'was' if len(fine) == 1 else 'were'} served"
    elif why.get("spread") == "all":
        yield "elsewhere: every region that was asked was hit"
    elif why.get("spread") == "":
        yield "elsewhere: nobody asks this vendor from another region"
    for region, shape in sorted(why.get("shapes", {}).items()):
        yield f"{region}: {'cut off from abroad, what is near answers' if shape == 'abroad' else 'cut off wholly'}"


def _beside(seen: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """The vendor's other calls from there – another account, another model – and the other vendors."""
    if kin := seen.get("kin"):
        yield f"the vendor's other accounts and models from there: {_well(kin)}"
    if others := seen.get("others"):
        well, all_ = others.get("ok", 0), sum(others.values())
        verdict = "a trouble of the whole place: ruled out, " if 2 * well > all_ else ""
        yield f"{verdict}{well:g} of {all_:g} other vendors answered from there"


def _well(counts: Mapping[str, float]) -> str:
    rest = ", ".join(f"{count:g} {name}" for name, count in sorted(counts.items()) if name != "ok")
    return f"{counts.get('ok', 0):g} of the latest {sum(counts.values()):g} answers well{f' ({rest})' if rest else ''}"


def _story(moves: Sequence[Row]) -> Iterator[str]:
    cause = None
    for move in moves:
        revised = f"; the cause was {_words(cause)}, is {_words(move['cause'])}" if cause not in (
            None, move["cause"]) else ""
        stage = move["after"] if move["before"] != move["after"] else f"still {move['after']}"
        yield (f"{_time(move)} {stage}, {_words(move['cause'])} {_percent(move['confidence'])}{revised}: "
               f"{move['because']}")
        cause = move["cause"]


def _time(move: Row) -> str:
    return f"{move['at']:%Y-%m-%d %H:%M:%SZ}"


def _words(cause: object) -> str:
    return str(cause).replace("_", " ")


def _percent(share: float) -> str:
    percent = 100 * share
    return f"{percent:.1f} %" if percent < 1 or 99 < percent < 100 else f"{percent:.0f} %"


def _span(seconds: float) -> str:
    """In the unit that people think in."""
    if seconds >= CERTAIN_S:
        return "more than a thousand years"
    for unit_s, unit in ((YEAR_S, "years"), (DAY_S, "days"), (3600.0, "hours")):
        if seconds >= 2 * unit_s:
            return f"{seconds / unit_s:.3g} {unit}"
    return f"{seconds / 60:.3g} minutes"
