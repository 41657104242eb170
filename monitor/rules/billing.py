"""The money or the quota is used up."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import MOSTLY, Coding, Family
from probes.outcome import Outcome


@dataclass(frozen=True)
class Rule(Coding):
    """Said in so many words."""

    id: ClassVar[str] = "billing.2"
    family: ClassVar[Family] = Family.BILLING
    cause: ClassVar[Cause] = Cause.BILLING
    hits: ClassVar[frozenset[Outcome]] = frozenset({Outcome.QUOTA_EXHAUSTED})
    first: ClassVar[float] = 1e-4
    share: ClassVar[float] = 0.02
    least: ClassVar[int] = 2
    grid: ClassVar[tuple[float, ...]] = MOSTLY
    sticky: ClassVar[bool] = False
