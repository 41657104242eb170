"""Incidents held against the truth: which found what, which are false, and how sure they were.

An incident is the object that `vendorwatch replay` prints; three keys more are read if they are there: `cause_opened`
and `confidence_opened` (what was said at opening) and `account`. Rules of the match:

* An incident can belong to an event that it overlaps (from the start to a grace after the end), at the same vendor
  (own-network events: any vendor, which is then a wrong cause) and in a region that the event touches (null: any).
* Right causes choose first, in the order of opening; then the others. The first to choose an event has found it, every
  further one is a duplicate, except one a region where the event came region by region (`Kind.pieces`).
* An event that slows or spoils answers is found only by who speaks of slowness or quality: other calls fail by chance.
* What belongs to no event is false; but a nuisance episode of GREY_S and more *is* an outage, a cut or a broken path:
  an incident that says so is grey, neither found nor false.
* A restriction label is false unless the incident's event lists that cause as right (kinds.RIGHT).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.decide.effects import Effect
from bench.decide.kinds import KINDS, right_for
from bench.decide.params import DAY
from bench.decide.planned import LEARNING_DAYS, Truth
from bench.decide.worlds import World

Incident = Mapping[str, Any]
GREY_S, GRACE_S = 600, 900
SLOW_GRACE_S = {"quality": 7200, "slow": 1800}
SOFT = ("latency_degraded", "quality_degraded", "provider_overloaded")
RESTRICTIONS = ("region_restricted", "account_restricted")
GREY = (("own_network",), ("regional_path", "network_interference", "provider_outage"),
        ("provider_outage", "provider_overloaded"))      # by the rank of an effect
BANDS = (0.0, 0.5, 0.7, 0.9, 0.97, 1.01)


@dataclass(frozen=True, slots=True)
class Found:
    """An incident and what it turned out to be; seconds. `event` None: false, or grey."""

    incident: Incident
    opened: int
    closed: int | None
    event: Truth | None
    duplicate: bool = False
    grey: bool = False
    place_right: bool = False
    right: bool = False
    right_opened: bool = False


@dataclass(slots=True)
class Tally:
    """One history's outcome; `join` pools several."""

    stream_days: float = 0.0            # streams (vendor x region) x days after learning
    learning_days: float = 0.0          # the same before
    found: list[Found] = field(default_factory=list)
    late: list[Found] = field(default_factory=list)        # those opened after learning
    delays: dict[str, list[tuple[int, int]]] = field(default_factory=dict)      # kind -> from start, from first sight
    missed: dict[str, int] = field(default_factory=dict)
    unseen: int = 0                     # events that touched no record: nobody could have seen them

    def join(self, other: "Tally") -> None:
        self.stream_days += other.stream_days
        self.learning_days += other.learning_days
        self.found += other.found
        self.late += other.late
        self.unseen += other.unseen
        for kind, some in other.delays.items():
            self.delays.setdefault(kind, []).extend(some)
        for kind, count in other.missed.items():
            self.missed[kind] = self.missed.get(kind, 0) + count


def score(world: World, incidents: Iterable[Incident], learning_days: float = LEARNING_DAYS) -> Tally:
    """Hold incidents against a world whose history was read (or asked) to its end."""
    found = match(world, incidents)
    streams = len(world.params.providers) * len(world.params.regions)
    learning = min(learning_days, world.days)
    tally = Tally(streams * (world.days - learning), streams * learning, found,
                  [one for one in found if one.opened >= learning * DAY])
    for event in world.truth:
        if event.number not in world.first_seen:
            tally.unseen += 1
            continue
        hits = [one for one in found if one.event is event and not one.duplicate]
        if hits:
            opened = min(one.opened for one in hits)
            seen = world.first_seen[event.number]
            tally.delays.setdefault(event.kind, []).append((max(0, opened - event.start), max(0, opened - seen)))
        elif event.must:
            tally.missed[event.kind] = tally.missed.get(event.kind, 0) + 1
    return tally


def match(world: World, incidents: Iterable[Incident]) -> list[Found]:
    """Every incident with what it is, in the order of opening."""
    rows = sorted(((world.second(one["opened"]), n, one) for n, one in enumerate(incidents)), key=lambda row: row[:2])
    chosen: dict[int, Truth] = {}
    taken: set[tuple[int, str | None]] = set()
    alone = len(world.params.regions) == 1
    candidates = {n: _candidates(world.truth, opened, one) for opened, n, one in rows}
    twice: set[int] = set()
    for only_right in (True, False):
        for _, n, one in rows:
            if n in chosen:
                continue
            some = [event for event in candidates[n] if not only_right or one["cause"] in right_for(event.kind, alone)]
            if some:
                chosen[n] = min(some, key=lambda event: (_seat(event, one) in taken, *_fit(event, one)))
                seat = _seat(chosen[n], one)
                twice |= {n} if seat in taken else set()
                taken.add(seat)
    grey = [episode for episode in world.nuisance if episode.end - episode.start >= GREY_S]
    return [_found(world, grey, (opened, one), (chosen.get(n), n in twice)) for opened, n, one in rows]


def _candidates(truth: Sequence[Truth], opened: int, one: Incident) -> list[Truth]:
    return [event for event in truth
            if event.start <= opened <= event.end + SLOW_GRACE_S.get(event.kind.split("_")[0], GRACE_S)
            and (event.provider is None or event.provider == one["provider"])
            and (one["region"] is None or one["region"] in event.regions)
            and (event.model is None or one["model"] in (None, event.model))
            and (event.kind.split("_")[0] not in SLOW_GRACE_S or one["cause"] in (*SOFT, *KINDS[event.kind].right))]


def _fit(event: Truth, one: Incident) -> tuple[bool, bool, int]:
    """Smaller is better: the right kind of place, our own network only where we say so, the latest."""
    return not _place_right(event, one), event.provider != one["provider"], -event.start


def _seat(event: Truth, one: Incident) -> tuple[int, str | None]:
    return event.number, one["region"] if KINDS[event.kind].pieces else None


def _place_right(event: Truth, one: Incident) -> bool:
    """As wide as what happened: an account's or a model's matter has no place, some regions may be said as all."""
    kind = KINDS[event.kind]
    if kind.places in ("account", "model", "several"):
        return True
    if one["region"] is None:
        return len(event.regions) > 1
    return len(event.regions) == 1


def _found(world: World, grey: Sequence[Effect], row: tuple[int, Incident], what: tuple[Truth | None, bool]) -> Found:
    (opened, one), (event, duplicate) = row, what
    closed = None if one.get("closed") is None else world.second(one["closed"])
    if event is None:
        return Found(one, opened, closed, None, grey=_grey(grey, opened, one))
    right = right_for(event.kind, len(world.params.regions) == 1)
    return Found(one, opened, closed, event, duplicate, False, _place_right(event, one), one["cause"] in right,
                 (one.get("cause_opened") or one["cause"]) in right)


def _grey(episodes: Sequence[Effect], opened: int, one: Incident) -> bool:
    return any(episode.start <= opened <= episode.end + GRACE_S and _there(episode, one) for episode in episodes)


def _there(episode: Effect, one: Incident) -> bool:
    where = episode.where
    return (one["cause"] in GREY[min(episode.rank, 2)]
            and (episode.rank == 0 or where.providers is None or one["provider"] in where.providers)
            and (one["region"] is None or where.regions is None or one["region"] in where.regions))
