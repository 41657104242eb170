"""The key is refused: revoked, mistyped or of another host. Of a keyless call it says nothing."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import MOSTLY, SERVED, Coding, Family
from probes.outcome import Outcome


@dataclass(frozen=True)
class Rule(Coding):
    """Vendors' key stores have short hiccups, so a sighting counts for less than a restriction's."""

    id: ClassVar[str] = "auth.2"
    family: ClassVar[Family] = Family.AUTH
    cause: ClassVar[Cause] = Cause.AUTH_FAILED
    hits: ClassVar[frozenset[Outcome]] = frozenset({Outcome.AUTH_FAILED})
    clears: ClassVar[frozenset[Outcome]] = SERVED | {Outcome.RATE_LIMITED, Outcome.MODEL_UNAVAILABLE}
    first: ClassVar[float] = 2e-4
    share: ClassVar[float] = 0.03
    least: ClassVar[int] = 2
    grid: ClassVar[tuple[float, ...]] = MOSTLY
