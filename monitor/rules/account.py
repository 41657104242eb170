"""The vendor says that it has shut out this account or its organisation."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import MOSTLY, SERVED, Coding, Family
from probes.outcome import Outcome


@dataclass(frozen=True)
class Rule(Coding):
    """Two sightings close together suffice."""

    id: ClassVar[str] = "account.2"
    family: ClassVar[Family] = Family.ACCOUNT
    cause: ClassVar[Cause] = Cause.ACCOUNT_RESTRICTED
    hits: ClassVar[frozenset[Outcome]] = frozenset({Outcome.ACCOUNT_RESTRICTED})
    clears: ClassVar[frozenset[Outcome]] = SERVED | {Outcome.RATE_LIMITED, Outcome.MODEL_UNAVAILABLE}
    first: ClassVar[float] = 1e-5
    share: ClassVar[float] = 0.04
    least: ClassVar[int] = 2
    grid: ClassVar[tuple[float, ...]] = MOSTLY
    sticky: ClassVar[bool] = False
