"""Answers take far longer than they usually do here: compared with the stream's own median, never with another's."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from typing import ClassVar

from monitor.model import Cause, Finding, Holds, Sample, Scope
from monitor.rule import SPOTLESS, Context, Evidence, StreamKey, moment, pooled, stamp
from probes.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Paces:
    """`usual`: seconds of recent ordinary answers. `marks`: (stamp, seq) of a slow one, (0, 0) of an ordinary one."""

    scope: Scope
    usual: tuple[float, ...] = ()
    marks: tuple[tuple[float, int], ...] = ()
    clean: int = SPOTLESS


@dataclass(frozen=True)
class Rule:
    """8 of the last 10 served answers slower than 3 times the median, once 20 ordinary ones are known."""

    k: int = 8
    n: int = 10
    times: float = 3.0
    known: int = 20
    keep: int = 41
    id: ClassVar[str] = "latency.1"
    cause: ClassVar[Cause] = Cause.LATENCY_DEGRADED

    def start(self, stream: StreamKey) -> Paces:
        return Paces(stream.scope)

    def step(self, state: Paces, sample: Sample, context: Context) -> tuple[Paces, Evidence]:
        took_s = sample.ttft_s if sample.ttft_s is not None else sample.total_s
        if took_s is None or Outcome(sample.outcome) is not Outcome.OK:
            return state, self.weigh(state)
        slow = len(state.usual) >= self.known and took_s > self.times * median(state.usual)
        if slow and context.masked:
            return state, self.weigh(state)
        mark = (stamp(sample.slot), sample.seq) if slow else (0.0, 0)
        # what is slow must not become the yardstick, nor anything seen while an incident stands
        learn = () if slow or context.declared else (round(took_s, 4),)
        state = replace(state, usual=(*state.usual, *learn)[-self.keep:], marks=(*state.marks, mark)[-self.n:],
                        clean=0 if slow else min(SPOTLESS, state.clean + 1))
        return state, self.weigh(state)

    def tick(self, state: Paces, now: datetime) -> tuple[Paces, Evidence]:
        del now
        return state, self.weigh(state)

    def weigh(self, state: Paces) -> Evidence:
        slow = [mark for mark in state.marks if mark[0]]
        holds = Holds.HOLDS if len(slow) >= self.k else Holds.NO_EVIDENCE if slow else Holds.FAILS
        usual = median(state.usual) if state.usual else 0.0
        return Evidence(state.scope, holds, len(slow) / self.k, tuple(moment(at) for at, _ in slow),
                        tuple(seq for _, seq in slow), state.clean, len(slow), len(state.marks), usual)

    def pool(self, evidences: Sequence[Evidence], now: datetime) -> Finding:
        del now
        return pooled(self.id, self.cause, evidences)

    def dump(self, state: Paces) -> str:
        return json.dumps([state.usual, state.marks, state.clean], separators=(",", ":"))

    def load(self, text: str, stream: StreamKey) -> Paces:
        usual, marks, clean = json.loads(text)
        return Paces(stream.scope, tuple(usual), tuple((float(at), int(seq)) for at, seq in marks), int(clean))
