"""A tally as figures: rates per stream and 90 days, delays, how often the cause was right, how calibrated we are."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.decide.score import BANDS, RESTRICTIONS, Found, Tally


@dataclass(frozen=True, slots=True)
class Rates:
    """Per stream and 90 days, after learning; `learning`: pages that belong to nothing, before."""

    nothing: float          # pages that belong to nothing that happened
    duplicates: float
    wrong_cause: float      # pages that found something and called it by another name
    restrictions: float     # false restriction labels
    grey: float
    learning: float

    @property
    def false(self) -> float:
        """The issue's figure: duplicates and wrong causes count as false."""
        return self.nothing + self.duplicates + self.wrong_cause


def rates(tally: Tally) -> Rates:
    def rate(of: Callable[[Found], bool]) -> float:
        return sum(map(of, tally.late)) * 90 / tally.stream_days if tally.stream_days else 0.0

    early = sum(one.event is None and not one.grey for one in tally.found) - sum(
        one.event is None and not one.grey for one in tally.late)
    return Rates(
        rate(lambda one: one.event is None and not one.grey), rate(lambda one: one.duplicate),
        rate(lambda one: one.event is not None and not one.duplicate and not one.right),
        rate(lambda one: one.incident["cause"] in RESTRICTIONS and not one.right and not one.grey),
        rate(lambda one: one.grey), early * 90 / tally.learning_days if tally.learning_days else 0.0)


@dataclass(frozen=True, slots=True)
class Delay:
    """Of one kind of event, seconds; None where nothing was found."""

    kind: str
    found: int
    missed: int
    mean_s: float | None
    p95_s: float | None
    seen_mean_s: float | None      # since the first record that could have shown it
    right: float | None            # share whose final cause was right
    right_opened: float | None
    place: float | None
    closed_s: float | None         # from the event's end to the closing
    early: int                     # closed while it stood
    open: int                      # never closed though it ended


def delays(tally: Tally) -> list[Delay]:
    kinds = sorted({*tally.delays, *tally.missed})
    return [_delay(tally, kind) for kind in kinds]


def _delay(tally: Tally, kind: str) -> Delay:
    some = sorted(start for start, _ in tally.delays.get(kind, ()))
    hits = [one for one in tally.found if one.event is not None and one.event.kind == kind and not one.duplicate]
    closings = [one.closed - one.event.end for one in hits if one.event and one.closed is not None]
    return Delay(
        kind, len(some), tally.missed.get(kind, 0), mean(some), quantile(some, 0.95),
        mean([seen for _, seen in tally.delays.get(kind, ())]), mean([one.right for one in hits]),
        mean([one.right_opened for one in hits]), mean([one.place_right for one in hits]),
        mean([late for late in closings if late >= 0]), sum(late < 0 for late in closings),
        sum(one.closed is None for one in hits))


def accuracy(tally: Tally) -> tuple[float | None, float | None]:
    """Share of incidents that belong to an event whose cause was right when opened, and finally."""
    hits = [one for one in tally.found if one.event is not None and not one.duplicate]
    return mean([one.right_opened for one in hits]), mean([one.right for one in hits])


def reliability(tally: Tally, opened: bool = False) -> list[tuple[str, int, float | None]]:
    """Band of confidence, how many, how many of them were right: 1.0 in the last band is the promise."""
    table = []
    for low, high in pairwise(BANDS):
        some = [one for one in tally.found if not one.grey and low <= _sure(one, opened) < high]
        table.append((f"{low:g}-{min(high, 1):g}", len(some),
                      mean([one.right_opened if opened else one.right for one in some])))
    return table


def _sure(one: Found, opened: bool) -> float:
    said = one.incident.get("confidence_opened") if opened else None
    return float(one.incident["confidence"] if said is None else said)


def mean(some: Iterable[float]) -> float | None:
    some = list(some)
    return sum(some) / len(some) if some else None


def quantile(some: Sequence[float], share: float) -> float | None:
    """Of a sorted sequence."""
    return some[min(len(some) - 1, int(share * len(some)))] if some else None
