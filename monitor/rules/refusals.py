"""The vendor says that it does not serve this region. Nothing else answers like this."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import MOSTLY, SERVED, Coding, Family
from probes.outcome import Outcome


@dataclass(frozen=True)
class Rule(Coding):
    """Two sightings close together suffice."""

    id: ClassVar[str] = "refusals.2"
    family: ClassVar[Family] = Family.REGION
    cause: ClassVar[Cause] = Cause.REGION_RESTRICTED
    hits: ClassVar[frozenset[Outcome]] = frozenset({Outcome.GEO_RESTRICTED})
    clears: ClassVar[frozenset[Outcome]] = SERVED | {
        Outcome.RATE_LIMITED, Outcome.QUOTA_EXHAUSTED, Outcome.MODEL_UNAVAILABLE, Outcome.ACCOUNT_RESTRICTED,
    }
    first: ClassVar[float] = 1e-5
    share: ClassVar[float] = 0.04
    least: ClassVar[int] = 2
    grid: ClassVar[tuple[float, ...]] = MOSTLY
    sticky: ClassVar[bool] = False
