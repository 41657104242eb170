"""The round trip to the store: what stands goes on holding, also for checks that the config brought since."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from builders import a_measurement, a_provider, a_target
from worlds import NOON

from monitor.clock import Clock
from monitor.ending import closing
from monitor.errors import StoreError
from monitor.judge import Judge
from monitor.judging import Judging, watches_changed
from monitor.judging import remembered as recall
from monitor.known import Fallback, Known, KnownCheck, KnownWorkload, Policy, Silence
from monitor.model import Cause, Incident, Judged, Move, Scope, Stage, Tell, Watch
from monitor.present import deciding_now
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


def recalled(store: SqlStore) -> Judge:
    return recall(store, Policy(), Known())


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


def closed_by(name: str) -> Callable[[Incident], Move | None]:
    return partial(closing, by=name, because="", now=NOON + timedelta(minutes=6))


def test_what_a_person_closed_is_told_once_as_closed_and_never_reminded_of(store: SqlStore) -> None:
    refused(store)
    clock, heard = Steps(epoch=NOON + timedelta(minutes=5)), list[Judged]()

    def a_desk() -> Judging:
        desk = Judging(store, Policy(reminders=(timedelta(minutes=10),)), Known(channels=("ops",)), clock)
        desk.told = heard.append
        return desk

    desk = a_desk()
    asyncio.run(desk.once())
    store.end(store.incidents()[0].id, closed_by("mei"))
    for restarted in (False, True, True):
        desk = a_desk() if restarted else desk
        clock.epoch += timedelta(days=1)
        asyncio.run(desk.once())
    assert {one.alert.occasion for one in tells(heard)} == {"opened", "ended"}
    assert len(store.errands()) == 2, "told again is the same errand"
    assert store.incidents() == []


def test_it_may_be_closed_while_no_daemon_runs(store: SqlStore) -> None:
    refused(store)
    asyncio.run(Judging(store, Policy(), Known(channels=("ops",)), Clock(epoch=NOON)).once())
    store.end(store.incidents()[0].id, closed_by("mei"))
    asyncio.run(Judging(store, Policy(), Known(channels=("ops",)), Clock(epoch=NOON)).once())
    assert [json.loads(row["payload"])["occasion"] for row in store.errands()] == ["opened", "ended"]


def test_a_vendor_that_left_the_config_leaves_no_incident_behind(store: SqlStore) -> None:
    refused(store)
    key, region = store.unjudged(1)[0].check_key, store.unjudged(1)[0].region
    clock, heard = Steps(epoch=NOON + timedelta(minutes=5)), list[Judged]()
    desk = Judging(store, Policy(), Known(channels=("ops",), checks=(KnownCheck(key, "acme", region),)), clock)
    desk.told = heard.append
    asyncio.run(desk.once())
    assert [one.stage for one in store.incidents()] == [Stage.OPEN], "it is asked: it stands"
    left = Known(channels=("ops",), checks=(KnownCheck("else", "zeta", region),))
    desk.renew(Policy(), left)
    for _ in range(3):
        clock.epoch += timedelta(days=1)
        asyncio.run(desk.once())
    assert [one.alert.occasion for one in tells(heard)] == ["opened", "ended"]
    assert store.incidents() == []
    [ended] = store.incidents(closed=True)
    last = store.moves(ended.id)[-1]
    assert (last["before"], last["after"]) == ("open", "closed")
    assert last["because"].startswith("no longer watched")
    assert remembered(desk).get(f"members.3 {ended.key}") is None


def test_a_person_who_closed_it_first_is_believed(store: SqlStore) -> None:
    refused(store)
    asyncio.run(judging(store).once())
    real = store.end

    def beaten(number: int, ending: Callable[[Incident], Move | None]) -> Incident:
        real(number, closed_by("mei"))
        return real(number, ending)

    store.end = beaten  # type: ignore[method-assign]
    asyncio.run(judging(store, KnownCheck("else", "zeta", "home")).once())
    [closed] = store.incidents(closed=True)
    assert store.moves(closed.id)[-1]["because"] == "closed by mei"


def minutes(store: SqlStore, since: int, until: int, refused_until: int) -> None:
    """One vendor, minute after minute, refused up to a minute."""
    target = a_target(a_provider("acme"), keyed=False)
    rows = [a_measurement(Outcome.GEO_RESTRICTED if n < refused_until else Outcome.OK, target=target,
                          slot=NOON + timedelta(minutes=n), confidence=0.99) for n in range(since, until)]
    store.register([rows[0].check], NOON)
    store.record(rows)


def remembered(desk: Judging) -> dict[str, str]:
    assert desk._judge is not None
    return dict(desk._judge.memory.dump())


def test_killed_after_a_person_closed_it_remembers_that(store: SqlStore) -> None:
    desk = judging(store)
    for minute in range(25):
        minutes(store, minute, minute + 1, 30)
        asyncio.run(desk.once())
        if minute == 10:
            store.end(store.incidents()[0].id, closed_by("mei"))
            asyncio.run(desk.once())
    assert dict(recalled(store).memory.dump()) == remembered(desk)
    [incident] = store.incidents()
    assert "it has come back" in {str(move["because"]).split(":")[0] for move in store.moves(incident.id)}


@pytest.mark.parametrize(("refused_until", "until"), [(0, 5), (30, 5), (30, 20), (30, 22), (18, 23), (18, 40)])
def test_killed_between_two_snapshots_it_remembers_what_it_knew(store: SqlStore, refused_until: int,
                                                                until: int) -> None:
    desk = judging(store)
    for minute in range(until):
        minutes(store, minute, minute + 1, refused_until)
        asyncio.run(desk.once())
    other = recalled(store)           # the first is dead: nothing of it is left but the rows
    assert dict(other.memory.dump()) == remembered(desk)
    assert {(i.key, i.stage) for i in other.incidents} == {(i.key, i.stage) for i in store.incidents(closed=True)}


def test_what_opened_since_the_last_snapshot_is_closed_by_who_comes_after(store: SqlStore) -> None:
    minutes(store, 0, 5, 5)
    asyncio.run(judging(store).once())             # killed: its memory was never stored
    assert [one.stage for one in store.incidents()] == [Stage.OPEN]
    minutes(store, 5, 60, 5)
    asyncio.run(judging(store).once())
    assert [one.stage for one in store.incidents(closed=True)] == [Stage.CLOSED]


def test_what_is_judged_once_more_is_not_taken_for_stored(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Snapshots that fall due on the way are nobody's to write: the next that is written is whole."""
    monkeypatch.setattr(store, "states", dict)     # of an older version: nothing that could be read
    desk = judging(store)
    for minute in range(40):
        minutes(store, minute, minute + 1, 0)
        asyncio.run(desk.once())
    after = recalled(store)
    written = after.store(after.last, store.cursor())
    assert dict(after.memory.dump()).items() <= written.items()


def test_a_store_that_fails_leaves_nothing_half_judged(store: SqlStore) -> None:
    refused(store)
    desk, real, heard = judging(store), store.carry_out, list[Judged]()
    desk.told = heard.append

    def broken(judged: Judged) -> bool:
        raise StoreError("the disk is full")

    store.carry_out = broken  # type: ignore[method-assign]
    with pytest.raises(StoreError):
        asyncio.run(desk.once())
    assert (store.cursor(), list(store.incidents()), heard) == (0, [], [])
    store.carry_out = real  # type: ignore[method-assign]
    assert asyncio.run(desk.once()) == 1
    assert [one.stage for one in store.incidents()] == [Stage.OPEN]
    assert remembered(desk) == remembered_of_one_that_did_not_fail(store)


def remembered_of_one_that_did_not_fail(store: SqlStore) -> dict[str, str]:
    return dict(recalled(store).memory.dump())


def test_what_is_kept_at_the_end_need_not_be_judged_again(store: SqlStore) -> None:
    refused(store)
    desk = judging(store)
    asyncio.run(desk.once())
    desk.keep()
    after = recalled(store)
    assert list(store.judged(after.cursor)) == []
    assert dict(after.memory.dump()) == remembered(desk)


def test_a_ban_that_comes_and_goes_is_held_over_a_restart_and_nothing_is_asked_fast(store: SqlStore) -> None:
    fast = Watch("fast:acme", ("bare",), timedelta(seconds=5), NOON + timedelta(minutes=5), "no good answer")
    store.carry_out(Judged(0, 0, NOON, actions=(Move(replace(BAN, stage=Stage.FLAPPING), None, NOON, "banned"), fast)))
    judging(store, KEYED).keep_watches()
    assert [(watch.key, watch.every) for watch in store.watches()] == [("ban:stop", None)]


@pytest.mark.parametrize("broken", ["{", "[]", "{\"name\": 1}"])
def test_evidence_that_cannot_be_read_is_learned_anew_and_the_log_says_so(
    store: SqlStore, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    store.carry_out(Judged(0, 0, NOON, {"vendor.3 gone": broken}))
    refused(store)
    desk = judging(store)
    assert asyncio.run(desk.once()) == 1
    assert "learned anew" in caplog.text
    desk.keep()
    caplog.clear()
    asyncio.run(judging(store).once())
    assert caplog.text == ""


def test_what_stands_is_told_by_the_memory_at_hand_as_by_one_built_anew(
        store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    known = Known(workloads=(KnownWorkload("smart", "acme", (Fallback("kimi", "kimi"),)),))
    refused(store)
    answer = a_measurement(Outcome.OK, target=a_target(a_provider("kimi"), keyed=False), slot=NOON)
    store.register([answer.check], NOON)
    store.record([answer])
    desk, later = judging(store), NOON + timedelta(minutes=3)
    before = desk.deciding(known, later)                # of a daemon that has judged nothing yet
    asyncio.run(desk.once())
    anew = deciding_now(store, Policy(), known, later)
    reads: list[object] = []
    monkeypatch.setattr(store, "states", lambda: reads.append(1) or {})
    assert desk.deciding(known, later) == anew
    assert (before.standing, before.green, reads) == ((), {"kimi": {}}, [])
    assert ([one.scope.provider for one in anew.standing], anew.green) == (["acme"], {"kimi": {"eu": NOON}})
