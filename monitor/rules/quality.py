"""Fewer answers are right than used to be: the pass rate of the last runs, over regions, against the usual one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import sqrt
from typing import ClassVar

from monitor.model import Cause, Finding, Holds, Sample, Scope
from monitor.rule import SPOTLESS, Context, Evidence, StreamKey, moment, stamp


@dataclass(frozen=True, slots=True)
class Marks:
    """`recent`: (stamp, seq, passed, items) a run. `passed` of `items`: the usual rate, slowly forgotten."""

    scope: Scope
    recent: tuple[tuple[float, int, int, int], ...] = ()
    passed: float = 0.0
    items: float = 0.0
    clean: int = SPOTLESS


def fell(passed: float, items: float, usual: float, drop: float) -> bool:
    """Whether a rate is below the usual one by more than chance (three deviations) and by enough to matter."""
    if items <= 0:
        return False
    chance = 3 * sqrt(max(usual * (1 - usual), 0.01) / items)
    return usual - passed / items > max(drop, chance)


@dataclass(frozen=True)
class Rule:
    """Two runs or more, 12 items or more, and a rate well below the usual one of 30 items or more."""

    n: int = 5
    known: int = 30
    enough: int = 12
    drop: float = 0.15
    forget: float = 0.99
    id: ClassVar[str] = "quality.1"
    cause: ClassVar[Cause] = Cause.QUALITY_DEGRADED

    def start(self, stream: StreamKey) -> Marks:
        return Marks(stream.scope)

    def step(self, state: Marks, sample: Sample, context: Context) -> tuple[Marks, Evidence]:
        if not sample.items or sample.passed is None or context.masked:
            return state, self.weigh(state)
        usual = state.passed / state.items if state.items else 1.0
        poor = state.items >= self.known and fell(sample.passed, sample.items, usual, self.drop)
        recent = (*state.recent, (stamp(sample.slot), sample.seq, sample.passed, sample.items))[-self.n:]
        state = replace(state, recent=recent, clean=0 if poor else min(SPOTLESS, state.clean + 1))
        if not poor and not context.declared:
            state = replace(state, passed=round(state.passed * self.forget + sample.passed, 3),
                            items=round(state.items * self.forget + sample.items, 3))
        return state, self.weigh(state)

    def tick(self, state: Marks, now: datetime) -> tuple[Marks, Evidence]:
        del now
        return state, self.weigh(state)

    def weigh(self, state: Marks) -> Evidence:
        if state.items < self.known or not state.recent:
            return Evidence(state.scope, clean=state.clean)
        passed, items = sum(r[2] for r in state.recent), sum(r[3] for r in state.recent)
        usual = state.passed / state.items
        poor = items >= self.enough and len(state.recent) > 1 and fell(passed, items, usual, self.drop)
        # a single bad run far back in the window is no longer what is happening now
        holds = Holds.HOLDS if poor and state.clean < 3 else Holds.FAILS
        return Evidence(state.scope, holds, max(0.0, usual - passed / items),
                        tuple(moment(r[0]) for r in state.recent), tuple(r[1] for r in state.recent),
                        state.clean, passed, items, usual)

    def pool(self, evidences: Sequence[Evidence], now: datetime) -> Finding:
        """All regions' items together: the same model answers them, so they are one sample."""
        del now
        told = [e for e in evidences if e.of]
        if not told:
            return Finding(self.id, Scope(), Holds.NO_EVIDENCE, "no items graded", self.cause)
        passed, items = sum(e.figure for e in told), sum(e.of for e in told)
        usual = sum(e.usual * e.of for e in told) / items
        current = any(e.clean < 3 for e in told)
        holds = items >= self.enough and current and fell(passed, items, usual, self.drop)
        holds = holds or any(e.holds is Holds.HOLDS for e in told)
        because = f"{passed:.0f} of {items:.0f} items right, usually {usual:.0%}"
        samples = tuple(sorted(seq for e in told for seq in e.samples))
        since = min(t for e in told for t in e.times)
        return Finding(self.id, told[0].scope, Holds.HOLDS if holds else Holds.FAILS, because, self.cause, since,
                       samples, max(0.0, usual - passed / items))

    def dump(self, state: Marks) -> str:
        return json.dumps([state.recent, state.passed, state.items, state.clean], separators=(",", ":"))

    def load(self, text: str, stream: StreamKey) -> Marks:
        recent, passed, items, clean = json.loads(text)
        return Marks(stream.scope, tuple((float(a), int(b), int(c), int(d)) for a, b, c, d in recent),
                     passed, items, int(clean))
