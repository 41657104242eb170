"""What today's rules would have told beside what was told: pairs, and the sentence that sums them up. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from monitor.lifecycle import FLAPS
from monitor.model import Incident
from monitor.replay import Told, row_of, text_of

Announced = Sequence[tuple[str, datetime, int]]       # provider, when it was read, incidents open by its own account
NEAR = timedelta(hours=6)         # so long before and after, a vendor's own notice may be of the same thing


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing that happened. `would` None: today nobody would be told; `did` None: nobody was."""

    would: Told | None
    did: Incident | None

    @property
    def same(self) -> bool:
        """Whether today's rules say of it exactly what was said."""
        return self.would is not None and self.did is not None and _said(self.would.incident) == _said(self.did)

    @property
    def at(self) -> datetime:
        """When it was told, or would have been: whichever is first."""
        times = [self.would.opened] if self.would else []
        return min([*times, *([self.did.opened_at or self.did.onset] if self.did else [])])

    @property
    def incident(self) -> Incident:
        one = self.would.incident if self.would else self.did
        assert one is not None
        return one


def _said(one: Incident) -> tuple[object, ...]:
    return (one.key, one.stage, one.cause, one.scope, one.onset, one.opened_at, one.closed_at, one.regions, one.models,
            one.because, one.tier, one.flaps)


def pairs(would: Sequence[Told], did: Sequence[Incident], since: datetime | None = None) -> list[Pair]:
    """Each with its like: by key, else the nearest of the same vendor that stood at the same time."""
    left = list(did)
    found = [Pair(told, _pop(left, [one for one in left if one.key == told.incident.key
                                    and one.opened_at == told.incident.opened_at])) for told in would]
    found = [one if one.did or one.would is None else Pair(one.would, _pop(left, _alike(one.would, left)))
             for one in found]
    found += [Pair(None, one) for one in left]
    kept = (one for one in found if since is None or one.at >= since)
    return sorted(kept, key=lambda one: (one.at, one.incident.key))


def _pop(left: list[Incident], alike: Sequence[Incident]) -> Incident | None:
    if not alike:
        return None
    left.remove(alike[0])
    return alike[0]


def _alike(told: Told, left: Sequence[Incident]) -> list[Incident]:
    a = told.incident
    near = [b for b in left if b.scope.provider == a.scope.provider and b.family == a.family
            and b.onset <= (a.closed_at or b.onset) and a.onset <= (b.closed_at or a.onset)]
    return sorted(near, key=lambda b: abs((b.opened_at or b.onset) - told.opened))


def row_of_pair(number: int | None, pair: Pair) -> dict[str, Any]:
    """As a line of a replayed file, and what did happen. `opened` null: today nobody would be told."""
    row = row_of(number, pair.would or Told(pair.at, pair.incident))
    if pair.would is None:
        row |= {"incident": None, "opened": None}
    did = pair.did and {"incident": pair.did.id, "opened": text_of(pair.did.opened_at) if pair.did.opened_at else None}
    return row | {"did": did}


def summary(found: Sequence[Pair], span: timedelta, announced: Announced = ()) -> str:
    """'4 incidents in 90 days, 1 flapping, first alert 12 minutes before the status page'."""
    told = [pair.would for pair in found if pair.would]
    parts = [f"{_count(len(told), 'incident')} in {_length(span)}"]
    if flapping := sum(one.incident.flaps >= FLAPS for one in told):
        parts.append(f"{flapping} flapping")
    if ahead := list(_ahead(told, announced)):
        middle = timedelta(seconds=median(one.total_seconds() for one in ahead))
        several = f" (median of {len(ahead)})" if len(ahead) > 1 else ""
        parts.append(f"first alert {_length(abs(middle))} {'before' if middle >= timedelta() else 'after'} the status "
                     f"page{several}")
    return f"{', '.join(parts)}; {_beside(found)}"


def _beside(found: Sequence[Pair]) -> str:
    did = sum(pair.did is not None for pair in found)
    if all(pair.same for pair in found):
        return f"exactly what happened ({_count(did, 'incident')})" if found else "as it happened"
    new, gone = sum(pair.did is None for pair in found), sum(pair.would is None for pair in found)
    return (f"what did happen: {_count(did, 'incident')}, {sum(pair.same for pair in found)} the same, {new} new, "
            f"{gone} gone")


def _ahead(told: Iterable[Told], announced: Announced) -> Iterator[timedelta]:
    """How long each was told before its vendor spoke of more incidents than it had before."""
    spoke: dict[str, list[datetime]] = {}
    counts: dict[str, int] = {}
    for provider, at, count in announced:
        if count > counts.get(provider, count):
            spoke.setdefault(provider, []).append(at)
        counts[provider] = count
    for one in told:
        for at in spoke.get(one.incident.scope.provider or "", ()):
            if one.incident.onset - NEAR <= at <= (one.incident.closed_at or at) + NEAR:
                yield at - one.opened
                break


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _length(span: timedelta) -> str:
    for unit_s, noun in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if span.total_seconds() >= 1.9 * unit_s or noun == "minute":
            return _count(round(span.total_seconds() / unit_s), noun)
    return ""
