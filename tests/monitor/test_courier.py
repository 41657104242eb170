"""At least once, in order, the late ones merged, a dead channel reported through another."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import NOON, Mailbox, Outbox, a_tell

from alerts.channel import DeliveryError
from alerts.model import Occasion
from monitor.clock import Clock
from monitor.courier import LONGEST_S, SAY_AFTER, Courier, pause_s
from monitor.model import Errand, ErrandKind, Settled, Tell


def courier(outbox: Outbox, **channels: Mailbox) -> Courier:
    return Courier(outbox, channels, Clock(epoch=NOON), lambda errand: "--- diff")  # type: ignore[arg-type]


@given(st.integers(0, 500), st.floats(0, 5000))
def test_pauses_grow_to_the_longest_and_honour_a_wish(attempts: int, wish: float) -> None:
    assert 5.0 <= pause_s(attempts) <= LONGEST_S
    assert pause_s(attempts + 1) >= pause_s(attempts)
    assert pause_s(attempts, wish) >= wish


def test_an_alert_is_delivered_with_its_key_and_settled() -> None:
    outbox, box = Outbox([a_tell(1)]), Mailbox()
    assert asyncio.run(courier(outbox, a=box).once()) == 1
    assert [d.settled for d in outbox.settled] == [Settled.DONE]
    assert box.got[0][1].key == "e1|a"


def test_a_later_message_joins_the_thread_of_the_first() -> None:
    outbox, box = Outbox([a_tell(1), a_tell(2, occasion=Occasion.UPDATED)]), Mailbox()
    asyncio.run(courier(outbox, a=box).once())
    assert box.got[0][2] is None
    assert box.got[1][2] is not None
    assert box.got[1][2].reference == "ref-1"


def test_a_failure_holds_back_what_comes_after_it() -> None:
    outbox = Outbox([a_tell(2, occasion=Occasion.UPDATED), a_tell(1), a_tell(3, incident="i2")])
    box = Mailbox(DeliveryError("503"))
    asyncio.run(courier(outbox, a=box).once())
    by_id = {d.errand.id: d for d in outbox.settled}
    assert by_id[1].settled is Settled.RETRY
    assert by_id[2].settled is Settled.WAITS
    assert by_id[1].retry_at == by_id[2].retry_at
    assert by_id[3].settled is Settled.DONE


def test_what_ended_untold_is_told_once_and_marked_late() -> None:
    outbox, box = Outbox([a_tell(1), a_tell(2, occasion=Occasion.RECOVERED)]), Mailbox()
    asyncio.run(courier(outbox, a=box).once())
    assert box.occasions == ["recovered"]
    assert box.got[0][0].late
    assert {d.errand.id: d.settled for d in outbox.settled} == {1: Settled.DONE, 2: Settled.DONE}


def test_what_was_closed_untold_is_told_once_too() -> None:
    outbox, box = Outbox([a_tell(1), a_tell(2, occasion=Occasion.ENDED)]), Mailbox()
    asyncio.run(courier(outbox, a=box).once())
    assert box.occasions == ["ended"]


def test_a_late_message_that_fails_is_tried_again_whole() -> None:
    outbox = Outbox([a_tell(1), a_tell(2, occasion=Occasion.RECOVERED)])
    asyncio.run(courier(outbox, a=Mailbox(DeliveryError("503"))).once())
    assert {d.errand.id: d.settled for d in outbox.settled} == {1: Settled.RETRY, 2: Settled.RETRY}


def test_a_permanent_failure_is_told_through_the_others_once_a_day() -> None:
    outbox = Outbox([a_tell(1)])
    asyncio.run(courier(outbox, a=Mailbox(DeliveryError("no such hook", permanent=True)), b=Mailbox()).once())
    assert outbox.settled[0].settled is Settled.FAILED
    [tell] = outbox.queued
    assert isinstance(tell, Tell)
    assert tell.channels == ("b",)
    assert tell.alert.occasion is Occasion.FINDING
    assert "no such hook" in tell.alert.because


def test_a_report_of_a_dead_channel_does_not_breed_another() -> None:
    outbox = Outbox([a_tell(1, incident="channel:b")])
    asyncio.run(courier(outbox, a=Mailbox(DeliveryError("gone", permanent=True)), b=Mailbox()).once())
    assert outbox.queued == []


def test_a_channel_long_silent_is_reported_too() -> None:
    outbox = Outbox([a_tell(1, attempts=SAY_AFTER)])
    asyncio.run(courier(outbox, a=Mailbox(DeliveryError("503")), b=Mailbox()).once())
    assert outbox.settled[0].settled is Settled.RETRY
    assert len(outbox.queued) == 1


def test_a_channel_no_longer_in_the_config_fails_for_good() -> None:
    outbox = Outbox([a_tell(1, channel="gone")])
    asyncio.run(courier(outbox, a=Mailbox()).once())
    assert outbox.settled[0].settled is Settled.FAILED


@pytest.mark.parametrize("bug", [ValueError("x"), TimeoutError()])
def test_a_bug_in_a_channel_is_a_retry_and_not_a_crash(bug: Exception) -> None:
    outbox = Outbox([a_tell(1)])
    asyncio.run(courier(outbox, a=Mailbox(bug)).once())
    assert outbox.settled[0].settled is Settled.RETRY


@pytest.mark.parametrize("wish", [1e12, float("inf")])
def test_a_wish_beyond_all_reason_is_a_day(wish: float) -> None:
    outbox = Outbox([a_tell(1), a_tell(2, incident="i2")])
    asyncio.run(courier(outbox, a=Mailbox(DeliveryError("429", retry_after_s=wish))).once())
    [held] = [d for d in outbox.settled if d.settled is Settled.RETRY]
    assert held.retry_at is not None
    assert held.retry_at - held.at == timedelta(days=1)
    assert [d.settled for d in outbox.settled if d is not held] == [Settled.DONE]


@pytest.mark.parametrize("payload", ["{}", "not json", '{"occasion": "of a newer version"}'])
def test_an_errand_that_cannot_be_read_is_given_up_and_keeps_nobody_waiting(payload: str) -> None:
    outbox, box = Outbox([replace(a_tell(1), payload=payload), a_tell(2), a_tell(3, incident="i2")]), Mailbox()
    asyncio.run(courier(outbox, a=box, b=Mailbox()).once())
    assert {d.errand.id: d.settled for d in outbox.settled} == {
        1: Settled.FAILED, 2: Settled.DONE, 3: Settled.DONE}
    assert "cannot be read" in outbox.settled[0].detail
    assert len(outbox.queued) == 1, "the other channel hears of it"


def a_reroute(incident: str = "i1") -> Errand:
    return Errand(2, "r2", ErrandKind.REROUTE, "gw", '{"id":"vw-1"}', 0, incident, NOON)


def test_a_proposed_change_goes_into_the_alert() -> None:
    outbox, box = Outbox([a_tell(1), a_reroute(), a_tell(3, incident="i2")]), Mailbox()
    asyncio.run(courier(outbox, a=box).once())
    assert {alert.incident: alert.proposed for alert, _, _ in box.got} == {"i1": "--- diff", "i2": ""}
    assert {alert.incident: alert.run for alert, _, _ in box.got} == {
        "i1": ("vendorwatch patch approve vw-1",), "i2": ()}
    assert {d.errand.id: d.settled for d in outbox.settled} == dict.fromkeys((1, 2, 3), Settled.DONE)


def test_an_alert_that_is_tried_again_after_a_restart_still_carries_the_diff() -> None:
    outbox, box = Outbox([a_tell(1), a_reroute()]), Mailbox(DeliveryError("503"))
    asyncio.run(courier(outbox, a=box).once())
    assert {d.errand.id: d.settled for d in outbox.settled} == {1: Settled.RETRY, 2: Settled.DONE}
    outbox.due = [a_tell(1, attempts=1)]
    asyncio.run(courier(outbox, a=box).once())      # another courier: nothing is remembered but the rows
    assert box.got[0][0].proposed == "--- diff"


def test_a_message_waits_for_an_older_one_of_its_line_that_is_in_backoff() -> None:
    outbox, box = Outbox([a_tell(2, occasion=Occasion.RECOVERED), a_tell(5, incident="i2")]), Mailbox()
    due_us = int(NOON.timestamp() * 1e6) + 40_000_000
    outbox.waiting = [{"id": 1, "incident": "i1", "channel": "a", "state": "queued", "due_us": due_us,
                       "lease_until_us": None}]
    asyncio.run(courier(outbox, a=box).once())
    by_id = {d.errand.id: d for d in outbox.settled}
    assert by_id[2].settled is Settled.WAITS
    assert by_id[2].retry_at is not None
    assert (by_id[2].retry_at - NOON).total_seconds() == 40
    assert by_id[5].settled is Settled.DONE
