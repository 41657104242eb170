"""The model that is asked for is no longer known."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import MOSTLY, Coding, Family
from probes.outcome import Outcome


@dataclass(frozen=True)
class Rule(Coding):
    """Of one model; the others of the vendor are answered."""

    id: ClassVar[str] = "model_gone.2"
    family: ClassVar[Family] = Family.MODEL
    cause: ClassVar[Cause] = Cause.MODEL_RETIRED
    hits: ClassVar[frozenset[Outcome]] = frozenset({Outcome.MODEL_UNAVAILABLE})
    first: ClassVar[float] = 2e-4
    share: ClassVar[float] = 0.03
    least: ClassVar[int] = 2
    grid: ClassVar[tuple[float, ...]] = MOSTLY
