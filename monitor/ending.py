"""How an incident ends without having recovered: a person closes it, or the config asks nobody any more who could tell.

Both are acts (monitor.batch). Whoever heard of it hears that it was closed, and not that it is over. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from alerts.model import Occasion
from monitor.batch import CLOSED_BY, UNWATCHED, UNWATCHED_FROM, Act, act_of
from monitor.known import Deciding, Known, Policy
from monitor.lifecycle import follow
from monitor.members import let_go, release
from monitor.memory import Memory
from monitor.model import Incident, Move, Stage, Tell
from monitor.telling import over
from monitor.track import Track


def acted(incident: Incident, act: Act) -> Move | None:
    """What an act does to an incident. None: it does nothing, as where it was done already."""
    if act.sign is None:
        left = tuple(region for region in incident.regions if region not in act.gone)
        if incident.stage is Stage.CLOSED or left in ((), incident.regions):
            return None
        return Move(replace(incident, regions=left, changed_at=act.at), incident.stage, act.at, act.because)
    stage = follow(incident.stage, act.sign)
    if stage is None:
        return None
    closed_at = act.at if stage is Stage.CLOSED else None
    return Move(replace(incident, stage=stage, changed_at=act.at, closed_at=closed_at), incident.stage, act.at,
                act.because)


def closing(incident: Incident, by: str, because: str, now: datetime) -> Move | None:
    """A person says that nothing more is expected of it."""
    said = f"{CLOSED_BY}{by}: {because}" if because else f"{CLOSED_BY}{by}"
    return _done(incident, said, now)


def unwatched(incident: Incident, members: Sequence[Track], known: Known, now: datetime) -> Move | None:
    """The config asks none of the streams it stands on any more, or none in some of its regions: of those nobody will
    ever say that it is over. None: it is watched as before.
    """
    gone = _gone(incident, members, known)
    if not gone:
        return None
    whole = set(gone) >= set(incident.regions)
    return _done(incident, UNWATCHED if whole else f"{UNWATCHED_FROM}{', '.join(gone)}", now)


def _done(incident: Incident, because: str, now: datetime) -> Move | None:
    act = act_of(incident.key, now, because)
    assert act is not None
    return acted(incident, act)


def _gone(incident: Incident, members: Sequence[Track], known: Known) -> list[str]:
    """Its regions from which nobody asks what it stands on; where it stands on nothing, from which nobody asks at all
    what it speaks of.
    """
    scope = incident.scope
    asked = {check.region for check in known.checks if scope.provider in (None, check.provider)
             and scope.account in (None, check.account)}
    keys = {(check.key, check.region) for check in known.checks}
    had = {track.stream.region for track in members}
    # a place as a whole, and a stream of a time before checks had keys, are of no check
    live = {track.stream.region for track in members
            if ((track.stream.check, track.stream.region) in keys if track.stream.check
                else track.stream.region in asked)}
    return [one for one in incident.regions if one not in live and (one in had or one not in asked)]


def heed(memory: Memory, move: Move, act: Act) -> None:
    """Let the memory agree with what an act has done."""
    if move.incident.stage is Stage.CLOSED:
        release(memory, move.incident)
    elif act.gone:
        let_go(memory, move.incident.key, act.gone)


def told_of(acts: Sequence[Act], rows: Mapping[str, Incident], policy: Policy,
            context: Deciding) -> Iterator[Tell]:
    """That they were closed, to whoever heard of them. Keyed by the act: told again, it is the same errand."""
    for act in acts:
        incident = rows.get(act.key)
        if incident is not None and incident.stage is Stage.CLOSED and incident.closed_at == act.at:
            yield from over(replace(incident, because=act.because), incident, policy, act.at, context, Occasion.ENDED)
