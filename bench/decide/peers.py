"""What others' rules would have said of the same records: each a few lines after its source. They know no causes.

One check is one (kind, vendor, region, account, model); an incident opens when the rule fires and closes when it lets
go, cause `unknown` (`latency_degraded` where the answer was good: aiwatch knows why it fires). Sources: Gatus
`failure-threshold: 3`, `success-threshold: 2`; Prometheus `probe_success == 0`
`for: 5m`; Uptime Kuma `maxretries: 0`; one-api `monitor/metric.go` (ten last, under 80 %); aiwatch
`worker/src/probe.ts` (every 5 min: three failures, or three answers slower than three medians).
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from statistics import median
from typing import Any

Record = dict[str, Any]
Rule = Callable[[float, bool, float], bool]      # seconds, bad, latency -> firing
NEITHER = frozenset({"probe_error", "skipped"})


def in_a_row(fails: int, passes: int) -> Rule:
    bad_run = good_run = 0
    firing = False

    def step(_: float, bad: bool, __: float) -> bool:
        nonlocal bad_run, good_run, firing
        bad_run, good_run = (bad_run + 1, 0) if bad else (0, good_run + 1)
        firing = bad_run >= fails or (firing and good_run < passes)
        return firing
    return step


def for_s(hold_s: float) -> Rule:
    since: float | None = None

    def step(t: float, bad: bool, _: float) -> bool:
        nonlocal since
        since = (t if since is None else since) if bad else None
        return since is not None and t - since >= hold_s
    return step


def queue(length: int, least: float) -> Rule:
    last: deque[bool] = deque(maxlen=length)

    def step(_: float, bad: bool, __: float) -> bool:
        last.append(not bad)
        return len(last) == length and sum(last) / length < least
    return step


def aiwatch() -> Rule:
    usual: deque[float] = deque(maxlen=288)
    asked, failed, slow, firing = -1e9, 0, 0, False

    def step(t: float, bad: bool, took_s: float) -> bool:
        nonlocal asked, failed, slow, firing
        if t - asked < 299:
            return firing
        asked, failed = t, failed + 1 if bad else 0
        slow = slow + 1 if not bad and len(usual) >= 12 and took_s > 3 * median(usual) else 0
        if not bad:
            usual.append(took_s)
        firing = failed >= 3 or slow >= 3
        return firing
    return step


RULES: dict[str, Callable[[], Rule]] = {
    "Gatus N=3": lambda: in_a_row(3, 2),
    "Prometheus for: 5m": lambda: for_s(300.0),
    "Uptime Kuma": lambda: in_a_row(1, 1),
    "one-api queue": lambda: queue(10, 0.8),
    "aiwatch": aiwatch,
}


class Peer:
    """One rule over all checks of a history."""

    def __init__(self, make: Callable[[], Rule]) -> None:
        self._make = make
        self._rules: dict[tuple[str | None, ...], Rule] = {}
        self._open: dict[tuple[str | None, ...], Record] = {}
        self.incidents: list[Record] = []

    def take(self, record: Record, t: float) -> None:
        if record["kind"] in ("control", "network") or record["outcome"] in NEITHER:
            return
        check = (record["kind"], record["provider"], record["region"], record["account"], record["model"])
        rule = self._rules.get(check)
        if rule is None:
            rule = self._rules[check] = self._make()
        firing = rule(t, record["outcome"] != "ok", record["total_s"])
        if firing and check not in self._open:
            self._open[check] = found = _incident(len(self.incidents) + 1, record)
            self.incidents.append(found)
        elif not firing and check in self._open:
            self._open.pop(check)["closed"] = record["slot"]


def _incident(number: int, record: Record) -> Record:
    cause = "latency_degraded" if record["outcome"] == "ok" else "unknown"
    return {"incident": number, "provider": record["provider"], "region": record["region"], "model": record["model"],
            "cause": cause, "confidence": 0.0, "opened": record["slot"], "onset": record["slot"], "closed": None,
            "tier": "confirm", "because": record["outcome"]}


def replay(records: Iterable[Record], names: Iterable[str] = tuple(RULES)) -> dict[str, list[Record]]:
    """What each rule says of a history, in one pass."""
    peers = {name: Peer(RULES[name]) for name in names}
    for record, t in timed(records):
        for peer in peers.values():
            peer.take(record, t)
    return {name: peer.incidents for name, peer in peers.items()}


def timed(records: Iterable[Record]) -> Iterator[tuple[Record, float]]:
    last, t = "", 0.0
    for record in records:
        if record["slot"] != last:
            last = record["slot"]
            t = datetime.fromisoformat(last).timestamp()
        yield record, t
