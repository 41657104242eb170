"""Nothing comes back, or something cuts in on the way."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import ANSWERED, Coding, Family
from probes.outcome import NETWORK, Outcome


@dataclass(frozen=True)
class Rule(Coding):
    """Our own network can do the same, so neutral hosts from the same place mask it."""

    id: ClassVar[str] = "network.2"
    family: ClassVar[Family] = Family.REACH
    cause: ClassVar[Cause] = Cause.UNKNOWN
    hits: ClassVar[frozenset[Outcome]] = NETWORK
    clears: ClassVar[frozenset[Outcome]] = ANSWERED
    share: ClassVar[float] = 0.08
    maskable: ClassVar[bool] = True
