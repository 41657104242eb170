"""What to do about it: verdicts and standing incidents in, actions out. Pure; every action says why (law 3)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.model import Occasion
from monitor.known import Deciding, Fallback, Known, KnownCheck, KnownWorkload, Policy, Silence
from monitor.lifecycle import Sign, follow, sign_of_calm, sign_of_return
from monitor.model import Action, Cause, Incident, Move, Stage, Tell, Tier, Verdict
from monitor.rule import TOGETHER_S
from monitor.telling import (
    UNSAID,
    first_word,
    held,
    opening,
    over,
    reroutes,
    silenced,
    suspicion_told,
    tell,
    watch,
    wish_of,
)
from monitor.tiers import sure, surer
from monitor.wishes import pause

__all__ = ["Deciding", "Fallback", "Known", "KnownCheck", "KnownWorkload", "Policy", "Silence", "decide", "remind",
           "same_story", "settle"]

TOGETHER = timedelta(seconds=TOGETHER_S)
WHOLE = frozenset({"latency", "quality", "model", "ours"})      # one condition of a vendor, wherever it shows first
BY_KEY = frozenset({"auth", "billing", "rate"})                     # one condition of an account, from wherever
OUTAGES = frozenset({Cause.PROVIDER_OUTAGE, Cause.PROVIDER_OVERLOADED})
PATHS = frozenset({Cause.REGIONAL_PATH, Cause.NETWORK_INTERFERENCE})
SURE = 0.97          # likely enough to act on
SURER = 0.8          # a cause is revised by one as likely as this, or likelier than it is itself
SOON = timedelta(minutes=30)           # what comes back within so long had not been over


def same_story(incident: Incident, verdict: Verdict) -> bool:
    """Whether a verdict speaks of this incident: the same family and subject, and begun with it or within it."""
    a, b = incident.scope, verdict.scope
    if incident.family != verdict.family or a.provider != b.provider or a.model != b.model:
        return False
    shared = set(verdict.regions) & set(incident.regions)
    if incident.stage is Stage.CLOSED:
        # when it began again counts, not when that was sure
        if incident.opened_at is None or incident.closed_at is None or verdict.onset - incident.closed_at > SOON:
            return False
        here = bool(shared) or {incident.cause, verdict.cause} <= OUTAGES
        return a.account == b.account and here and _kindred(incident, verdict)
    together = abs(incident.onset - verdict.onset) <= TOGETHER
    keyed = incident.family in BY_KEY and a.account is not None
    if incident.family in WHOLE or keyed or {incident.cause, verdict.cause} <= OUTAGES:
        return a.account == b.account
    if a.account != b.account:
        return incident.cause is Cause.ACCOUNT_RESTRICTED and (together or a.account is None)
    return together or (bool(shared) and _kindred(incident, verdict)) or _everywhere(incident)


def joins(incident: Incident, verdict: Verdict) -> bool:
    """Whether a verdict that speaks of an incident may bring new regions into it: what did not begin with it must be as
    sure as what is told, for little things happen somewhere all the time.
    """
    new = set(verdict.regions) - set(incident.regions)
    return (not new or incident.stage is Stage.SUSPECTED or verdict.tier >= Tier.CONFIRM
            or abs(incident.onset - verdict.onset) <= TOGETHER)


def _kindred(incident: Incident, verdict: Verdict) -> bool:
    """Whether the one may be what the other was: a vendor's own trouble is no region's path."""
    causes = {incident.cause, verdict.cause}
    return len(causes) == 1 or Cause.UNKNOWN in causes or causes <= OUTAGES or causes <= PATHS


def stories(verdict: Verdict, incidents: Iterable[Incident]) -> list[Incident]:
    """The incidents that a verdict may speak of, the likeliest first: what people were told of before what is only
    suspected, the standing before the closed, and of several the one that began nearest.
    """
    same = [i for i in incidents if same_story(i, verdict)]
    return sorted(same, key=lambda i: (i.stage is Stage.SUSPECTED, i.stage is Stage.CLOSED,
                                       abs(i.onset - verdict.onset), i.key))


def _everywhere(incident: Incident) -> bool:
    return incident.scope.region is None and len(incident.regions) > 1


def decide(verdict: Verdict, incidents: Sequence[Incident], policy: Policy, now: datetime,
           context: Deciding) -> Iterator[Action]:
    """Moves, tells, patches and watches of one verdict."""
    same = stories(verdict, incidents)
    told = verdict.tier >= Tier.CONFIRM and verdict.confidence >= policy.least_sure
    sign = Sign.CONFIRMED if told else Sign.SUSPICION
    if not same:
        yield from _open(verdict, sign, policy, now, context)
    elif same[0].stage is Stage.CLOSED:
        if sign is Sign.CONFIRMED:
            yield from _back(same[0], verdict, policy, now, context)
    elif joins(same[0], verdict):
        yield from _go_on(same[0], verdict, sign, policy, now, context)


def _open(verdict: Verdict, sign: Sign, policy: Policy, now: datetime, context: Deciding) -> Iterator[Action]:
    stage = follow(None, sign)
    assert stage is not None
    # with when it was seen: evidence that stays around begins two incidents, and neither is the other
    key = f"{verdict.cause}:{verdict.scope.key}:{verdict.onset.isoformat()}:{now.isoformat()}"
    likely = sure(verdict.confidence, verdict.tier)
    incident = Incident(0, key, stage, verdict.cause, verdict.scope, likely, verdict.because,
                        verdict.onset, now if stage is Stage.OPEN else None, now, None, verdict.regions,
                        verdict.models, family=verdict.family, tier=verdict.tier, peak=verdict.share)
    tells = tuple(opening(incident, context.standing, policy, now, context) if stage is Stage.OPEN
                  else suspicion_told(incident, policy, now, context))
    yield Move(_told(incident, tells, now), None, now, verdict.because, verdict.samples, verdict.why)
    yield from tells


def _back(incident: Incident, verdict: Verdict, policy: Policy, now: datetime, context: Deciding) -> Iterator[Action]:
    """It was closed too soon: the same incident goes on."""
    stage = follow(Stage.CLOSED, sign_of_return(incident.flaps))
    assert stage is not None
    again = replace(_join(incident, verdict), stage=stage, changed_at=now, closed_at=None, flaps=incident.flaps + 1)
    news = []
    if again.told not in UNSAID and not silenced(again, context, now):
        news = [tell(again, Occasion.UPDATED, policy, now, context)]
        again = replace(again, told=Occasion.UPDATED, told_at=now)
    yield Move(again, Stage.CLOSED, now, f"it has come back: {verdict.because}", verdict.samples, verdict.why)
    yield from news
    yield from watch(again, policy, now, context)


def _go_on(incident: Incident, verdict: Verdict, sign: Sign, policy: Policy, now: datetime,
           context: Deciding) -> Iterator[Action]:
    """The verdict still stands: join what is new, open what was suspected."""
    stage = incident.stage
    if stage is Stage.SUSPECTED:
        stage = follow(stage, sign) or stage
    joined = _join(incident, verdict)
    if stage is incident.stage and joined == incident:
        return
    joined = replace(joined, stage=stage, changed_at=now)
    if stage is not incident.stage:
        # what was suspected on the way, of other regions too, is weighed by now
        joined = replace(joined, opened_at=now, because=verdict.because, cause=verdict.cause, scope=verdict.scope,
                         confidence=sure(verdict.confidence, joined.tier), regions=verdict.regions,
                         models=verdict.models,
                         onset=verdict.onset)
        tells = tuple(opening(joined, context.standing, policy, now, context))
        yield Move(_told(joined, tells, now), incident.stage, now, verdict.because, verdict.samples, verdict.why)
        yield from tells
        return
    yield from _revised(incident, joined, verdict, policy, now, context)


def _revised(incident: Incident, joined: Incident, verdict: Verdict, policy: Policy, now: datetime,
             context: Deciding) -> Iterator[Action]:
    if incident.stage is Stage.SUSPECTED:
        tells = tuple(suspicion_told(joined, policy, now, context))
        yield Move(_told(joined, tells, now), incident.stage, now, verdict.because, verdict.samples, verdict.why)
        yield from tells
        return
    news = []
    if incident.told not in UNSAID and not silenced(joined, context, now) and _is_news(incident, joined):
        news = [tell(joined, Occasion.UPDATED, policy, now, context)]
        joined = replace(joined, told=Occasion.UPDATED, told_at=now)
    yield Move(joined, incident.stage, now, verdict.because, verdict.samples, verdict.why)
    yield from news
    patchable = incident.tier < Tier.PATCH <= joined.tier
    if joined.cause is not incident.cause or patchable:
        yield from reroutes(joined, context.standing, policy, now, context)[0]
    if joined.cause is not incident.cause:
        yield from watch(replace(incident, stage=Stage.CLOSED), policy, now, context)      # of its former cause: ended
    yield from watch(joined, policy, now, context)


def _is_news(before: Incident, after: Incident) -> bool:
    return (after.cause is not before.cause or after.scope != before.scope
            or bool(set(after.regions) - set(before.regions)))


def _told(incident: Incident, actions: Sequence[Action], now: datetime) -> Incident:
    """The incident as it is once its opening is carried out: under a silence nobody hears of it."""
    said = next((action.alert.occasion for action in actions if isinstance(action, Tell)), None)
    return replace(incident, told=said, told_at=now) if said else incident


def _join(incident: Incident, verdict: Verdict) -> Incident:
    """Regions and models only join; the cause is revised while the evidence is that of the whole; the words change
    only with what they tell.
    """
    regions = tuple(sorted({*incident.regions, *verdict.regions}))
    models = tuple(sorted({*incident.models, *verdict.models}))
    tier = max(incident.tier, verdict.tier)
    peak = max(incident.peak, verdict.share)
    # who fails everywhere was never a region's own trouble, whichever failed first
    spread = verdict.cause in OUTAGES and len(regions) > len(incident.regions)
    whole = spread or set(verdict.regions) >= set(incident.regions)
    likely, before = sure(verdict.confidence, tier), surer(incident.confidence, incident.tier, tier)
    # a cause that is told is not taken back for what would not have been told by itself
    heard = spread or incident.cause is Cause.UNKNOWN or verdict.tier >= min(incident.tier, Tier.CONFIRM)
    revised = whole and heard and (verdict.confidence >= SURER or likely > before)
    cause = verdict.cause if revised else incident.cause
    same = (regions, models, cause) == (incident.regions, incident.models, incident.cause)
    scope = verdict.scope if revised or (whole and cause is verdict.cause) else incident.scope
    if len(regions) > 1 and scope.region is not None:
        scope = replace(scope, region=None)
    if scope.account != verdict.scope.account:
        scope = replace(scope, account=None)      # a second account: it is the organisation's
    if same and scope == incident.scope:
        # surer than it was, by enough to say so or to act on it
        if tier > incident.tier or (whole and incident.confidence < SURE <= likely):
            return replace(incident, tier=tier, peak=peak, confidence=max(before, likely))
        return incident
    onset = min(incident.onset, verdict.onset) if incident.stage is Stage.SUSPECTED else incident.onset
    return replace(incident, regions=regions, models=models, cause=cause, because=verdict.because, scope=scope,
                   confidence=likely if revised else before, tier=tier, peak=peak, onset=onset)


def settle(incident: Incident, calm_s: float | None, policy: Policy, now: datetime,
           context: Deciding) -> Iterator[Action]:
    """An open incident after another answer: does the calm last, or has it come back?"""
    sign = sign_of_calm(incident.stage, calm_s, policy.budgets.recover_s, incident.flaps)
    stage = follow(incident.stage, sign)
    if stage is None:
        return
    returned = sign in (Sign.RELAPSE, Sign.FLAP)
    after = replace(incident, stage=stage, changed_at=now, closed_at=now if stage is Stage.CLOSED else None,
                    flaps=incident.flaps + returned)
    because = "it has come back" if returned else "answers are as they should be again"
    ended = replace(after, because=because)
    news = list(over(ended, incident, policy, now, context)) if stage is Stage.CLOSED else []
    after = _told(after, news, now)
    yield Move(after, incident.stage, now, because)
    yield from news
    yield from watch(after, policy, now, context)


def expected_now(incident: Incident, policy: Policy, now: datetime, context: Deciding) -> Iterator[Action]:
    """The team has said since that it is to be expected: it is no news any more, though it goes on (law 12)."""
    stage = follow(incident.stage, Sign.EXPECTED)
    if stage is None:
        return
    because = "the config says now that it is to be expected"
    after = replace(incident, stage=stage, changed_at=now, closed_at=now)
    # it is no news any more, and has not recovered: nobody is told that it has
    news = list(over(replace(after, because=because), incident, policy, now, context, Occasion.ENDED))
    after = _told(after, news, now)
    yield Move(after, incident.stage, now, because)
    yield from news
    yield from watch(after, policy, now, context)


def fade(incident: Incident, now: datetime) -> Move:
    """What was suspected has nothing left for it. Who was told of it is told (telling.over), and nobody else."""
    after = replace(incident, stage=Stage.CLOSED, changed_at=now, closed_at=now)
    return Move(after, incident.stage, now, "nothing is left of the suspicion")


def remind(incidents: Sequence[Incident], policy: Policy, now: datetime, context: Deciding) -> Iterator[Action]:
    """What still stands and nobody has taken on is said again, less and less often; what opened under a silence that
    has ended is said for the first time.
    """
    for incident in incidents:
        if incident.stage not in (Stage.OPEN, Stage.FLAPPING) or incident.acked_by is not None or silenced(
                incident, context, now):
            continue
        if incident.told in UNSAID:
            if held(incident, policy, now, context):
                continue
            after = replace(incident, told=Occasion.OPENED, told_at=now)
            waited = "held back" if wish_of(incident, policy, context).hold else "silenced"
            yield Move(after, incident.stage, now, f"nobody was told while it was {waited}, and it still stands")
            yield first_word(after, context.standing, policy, now, context)
        elif _is_due(incident, policy, now, context):
            after = replace(incident, told=Occasion.REMINDER, told_at=now, reminders=incident.reminders + 1)
            yield Move(after, incident.stage, now, "still so")
            yield tell(after, Occasion.REMINDER, policy, now, context)


def _is_due(incident: Incident, policy: Policy, now: datetime, context: Deciding) -> bool:
    wait = pause(wish_of(incident, policy, context).remind, incident.reminders)
    return wait is not None and incident.told_at is not None and now - incident.told_at >= wait


