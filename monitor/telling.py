"""From an incident to what is said, rerouted and watched. Pure; keys are stable, so that twice decided is once done."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.model import LAST, Alert, Occasion, RoutingChange, Severity, Strength
from monitor.known import PROVEN, Deciding, Fallback, Known, KnownCheck, KnownWorkload, Policy
from monitor.model import Action, Cause, Incident, Reroute, Stage, Tell, Tier, Watch
from monitor.permits import candidates, reaches, shown
from monitor.track import Track
from monitor.wishes import NO_PATCH, Wished, lesser, wished

UNSAID = ("", Occasion.FINDING)       # nobody was told of the incident, at the most of the suspicion


def opening(incident: Incident, others: Sequence[Incident], policy: Policy, now: datetime,
            context: Deciding) -> Iterator[Action]:
    """The alert, the patches proposed with it, and how the checks go on."""
    if not silenced(incident, context, now) and not held(incident, policy, now, context):
        yield first_word(incident, others, policy, now, context)
    yield from reroutes(incident, others, policy, now, context)[0]
    yield from watch(incident, policy, now, context)


def first_word(incident: Incident, others: Sequence[Incident], policy: Policy, now: datetime,
               context: Deciding) -> Tell:
    """That it stands, and which workloads nobody can take over."""
    bare = reroutes(incident, others, policy, now, context)[1]
    return tell(incident, Occasion.OPENED, policy, now, context, tuple(bare))


def suspicion_told(incident: Incident, policy: Policy, now: datetime, context: Deciding) -> Iterator[Tell]:
    """That something may be wrong: once, and only where a rule asks for it."""
    if not incident.told and wish_of(incident, policy, context).asked and not silenced(incident, context, now):
        yield tell(incident, Occasion.FINDING, policy, now, context)


def over(incident: Incident, before: Incident, policy: Policy, now: datetime, context: Deciding,
         occasion: Occasion = Occasion.RECOVERED) -> Iterator[Tell]:
    """That it is over, to those who heard that it was not: of a suspicion alone, they are others."""
    if before.told and not silenced(before, context, now):
        heard = replace(incident, opened_at=None) if before.told == Occasion.FINDING else incident
        yield tell(heard, occasion, policy, now, context)


def wish_of(incident: Incident, policy: Policy, context: Deciding) -> Wished:
    """What the team wishes of it."""
    return wished(policy.wishes(), incident, {workload.name for workload in touched(incident, context)})


def held(incident: Incident, policy: Policy, now: datetime, context: Deciding) -> bool:
    """Whether it has not stood for as long as it must before anybody is told."""
    return incident.opened_at is not None and now - incident.opened_at < wish_of(incident, policy, context).hold


def own_fault(mark: str, because: str, now: datetime, hearers: tuple[str, ...], *run: str) -> Tell:
    """Something of ours does not work. Said once a day; `mark` is the thread it is said in."""
    alert = Alert(mark, Occasion.FINDING, Severity.WARNING, Cause.OWN_FAULT, now, confidence=1.0, because=because,
                  run=run)
    return Tell(f"{mark}:{now.date().isoformat()}", alert, hearers)


def silenced(incident: Incident, context: Deciding, now: datetime) -> bool:
    return any(silence.covers(incident, now) for silence in context.known.silences)


def tell(incident: Incident, occasion: Occasion, policy: Policy, now: datetime, context: Deciding,
         bare: tuple[str, ...] = ()) -> Tell:
    """`bare`: workloads that no fallback is proven to work for."""
    known, scope = context.known, incident.scope
    n = incident.reminders if occasion is Occasion.REMINDER else f"{now.isoformat()}"
    key = f"{incident.key}:{occasion}:{0 if occasion in (Occasion.OPENED, Occasion.FINDING) else n}"
    wish = wish_of(incident, policy, context)
    because = incident.because
    if bare:
        because += f"; no fallback is proven to work for {', '.join(bare)}"
    name = known.names.get(scope.provider or "", scope.provider or "")
    shown = str(incident.id) if incident.id else incident.short     # the number is the database's: none at first
    run = tuple(f"vendorwatch incident {verb} {shown}" for verb in _verbs(incident, occasion))
    alert = Alert(incident.key, occasion, wish.severity, incident.cause, now, incident.onset,
                  scope.provider, name, incident.regions, incident.models, scope.account, incident.confidence, because,
                  tuple(w.name for w in touched(incident, context)), run=run,
                  ended=now if occasion is Occasion.RECOVERED else None)
    channels = policy.hearers(alert.severity, known.channels) if wish.channels is None else wish.channels
    return Tell(key, alert, channels)


def _verbs(incident: Incident, occasion: Occasion) -> tuple[str, ...]:
    """What a person can do about it: of what is over, only look."""
    if occasion in LAST:
        return ("show",)
    return ("show", "ack", "resume") if incident.cause is Cause.ACCOUNT_RESTRICTED else ("show", "ack")


def touched(incident: Incident, context: Deciding) -> list[KnownWorkload]:
    """Workloads whose primary vendor is hit where they run; of a retired model only those that ask for it, if known."""
    if incident.scope.provider is None:
        return []
    model = incident.scope.model if incident.cause is Cause.MODEL_RETIRED else None
    return [w for w in context.known.workloads if w.primary == incident.scope.provider and reaches(incident, w)
            and (model is None or w.model in (None, model))
            and (not w.regions or not incident.regions or set(w.regions) & set(incident.regions))]


def reroutes(incident: Incident, others: Sequence[Incident], policy: Policy, now: datetime,
             context: Deciding) -> tuple[list[Reroute], list[str]]:
    """The patches to propose, and the workloads that no fallback is proven to work for (law 9)."""
    mode = patch_of(incident, policy, context)
    if mode == NO_PATCH:
        return [], []
    made, bare = [], []
    for workload in touched(incident, context):
        sound = ((f.route, _proven(f, workload, incident, context)) for f in candidates(workload, incident, others))
        taker, proven_at = next((one for one in sound if one[1] is not None), ("", None))
        if proven_at is None:
            bare.append(workload.name)
        elif workload.gateway:
            made.append(_reroute(incident, workload, (taker, proven_at), replace(policy, patch_mode=mode), now))
    return made, bare


def patch_of(incident: Incident, policy: Policy, context: Deciding) -> str:
    """The mode of its patches. Rules may wish for less or for other causes, never for less proof (law 9), nor for more
    than the gateways are opened for.
    """
    if incident.tier < Tier.PATCH or incident.confidence < PROVEN:
        return NO_PATCH
    wish = wish_of(incident, policy, context).patch
    return lesser(wish, policy.patch_mode)


def _proven(fallback: Fallback, workload: KnownWorkload, incident: Incident, context: Deciding) -> datetime | None:
    """When the fallback was last seen to answer from every region concerned; None: from one of them it was not.

    A vendor nobody asks is not proven, however quiet it is; nor is one that is expected to refuse that region.
    """
    green = shown(fallback, workload, context)
    concerned = _concerned(workload, incident)
    if not concerned <= set(green):
        return None
    return min((at for region, at in green.items() if region in concerned or not concerned), default=None)


def _concerned(workload: KnownWorkload, incident: Incident) -> set[str]:
    """A patch moves all of a workload, wherever the incident is: so all regions that it runs in, where that is said.
    """
    return set(workload.regions) or set(incident.regions)


def _reroute(incident: Incident, workload: KnownWorkload, proof: tuple[str, datetime], policy: Policy,
             now: datetime) -> Reroute:
    """`proof`: the route that takes over, and when it was proven."""
    taker, proven_at = proof
    barred = incident.cause in policy.patch_causes - policy.demote_causes      # what else a rule moves is degraded
    strength = Strength.EXCLUDE if barred else Strength.DEMOTE
    parts = (workload.name, workload.gateway, workload.primary, taker, strength, incident.key)
    digest = "vw-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
    change = RoutingChange(digest, workload.name, workload.primary, workload.leaves_routes, taker, strength,
                           incident.cause, incident.because, incident.key, incident.scope.region, proven_at, now,
                           now + policy.patch_lives, workload.environment,
                           tuple(sorted(_concerned(workload, incident))),
                           proof_score=1.0 if workload.needs else None)     # what passed in part proves nothing
    return Reroute(f"{incident.key}:reroute:{digest}", change, workload.gateway, policy.patch_mode)


def watch(incident: Incident, policy: Policy, now: datetime, context: Deciding) -> Iterator[Watch]:
    """Law 11: while it stands, or comes and goes, a banned account is left alone, a refusal is asked about slowly,
    without a key where that can be, and nobody asks that vendor fast.
    """
    stands = incident.stage in (Stage.OPEN, Stage.FLAPPING)
    until = None if stands else now           # `until` now ends the watch
    checks = [c for c in context.known.checks if c.provider == incident.scope.provider]
    if stands and incident.cause in (Cause.ACCOUNT_RESTRICTED, Cause.REGION_RESTRICTED):
        yield Watch(f"fast:{incident.scope.provider}", (), None, now, incident.because)
    # what recovers is looked at as often as ever; an account not before a person says so, or it is over
    if incident.cause is Cause.ACCOUNT_RESTRICTED and incident.stage is not Stage.RECOVERING:
        account = incident.scope.account
        keyed = [c for c in checks if c.keyed and account in (None, c.account)]
        yield from _watch(f"{incident.key}:stop", keyed, None, until, incident)
    elif incident.cause is Cause.REGION_RESTRICTED:
        here = [c for c in checks if c.region in incident.regions]
        bare = [c for c in here if not c.keyed]
        covered = {c.region for c in bare}
        slow = bare + [c for c in here if c.keyed and c.region not in covered]
        stop = [c for c in here if c.keyed and c.region in covered]
        yield from _watch(f"{incident.key}:slow", slow, policy.slow_every, until, incident)
        yield from _watch(f"{incident.key}:stop", stop, None, until, incident)


def suspicion(track: Track, standing: Sequence[Incident], policy: Policy, known: Known, now: datetime,
              refused: Collection[str] = ()) -> Iterator[Watch]:
    """Something failed: for a while its vendor is asked fast, without a key, from everywhere, and neutral hosts with
    it. Never from where it refuses in so many words (`refused`: regions), and never with a key (law 11).
    """
    stream = track.stream
    if any(i.scope.provider == stream.provider and i.stage is not Stage.SUSPECTED for i in standing):
        return
    checks = [c for c in known.checks if not c.keyed and not c.expect_restricted
              and ((c.provider == stream.provider and c.region not in refused)
                   or (c.control and c.region == stream.region))]
    if checks:
        yield Watch(f"fast:{stream.provider}", tuple(sorted(c.key for c in checks)), policy.fast_every,
                    now + policy.fast_for, f"{stream.provider} gave no good answer from {stream.region}")


def confirmation(track: Track, standing: Sequence[Incident], policy: Policy, known: Known,
                 now: datetime) -> Iterator[Watch]:
    """A refusal in so many words is asked about once more, at once and without a key; what follows is slow (law 11)."""
    stream = track.stream
    if any(i.scope.provider == stream.provider and i.stage is not Stage.SUSPECTED for i in standing):
        return
    checks = [c for c in known.checks if not c.keyed and not c.expect_restricted
              and (c.provider, c.region) == (stream.provider, stream.region)]
    if checks:
        yield Watch(f"once:{stream.provider}|{stream.region}", tuple(sorted(c.key for c in checks)), policy.fast_every,
                    now + policy.fast_every * 1.5, f"{stream.provider} refused {stream.region}: is it so?")


def _watch(key: str, checks: Sequence[KnownCheck], every: timedelta | None, until: datetime | None,
           incident: Incident) -> Iterator[Watch]:
    if checks:
        yield Watch(key, tuple(sorted(c.key for c in checks)), every, until, incident.because)
