"""Made-up incidents through the policy: who would hear of them, when, how loudly, and what would be patched. Pure.

The very functions decide that decide when it is real; nothing here knows what a rule means.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import Field

from alerts.model import Severity
from monitor.forms import LONGEST, Duration
from monitor.known import Deciding, Known, Policy
from monitor.model import Action, Cause, Incident, Move, Scope, Tell, Tier, Verdict
from monitor.policy import decide, remind
from monitor.section import Section
from monitor.telling import patch_of, wish_of

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class IncidentCase(Section):
    """The incident of a case. `lasts`: then it recovers; unsaid, it stays. Unsaid besides, it is as sure as can be."""

    cause: Cause
    confidence: float = Field(default=0.99, ge=0, le=1)
    tier: Literal["suspect", "warn", "confirm", "patch"] = "patch"
    vendor: str | None = None
    regions: list[str] = Field(default_factory=list)
    account: str | None = None
    model: str | None = None
    lasts: Duration | None = None


class Expected(Section):
    """What a case expects; what is not said is not looked at."""

    severity: Severity | None = None
    channels: list[str] | None = None
    patch: Literal["none", "observe", "propose", "approve", "auto"] | None = None
    told: bool | None = None


class CaseOfPolicy(Section):
    name: str
    incident: IncidentCase
    expect: Expected = Expected()


class Cases(Section):
    """The whole file; a bare list is taken for `cases`."""

    cases: list[CaseOfPolicy] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a case came to. `after_s`: seconds from the opening to the first message; None: nobody is told."""

    name: str
    cause: Cause
    tier: Tier
    told: bool
    after_s: float | None
    severity: Severity
    channels: tuple[str, ...]
    patch: str
    workloads: tuple[str, ...]
    wrong: tuple[str, ...] = ()


def one_a_cause(known: Known, regions: Sequence[str]) -> list[CaseOfPolicy]:
    """A case for every cause, none of which expects anything: at the vendor of the first workload, where there is one.
    """
    vendor = next((workload.primary for workload in known.workloads), None)
    return [
        CaseOfPolicy(name=cause.value, incident=IncidentCase(
            cause=cause, vendor=None if cause is Cause.OWN_NETWORK else vendor, regions=list(regions[:1])))
        for cause in Cause
    ]


def rehearse(case: CaseOfPolicy, policy: Policy, known: Known) -> Rehearsed:
    """What the policy would do. Vendors go by their ids here."""
    made, context = case.incident, Deciding(replace(known, silences=()))
    actions = list(decide(made_up(made, NOON), [], policy, NOON, context))
    incident = next(action.incident for action in actions if isinstance(action, Move))
    wish, patch = wish_of(incident, policy, context), patch_of(incident, policy, context)
    first, tell = next(_tells(actions, incident, policy, context, made.lasts), (None, None))
    told = first is not None and tell is not None and bool(tell.channels)
    touched = tell.alert.touches if tell is not None else ()
    found = Rehearsed(
        case.name, made.cause, Tier[made.tier.upper()], told, first.total_seconds() if told and first is not None
        else None, wish.severity, tell.channels if tell is not None else (), patch, touched)
    return replace(found, wrong=tuple(_wrong(found, case.expect)))


def _tells(actions: Sequence[Action], incident: Incident, policy: Policy, context: Deciding,
           lasts: timedelta | None) -> Iterator[tuple[timedelta, Tell]]:
    """At the opening, or once it has stood for as long as it is held back."""
    yield from ((timedelta(0), action) for action in actions if isinstance(action, Tell))
    hold = wish_of(incident, policy, context).hold
    if incident.told == "" and hold <= (LONGEST if lasts is None else lasts):
        late = remind([incident], policy, NOON + hold, context)
        yield from ((hold, action) for action in late if isinstance(action, Tell))


def made_up(made: IncidentCase, now: datetime, because: str = "made up") -> Verdict:
    """What would be read from evidence of it. One region is its scope; several are all."""
    region = made.regions[0] if len(made.regions) == 1 else None
    scope = Scope(made.vendor, region, made.account, made.model)
    return Verdict(made.cause.value, made.cause, scope, made.confidence, because, now, Tier[made.tier.upper()],
                   regions=tuple(made.regions), models=(made.model,) if made.model else ())


def _wrong(found: Rehearsed, expect: Expected) -> Iterator[str]:
    wanted: Mapping[str, Any] = {
        "told": expect.told, "severity": expect.severity, "patch": expect.patch,
        "channels": None if expect.channels is None else sorted(expect.channels)}
    for matter, value in wanted.items():
        got = sorted(found.channels) if matter == "channels" else getattr(found, matter)
        if value is not None and value != got:
            yield f"{matter}: expected {_said(value)}, would be {_said(got)}"


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (", ".join(map(str, value)) or "nobody") if isinstance(value, list) else str(value)
