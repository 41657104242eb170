"""The vendor says that this account is banned, suspended or not allowed. Two sightings, then it is left alone."""

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
    id: ClassVar[str] = "account.1"
    cause: ClassVar[Cause] = Cause.ACCOUNT_RESTRICTED
    hits: ClassVar[frozenset[Outcome]] = frozenset({Outcome.ACCOUNT_RESTRICTED})
    clears: ClassVar[frozenset[Outcome]] = SERVED | {Outcome.RATE_LIMITED}
