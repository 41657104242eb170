"""The model asked for is not there any more."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import SERVED, Counting
from probes.outcome import Outcome


@dataclass(frozen=True)
class Rule(Counting):
    """2 of the last 3 informative samples."""

    k: int = 2
    n: int = 3
    id: ClassVar[str] = "model_gone.1"
    cause: ClassVar[Cause] = Cause.MODEL_RETIRED
    hits: ClassVar[frozenset[Outcome]] = frozenset({Outcome.MODEL_UNAVAILABLE})
    clears: ClassVar[frozenset[Outcome]] = SERVED | {Outcome.RATE_LIMITED}
