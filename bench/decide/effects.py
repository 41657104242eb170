"""What can lie on a stream for a while: nuisance and events alike are effects with a place, a time and a strength."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from bench.decide import dice

PAID = ("completion", "quality")


class Stream(NamedTuple):
    """Who is asked what, from where: the columns of the file form. A control's provider is its host."""

    kind: str
    provider: str
    region: str
    account: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """Which streams an effect touches; None is any. `abroad`: only what is not domestic to the region."""

    providers: tuple[str, ...] | None = None
    regions: tuple[str, ...] | None = None
    account: str | None = None
    model: str | None = None
    kinds: tuple[str, ...] | None = None
    abroad: bool = False

    def touches(self, stream: Stream, domestic: bool) -> bool:
        if self.providers is not None and (stream.provider not in self.providers or stream.kind == "control"):
            return False
        if self.regions is not None and stream.region not in self.regions:
            return False
        if self.account is not None and stream.account != self.account:
            return False
        if self.model is not None and stream.model != self.model:
            return False
        return (self.kinds is None or stream.kind in self.kinds) and not (self.abroad and domestic)


@dataclass(frozen=True, slots=True)
class Effect:
    """Seconds [start, end). `share` of the calls fail as `outcome`; with outcome "" it only slows or spoils answers.

    `rank`: what is nearer to us hides what is farther (0 own uplink, 1 path, 2 vendor, 3 account, 4 model).
    `ramp_s`: the share grows from 0 over so long. `flap`: (on, off) seconds in turns. `sticky_s`: one throw of the
    dice holds for so long on a stream (a session, a shard) instead of for one call.
    """

    start: int
    end: int
    where: Where
    rank: int
    outcome: str = ""
    status: int | None = None
    share: float = 1.0
    ramp_s: int = 0
    flap: tuple[int, int] | None = None
    sticky_s: int = 0
    slow: float = 1.0
    passes: float | None = None
    event: int = -1
    salt: int = 0

    def on(self, t: int, of: int) -> bool:
        """Whether it bites the call at t on the stream with this key."""
        if self.flap is not None and (t - self.start) % sum(self.flap) >= self.flap[0]:
            return False
        share = self.share
        if self.ramp_s:
            share *= min(1.0, (t - self.start) / self.ramp_s)
        if share >= 1.0:
            return True
        throw = t // self.sticky_s if self.sticky_s else t
        return dice.unit(of ^ dice.key("on", self.salt, self.start), throw) < share


def segments(effects: Iterable[Effect]) -> tuple[list[int], list[tuple[Effect, ...]]]:
    """Seconds at which the set of effects changes, and the sets, nearest first: one bisect finds what lies at t."""
    effects = sorted(effects, key=lambda one: one.start)
    cuts = sorted({0, *(one.start for one in effects), *(one.end for one in effects)})
    at, active, found = 0, [], []
    for cut in cuts:
        active = [one for one in active if one.end > cut]
        while at < len(effects) and effects[at].start <= cut:
            if effects[at].end > cut:
                active.append(effects[at])
            at += 1
        found.append(tuple(sorted(active, key=lambda one: one.rank)))
    return cuts, found
