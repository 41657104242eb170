"""The policy as rules: which incidents a rule is for, and what a team wishes of them. Pure.

The first rule that covers an incident and says something of a matter has the word on that matter; the defaults are
rules like any others and come last. A suspicion is covered by those rules alone that name its tier: what a team wishes
of an incident must not wake it for what may be none.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from alerts.model import Severity
from monitor.model import Cause, Incident, Stage, Tier

NO_PATCH = "none"
MODES = (NO_PATCH, "observe", "propose", "approve", "auto")     # what may be done with a change: less first


@dataclass(frozen=True, slots=True)
class When:
    """What an incident must be; None or empty: whatever it is. `tier`: what its evidence has reached at least; one
    below CONFIRM means suspicions, and only them.
    """

    causes: frozenset[Cause] = frozenset()
    at_least: float = 0.0                # confidence in the cause
    tier: Tier = Tier.CONFIRM
    vendor: str | None = None
    region: str | None = None
    workload: str | None = None

    def covers(self, incident: Incident, workloads: Collection[str]) -> bool:
        """`workloads`: names of those it touches. An incident that names no region is everywhere."""
        there = {*incident.regions, incident.scope.region} - {None}
        return ((not self.causes or incident.cause in self.causes) and incident.confidence >= self.at_least
                and incident.tier >= self.tier and (self.tier < Tier.CONFIRM) == is_suspicion(incident)
                and self.vendor in (None, incident.scope.provider)
                and (self.region is None or not there or self.region in there)
                and (self.workload is None or self.workload in workloads))


@dataclass(frozen=True, slots=True)
class Wish:
    """One rule: when, and what is wished then. None: this rule does not say. `hold`: nobody is told until the incident
    has been open for so long; `patch`: one of MODES, at the most; `remind`: the pause before each reminder.
    """

    when: When = When()
    severity: Severity | None = None
    channels: tuple[str, ...] | None = None
    patch: str | None = None
    hold: timedelta | None = None
    remind: tuple[timedelta, ...] | None = None


@dataclass(frozen=True, slots=True)
class Wished:
    """What comes of it. `asked`: whether anybody is to be told at all; `channels` None: those of the severity."""

    severity: Severity = Severity.WARNING
    channels: tuple[str, ...] | None = None
    patch: str = NO_PATCH
    hold: timedelta = timedelta(0)
    remind: tuple[timedelta, ...] = ()
    asked: bool = True


def is_suspicion(incident: Incident) -> bool:
    """Whether it stands, or stood, on less than it takes to open."""
    return incident.opened_at is None and incident.stage in (Stage.SUSPECTED, Stage.CLOSED)


def wished(rules: Iterable[Wish], incident: Incident, workloads: Collection[str] = ()) -> Wished:
    """The first word on every matter. Where no rule has one, a suspicion is told to nobody, an incident as a warning.
    """
    covering = [rule for rule in rules if rule.when.covers(incident, workloads)]
    least = Severity.INFO if is_suspicion(incident) else Severity.WARNING
    return Wished(
        next((rule.severity for rule in covering if rule.severity is not None), least),
        next((rule.channels for rule in covering if rule.channels is not None), None),
        next((rule.patch for rule in covering if rule.patch is not None), NO_PATCH),
        next((rule.hold for rule in covering if rule.hold is not None), timedelta(0)),
        next((rule.remind for rule in covering if rule.remind is not None), ()),
        bool(covering) or not is_suspicion(incident),
    )


def lesser(*modes: str) -> str:
    """What all of them allow."""
    return min(modes, key=MODES.index)


def pause(remind: Sequence[timedelta], reminders: int) -> timedelta | None:
    """How long to wait with the next reminder after so many: the last pause goes on. None: none is wished."""
    return remind[min(reminders, len(remind) - 1)] if remind else None
