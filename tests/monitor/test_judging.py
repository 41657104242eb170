"""The round trip to the store: what stands goes on holding, also for checks that the config brought since."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import a_measurement, a_provider, a_target
from worlds import NOON

from monitor.clock import Clock
from monitor.judging import Judging, watches_changed
from monitor.known import Known, KnownCheck, Policy, Silence
from monitor.model import Cause, Incident, Judged, Move, Scope, Stage, Tell, Watch
from monitor.store.sql import SqlStore, open_store
from probes.outcome import Outcome

BAN = Incident(0, "ban", Stage.OPEN, Cause.ACCOUNT_RESTRICTED, Scope("acme", account="main"), 0.97, "banned", NOON,
               NOON, NOON, regions=("home",))
KEYED = KnownCheck("keyed", "acme", "home", "main", True)
STOP = Watch("ban:stop", ("keyed",), None, None, "banned")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    found = open_store(f"sqlite:///{tmp_path / 'v.db'}")
    yield found
    found.close()


def judging(store: SqlStore, *checks: KnownCheck) -> Judging:
    return Judging(store, Policy(), Known(checks=checks), Clock(epoch=NOON))


def test_a_check_added_after_a_ban_is_stopped_before_it_runs(store: SqlStore) -> None:
    store.carry_out(Judged(0, 0, NOON, actions=(Move(BAN, None, NOON, "banned"), STOP)))
    added = replace(KEYED, key="added")
    judging(store, KEYED, added, replace(KEYED, key="other", account="else")).keep_watches()
    assert [watch.check_keys for watch in store.watches()] == [("added", "keyed")]


def test_what_holds_already_is_not_written_again(store: SqlStore) -> None:
    store.carry_out(Judged(0, 0, NOON, actions=(Move(BAN, None, NOON, "banned"), STOP)))
    written: list[object] = []
    store.act = lambda actions, now: written.extend(actions)  # type: ignore[method-assign]
    judging(store, KEYED).keep_watches()
    assert written == []


def test_what_a_person_resumed_is_not_stopped_by_a_restart(store: SqlStore) -> None:
    store.carry_out(Judged(0, 0, NOON, actions=(Move(BAN, None, NOON, "banned"), STOP)))
    store.resume(store.incidents()[0].id, "mei", NOON)
    judging(store, KEYED).keep_watches()
    assert store.watches() == []


def test_only_a_watch_changes_how_checks_run() -> None:
    assert watches_changed(Judged(0, 1, NOON, actions=(STOP,)))
    assert not watches_changed(Judged(0, 1, NOON, actions=(Move(BAN, None, NOON, "banned"),)))


def refused(store: SqlStore, times: int = 3, since: datetime = NOON) -> None:
    """A vendor refuses a region, minute after minute."""
    target = a_target(a_provider("acme"), keyed=False)
    rows = [a_measurement(Outcome.GEO_RESTRICTED, target=target, slot=since + timedelta(minutes=n), confidence=0.99)
            for n in range(times)]
    store.register([rows[0].check], NOON)
    store.record(rows)


def tells(judged: list[Judged]) -> list[Tell]:
    return [action for one in judged for action in one.actions if isinstance(action, Tell)]


def test_what_is_there_is_judged_once_and_told_to_whoever_listens(store: SqlStore) -> None:
    refused(store)
    heard: list[Judged] = []
    desk = Judging(store, Policy(), Known(channels=("ops",)), Clock(epoch=NOON))
    desk.told = heard.append
    assert asyncio.run(desk.once()) == 1
    assert [one.alert.cause for one in tells(heard)] == [Cause.REGION_RESTRICTED]
    assert store.cursor() == 3
    assert asyncio.run(desk.once()) == 0, "nothing new"
    [incident] = store.incidents()
    assert (incident.scope.provider, incident.stage) == ("acme", Stage.OPEN)


def test_batch_after_batch_until_all_is_judged(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.judging.BATCH", 2)
    refused(store, 5)
    assert asyncio.run(judging(store).once()) == 3
    assert store.cursor() == 5


def test_where_another_was_first_its_decision_stands_and_the_rest_is_judged(store: SqlStore) -> None:
    refused(store)
    real, other, mine = store.carry_out, judging(store), judging(store)

    def beaten(judged: Judged) -> bool:
        store.carry_out = real  # type: ignore[method-assign]
        assert asyncio.run(other.once()) == 1        # between our reading and our writing
        refused(store, 3, NOON + timedelta(minutes=3))
        return real(judged)

    store.carry_out = beaten  # type: ignore[method-assign]
    heard: list[Judged] = []
    mine.told = heard.append
    assert asyncio.run(mine.once()) == 1, "only the batch that was carried out counts"
    assert store.cursor() == 6
    assert [one.cursor_before for one in heard] == [3]
    assert len(store.incidents()) == 1


def test_silences_and_a_new_config_hold_from_the_next_batch_on(store: SqlStore) -> None:
    refused(store)
    heard: list[Judged] = []
    desk = judging(store)
    desk.told = heard.append
    desk.silences = lambda now: (Silence(now + timedelta(hours=1), "acme"),)
    desk.renew(Policy(), Known(channels=("ops",)))
    asyncio.run(desk.once())
    assert len(store.incidents()) == 1, "measuring and judging go on"
    assert tells(heard) == []


class Steps(Clock):
    """A clock that a test sets."""

    def now(self) -> datetime:
        return self.epoch


def test_reminders_fall_due_without_measurements(store: SqlStore) -> None:
    refused(store)
    clock, heard = Steps(epoch=NOON + timedelta(minutes=5)), list[Judged]()
    desk = Judging(store, Policy(reminders=(timedelta(minutes=10),)), Known(channels=("ops",)), clock)
    desk.told = heard.append
    asyncio.run(desk.once())
    clock.epoch = NOON + timedelta(minutes=9)
    assert asyncio.run(desk.once()) == 0
    clock.epoch = NOON + timedelta(minutes=13)
    assert asyncio.run(desk.once()) == 1
    assert [one.alert.occasion for one in tells(heard)] == ["opened", "reminder"]


def test_what_somebody_has_taken_on_is_not_said_again(store: SqlStore) -> None:
    refused(store)
    clock, heard = Steps(epoch=NOON + timedelta(minutes=5)), list[Judged]()
    desk = Judging(store, Policy(reminders=(timedelta(minutes=10),)), Known(channels=("ops",)), clock)
    desk.told = heard.append
    asyncio.run(desk.once())
    [incident] = store.incidents()
    store.acknowledge(incident.id, "mei", NOON + timedelta(minutes=6))
    for minutes in (16, 60, 24 * 60):
        clock.epoch = NOON + timedelta(minutes=minutes)
        assert asyncio.run(desk.once()) == 0
    assert [one.alert.occasion for one in tells(heard)] == ["opened"]
    last = store.moves(incident.id)[-1]
    assert (last["because"], last["at"]) == ("acknowledged by mei", NOON + timedelta(minutes=6))
