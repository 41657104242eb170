"""The guard: network failures of every host asked from here, neutral ones above all; never masked."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import ANSWERED, Counting
from probes.outcome import NETWORK, Outcome


@dataclass(frozen=True)
class Rule(Counting):
    """2 of the last 3 informative samples."""

    k: int = 2
    n: int = 3
    id: ClassVar[str] = "own_network.1"
    cause: ClassVar[Cause] = Cause.OWN_NETWORK
    hits: ClassVar[frozenset[Outcome]] = NETWORK
    clears: ClassVar[frozenset[Outcome]] = ANSWERED
