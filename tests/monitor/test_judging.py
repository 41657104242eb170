"""The round trip to the store: what stands goes on holding, also for checks that the config brought since."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from worlds import NOON

from monitor.clock import Clock
from monitor.errors import StoreError
from monitor.judging import Judging, watches_changed
from monitor.known import Known, KnownCheck, Policy
from monitor.model import Cause, Incident, Judged, Move, Scope, Stage, Watch
from monitor.store.sql import SqlStore, open_store

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
    store.carry_out = lambda judged: pytest.fail("nothing to carry out")  # type: ignore[method-assign]
    judging(store, KEYED).keep_watches()


def test_what_a_person_resumed_is_not_stopped_by_a_restart(store: SqlStore) -> None:
    store.carry_out(Judged(0, 0, NOON, actions=(Move(BAN, None, NOON, "banned"), STOP)))
    store.resume(store.incidents()[0].id, "mei", NOON)
    judging(store, KEYED).keep_watches()
    assert store.watches() == []


def test_against_another_judge_it_gives_up_and_says_so(store: SqlStore) -> None:
    store.carry_out(Judged(0, 0, NOON, actions=(Move(BAN, None, NOON, "banned"),)))
    store.carry_out = lambda judged: False  # type: ignore[method-assign]
    with pytest.raises(StoreError, match="another daemon"):
        judging(store, KEYED).keep_watches()


def test_only_a_watch_changes_how_checks_run() -> None:
    assert watches_changed(Judged(0, 1, NOON, actions=(STOP,)))
    assert not watches_changed(Judged(0, 1, NOON, actions=(Move(BAN, None, NOON, "banned"),)))
