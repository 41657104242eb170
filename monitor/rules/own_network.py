"""The guard: neutral hosts, asked from the same place, fail together."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import ANSWERED, MOSTLY, Coding, Family
from probes.outcome import NETWORK, Outcome


@dataclass(frozen=True)
class Rule(Coding):
    """Read of the place as a whole, never masked."""

    id: ClassVar[str] = "own_network.2"
    family: ClassVar[Family] = Family.OWN
    cause: ClassVar[Cause] = Cause.OWN_NETWORK
    hits: ClassVar[frozenset[Outcome]] = NETWORK
    clears: ClassVar[frozenset[Outcome]] = ANSWERED
    first: ClassVar[float] = 0.002
    share: ClassVar[float] = 0.09
    grid: ClassVar[tuple[float, ...]] = MOSTLY
