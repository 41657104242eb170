"""The vendor says that it has more to do than it can."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import SERVED, Coding, Family
from probes.outcome import Outcome


@dataclass(frozen=True)
class Rule(Coding):
    """Passing shortage belongs to the null."""

    id: ClassVar[str] = "overload.2"
    family: ClassVar[Family] = Family.REACH
    cause: ClassVar[Cause] = Cause.PROVIDER_OVERLOADED
    hits: ClassVar[frozenset[Outcome]] = frozenset({Outcome.OVERLOADED})
    clears: ClassVar[frozenset[Outcome]] = SERVED | {Outcome.GEO_RESTRICTED, Outcome.ACCOUNT_RESTRICTED}
    share: ClassVar[float] = 0.05
