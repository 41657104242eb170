"""Fewer answers are right than used to be."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import SERVED, Coding, Family
from probes.outcome import Outcome


@dataclass(frozen=True)
class Rule(Coding):
    """Read by items (monitor.grades), a stream for every kind of item."""

    id: ClassVar[str] = "quality.2"
    family: ClassVar[Family] = Family.QUALITY
    cause: ClassVar[Cause] = Cause.QUALITY_DEGRADED
    hits: ClassVar[frozenset[Outcome]] = frozenset()
    clears: ClassVar[frozenset[Outcome]] = SERVED
    share: ClassVar[float] = 0.04
