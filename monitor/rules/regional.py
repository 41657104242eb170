"""Failing here while the same vendor answers elsewhere: a blip of the vendor's own is none of this."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import ANSWERED, Coding, Family
from probes.outcome import NETWORK, Outcome


@dataclass(frozen=True)
class Rule(Coding):
    """Its null is the path's alone, which is why it needs less time than counting every failure."""

    id: ClassVar[str] = "regional.1"
    family: ClassVar[Family] = Family.REACH
    cause: ClassVar[Cause] = Cause.UNKNOWN
    hits: ClassVar[frozenset[Outcome]] = NETWORK | {Outcome.PROVIDER_OUTAGE}
    clears: ClassVar[frozenset[Outcome]] = ANSWERED - {Outcome.PROVIDER_OUTAGE, Outcome.OVERLOADED}
    share: ClassVar[float] = 0.2
    maskable: ClassVar[bool] = True
