"""A history that the engine shapes: it is asked after every measurement which streams it wants faster."""

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.decide.effects import Stream
from bench.decide.engine import Live
from bench.decide.params import DAY
from bench.decide.worlds import World

FLOOR_S = 5                                             # nobody is asked faster than this
TOKENS = {"completion": 22}      # a call; items of quality have a budget of their own, the others cost none


@dataclass(slots=True)
class Asked:
    """How many calls were made, by kind; `extra`: those beyond the base pace."""

    calls: Counter[str] = field(default_factory=Counter)
    extra: Counter[str] = field(default_factory=Counter)
    tokens: Counter[tuple[str, str]] = field(default_factory=Counter)      # by vendor and region

    def tokens_a_day(self, days: float) -> float:
        """Of the vendor that cost most, in the region where it did."""
        return max(self.tokens.values(), default=0) / days


class Loop:
    """Every stream has one next second; a wish may bring it forward, never below FLOOR_S after the last call."""

    def __init__(self, world: World, engine: Live) -> None:
        self._world, self._engine = world, engine
        self._streams = world.streams
        self._number = {stream: n for n, stream in enumerate(self._streams)}
        self._due = [world.next_slot(stream, -1) for stream in self._streams]
        self._last = [-FLOOR_S] * len(self._streams)
        self._heap = [(t, n) for n, t in enumerate(self._due)]
        heapq.heapify(self._heap)
        self._wanted: Mapping[Stream, int] = {}
        self.asked = Asked()

    def run(self) -> Asked:
        """To the end of the world's days."""
        end, heap = int(self._world.days * DAY), self._heap
        while heap:
            t, n = heapq.heappop(heap)
            if t >= end:
                break
            if t == self._due[n]:
                self._call(t, n)
        return self.asked

    def _call(self, t: int, n: int) -> None:
        stream, world = self._streams[n], self._world
        wished = stream in self._wanted
        record = None if not wished and world.missed(stream, t) else world.ask(stream, t)
        if record is not None:
            self._count(stream, wished)
            self._engine.take(record)
        self._last[n] = t
        wanted = self._engine.wishes(t)
        if wanted or self._wanted:
            self._hurry(t, {one: max(FLOOR_S, every) for one, every in wanted.items()})
        self._plan(n, self._next(n, t))

    def _next(self, n: int, t: int) -> int:
        stream = self._streams[n]
        base = self._world.next_slot(stream, t)
        every = self._wanted.get(stream)
        return base if every is None else min(base, t + every)

    def _hurry(self, t: int, wanted: Mapping[Stream, int]) -> None:
        if wanted == self._wanted:
            return
        before, self._wanted = self._wanted, wanted
        for stream in {*before, *wanted}:
            if before.get(stream) != wanted.get(stream):
                n = self._number[stream]
                base, every = self._world.next_slot(stream, t), wanted.get(stream)
                self._plan(n, base if every is None else min(base, max(t + 1, self._last[n] + every)))

    def _plan(self, n: int, t: int) -> None:
        if self._due[n] != t:
            self._due[n] = t
            heapq.heappush(self._heap, (t, n))

    def _count(self, stream: Stream, wished: bool) -> None:
        self.asked.calls[stream.kind] += 1
        if wished:
            self.asked.extra[stream.kind] += 1
        self.asked.tokens[stream.provider, stream.region] += TOKENS.get(stream.kind, 0)
