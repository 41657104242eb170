"""The vendor answers with errors of its own."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import ANSWERED, Coding, Family
from probes.outcome import Outcome


@dataclass(frozen=True)
class Rule(Coding):
    """Any answer that makes sense is a clear."""

    id: ClassVar[str] = "outage.2"
    family: ClassVar[Family] = Family.REACH
    cause: ClassVar[Cause] = Cause.PROVIDER_OUTAGE
    hits: ClassVar[frozenset[Outcome]] = frozenset({Outcome.PROVIDER_OUTAGE})
    clears: ClassVar[frozenset[Outcome]] = ANSWERED - {Outcome.PROVIDER_OUTAGE, Outcome.OVERLOADED}
    share: ClassVar[float] = 0.08
    passes_s: ClassVar[float] = 45.0      # a vendor mends itself more slowly than a path does
