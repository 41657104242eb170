"""Why it is thought so, in words that a manager understands: who does what to whom, and who is still served. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.model import Cause
from monitor.rule import Family, moment
from monitor.track import Track

SAID = {
    Cause.AUTH_FAILED: "refuses the key", Cause.BILLING: "says that the quota or the money is used up",
    Cause.RATE_LIMITED: "throttles the calls", Cause.PROVIDER_OVERLOADED: "says that it is overloaded",
    Cause.MODEL_RETIRED: "does not know the model any more", Cause.LATENCY_DEGRADED: "answers far slower than usual",
    Cause.QUALITY_DEGRADED: "gives fewer right answers than usual",
}
WAYS = {"network_dns": "its name is not resolved rightly", "network_blocked": "connections are cut off",
        "network_timeout": "nothing comes back"}


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of one story. `tracks`: those it rests on; `others_of_it`: the vendor's other streams that report;
    `hit`, `fine`, `asked`: regions; `neutral`: (answering, asked) neutral hosts by region hit; `since`: stamp.
    """

    provider: str
    name: str
    family: Family
    tracks: tuple[Track, ...]
    latest: Track
    hit: frozenset[str]
    fine: frozenset[str]
    asked: frozenset[str]
    others_of_it: tuple[Track, ...]
    since: float
    outcomes: Mapping[str, int]
    neutral: Mapping[str, tuple[int, int]]
    models: tuple[str, ...] = ()
    figures: str = ""

    @property
    def spread(self) -> str:
        """Over how many of the regions asked; '' where there is but one to ask."""
        if len(self.asked) < 2:
            return ""
        if self.hit >= self.asked:
            return "all"
        return "most" if 2 * len(self.hit) > len(self.asked) else "few"


def reason(case: Case, cause: Cause) -> str:
    """One sentence, in parts: what, since when, who is not affected, what neutral hosts say."""
    since = f"since {moment(case.since):%H:%M} UTC"
    where = f"from {', '.join(sorted(case.hit))}"
    if case.family is Family.REACH and cause is not Cause.PROVIDER_OVERLOADED:
        return f"{case.name} {_what(case, cause)} {where} {since}{_fine(case)}; {_neutral(case)}"
    if case.family is Family.OURS:
        said = case.latest.reason or case.latest.outcome
        return f"{case.name} does not take our own request ({said}) {where} {since}"
    said = SAID.get(cause) or f"answers {case.latest.status or 'a refusal'}"
    if case.figures:
        said += f": {case.figures}"
    words = case.latest.reason.removesuffix(f" (HTTP {case.latest.status})")
    why = f" ({words})" if words and cause not in SAID else ""
    return f"{case.name} {said} to {_calls(case)} {where} {since}{why}{_served(case, cause)}; {_neutral(case)}"


def _calls(case: Case) -> str:
    keys = sorted({track.stream.account for track in case.tracks if track.stream.account})
    bare = any(track.stream.keyless for track in case.tracks)
    return (" and ".join(["keyless"] * bare + [f"account {key}'s" for key in keys]) or "all keyed") + " calls"


def _served(case: Case, cause: Cause) -> str:
    """Whom it does not touch: other accounts of a ban, other regions of a block."""
    if cause is not Cause.ACCOUNT_RESTRICTED:
        return _list(case.fine, "served")
    keys = {track.stream.account for track in case.tracks}
    rest = {track.stream.account for track in case.others_of_it if track.stream.account and not track.down} - keys
    if not rest and len(keys) > 1:
        return "; every account that reports is affected"
    keyless = any(track.stream.keyless and not track.down for track in case.others_of_it)
    return _list({*(key for key in rest if key), *(["keyless calls"] if keyless else [])}, "served")


def _fine(case: Case) -> str:
    return _list(case.fine, "not affected")


def _list(names: Sequence[str] | frozenset[str] | set[str], word: str) -> str:
    return f"; {', '.join(sorted(names))} {'is' if len(names) == 1 else 'are'} {word}" if names else ""


def _what(case: Case, cause: Cause) -> str:
    errors = case.outcomes.get("provider_outage", 0)
    if 2 * errors >= sum(case.outcomes.values()) and errors:
        return f"answers with errors ({case.latest.status or '5xx'})"
    alone = cause is Cause.UNKNOWN or not any(n for _, n in case.neutral.values())
    ways = [WAYS[name] for name in sorted(WAYS) if case.outcomes.get(name)]
    return f"{'is unreachable from here' if alone else 'cannot be reached'} ({', '.join(ways) or 'no answer'})"


def _neutral(case: Case) -> str:
    """What the neutral hosts say."""
    bare = [region for region, (_, asked) in case.neutral.items() if not asked]
    if bare:
        return f"no neutral host answers from {', '.join(bare)} to compare with"
    told = ", ".join(f"{region} ({ok})" for region, (ok, _) in case.neutral.items())
    return f"neutral hosts answer from {told}"
