"""The reasoning in words: every mechanism has some, and a real story's evidence and controls are all in it."""

import re
from typing import Any

from histories import Ledger, grid, history, story

from monitor.attribution import tables
from monitor.explaining import MECHANISMS, MOST_CALLS, explained, rests_on
from monitor.model import Cause, Sample


def rows_of(book: Ledger, which: int = 0) -> list[dict[str, Any]]:
    """The moves of an incident as the store gives them."""
    key = list(book.incidents)[which]
    return [{"before": move.before, "after": move.incident.stage.value, "at": move.at, "because": move.because,
             "cause": move.incident.cause.value, "confidence": move.incident.confidence, "samples": list(move.samples),
             "tier": int(move.incident.tier), "why": move.why} for move in book.moves() if move.incident.key == key]


def calls_of(samples: list[Sample]) -> dict[int, dict[str, Any]]:
    return {s.seq: {"seq": s.seq, "slot": f"{s.slot:%Y-%m-%d %H:%M:%S}", "region": s.region, "kind": s.kind,
                    "account": s.account, "outcome": s.outcome, "status": s.status, "reason": s.reason}
            for s in samples}


ASKED = grid(("eu", "us", "sg"), ("claude", "kimi", "glm"))


def blocked(asked: Any, minute: int) -> str:
    return "geo_restricted" if (asked.provider, asked.region) == ("claude", "eu") and minute >= 30 else "ok"


def told() -> str:
    book, samples = story(ASKED, 40, blocked), history(ASKED, 40, blocked)
    [incident] = book.all()
    return "\n".join(explained(incident, rows_of(book), calls_of(samples), "Claude"))


def test_every_mechanism_has_its_words() -> None:
    assert {h["id"] for h in tables()["hypotheses"]} == set(MECHANISMS)


def test_a_block_is_told_with_its_calls_its_odds_and_its_controls() -> None:
    text = told()
    assert text.startswith("Claude: region restricted, ")
    assert re.search(r"by chance alone, so much would be seen from one stream once in .* the tier \w+; rules: ", text)
    assert re.search(r"  2026-03-01 10:3\d:00Z from eu, reachability, no key: geo_restricted", text)
    assert "  the vendor refuses the region: " in text
    assert "our own network: ruled out, 3 of 3 neutral hosts answered from eu" in text
    assert "elsewhere: sg, us were served" in text
    assert "ruled out, 2 of 2 other vendors answered from there" in text
    assert re.search(r"2026-03-01 10:3\d:00Z open, region restricted", text)


def test_what_is_no_longer_kept_is_said_and_many_are_cut_short() -> None:
    book = story(ASKED, 40, blocked)
    [incident] = book.all()
    rows = rows_of(book)
    seqs = rests_on(rows)
    assert seqs
    assert "no longer kept" in "\n".join(explained(incident, rows, {}))
    many = [{**row, "samples": list(range(40)) if row["why"] else []} for row in rows]
    call = next(iter(calls_of(history(ASKED, 1, blocked)).values()))
    text = "\n".join(explained(incident, many, dict.fromkeys(range(40), call)))
    assert f"and {40 - MOST_CALLS} more" in text


def test_a_revised_cause_is_weighed_again_and_says_from_what_to_what() -> None:
    book = story(ASKED, 40, blocked)
    [incident] = book.all()
    rows = rows_of(book)
    opened = next(row for row in rows if row["why"])
    later = {**opened, "before": "open", "after": "open", "cause": Cause.PROVIDER_OUTAGE.value, "confidence": 0.999}
    text = "\n".join(explained(incident, [*rows, later], {}))
    assert "What changed the judgement, " in text
    assert "still open, provider outage 99.9 %; the cause was region restricted, is provider outage: " in text


def test_our_own_network_is_told_by_place() -> None:
    def cut(asked: Any, minute: int) -> str:
        return "network_timeout" if asked.region == "eu" and minute >= 30 else "ok"

    book = story(ASKED, 50, cut)
    [incident] = [one for one in book.all() if one.cause is Cause.OWN_NETWORK]
    which = list(book.incidents).index(incident.key)
    text = "\n".join(explained(incident, rows_of(book, which), {}))
    assert text.startswith("our own network: own network, ")
    assert "our own network: 0 of 3 neutral hosts answered from eu" in text
    assert "eu: cut off wholly" in text


def test_an_incident_from_before_reasons_were_kept_has_its_story() -> None:
    book = story(ASKED, 40, blocked)
    [incident] = book.all()
    rows = [{**row, "why": ""} for row in rows_of(book)]
    assert rests_on(rows) == []
    text = explained(incident, rows, {})
    assert text[0].startswith("claude: region restricted")
    assert any("10:3" in line for line in text)
