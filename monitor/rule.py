"""The Rule protocol: how one class of evidence is coded, and what is known of it before anything was learned.

A rule says of each outcome whether it is a hit, a clear, or no evidence for its class (law 1); the arithmetic is the
same for all that count (monitor.esr). Figures – latency, quality – have their own reading (monitor.speed,
monitor.grades) behind the same state, so that everything after them sees one kind of evidence.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar

from monitor.esr import PASSES_S
from monitor.model import Cause, Sample, Scope
from probes.outcome import NETWORK, Outcome

ANSWERED = frozenset(Outcome) - NETWORK - {Outcome.UNKNOWN, Outcome.PROBE_ERROR, Outcome.SKIPPED}
SERVED = frozenset({Outcome.OK, Outcome.DEGRADED})
ANYHOW = (0.04, 0.1, 0.25, 0.5, 0.8, 0.98, 0.9999)     # shares of failing calls that are looked for
MOSTLY = (0.25, 0.5, 0.8, 0.98, 0.9999)                # what is said in so many words is not said now and then


KEYED = frozenset({"completion", "quality"})           # nobody makes a model write without a key, named or not
TOGETHER_S = 900.0       # what began within so long is one thing that happened


class Family(StrEnum):
    """Rules whose findings speak of one and the same condition."""

    REGION = "region"
    ACCOUNT = "account"
    AUTH = "auth"
    BILLING = "billing"
    RATE = "rate"
    REACH = "reach"
    MODEL = "model"
    OURS = "ours"
    LATENCY = "latency"
    QUALITY = "quality"
    OWN = "own"


def stamp(moment: datetime) -> float:
    """Seconds since 1970: how states write times."""
    return moment.timestamp()


def moment(at_s: float) -> datetime:
    """The aware UTC time of a stamp."""
    return datetime.fromtimestamp(at_s, UTC)


@dataclass(frozen=True, slots=True)
class StreamKey:
    """Which measurements belong to one fold."""

    provider: str
    region: str
    kind: str
    surface: str = ""
    account: str | None = None
    model: str | None = None
    check: str = ""
    text: str = field(init=False, compare=False)      # the check's own key where there is one: it survives renaming
    keyless: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        # written once: it is asked for with every sample
        parts = (self.provider, self.region, self.surface, self.account, self.kind, self.model)
        object.__setattr__(self, "text", self.check or "|".join(part or "-" for part in parts))
        object.__setattr__(self, "keyless", self.account is None and self.kind not in KEYED)

    @property
    def scope(self) -> Scope:
        return Scope(self.provider, self.region, self.account, self.model)


def stream_of(sample: Sample) -> StreamKey:
    """The stream that a sample belongs to."""
    return StreamKey(sample.provider, sample.region, sample.kind, sample.surface, sample.account, sample.model,
                     sample.check_key)


@dataclass(frozen=True)
class Coding:
    """A rule that counts. A file in monitor/rules exports one subclass `Rule`; the meaning of an `id` never changes.

    `first`: how often an episode begins by itself, before anything was learned, as a share of calls. `share`: its part
    of the false alarms allowed; all rules' shares make 1. `least`: sightings without which nothing is confirmed.
    `maskable`: our own network can forge it. `sticky`: what passes by itself comes in episodes, of `passes_s` before
    anything was learned. `grid`: shares of failing calls that it looks for.
    """

    id: ClassVar[str] = ""
    family: ClassVar[Family] = Family.REACH
    cause: ClassVar[Cause] = Cause.UNKNOWN
    hits: ClassVar[frozenset[Outcome]] = frozenset()
    clears: ClassVar[frozenset[Outcome]] = SERVED
    first: ClassVar[float] = 0.01
    share: ClassVar[float] = 0.1
    least: ClassVar[int] = 1
    grid: ClassVar[tuple[float, ...]] = ANYHOW
    maskable: ClassVar[bool] = False
    sticky: ClassVar[bool] = True
    passes_s: ClassVar[float] = PASSES_S

    def reads(self, outcome: Outcome, keyless: bool) -> bool | None:
        """Hit, clear, or None: no evidence."""
        if outcome in self.hits and not (keyless and outcome is Outcome.AUTH_FAILED):
            return True
        # a keyless call that is asked for its key was let in as far as a keyless call can be
        alive = keyless and outcome is Outcome.AUTH_FAILED
        return False if outcome in self.clears or alive else None
