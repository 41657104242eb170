"""The Rule protocol: a fold over one stream, O(1) a sample, whose state is a value that is stored as JSON text.

A rule says what its stream shows (`Evidence`), `pool` says what the streams of one scope show together (`Finding`).
No evidence is neither good nor bad (law 1); masking only ever takes evidence away. `Counting` is the first arithmetic,
k of the last n; a better one replaces it behind the same protocol.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Protocol, TypeVar

from monitor.model import Cause, Finding, Holds, Sample, Scope
from probes.outcome import NETWORK, Outcome

ANSWERED = frozenset(Outcome) - NETWORK - {Outcome.UNKNOWN, Outcome.PROBE_ERROR, Outcome.SKIPPED}
SERVED = frozenset({Outcome.OK, Outcome.DEGRADED})
SPOTLESS = 6          # clears in a row after which an old hit is forgotten, and an incident may close
PATIENCE_S = 600.0    # hits further apart than this (or two slots) a place in the window do not belong together


def stamp(moment: datetime) -> float:
    """Seconds since 1970 to the millisecond: how states write times."""
    return round(moment.timestamp(), 3)


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

    @property
    def text(self) -> str:
        """The check's own key where there is one: it survives renaming."""
        parts = (self.provider, self.region, self.surface, self.account, self.kind, self.model)
        return self.check or "|".join(part or "-" for part in parts)

    @property
    def scope(self) -> Scope:
        return Scope(self.provider, self.region, self.account, self.model)


def stream_of(sample: Sample) -> StreamKey:
    """The stream that a sample belongs to."""
    return StreamKey(sample.provider, sample.region, sample.kind, sample.surface, sample.account, sample.model,
                     sample.check_key)


@dataclass(frozen=True, slots=True)
class Context:
    """What the fold cannot see: `masked`, our own network failed too; `declared`, an incident stands."""

    masked: bool = False
    declared: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one stream shows. `times` are the slots of the hits in the window; `clean` counts clears since the last hit.

    `figure` of `of` against `usual`: what the rules that compare figures pool over regions.
    """

    scope: Scope
    holds: Holds = Holds.NO_EVIDENCE
    score: float = 0.0
    times: tuple[datetime, ...] = ()
    samples: tuple[int, ...] = ()
    clean: int = SPOTLESS
    figure: float = 0.0
    of: float = 0.0
    usual: float = 0.0


S = TypeVar("S")


class Rule(Protocol[S]):
    """A detection rule. A file in monitor/rules exports one class `Rule`; the meaning of an `id` never changes."""

    id: ClassVar[str]
    cause: ClassVar[Cause]

    def start(self, stream: StreamKey) -> S: ...
    def step(self, state: S, sample: Sample, context: Context) -> tuple[S, Evidence]: ...
    def tick(self, state: S, now: datetime) -> tuple[S, Evidence]: ...
    def pool(self, evidences: Sequence[Evidence], now: datetime) -> Finding: ...
    def dump(self, state: S) -> str: ...
    def load(self, text: str, stream: StreamKey) -> S: ...


@dataclass(frozen=True, slots=True)
class Tally:
    """The last n informative samples: (stamp, seq) of a hit, (0, 0) of a clear; leading clears are left out."""

    scope: Scope
    marks: tuple[tuple[float, int], ...] = ()
    clean: int = SPOTLESS


@dataclass(frozen=True)
class Counting:
    """k hits among the last n informative samples. What is neither hit nor clear leaves the state as it was."""

    k: int = 2
    n: int = 3
    id: ClassVar[str] = ""
    cause: ClassVar[Cause] = Cause.UNKNOWN
    hits: ClassVar[frozenset[Outcome]] = frozenset()
    clears: ClassVar[frozenset[Outcome]] = SERVED
    maskable: ClassVar[bool] = False       # explicit refusals are not: a broken network cannot forge them

    def start(self, stream: StreamKey) -> Tally:
        return Tally(stream.scope)

    def reads(self, sample: Sample) -> bool | None:
        """Hit, clear, or None: no evidence."""
        outcome = Outcome(sample.outcome)
        if outcome in self.hits:
            return True
        # a keyless call that is asked for its key was let in as far as a keyless call can be
        alive = outcome is Outcome.AUTH_FAILED and sample.account is None
        return False if outcome in self.clears or alive else None

    def step(self, state: Tally, sample: Sample, context: Context) -> tuple[Tally, Evidence]:
        hit = self.reads(sample)
        if hit is None or (hit and self.maskable and context.masked):
            return state, self.weigh(state)
        mark = (stamp(sample.slot), sample.seq) if hit else (0.0, 0)
        oldest = stamp(sample.slot) - self.n * max(PATIENCE_S, 2 * sample.every_s)
        kept = tuple(m if m[0] > oldest else (0.0, 0) for m in (*state.marks, mark)[-self.n:])
        clean = 0 if hit else min(SPOTLESS, state.clean + 1)
        state = Tally(state.scope, _strip(kept), clean)
        return state, self.weigh(state)

    def tick(self, state: Tally, now: datetime) -> tuple[Tally, Evidence]:
        """Silence neither heals nor harms; what is too old to believe is left to the board's quorum."""
        del now
        return state, self.weigh(state)

    def weigh(self, state: Tally) -> Evidence:
        found = [mark for mark in state.marks if mark[0]]
        holds = Holds.HOLDS if len(found) >= self.k else Holds.NO_EVIDENCE if found else Holds.FAILS
        return Evidence(state.scope, holds, len(found) / self.k, tuple(moment(at) for at, _ in found),
                        tuple(seq for _, seq in found), state.clean)

    def pool(self, evidences: Sequence[Evidence], now: datetime) -> Finding:
        """One stream that holds is enough: a region blocked for ever must not be outvoted by those that are not."""
        del now
        return pooled(self.id, self.cause, evidences)

    def dump(self, state: Tally) -> str:
        return json.dumps([state.marks, state.clean], separators=(",", ":"))

    def load(self, text: str, stream: StreamKey) -> Tally:
        marks, clean = json.loads(text)
        return Tally(stream.scope, tuple((float(at), int(seq)) for at, seq in marks), int(clean))


def pooled(rule: str, cause: Cause, evidences: Sequence[Evidence]) -> Finding:
    """The finding of the streams of one scope together: the strongest speaks for all."""
    if not evidences:
        return Finding(rule, Scope(), Holds.NO_EVIDENCE, "no stream reports", cause)
    strongest = max(evidences, key=lambda e: e.score)
    holding = [e for e in evidences if e.holds is Holds.HOLDS]
    since = min((e.times[0] for e in holding or evidences if e.times), default=None)
    samples = tuple(sorted(seq for e in holding for seq in e.samples))
    because = f"{len(holding)} of {len(evidences)} streams show {cause}"
    return Finding(rule, strongest.scope, strongest.holds, because, cause, since, samples, strongest.score)


def _strip(marks: tuple[tuple[float, int], ...]) -> tuple[tuple[float, int], ...]:
    first = next((i for i, mark in enumerate(marks) if mark[0]), len(marks))
    return marks[first:]
