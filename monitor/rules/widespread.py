"""The vendor gives no good answer in most regions at once: no region's path, and no single call's luck, does that."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import ANSWERED, Coding, Family
from probes.outcome import NETWORK, Outcome


@dataclass(frozen=True)
class Rule(Coding):
    """Read of the vendor as a whole, a kind of question at a time. Its null is the vendor's own short blips."""

    id: ClassVar[str] = "widespread.1"
    family: ClassVar[Family] = Family.REACH
    cause: ClassVar[Cause] = Cause.PROVIDER_OUTAGE
    hits: ClassVar[frozenset[Outcome]] = NETWORK | {Outcome.PROVIDER_OUTAGE, Outcome.OVERLOADED}
    clears: ClassVar[frozenset[Outcome]] = ANSWERED - {Outcome.PROVIDER_OUTAGE, Outcome.OVERLOADED}
    first: ClassVar[float] = 0.002
    share: ClassVar[float] = 0.15
    maskable: ClassVar[bool] = True
    passes_s: ClassVar[float] = 45.0      # a vendor mends itself more slowly than a path does
