"""Our own request is at fault, or was taken for a robot's: never a restriction of the vendor's."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import SERVED, Coding, Family
from probes.outcome import Outcome


@dataclass(frozen=True)
class Rule(Coding):
    """Whoever calls it a block patches traffic away for nothing."""

    id: ClassVar[str] = "ours.1"
    family: ClassVar[Family] = Family.OURS
    cause: ClassVar[Cause] = Cause.OWN_FAULT
    hits: ClassVar[frozenset[Outcome]] = frozenset({
        Outcome.BAD_REQUEST, Outcome.CONTENT_FILTERED, Outcome.BOT_CHALLENGE, Outcome.PROBE_ERROR,
    })
    clears: ClassVar[frozenset[Outcome]] = SERVED
    first: ClassVar[float] = 5e-4
    share: ClassVar[float] = 0.04
