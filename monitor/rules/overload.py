"""The vendor says that it has too much to do (529, 503 with a hint to come back)."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import Counting
from probes.outcome import Outcome


@dataclass(frozen=True)
class Rule(Counting):
    """3 of the last 5 informative samples."""

    k: int = 3
    n: int = 5
    id: ClassVar[str] = "overload.1"
    cause: ClassVar[Cause] = Cause.PROVIDER_OVERLOADED
    hits: ClassVar[frozenset[Outcome]] = frozenset({Outcome.OVERLOADED})
