"""The daemon's round over all changes: what a dead process began, what has expired, what was approved, what may return.

Nothing here decides whether a change is right: applying and reverting refuse what they must. What a person ought to
know is told once, in the incident's thread.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from alerts.branch import Branch
from alerts.model import Alert, Occasion, Severity
from alerts.observer import Took
from alerts.surgery.merging import Conflict
from alerts.surgery.text import unified
from monitor.applying import apply, approve, noticed, reconcile
from monitor.changes import IN_PLACE, OVER, WAITING, Life, Stand, What, rests
from monitor.clock import Clock
from monitor.ground import FAILURES, Ground, Refused
from monitor.model import Action, Incident, Tell
from monitor.proposing import OURSELVES
from monitor.returning import back
from monitor.reverting import revert, way_back

GRACE: Final = timedelta(minutes=5)             # a gateway is given so long to load its file,
GRACE_OF_BRANCH: Final = timedelta(days=1)      # and people to merge a branch
LOOK_EVERY: Final = timedelta(minutes=1)        # at first; then ever more seldom, for until the gateway has loaded its
LATER_EVERY: Final = timedelta(minutes=15)      # file, a canary goes to the vendor that shut us out
# what is told of a change that a dead process had begun: who began it had no time to
_FOUND: Final[Mapping[str, tuple[str, Severity, str]]] = {
    What.CONFLICT: ("the file is neither as it was nor as it was to be; compare it with the diff", Severity.CRITICAL,
                    "show"),
    What.APPLIED: ("applied to {}, as was found after an interruption", Severity.INFO, "revert"),
    What.REVERTED: ("taken back, as was found after an interruption", Severity.INFO, "show"),
    What.ROLLED_BACK: ("rolled back, as was found after an interruption", Severity.CRITICAL, "show"),
}

log = logging.getLogger("vendorwatch.rounds")


class Rows(Protocol):
    """The store, as far as a round needs it."""

    def incidents(self, *, closed: bool = False, limit: int = 1000) -> Sequence[Incident]: ...
    def current(self) -> Sequence[Mapping[str, Any]]: ...
    def expecting(self) -> frozenset[str]: ...
    def act(self, actions: Sequence[Action], now: datetime) -> None: ...


class Rounds:
    """`ground`: as of the config in force; `channels`: who hears."""

    def __init__(self, rows: Rows, ground: Callable[[], Ground], channels: Callable[[], Sequence[str]],
                 clock: Clock) -> None:
        self._rows, self._ground, self._channels, self._clock = rows, ground, channels, clock
        self._looked: dict[str, datetime] = {}

    async def once(self) -> None:
        """Raises StoreError."""
        from monitor.looking import look  # and with it httpx, which a daemon without gateways can do without

        await asyncio.to_thread(self._keep)
        for life in await asyncio.to_thread(self._to_look_at):
            place = self._ground().places.get(life.gateway)
            if place is not None and place.running is not None:
                took = await look(place, life)
                await asyncio.to_thread(self._taken, life, took, isinstance(place.landing, Branch))

    def _keep(self) -> None:
        ground, now = self._ground(), self._clock.now()
        for life in reconcile(ground, now):
            log.warning("a change was found half done change=%s stand=%s", life.id, life.stand)
            last = ground.changes.entries(life.id)[-1].what
            if last in _FOUND:
                said, severity, run = _FOUND[last]
                self._tell(life, said.format(life.drawn.file), severity, f"vendorwatch patch {run} {life.id}")
        for one in ground.changes.lives(sorted(WAITING)):
            life = noticed(ground, one, now)
            if life.stand in WAITING and not rests(ground.changes.entries(life.id), now):
                self._waiting(ground, life, now)
        placed = ground.changes.lives(sorted(IN_PLACE))
        if placed:
            incidents, expecting = self._rows.incidents(closed=True), self._rows.expecting()
            rows = [row for row in self._rows.current() if row["check_key"] not in expecting]
            for life in placed:
                if not rests(ground.changes.entries(life.id), now):
                    self._in_place(ground, life, now, (incidents, rows))

    def _waiting(self, ground: Ground, life: Life, now: datetime) -> None:
        if _expired(life, now):
            if ground.changes.step(life.step(What.EXPIRED, OURSELVES, {"why": "nobody applied it in time"}), now):
                ground.over(life)
                self._tell(life, "expired before anybody applied it", Severity.WARNING, "vendorwatch patch plan")
            return
        mode = ground.mode(life)
        try:
            if life.stand is Stand.PROPOSED and mode == "auto":
                life = approve(ground, life.id, f"{OURSELVES} (auto)", now)
            if life.stand is Stand.APPROVED and mode in ("approve", "auto"):
                life = apply(ground, life.id, OURSELVES, now)
                self._tell(life, f"applied to {life.drawn.file}", Severity.INFO, f"vendorwatch patch revert {life.id}")
        except Refused as refusal:
            self._refused(life, "not applied", refusal)

    def _in_place(self, ground: Ground, life: Life, now: datetime,
                  seen: tuple[Sequence[Incident], Sequence[Mapping[str, Any]]]) -> None:
        if life.stand is not Stand.OVERDUE and _expired(life, now):
            after = ground.changes.step(life.step(What.EXPIRED, OURSELVES, {"why": "in place past its time"}), now)
            if after is None:
                return
            life = after
            self._tell(life, "in place past its time; it stays until somebody takes it back", Severity.WARNING,
                       f"vendorwatch patch revert {life.id}")
        found = back(life.change, *seen, ground.bounds.hold, now)
        overdue = life.stand is Stand.OVERDUE and ground.bounds.revert_overdue and not found.ill
        if not overdue and not found.due:
            return
        why = "past its time" if overdue else found.because
        mode = ground.mode(life)
        if (mode == "auto" or (overdue and mode == "approve")) and not ground.closed(now):
            self._take_back(ground, life, why, now)
        elif ground.note(life.step(What.BACK_PROPOSED, OURSELVES, {"why": why}), now):
            self._tell(life, f"may be taken back: {why}", Severity.INFO, f"vendorwatch patch revert {life.id}",
                       proposed=_inverse(ground, life))

    def _take_back(self, ground: Ground, life: Life, why: str, now: datetime, *, rollback: bool = False) -> None:
        if ground.find(life.id).stand in OVER:       # a person was first, while the gateway was looked at
            return
        try:
            life = revert(ground, life.id, OURSELVES, now, rollback=why if rollback else "")
        except Refused as refusal:
            self._refused(life, "not taken back", refusal)
        else:
            self._tell(life, f"{'rolled back' if rollback else 'taken back'}: {why}",
                       Severity.CRITICAL if rollback else Severity.INFO, f"vendorwatch patch show {life.id}")

    # -- does the running gateway do it?
    def _to_look_at(self) -> list[Life]:
        ground, now, found = self._ground(), self._clock.now(), []
        for life in ground.changes.lives([Stand.APPLIED]):
            place = ground.places.get(life.gateway)
            every = min(max((now - life.changed_at) / 3, LOOK_EVERY), LATER_EVERY)
            due = now - self._looked.get(life.id, now - every) >= every
            if due and place is not None and place.running is not None:
                self._looked[life.id] = now
                found.append(life)
        return found

    def _taken(self, life: Life, took: Took, branch: bool) -> None:
        ground, now = self._ground(), self._clock.now()
        grace = GRACE_OF_BRANCH if branch else GRACE
        if took.failing:
            if ground.mode(life) in ("approve", "auto") and not ground.closed(now):
                if rests(ground.changes.entries(life.id), now):
                    return
                self._take_back(ground, life, took.because, now, rollback=True)
            elif ground.note(life.step(What.NOT_LIVE, OURSELVES, {"why": took.because}), now):
                self._tell(life, f"live, and failing: {took.because}", Severity.CRITICAL,
                           f"vendorwatch patch revert {life.id}")
        elif took.took:
            ground.changes.step(life.step(What.VERIFIED, OURSELVES, {"how": took.because}), now)
        elif now - life.changed_at >= grace and ground.note(
                life.step(What.NOT_LIVE, OURSELVES, {"why": took.because}), now):
            said = "applied, not live" if took.took is False else "applied; whether it is live cannot be told"
            self._tell(life, f"{said}: {took.because}", Severity.WARNING, *_hint(ground, life))

    # -- what people hear
    def _refused(self, life: Life, what: str, refusal: Refused) -> None:
        log.warning("%s change=%s reason=%r", what, life.id, str(refusal))
        if refusal.fresh:
            self._tell(life, "; ".join((f"{what}: {refusal}", *refusal.lines)),
                       Severity.CRITICAL if refusal.grave else Severity.WARNING, f"vendorwatch patch show {life.id}")

    def _tell(self, life: Life, said: str, severity: Severity, *run: str, proposed: str = "") -> None:
        change, now = life.change, self._clock.now()
        because = f"change {life.id} ({change.workload}: {change.leaves} to {change.takes_over}): {said}"
        mark = hashlib.sha256(because.encode()).hexdigest()[:12]
        alert = Alert(change.incident or f"change:{life.id}", Occasion.FINDING, severity, change.cause, now,
                      because=because, touches=(change.workload,), run=run, proposed=proposed, confidence=1.0)
        self._rows.act((Tell(f"change:{life.id}:{mark}", alert, tuple(self._channels())),), now)


def _expired(life: Life, now: datetime) -> bool:
    return life.change.expires_at is not None and life.change.expires_at <= now


def _inverse(ground: Ground, life: Life) -> str:
    """What the way back would change, or why it would not."""
    try:
        place = ground.place(life)
        text = place.read()
        # without context: what stands around may be a secret that only its format knows for one (law 7)
        return unified(text, way_back(life, text, place)[0], life.drawn.file, context=0)
    except (*FAILURES, Refused, Conflict) as error:
        return f"no way back by itself: {error}"


def _hint(ground: Ground, life: Life) -> Iterator[str]:
    place = ground.places.get(life.gateway)
    said = "" if place is None else place.to_make_live(life.change)
    if said:
        yield said
