"""What to do about it: verdicts and standing incidents in, actions out. Pure; every action says why (law 3)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from alerts.model import Occasion
from monitor.known import Deciding, Fallback, Known, KnownCheck, KnownWorkload, Policy, Silence
from monitor.lifecycle import Sign, follow, sign_of_calm
from monitor.model import Action, Cause, Incident, Move, Scope, Stage, Tell, Verdict
from monitor.telling import first_word, opening, reroutes, silenced, tell, watch

__all__ = [
    "Deciding",
    "Fallback",
    "Known",
    "KnownCheck",
    "KnownWorkload",
    "Policy",
    "Silence",
    "decide",
    "group_of",
    "remind",
]

REACH = frozenset({Cause.PROVIDER_OUTAGE, Cause.NETWORK_INTERFERENCE, Cause.REGIONAL_PATH})


def group_of(cause: Cause, scope: Scope) -> tuple[str | None, ...]:
    """Which verdicts belong to one incident: a vendor failing in six regions is one story."""
    if cause is Cause.OWN_NETWORK:
        return (cause,)
    if cause in REACH:
        return ("reach", scope.provider)
    if cause in (Cause.AUTH_FAILED, Cause.BILLING, Cause.RATE_LIMITED):
        return (cause, scope.provider, scope.account)
    if cause in (Cause.MODEL_RETIRED, Cause.QUALITY_DEGRADED):
        return (cause, scope.provider, scope.model)
    return (cause, scope.provider)


def decide(verdicts: Sequence[Verdict], incidents: Sequence[Incident], policy: Policy, now: datetime,
           context: Deciding) -> Iterator[Action]:
    """Moves, tells, patches and watches. An incident that no verdict speaks of moves by its calm alone."""
    standing = {group_of(i.cause, i.scope): i for i in incidents if i.stage is not Stage.CLOSED}
    spoken = set()
    for verdict in verdicts:
        group = group_of(verdict.cause, verdict.scope)
        incident = standing.get(group)
        spoken.add(group)
        if incident is None:
            yield from _open(verdict, policy, now, context)
        else:
            yield from _go_on(incident, verdict, policy, now, context)
    for group, incident in standing.items():
        if group not in spoken:
            yield from _calm(incident, policy, now, context)


def _open(verdict: Verdict, policy: Policy, now: datetime, context: Deciding) -> Iterator[Action]:
    sign = Sign.CONFIRMED if verdict.confidence >= policy.open_confidence else Sign.SUSPICION
    stage = follow(None, sign)
    assert stage is not None
    key = f"{verdict.cause}:{verdict.scope.key}:{verdict.onset.isoformat()}"
    incident = Incident(0, key, stage, verdict.cause, verdict.scope, verdict.confidence, verdict.because,
                        verdict.onset, now if stage is Stage.OPEN else None, now, None, verdict.regions, verdict.models)
    tells = tuple(opening(incident, context.standing, policy, now, context)) if stage is Stage.OPEN else ()
    yield Move(_told(incident, tells, now), None, now, verdict.because, verdict.samples)
    yield from tells


def _go_on(incident: Incident, verdict: Verdict, policy: Policy, now: datetime,
           context: Deciding) -> Iterator[Action]:
    """The verdict still stands: join what is new, open what was suspected, take back a recovery that was none."""
    calm = sign_of_calm(context.calm.get(incident.key))
    if calm in (Sign.CLEARING, Sign.CLEARED):
        yield from _calm(incident, policy, now, context)
        return
    if incident.stage is Stage.RECOVERING and calm is not Sign.RELAPSE:
        return
    sign = Sign.CONFIRMED if verdict.confidence >= policy.open_confidence else Sign.SUSPICION
    stage = follow(incident.stage, sign) or incident.stage
    joined = _join(incident, verdict)
    if stage is incident.stage and joined == incident:
        return
    joined = replace(joined, stage=stage, changed_at=now)
    if incident.stage is Stage.SUSPECTED and stage is Stage.OPEN:
        joined = replace(joined, opened_at=now)
        tells = tuple(opening(joined, context.standing, policy, now, context))
        yield Move(_told(joined, tells, now), incident.stage, now, verdict.because, verdict.samples)
        yield from tells
        return
    news = []
    if incident.told and not silenced(joined, context, now) and _is_news(incident, joined):
        news = [tell(joined, Occasion.UPDATED, policy, now, context)]
        joined = replace(joined, told=Occasion.UPDATED, told_at=now)
    yield Move(joined, incident.stage, now, verdict.because, verdict.samples)
    yield from news
    if joined.cause is not incident.cause:
        yield from reroutes(joined, context.standing, policy, now, context)[0]
    yield from watch(joined, policy, now, context)


def _is_news(before: Incident, after: Incident) -> bool:
    return (after.cause is not before.cause or after.scope != before.scope
            or bool(set(after.regions) - set(before.regions)))


def _told(incident: Incident, actions: Sequence[Action], now: datetime) -> Incident:
    """The incident as it is once its opening is carried out: under a silence nobody hears of it."""
    heard = any(isinstance(action, Tell) for action in actions)
    return replace(incident, told=Occasion.OPENED, told_at=now) if heard else incident


def _join(incident: Incident, verdict: Verdict) -> Incident:
    """Regions and models only join; the words change only with what they tell."""
    regions = tuple(sorted({*incident.regions, *verdict.regions}))
    models = tuple(sorted({*incident.models, *verdict.models}))
    same = (regions, models, verdict.cause) == (incident.regions, incident.models, incident.cause)
    if same and verdict.scope.account == incident.scope.account:
        return incident
    region = regions[0] if verdict.scope.region and len(regions) == 1 else None
    return replace(incident, regions=regions, models=models, cause=verdict.cause, because=verdict.because,
                   confidence=verdict.confidence, scope=replace(verdict.scope, region=region))


def _calm(incident: Incident, policy: Policy, now: datetime, context: Deciding) -> Iterator[Action]:
    """Nothing speaks of it: does the calm last?"""
    clean = context.calm.get(incident.key)
    stage = follow(incident.stage, sign_of_calm(clean))
    if stage is None:
        return
    after = replace(incident, stage=stage, changed_at=now, closed_at=now if stage is Stage.CLOSED else None)
    because = f"{clean} answers in a row are as they should be" if clean else "it has come back"
    news = []
    if stage is Stage.CLOSED and incident.told and not silenced(incident, context, now):
        news = [tell(replace(after, because=because), Occasion.RECOVERED, policy, now, context)]
        after = replace(after, told=Occasion.RECOVERED, told_at=now)
    yield Move(after, incident.stage, now, because)
    yield from news
    if incident.stage is not Stage.SUSPECTED and stage is not Stage.CLOSED:
        yield from watch(after, policy, now, context)


def remind(incidents: Sequence[Incident], policy: Policy, now: datetime, context: Deciding) -> Iterator[Action]:
    """What still stands and nobody has taken on is said again, less and less often; what opened under a silence that
    has ended is said for the first time.
    """
    for incident in incidents:
        if incident.stage is not Stage.OPEN or incident.acked_by is not None or silenced(incident, context, now):
            continue
        if not incident.told:
            after = replace(incident, told=Occasion.OPENED, told_at=now)
            yield Move(after, incident.stage, now, "nobody was told while it was silenced, and it still stands")
            yield first_word(after, context.standing, policy, now, context)
        elif _is_due(incident, policy, now):
            after = replace(incident, told=Occasion.REMINDER, told_at=now, reminders=incident.reminders + 1)
            yield Move(after, incident.stage, now, "still so")
            yield tell(after, Occasion.REMINDER, policy, now, context)


def _is_due(incident: Incident, policy: Policy, now: datetime) -> bool:
    wait = policy.pause(incident.reminders)
    return wait is not None and incident.told_at is not None and now - incident.told_at >= wait
