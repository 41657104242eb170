"""Whose doing it is: the cause, read from what the rules find and from the board.

A vendor is never blamed for what our own network did, nor for what nobody could see. Every verdict says why, in words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.board import Board, Line
from monitor.model import Cause, Finding, Holds, Scope, Verdict
from probes.outcome import NETWORK, Outcome

UNWITNESSED = 0.6     # nothing neutral answers from there: we cannot be surer than this
ACCOUNTS = {Cause.ACCOUNT_RESTRICTED, Cause.AUTH_FAILED, Cause.BILLING, Cause.RATE_LIMITED}
REACH = {Cause.PROVIDER_OUTAGE, Cause.NETWORK_INTERFERENCE, Cause.REGIONAL_PATH}
SURE = {
    Cause.REGION_RESTRICTED: 0.97, Cause.ACCOUNT_RESTRICTED: 0.97, Cause.AUTH_FAILED: 0.95, Cause.BILLING: 0.97,
    Cause.RATE_LIMITED: 0.9, Cause.PROVIDER_OVERLOADED: 0.9, Cause.MODEL_RETIRED: 0.9,
    Cause.LATENCY_DEGRADED: 0.8, Cause.QUALITY_DEGRADED: 0.8,
}
SAID = {
    Cause.AUTH_FAILED: "refuses the key", Cause.BILLING: "says that the quota or the money is used up",
    Cause.RATE_LIMITED: "throttles the calls", Cause.PROVIDER_OVERLOADED: "says that it is overloaded",
    Cause.MODEL_RETIRED: "does not know the model any more", Cause.LATENCY_DEGRADED: "answers far slower than usual",
    Cause.QUALITY_DEGRADED: "gives fewer right answers than usual",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A rule's finding with the line it was made on."""

    rule: str
    line: Line
    finding: Finding
    clean: int

    def pending(self, now: datetime) -> bool:
        """Whether the next sample may well confirm it: one vendor in six regions is to be one message."""
        f, wait = self.finding, timedelta(seconds=3 * self.line.every_s)
        return f.holds is Holds.NO_EVIDENCE and self.clean == 0 and f.since is not None and now - f.since <= wait


def findings(board: Board, provider: str, now: datetime) -> list[Seen]:
    """What the rules find on the vendor's lines that still report; nothing from where a refusal is expected."""
    seen = []
    for line in board.of(provider, now):
        for name, rule in board.rules.items():
            if (name, line.stream.text) not in board.evidence or line.expect:
                continue
            raw = board.evidence[name, line.stream.text]
            found = rule.pool([board.weighed(name, line)], now)
            since = found.since or (raw.times[0] if raw.times else None)
            seen.append(Seen(name, line, replace(found, scope=line.stream.scope, since=since), raw.clean))
    return seen


def attribute(seen: Sequence[Seen], board: Board, now: datetime) -> list[Verdict]:
    """The verdicts on one vendor. What may be confirmed within moments by other regions is waited for."""
    verdicts = []
    for cause in (c for c in SURE if c is not Cause.QUALITY_DEGRADED):
        for group in _groups(cause, [s for s in seen if s.finding.cause is cause]):
            verdicts += _explicit(cause, group, board, now)
    verdicts += _quality(seen, board, now)
    verdicts += _reach([s for s in seen if s.rule in ("outage", "network")], verdicts, board, now)
    return verdicts


def _groups(cause: Cause, seen: Iterable[Seen]) -> list[list[Seen]]:
    """Accounts apart, except for bans: several banned accounts are one story. Models apart."""
    groups: dict[str, list[Seen]] = {}
    for one in seen:
        stream = one.line.stream
        by_account = cause in ACCOUNTS and cause is not Cause.ACCOUNT_RESTRICTED
        key = stream.account if by_account else stream.model if cause is Cause.MODEL_RETIRED else ""
        groups.setdefault(key or "", []).append(one)
    return list(groups.values())


def _explicit(cause: Cause, group: Sequence[Seen], board: Board, now: datetime) -> list[Verdict]:
    held = [s for s in group if s.finding.holds is Holds.HOLDS]
    if not held or any(s.pending(now) for s in group if _part(cause, s) not in {_part(cause, h) for h in held}):
        return []
    if cause is Cause.LATENCY_DEGRADED and any(_own_path_slow(board, s, now) for s in held):
        return []
    provider = held[0].line.stream.provider
    regions = tuple(sorted({s.line.stream.region for s in held}))
    accounts = {s.line.stream.account for s in held}
    account = next(iter(accounts)) if cause in ACCOUNTS and len(accounts) == 1 else None
    models = tuple(sorted({s.line.stream.model for s in held if s.line.stream.model}))
    model = models[0] if cause is Cause.MODEL_RETIRED and models else None
    region = regions[0] if cause is Cause.REGION_RESTRICTED and len(regions) == 1 else None
    confidence, witness = _witnessed(board, regions, now, SURE[cause])
    onset = min(s.finding.since or now for s in held)
    because = f"{_sentence(cause, held, board, now)}; {witness}"
    samples = tuple(sorted(seq for s in held for seq in s.finding.samples))
    return [Verdict(cause, Scope(provider, region, account, model), confidence, because, onset, regions,
                    models if cause is Cause.MODEL_RETIRED else (), samples)]


def _part(cause: Cause, one: Seen) -> str | None:
    """What may still join the same message: another region, or of a ban another account."""
    return one.line.stream.account if cause is Cause.ACCOUNT_RESTRICTED else one.line.stream.region


def _own_path_slow(board: Board, one: Seen, now: datetime) -> bool:
    slow = [board.weighed("latency", line).holds for line in board.here(one.line.stream.region, now) if line.control]
    return Holds.HOLDS in slow


def _witnessed(board: Board, regions: Sequence[str], now: datetime, sure: float) -> tuple[float, str]:
    """Confidence, and what the neutral hosts say."""
    well = {r: [c for c in board.here(r, now) if c.control and not c.failing] for r in regions}
    bare = [r for r, controls in well.items() if not controls]
    if bare:
        return min(sure, 0.9), f"no neutral host answers from {', '.join(bare)} to compare with"
    told = ", ".join(f"{r} ({len(c)})" for r, c in well.items())
    return sure, f"neutral hosts answer from {told}"


def _sentence(cause: Cause, held: Sequence[Seen], board: Board, now: datetime) -> str:
    """Who does what to whom, and who is still served."""
    line = held[0].line
    name = board.name(line.stream.provider)
    regions = sorted({s.line.stream.region for s in held})
    keys = sorted({s.line.stream.account for s in held if s.line.stream.account})
    bare = any(s.line.stream.account is None for s in held)
    calls = " and ".join(["keyless"] * bare + [f"account {k}'s" for k in keys]) + " calls"
    words = line.reason.removesuffix(f" (HTTP {line.status})")
    said = SAID.get(cause) or f"answers {line.status or 'a refusal'}"
    why = f" ({words})" if words and cause not in SAID else ""
    others = [o for o in board.of(line.stream.provider, now) if o.outcome is Outcome.OK]
    if cause is Cause.ACCOUNT_RESTRICTED:
        fine = sorted({o.stream.account or "keyless calls" for o in others if o.stream.account not in keys})
        every = not any(o.stream.account for o in others if o.stream.account not in keys)
        tail = "; every account that reports is affected" if every and len(keys) > 1 else ""
    else:
        fine = sorted({o.stream.region for o in others} - set(regions))
        tail = ""
    served = f"; {', '.join(fine)} {'is' if len(fine) == 1 else 'are'} served" if fine else ""
    since = min(s.finding.since or now for s in held)
    return f"{name} {said} to {calls} from {', '.join(regions)} since {since:%H:%M} UTC{why}{served}{tail}"


def _quality(seen: Sequence[Seen], board: Board, now: datetime) -> list[Verdict]:
    models: dict[str | None, list[Seen]] = {}
    for one in (s for s in seen if s.rule == "quality"):
        models.setdefault(one.line.stream.model, []).append(one)
    verdicts = []
    for model, group in models.items():
        found = board.rules["quality"].pool([board.weighed("quality", s.line) for s in group], now)
        if found.holds is not Holds.HOLDS:
            continue
        provider, regions = group[0].line.stream.provider, tuple(sorted({s.line.stream.region for s in group}))
        because = f"{board.name(provider)} gives fewer right answers than usual: {found.because}"
        verdicts.append(Verdict(Cause.QUALITY_DEGRADED, Scope(provider, model=model), SURE[Cause.QUALITY_DEGRADED],
                                because, found.since or now, regions, (model,) if model else (), found.samples))
    return verdicts


def _reach(seen: Sequence[Seen], told: Sequence[Verdict], board: Board, now: datetime) -> list[Verdict]:
    """Errors of the vendor's own and silence on the wire, over all regions together."""
    refused = {r for v in told if v.cause is Cause.REGION_RESTRICTED for r in v.regions}
    held = [s for s in seen if s.finding.holds is Holds.HOLDS and s.line.stream.region not in refused]
    if not held:
        return []
    hit = {s.line.stream.region for s in held}
    if any(s.pending(now) for s in seen if s.line.stream.region not in hit):
        return []
    provider = held[0].line.stream.provider
    asked = {line.stream.region for line in board.of(provider, now)
             if not line.expect and not board.is_dark(line.stream.region, line.zone)} - refused | hit
    cause, confidence = _reach_cause(held, hit, asked)
    if not all(board.guarded(region) for region in hit):
        confidence = min(confidence, UNWITNESSED)
    onset = min(s.finding.since or now for s in held)
    regions = tuple(sorted(hit))
    everywhere = cause is Cause.PROVIDER_OUTAGE and 2 * len(hit) > len(asked)
    scope = Scope(provider, None if everywhere or len(hit) > 1 else regions[0])
    because = f"{_reach_words(held, board, asked - hit)}; {_hosts(board, regions, now)}"
    samples = tuple(sorted({seq for s in held for seq in s.finding.samples}))
    return [Verdict(cause, scope, confidence, because, onset, regions, (), samples)]


def _reach_cause(held: Sequence[Seen], hit: set[str], asked: set[str]) -> tuple[Cause, float]:
    errors = {s.line.stream.region for s in held if s.rule == "outage"}
    if len(hit) > 1 and 2 * len(hit) > len(asked):
        return Cause.PROVIDER_OUTAGE, 0.95 if hit == asked else 0.85
    if errors:
        return Cause.PROVIDER_OUTAGE, 0.85
    blocked = any(s.line.outcome in NETWORK - {Outcome.NETWORK_TIMEOUT} for s in held)
    cause = Cause.NETWORK_INTERFERENCE if blocked else Cause.REGIONAL_PATH
    return cause, 0.8 if asked - hit else 0.65


def _reach_words(held: Sequence[Seen], board: Board, fine: set[str]) -> str:
    line = max((s.line for s in held), key=lambda one: one.last)
    name, regions = board.name(line.stream.provider), sorted({s.line.stream.region for s in held})
    errors = any(s.rule == "outage" for s in held)
    guarded = all(board.guarded(region) for region in regions)
    what = f"answers with errors ({line.status or '5xx'})" if errors else (
        "cannot be reached" if guarded else "is unreachable from here")
    reason = f" ({line.reason})" if line.reason and not errors else ""
    rest = f"; {', '.join(sorted(fine))} {'is' if len(fine) == 1 else 'are'} not affected" if fine else ""
    since = min((s.finding.since for s in held if s.finding.since), default=line.last)
    return f"{name} {what}{reason} from {', '.join(regions)} since {since:%H:%M} UTC{rest}"


def _hosts(board: Board, regions: Sequence[str], now: datetime) -> str:
    return _witnessed(board, regions, now, 1.0)[1]


def own_network(board: Board, now: datetime) -> list[Verdict]:
    """Regions cut off, or cut off from abroad. One verdict for all: it is one place's trouble, or one machine's."""
    cuts = {region: cut for region in sorted(board.by_region) if (cut := _cut(board, region, now))}
    if not cuts:
        return []
    onset = min(since for _, since, _ in cuts.values())
    reporting = {r for r in board.by_region if board.here(r, now)}
    if any(_undecided(board, r, onset, now) for r in reporting - set(cuts)):
        return []
    regions = tuple(cuts)
    where: dict[str, list[str]] = {}
    for cut_off, (words, _, _) in cuts.items():
        where.setdefault(words, []).append(cut_off)
    because = "; ".join(f"{words} from {', '.join(named)}" for words, named in where.items())
    guarded = all(board.guarded(region) for region in regions)
    # all regions at once is one machine's network, not several regions' trouble
    region = regions[0] if len(regions) == 1 else None
    samples = tuple(sorted({seq for _, _, seqs in cuts.values() for seq in seqs}))
    return [Verdict(Cause.OWN_NETWORK, Scope(region=region), 0.95 if guarded else UNWITNESSED,
                    f"{because} since {onset:%H:%M} UTC; no vendor is to blame", onset, regions, (), samples)]


def _cut(board: Board, region: str, now: datetime) -> tuple[str, datetime, tuple[int, ...]] | None:
    zones = {z: own for z, own in board.zones(region, now).items() if board.witnesses(region, z, now)}
    dark = [z for z in zones if board.is_dark(region, z)]
    if not dark:
        return None
    lines = [line for line in board.here(region, now) if line.zone in dark and not line.expect]
    vendors = [line for line in lines if not line.control]
    found = [board.weighed("own_network", line) for line in lines if line.failing]
    if 2 * sum(line.failing for line in vendors) <= len(vendors) and vendors:
        return None
    if not any(e.holds is Holds.HOLDS for e in found):
        return None
    abroad = len(zones) > len(dark) and not any(z == zones[z] for z in dark)
    what = "the link abroad is cut: what is nearer answers, nothing beyond the border does" if abroad else (
        "this place's own network is cut off: neutral hosts and vendors fail together")
    since = min((e.times[0] for e in found if e.times), default=now)
    return what, since, tuple(seq for e in found for seq in e.samples)


def _undecided(board: Board, region: str, onset: datetime, now: datetime) -> bool:
    """Whether a region may yet turn out to be cut off too: not heard since, or its witnesses fail."""
    if board.is_dark(region, next(iter(board.zones(region, now)), "")):
        lines = [line for line in board.here(region, now) if line.failing]
        return any(now - onset <= timedelta(seconds=3 * line.every_s) for line in lines)
    witnesses = [w for z in board.zones(region, now) for w in board.witnesses(region, z, now)]
    return any((w.last < onset or w.failing) and now - onset <= timedelta(seconds=2 * w.every_s) for w in witnesses)
