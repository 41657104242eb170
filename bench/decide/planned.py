"""Events by a plan: which kinds, where and when. What is returned first is the truth that score.py holds against us."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random

from bench.decide.effects import Effect
from bench.decide.kinds import HOUR, KINDS, Kind, Scene
from bench.decide.nuisance import arrivals
from bench.decide.params import DAY, Params

APART_S, LEARNING_DAYS = 5 * HOUR, 30
OUTAGES = ((1.0, 503), (1.0, 503), (0.6, 500), (0.3, 500))
ABROAD, OWN = "own_abroad", ("own", "own_all", "own_abroad")


@dataclass(frozen=True, slots=True)
class Truth:
    """One thing that happened, seconds [start, end). `provider` None: our own network. `regions`: those touched."""

    number: int
    kind: str
    cause: str
    start: int
    end: int
    provider: str | None
    regions: tuple[str, ...]
    account: str | None = None
    model: str | None = None
    must: bool = True


def planned(params: Params, seed: object, days: float, events: str) -> tuple[list[Truth], list[Effect]]:
    """The events of a history and what they do to its streams."""
    plan = _Plan(params, Random(f"{seed}|plan"), days)
    if events == "dense":
        plan.fill(LEARNING_DAYS if days > LEARNING_DAYS + 5 else days / 3, APART_S)
    elif events == "mixed":
        plan.fill(2, 6 * DAY)
    elif events == "edges":
        plan.edges()
    plan.real_outages(Random(f"{seed}|outages"))
    order = sorted(plan.truth, key=lambda one: one.start)
    return order, plan.effects


class _Plan:
    def __init__(self, params: Params, dice: Random, days: float) -> None:
        self.of, self.dice, self.end = params, dice, int(days * DAY)
        self.truth: list[Truth] = []
        self.effects: list[Effect] = []

    def fill(self, from_day: float, apart_s: int) -> None:
        """Kinds in turns of a shuffled deck, each vendor's events `apart_s` and more from one another."""
        free = dict.fromkeys(self.of.providers, int(from_day * DAY))
        deck: list[Kind] = []
        while True:
            deck = deck or self._deck()
            kind = deck.pop()
            provider = min(free, key=lambda one: free[one])
            start = max(free.values()) if kind.places in OWN else free[provider]
            start += int(self.dice.expovariate(1 / (0.4 * apart_s))) + self.dice.randrange(3600)
            end = start + self.dice.randint(*kind.long_s)
            if end > self.end - 6 * HOUR:
                return
            self.happen(kind, start, end, provider)
            for one in free if kind.places in OWN else (provider,):
                free[one] = end + apart_s

    def _deck(self) -> list[Kind]:
        deck = [kind for kind in KINDS.values() if self._possible(kind)]
        self.dice.shuffle(deck)
        return deck

    def _possible(self, kind: Kind) -> bool:
        if kind.name == "outage_real" or (kind.name.startswith("quality") and not self.of.quality_items):
            return False
        if kind.places == ABROAD:
            return bool(self.of.domestic)
        return len(self.of.regions) > 1 or kind.places not in ("several", "own_all")

    def happen(self, kind: Kind, start: int, end: int, provider: str, regions: Sequence[str] = ()) -> None:
        """One event: its truth and its effects."""
        where = tuple(regions) or self._regions(kind)
        account, model = self.dice.choice(self.of.keyed)
        if kind.name.startswith("quality"):
            account, model = self.of.keyed[0]
        number = len(self.truth)
        self.effects += kind.make(Scene(start, end, provider, where, account, model, number))
        self.truth.append(Truth(
            number, kind.name, kind.right[0], start, end, None if kind.places in OWN else provider, where,
            account if kind.places == "account" else None, model if kind.places == "model" else None, kind.must))

    def _regions(self, kind: Kind) -> tuple[str, ...]:
        every = self.of.regions
        if kind.places in ("one", "own"):
            return (self.dice.choice(every),)
        if kind.places == ABROAD:
            return (self.of.domestic[0][1],)
        if kind.places == "several":
            return tuple(self.dice.sample(every, min(2, len(every))))
        return every

    def edges(self) -> None:
        """What stands when we begin, what stands when we end, what overlaps, and a region blocked for ever."""
        one, two, three = (self.of.providers * 3)[:3]
        here, there = self.of.regions[0], self.of.regions[-1]
        day = int(self.end / 10)
        self.happen(KINDS["geo_one"], 0, 5 * HOUR, one, (here,))
        self.happen(KINDS["block_timeout_100"], 1800, 3 * HOUR, two, (there,))
        self.happen(KINDS["ban_one"], 2 * HOUR, 8 * HOUR, three)
        self.happen(KINDS["geo_one"], 2 * day, self.end, three, (there,))      # for ever
        self.happen(KINDS["outage_5xx"], 4 * day, 4 * day + 2 * HOUR, one)
        self.happen(KINDS["geo_one"], 4 * day + HOUR, 4 * day + 5 * HOUR, two, (here,))
        self.happen(KINDS["slow_3"], 4 * day + HOUR, 4 * day + 6 * HOUR, three)
        self.happen(KINDS["ban_all"], 5 * day, 5 * day + 3 * HOUR, one)
        self.happen(KINDS["block_reset_100"], 5 * day + HOUR, 5 * day + 4 * HOUR, two, (there,))
        self.happen(KINDS["flapping"], 6 * day, 6 * day + 4 * HOUR, one, (there,))
        self.happen(KINDS["block_reset_100"], 7 * day, 7 * day + 4 * HOUR, one, self.of.regions[:2])
        self.happen(KINDS["own_cut"], 8 * day, 8 * day + HOUR, one, (here,))
        self.happen(KINDS["retired"], 9 * day, self.end, two)
        self.happen(KINDS["outage_5xx"], self.end - 2 * HOUR, self.end, one)

    def real_outages(self, dice: Random) -> None:
        """A vendor's own, with the durations of published incidents; none close to an event that was put there."""
        of, kind = self.of.nuisance, KINDS["outage_real"]
        for provider in self.of.providers:
            for t in arrivals(dice, of.outages_per_day, self.end / DAY, 0.0):
                long_s = max(300, int(of.outage_median_s * math.exp(dice.gauss(0, of.outage_sigma))))
                share, status = dice.choice(OUTAGES)
                start, end = int(t), min(int(t) + long_s, self.end)
                if _near(self.truth, provider, start - 3 * HOUR, end + 3 * HOUR):
                    continue
                before = len(self.effects)
                self.happen(kind, start, end, provider)
                self.effects[before:] = [replace(one, share=share, status=status) for one in self.effects[before:]]


def _near(truth: Iterable[Truth], provider: str, start: int, end: int) -> bool:
    return any(one.start < end and start < one.end for one in truth if one.provider in (None, provider))
