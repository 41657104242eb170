"""The judging loop: what is not judged yet → judge → carry out, in a thread, one batch at a time.

Deciding itself is pure (monitor.judge); here is only the round trip to the store. Where another was first, the memory
is dropped and read again (law 5: compare-and-swap, never locks).
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from monitor.clock import Clock
from monitor.errors import UserError
from monitor.model import Incident, Judged, Stage, Tell, Watch
from monitor.store.base import Store

if TYPE_CHECKING:
    from monitor.judge import Judge
    from monitor.known import Deciding, Known, Policy, Silence

BATCH = 500
LATELY = 200              # incidents that may still come back
LEARN_FROM = 50_000       # measurements that a judge without a memory begins with
REMIND_EVERY = timedelta(seconds=30)      # without measurements only reminders can fall due

log = logging.getLogger("vendorwatch.judging")


def _no_silences(now: datetime) -> "tuple[Silence, ...]":
    del now
    return ()


class Judging:
    """Owns the judge between batches. `told` is called with every batch that was carried out."""

    def __init__(self, store: Store, policy: "Policy", known: "Known", clock: Clock) -> None:
        self._store, self._policy, self._known, self._clock = store, policy, known, clock
        self._judge: Judge | None = None
        self._last: datetime | None = None
        self._busy = asyncio.Lock()
        self._at_work = threading.Lock()        # the judge is one thread's at a time
        self.silences: Callable[[datetime], tuple[Silence, ...]] = _no_silences
        self.told: Callable[[Judged], None] | None = None

    def renew(self, policy: "Policy", known: "Known") -> None:
        """A new config: judged by from the next batch on."""
        self._policy, self._known = policy, known

    def keep_watches(self) -> None:
        """What stands holds for checks added since, too: none may show a banned account's key (law 11).

        In the caller's thread, before those checks can run. Raises StoreError.
        """
        from monitor.known import Deciding
        from monitor.telling import watch

        now, context = self._clock.now(), Deciding(self._known)
        held, nothing = {one.key: (one.check_keys, one.every) for one in self._store.watches()}, ((), None)
        standing = [one for one in self._store.incidents() if one.stage in (Stage.OPEN, Stage.FLAPPING)]
        wanted = [one for incident in standing for one in watch(incident, self._policy, now, context)]
        self._store.act([one for one in wanted if held.get(one.key, nothing) != (one.check_keys, one.every)], now)

    async def once(self) -> int:
        """Judge all there is; how many batches were carried out. Raises StoreError."""
        done = 0
        async with self._busy:
            while True:
                judged, more = await asyncio.to_thread(self._alone)
                if judged is not None:
                    done += 1
                    if self.told is not None:
                        self.told(judged)
                if not more:
                    return done

    def deciding(self, known: "Known", now: datetime) -> "Deciding":
        """What stands, and who could take over, by the memory at hand: built anew it costs seconds of a long history.
        For a thread, between two batches. Raises StoreError.
        """
        from monitor.present import deciding_by

        with self._at_work:
            judge = self._judge or remembered(self._store, self._policy, self._known)
            return deciding_by(judge.memory, self._store, known, now)

    def _alone(self) -> tuple[Judged | None, bool]:
        with self._at_work:
            return self._batch()

    def _batch(self) -> tuple[Judged | None, bool]:
        """In a thread: one batch (None: nothing to judge, or another was first), and whether more may be waiting."""
        batch, now = self._store.unjudged(BATCH), self._clock.now()
        if not batch and self._last is not None and now - self._last < REMIND_EVERY:
            return None, False
        self._last = now
        known = replace(self._known, silences=self.silences(now))
        anew = self._judge is None
        judge = self._judge or remembered(self._store, self._policy, self._known)
        self._judge = None                  # whatever goes wrong: it is remembered anew
        standing = self._watched(judge, now)
        closed = self._heed(judge, known) if anew or _differ(judge.incidents, standing) else []
        judged = judge.judge(batch, standing, self._policy, now, self._store.cursor(), known)
        judged = replace(judged, actions=(*closed, *judged.actions),
                         met={incident.id: incident.stage for incident in standing})
        if not batch and not judged.actions and not judged.states:
            self._judge = judge
            return None, False
        if not self._store.carry_out(judged):
            return None, True
        self._judge = judge
        return judged, len(batch) == BATCH

    def _watched(self, judge: "Judge", now: datetime) -> Sequence[Incident]:
        """The incidents that stand. What the config asks about no more ends first: nobody would ever say it is over."""
        from monitor.ending import unwatched

        standing = self._store.incidents()
        if not self._known.checks:
            return standing
        ended = False
        for incident in standing:
            tracks = [track for track, _ in judge.memory.members.get(incident.key, ())]
            if unwatched(incident, tracks, self._known, now) is not None:
                ended = True
                with suppress(UserError):      # closed by a person meanwhile
                    self._store.end(incident.id, partial(unwatched, members=tracks, known=self._known, now=now))
        return self._store.incidents() if ended else standing

    def _heed(self, judge: "Judge", known: "Known") -> list[Tell]:
        """What was done since the last batch, and who is to hear of it."""
        from monitor.ending import told_of
        from monitor.known import Deciding

        acts = [act for batch in self._store.judged(self._store.cursor()) for act in batch.acts]
        if not acts:
            return []
        judge.heed(acts)
        rows = {incident.key: incident for incident in reversed(self._store.incidents(closed=True, limit=LATELY))}
        return list(told_of(acts, rows, self._policy, Deciding(known, tuple(rows.values()))))

    def keep(self) -> None:
        """Store the memory as it is, so that the next start need not judge anything again. Raises StoreError."""
        if self._judge is None:
            return
        cursor = self._store.cursor()
        states = self._judge.store(self._judge.last, cursor)
        self._store.carry_out(Judged(cursor, cursor, self._clock.now(), states))


def remembered(store: Store, policy: "Policy", known: "Known") -> "Judge":
    """The memory as it was last stored, and everything judged since once more: it comes to the same (law 2)."""
    from monitor.judge import Judge, load_judge

    states = store.states()
    try:
        judge = load_judge(states)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        # it can be learned again; a daemon that does not judge watches over nothing
        log.error("the evidence that was stored cannot be read, it is learned anew error=%r", repr(error))
        judge = Judge(written={key: text for key, text in states.items() if text})
    since = judge.cursor or max(0, store.cursor() - LEARN_FROM)
    judge.again(store.judged(since), policy, known)
    judge.incidents = list(store.incidents(closed=True, limit=LATELY))
    judge.agree(policy, known)
    return judge


def _differ(remembered: Sequence[Incident], rows: Sequence[Incident]) -> bool:
    """Whether what stands was changed by anybody but the judge."""
    mine = {one.key: (one.stage, one.regions) for one in remembered if one.stage is not Stage.CLOSED}
    return mine != {one.key: (one.stage, one.regions) for one in rows}


def watches_changed(judged: Judged) -> bool:
    """Whether a batch changed how checks run."""
    return any(isinstance(action, Watch) for action in judged.actions)
