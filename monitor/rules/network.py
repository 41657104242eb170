"""No answer came at all: names, connections or handshakes fail. Masked while our own network is in doubt."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import ANSWERED, Counting
from probes.outcome import NETWORK, Outcome


@dataclass(frozen=True)
class Rule(Counting):
    """3 of the last 5 informative samples."""

    k: int = 3
    n: int = 5
    id: ClassVar[str] = "network.1"
    cause: ClassVar[Cause] = Cause.NETWORK_INTERFERENCE
    hits: ClassVar[frozenset[Outcome]] = NETWORK
    clears: ClassVar[frozenset[Outcome]] = ANSWERED
    maskable: ClassVar[bool] = True
