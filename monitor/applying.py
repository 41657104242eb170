"""A change is approved, applied, and known after a crash: each step a row before the world is touched (laws 5 and 9).

Nothing is written unless all of it holds at this moment: approved as it would be written now, no guard against it, the
fallback proven, no new fault in the config.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from alerts.gateway import PatchRefused
from alerts.landing import digest
from monitor.changes import IN_PLACE, NOTES, UNDER_WAY, WAITING, Life, Stand, What
from monitor.ground import FAILURES, Ground, Refused, label_of
from monitor.guards import new_faults, objections
from monitor.proposing import OURSELVES, Place, drawn_of, propose

if TYPE_CHECKING:
    from alerts.model import Patch


def approve(ground: Ground, name: str, by: str, now: datetime) -> Life:
    """A person says yes to what would be written now. Raises Refused where that is no longer what was proposed."""
    life = ground.find(name)
    if life.stand is Stand.APPROVED or life.stand in IN_PLACE:
        return life
    if life.stand is not Stand.PROPOSED:
        raise Refused(f"change {name} is {life.stand}; only what is proposed can be approved")
    _rendered(ground, life, now, by)
    return ground.take(life.step(What.APPROVED, by, {"diff_sha256": digest(life.drawn.diff)}), now)


def reject(ground: Ground, name: str, by: str, now: datetime, because: str = "") -> Life:
    """A person says no; of a conflict, that it has been seen to."""
    life = ground.find(name)
    if life.stand is Stand.REJECTED:
        return life
    if life.stand not in (Stand.PROPOSED, Stand.APPROVED, Stand.CONFLICT) and not _met_an_edit(ground, life):
        raise Refused(f"change {name} is {life.stand}; what is in place is taken back with `patch revert`")
    return ground.over(ground.take(life.step(What.REJECTED, by, {"why": because}), now))


def _met_an_edit(ground: Ground, life: Life) -> bool:
    """Whether it is in place by the rows, and its way back was refused, for somebody had edited the same lines. Without
    a person's word it would stand in the way of every other change of its workload for ever.
    """
    told = [one.what for one in ground.changes.entries(life.id) if one.what not in NOTES - {What.CONFLICT}]
    if life.stand not in IN_PLACE or told[-1:] != [What.CONFLICT]:
        return False
    place = ground.place(life)
    try:
        return digest(place.read()) != life.drawn.patched_sha256     # else its way back is free again
    except FAILURES as failure:
        if not place.file.exists():
            return True        # nothing of it is in place any more
        raise Refused(str(failure)) from failure


def apply(ground: Ground, name: str, by: str, now: datetime) -> Life:
    """Write what was approved. Raises Refused: nothing was written then."""
    with held(ground, name, now) as (life, place):
        return life if life.stand in IN_PLACE else _applied(ground, life, place, by, now)


@contextmanager
def held(ground: Ground, name: str, now: datetime) -> Iterator[tuple[Life, Place]]:
    """A change as it stands, with its place, where nobody else of us writes meanwhile. What fails there is Refused."""
    place = ground.place(ground.find(name))
    try:
        with place.lands.locked():
            yield noticed(ground, ground.find(name), now), place
    except FAILURES as failure:
        raise Refused(str(failure)) from failure


def _applied(ground: Ground, life: Life, place: Place, by: str, now: datetime) -> Life:
    if life.stand is not Stand.APPROVED:
        raise Refused(f"change {life.id} is {life.stand}; approve it first (vendorwatch patch approve {life.id})")
    changes = ground.changes
    as_now = replace(life, mode=ground.mode(life))
    against = [*ground.closed(now), *objections(as_now, changes.lives(), changes.entries(), ground.bounds, now)]
    if against:
        raise ground.refuse(life, against[0], now, by)
    if dark := ground.prove(life.change, now):
        raise ground.refuse(life, f"the fallback is not proven now: {dark}", now, by, grave=True)
    patch = _rendered(ground, life, now, by)
    if faults := new_faults(place.gateway, patch.reverted, patch.patched):
        raise ground.refuse(life, f"the config would have a new fault: {faults[0]}", now, by, grave=True)
    shas = life.drawn.base_sha256, life.drawn.patched_sha256
    life = ground.take(life.step(What.APPLYING, by, shas=shas), now)
    try:
        detail = place.lands.put(patch.patched, life.from_sha256, label_of(life))
    except FAILURES as failure:
        raise ground.failed(life, What.NOT_APPLIED, failure, now) from failure
    return ground.take(life.step(What.APPLIED, by, detail), now)


def _rendered(ground: Ground, life: Life, now: datetime, by: str) -> "Patch":
    """The patch as proposed, still. Raises Refused; where another would be written now, that is proposed instead."""
    try:
        patch = ground.place(life).render(life.change)
    except PatchRefused as refusal:
        raise ground.refuse(life, str(refusal), now, by) from refusal
    if not patch.diff:
        raise ground.refuse(life, f"nothing to change: {life.drawn.file} is moved already", now, by)
    fresh = drawn_of(patch)
    if (fresh.base_sha256, fresh.patched_sha256) != (life.drawn.base_sha256, life.drawn.patched_sha256):
        propose(ground.changes, replace(life, drawn=fresh), now)
        raise Refused(f"{life.drawn.file} has changed since this was proposed; look at the new diff "
                      f"(vendorwatch patch show {life.id}) and approve it again")
    return patch


def noticed(ground: Ground, life: Life, now: datetime) -> Life:
    """The change as it stands, with what a person did by hand: in place where the file is as proposed, or bears its
    note.
    """
    place = ground.places.get(life.gateway)
    if life.stand not in WAITING or place is None:
        return life
    try:
        text = place.read()
    except PatchRefused:
        return life
    if digest(text) != life.drawn.patched_sha256 and not re.search(rf"vendorwatch:{re.escape(life.id)}\b", text):
        return life
    return ground.changes.step(life.step(What.FOUND, OURSELVES, {"how": "applied by hand"}), now) or life


def reconcile(ground: Ground, now: datetime) -> Iterator[Life]:
    """What a process that died had begun: the file says how far it came, and the row says so too then. What cannot be
    read, or is being written by another, stays as it is.
    """
    for begun in ground.changes.lives(sorted(UNDER_WAY)):
        try:
            place = ground.place(begun)
            with place.lands.locked():
                life = ground.find(begun.id)
                if life.stand in UNDER_WAY:
                    yield _found(ground, life, place, now)
        except (*FAILURES, Refused):
            continue


def _found(ground: Ground, life: Life, place: Place, now: datetime) -> Life:
    back = life.stand is Stand.REVERTING
    said = {"how": "found so after an interruption"}
    seen = place.lands.landed(label_of(life, back=back))
    if seen == life.to_sha256:
        after = ground.take(life.step(end_of(ground, life) if back else What.APPLIED, OURSELVES, said), now)
        return ground.over(after) if back else after
    if seen == life.from_sha256:
        return ground.take(life.step(What.NOT_REVERTED if back else What.NOT_APPLIED, OURSELVES, said), now)
    why = f"{life.drawn.file} is neither as it was nor as it was to be; compare it with the diff"
    return ground.take(life.step(What.CONFLICT, OURSELVES, {"why": why}), now)


def end_of(ground: Ground, life: Life) -> What:
    """What the way back that was begun is called once it is done."""
    begun = next((one for one in reversed(ground.changes.entries(life.id)) if one.what == What.REVERTING), None)
    return What.ROLLED_BACK if begun is not None and '"rollback":true' in begun.detail else What.REVERTED
