"""The board: the latest of every role – vendors, neutral hosts, regions, accounts – and when a region was in the dark.

A stream that stopped reporting is neither good nor bad: it ages out of every quorum and heals nothing (law 1).
"""

import json
from bisect import insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from monitor.model import Holds, Sample
from monitor.rule import Evidence, Rule, StreamKey, stamp, stream_of
from probes.outcome import NETWORK, Outcome

STALE_SLOTS = 3.5
EXPLICIT = frozenset({Outcome.GEO_RESTRICTED, Outcome.ACCOUNT_RESTRICTED})
LEAST_VENDORS = 3     # so many vendors at once stand in for a neutral host where there is none
KEPT_DARK = 8
_BEFORE_SINCE = 7     # so many fields after the outcome had a line that an older version wrote


@dataclass(frozen=True, slots=True)
class Line:
    """The latest of one stream that says anything. `since`: from when on it has reported without a gap."""

    stream: StreamKey
    last: datetime
    outcome: Outcome
    zone: str = "global"
    region_zone: str = "global"
    control: bool = False
    expect: bool = False
    every_s: float = 60.0
    status: int | None = None
    reason: str = ""
    since: datetime | None = field(default=None, compare=False)

    @property
    def failing(self) -> bool:
        """No answer came at all."""
        return self.outcome in NETWORK


def line_of(sample: Sample) -> Line:
    """What a sample puts on the board."""
    return Line(stream_of(sample), sample.slot, Outcome(sample.outcome), sample.zone, sample.region_zone,
                sample.control, sample.expect_restricted, sample.every_s, sample.status, sample.reason[:200])


def dump_line(line: Line) -> str:
    s = line.stream
    stream = [s.provider, s.region, s.kind, s.surface, s.account, s.model, s.check]
    rest = [line.last.isoformat(), line.outcome, line.zone, line.region_zone, line.control, line.expect,
            line.every_s, line.status, line.reason, line.since and line.since.isoformat()]
    return json.dumps([stream, rest], separators=(",", ":"), ensure_ascii=False)


def load_line(text: str) -> Line:
    stream, (last, outcome, *rest) = json.loads(text)
    since = rest.pop() if len(rest) > _BEFORE_SINCE else None
    line = Line(StreamKey(*stream), datetime.fromisoformat(last), Outcome(outcome), *rest)
    return replace(line, since=datetime.fromisoformat(since)) if since else line


@dataclass(frozen=True, slots=True)
class Dark:
    """One zone as seen from one region: last seen well, and the spans (from, to] in which nothing there answered."""

    well: float = 0.0
    since: float | None = None
    spans: tuple[tuple[float, float], ...] = ()

    def told(self, at_s: float, dark: bool, answered: bool) -> "Dark":
        """After another sample: whether most witnesses are out of reach now, and whether this one answered."""
        if dark:
            return self if self.since is not None else replace(self, since=self.well)
        if not answered:
            return self
        if self.since is None:
            return replace(self, well=max(self.well, at_s))
        return Dark(at_s, None, (*self.spans, (self.since, at_s))[-KEPT_DARK:])

    def trusts(self, at_s: float) -> bool:
        """Whether a failure at this time can be the vendor's: witnesses were well since, and not in the dark then."""
        return self.since is None and at_s <= self.well and not any(a < at_s <= b for a, b in self.spans)

    def dump(self) -> str:
        return json.dumps([self.well, self.since, self.spans], separators=(",", ":"))


def load_dark(text: str) -> Dark:
    well, since, spans = json.loads(text)
    return Dark(well, since, tuple((a, b) for a, b in spans))


@dataclass(slots=True)
class Board:
    """All lines with the evidence of every rule. Filled by the judge, read by attribution."""

    rules: Mapping[str, Rule[Any]]
    names: Mapping[str, str] = field(default_factory=dict)
    slow_s: float = 300.0
    lines: dict[str, Line] = field(default_factory=dict)
    darks: dict[tuple[str, str], Dark] = field(default_factory=dict)
    evidence: dict[tuple[str, str], Evidence] = field(default_factory=dict)   # by rule name and stream text
    by_provider: dict[str, list[str]] = field(default_factory=dict)     # stream texts, sorted
    by_region: dict[str, list[str]] = field(default_factory=dict)

    def put(self, line: Line) -> None:
        text, before = line.stream.text, self.lines.get(line.stream.text)
        if before is None:
            insort(self.by_region.setdefault(line.stream.region, []), text)
            if not line.control:
                insort(self.by_provider.setdefault(line.stream.provider, []), text)
        elif before.last > line.last:
            return      # an agent's late report does not undo what is known since
        since = line.since if before is None else before.since if self.fresh(before, line.last) else None
        self.lines[text] = replace(line, since=since or line.last)

    def of(self, provider: str, now: datetime | None = None) -> list[Line]:
        """A vendor's lines; with `now` only those still reporting."""
        return self._pick(self.by_provider.get(provider, ()), now)

    def green(self, provider: str, now: datetime) -> dict[str, datetime]:
        """Regions that a vendor answers now, with when that was seen. Where a refusal is expected nothing is proven."""
        seen: dict[str, datetime] = {}
        for line in self.of(provider, now):
            region = line.stream.region
            if line.outcome is Outcome.OK and not line.expect:
                seen[region] = max(line.last, seen.get(region, line.last))
        return seen

    def here(self, region: str, now: datetime | None = None) -> list[Line]:
        """All lines of a region, controls included."""
        return self._pick(self.by_region.get(region, ()), now)

    def _pick(self, texts: Iterable[str], now: datetime | None) -> list[Line]:
        found = (self.lines[text] for text in texts)
        return [line for line in found if now is None or self.fresh(line, now)]

    def fresh(self, line: Line, now: datetime) -> bool:
        """Whether it still reports; what was told to slow down is given the time to."""
        slowed = line.outcome in EXPLICIT and not line.control
        every_s = max(line.every_s, self.slow_s) if slowed else line.every_s
        return (now - line.last).total_seconds() <= STALE_SLOTS * every_s

    def zones(self, region: str, now: datetime) -> dict[str, str]:
        """The zones asked from a region, each with the region's own zone."""
        return {line.zone: line.region_zone for line in self.here(region, now)}

    def witnesses(self, region: str, zone: str, now: datetime) -> list[Line]:
        """Neutral hosts of that zone; where there is none, the vendors, if they are enough to speak for it."""
        there = [line for line in self.here(region, now) if line.zone == zone]
        controls = [line for line in there if line.control]
        if controls:
            return controls
        vendors = [line for line in there if not line.expect]
        return vendors if len({line.stream.provider for line in vendors}) >= LEAST_VENDORS else []

    def observe_dark(self, line: Line) -> Dark | None:
        """Take note of a line just put; returns the new state where it changed."""
        region, zone = line.stream.region, line.zone
        seen = self.witnesses(region, zone, line.last)
        if line not in seen:
            return None
        failing = sum(w.failing for w in seen)
        dark = 2 * failing > len(seen) if line.control else failing == len(seen)
        before = self.darks.get((region, zone), Dark())
        after = before.told(stamp(line.last), dark, not line.failing)
        self.darks[region, zone] = after
        return after if after != before else None

    def is_dark(self, region: str, zone: str) -> bool:
        """Whether nothing of that zone is reached from there now."""
        return self.darks.get((region, zone), Dark()).since is not None

    def guarded(self, region: str) -> bool:
        """Whether a neutral host is asked from there at all."""
        return any(line.control for line in self.here(region))

    def weighed(self, rule: str, line: Line) -> Evidence:
        """A stream's evidence; of network failures only those that cannot have been our own network's."""
        found = self.evidence.get((rule, line.stream.text)) or Evidence(line.stream.scope, Holds.FAILS)
        if rule != "network" or not found.times:
            return found
        dark = self._judge_of(line)
        if dark is None:
            return found
        kept = [(t, s) for t, s in zip(found.times, found.samples, strict=True) if dark.trusts(stamp(t))]
        needed = len(found.times) / found.score
        holds = Holds.HOLDS if len(kept) >= needed else Holds.NO_EVIDENCE
        return replace(found, holds=holds, score=len(kept) / needed, times=tuple(t for t, _ in kept),
                       samples=tuple(s for _, s in kept))

    def _judge_of(self, line: Line) -> Dark | None:
        region = line.stream.region
        own = self.darks.get((region, line.zone))
        if own is not None:
            return own
        others = [dark for (r, _), dark in sorted(self.darks.items()) if r == region]
        return others[0] if others and self.guarded(region) else None

    def name(self, provider: str | None) -> str:
        return self.names.get(provider or "", provider or "")

    def warm(self) -> set[str]:
        """Vendors with anything at all against them."""
        hit = (self.lines[text] for (_, text), found in self.evidence.items() if found.times)
        return {line.stream.provider for line in hit if not line.control}

    def silent(self) -> dict[str, datetime]:
        """Regions that stopped reporting while others go on, and when they were last heard.

        Others must have gone on for as long as makes a line stale: after a night in which we did not run ourselves, the
        first region to be heard again does not make the others silent.
        """
        heard = {region: max(line.last for line in self.here(region)) for region in self.by_region}
        latest = max(heard.values(), default=None)
        return {region: last for region, last in heard.items()
                if latest and not self.here(region, latest) and self._missed(region, last, latest)}

    def _missed(self, region: str, last: datetime, latest: datetime) -> bool:
        others = [line.since or line.last for place in self.by_region if place != region
                  for line in self.here(place, latest)]
        fastest_s = min(line.every_s for line in self.here(region))
        return bool(others) and (latest - max(last, min(others))).total_seconds() > STALE_SLOTS * fastest_s
