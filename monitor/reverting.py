"""A change is taken back: to the byte where the file is as we left it, by merging where a person has edited it since.

No guard stands against it but the file itself: where both have changed the same lines, nothing is written.
"""

from datetime import datetime

from alerts.gateway import PatchRefused
from alerts.landing import digest
from alerts.surgery.merging import Conflict, anchored, carried_out, inverse, merged
from monitor.applying import end_of, held
from monitor.changes import IN_PLACE, OVER, Life, Stand, What
from monitor.ground import FAILURES, Ground, Refused, label_of
from monitor.guards import new_faults
from monitor.proposing import OURSELVES, Place

BY_HAND = "the file was as before already"
UNMERGED = f"{BY_HAND}; delete the branch of the change: merged later, it would bring the change back"


def revert(ground: Ground, name: str, by: str, now: datetime, *, rollback: str = "") -> Life:
    """Take it back. `rollback`: why, where nobody asked for it. Raises Refused, with the lines of a conflict."""
    with held(ground, name, now) as (life, place):
        return life if life.stand in (Stand.REVERTED, Stand.ROLLED_BACK) else _reverted(
            ground, life, place, by or OURSELVES, now, rollback)


def _reverted(ground: Ground, life: Life, place: Place, by: str, now: datetime, rollback: str) -> Life:
    if life.stand not in IN_PLACE | {Stand.CONFLICT}:
        more = "" if life.stand in OVER else "; `patch reject` drops it"
        raise Refused(f"change {life.id} is {life.stand}: nothing of it is in place{more}")
    text = place.read()
    try:
        target, how = way_back(life, text, place)
    except Conflict as conflict:
        why = (f"{life.drawn.file} was edited where the patch stands, nothing was written; mend it by hand, then "
               f"`vendorwatch patch reject {life.id}` says that it is seen to")
        fresh = ground.note(life.step(What.CONFLICT, by, {"why": why, "lines": list(conflict.lines)}), now)
        raise Refused(why, conflict.lines, grave=True, fresh=fresh) from conflict
    asked = {"how": how, **({"rollback": True, "why": rollback} if rollback else {})}
    life = ground.take(life.step(What.REVERTING, by, asked, (digest(text), digest(target))), now)
    try:
        detail = place.lands.put(target, digest(text), label_of(life, back=True)) if target != text else {}
    except FAILURES as failure:
        raise ground.failed(life, What.NOT_REVERTED, failure, now) from failure
    return ground.over(ground.take(life.step(end_of(ground, life), by, {"how": how, **detail}), now))


def way_back(life: Life, text: str, place: Place) -> tuple[str, str]:
    """The text without the change, and how it was found. Raises Conflict."""
    drawn = life.drawn
    if digest(text) == drawn.base_sha256:
        return text, UNMERGED if place.lands.landed(label_of(life)) == drawn.patched_sha256 else BY_HAND
    if digest(text) == drawn.patched_sha256:
        target = carried_out(text, drawn.undo)
        if digest(target) == drawn.base_sha256:
            return target, "to the byte"
        raise Conflict(["what was kept of the way back does not lead to the text before; put it back by hand"])
    before = place.lands.left(label_of(life), drawn.base_sha256)
    if before is None:
        target = anchored(drawn.undo, text)
    else:
        target = merged(drawn.undo, carried_out(before, inverse(drawn.undo)), text)
    _still_sound(place, text, target)
    return target, "merged with what was edited since"


def _still_sound(place: Place, text: str, target: str) -> None:
    """A merge that reads well may mean something else. Raises Conflict."""
    try:
        faults = new_faults(place.gateway, text, target)
        place.gateway.inventory(target)
    except PatchRefused as refusal:
        faults = [str(refusal)]
    if faults:
        raise Conflict([f"without the patch, the edited config would have a fault: {faults[0]}"])
