"""What is remembered, stored and read again: the same to the bit, in whatever order the database gives it."""

from dataclasses import fields, replace
from datetime import timedelta
from random import Random

from histories import T0, Asked, Ledger, grid, history
from hypothesis import given
from hypothesis import strategies as st

from alerts.model import Occasion
from monitor.judge import load_judge
from monitor.memory import INCIDENTS, Memory, dump_incidents, load_incidents, load_memory
from monitor.model import Cause, Incident, Scope, Stage, Tier

GRID = [*grid(("eu", "us"), ("claude", "openai"), controls=1),
        Asked("claude", "eu", "main", kind="completion", model="m")]
INCIDENT = Incident(3, "k", Stage.FLAPPING, Cause.BILLING, Scope("claude", "eu", "main", "m"), 0.97, "because …",
                    T0, T0, T0 + timedelta(seconds=1), None, ("eu", "us"), ("m",), Occasion.REMINDER, T0, 2, "mei",
                    "billing", Tier.WARN, 0.5, 1)


def troubled(minutes=40):
    book = Ledger()
    draw = Random(5)
    samples = history(GRID, minutes, lambda one, m: "geo_restricted" if one.provider == "claude" and m > 5 else
                      "network_timeout" if one.region == "us" and m % 7 == 0 else "ok")
    book.take([replace(s, total_s=draw.lognormvariate(0, 0.3), items=4, passed=3) for s in samples])
    return book


def test_what_is_dumped_is_read_again_to_the_bit():
    dumped = dict(troubled().judge.memory.dump())
    assert dict(load_memory(dumped).dump()) == dumped
    assert load_memory({}).tracks == Memory().tracks


@given(st.randoms(use_true_random=False))
def test_in_whatever_order_the_rows_come(shuffler):
    rows = list(troubled(12).judge.memory.dump())
    shuffled = rows[:]
    shuffler.shuffle(shuffled)
    memory = load_memory(dict(shuffled))
    assert [track.stream.text for track in memory.vendors["claude"].tracks] == sorted(
        track.stream.text for track in memory.vendors["claude"].tracks)
    assert dict(memory.dump()) == dict(rows)


def test_what_an_older_version_wrote_and_what_is_gone_is_not_read():
    dumped = dict(troubled(8).judge.memory.dump())
    assert dict(load_memory({**dumped, "refusals.1 claude|eu": "[1, 0]", "members.3 gone": ""}).dump()) == dumped


def test_a_stream_is_in_its_places_and_its_vendors_lists_once():
    memory = troubled(3).judge.memory
    assert {len(place.controls) for place in memory.places.values()} == {1}
    assert {track.stream.provider for track in memory.vendors["claude"].tracks} == {"claude"}
    assert "neutral0" not in memory.vendors, "a neutral host is nobody's vendor"
    assert len(memory.by_text) == len(memory.tracks) == len(GRID)


def test_a_snapshot_holds_what_changed_and_an_empty_text_for_what_is_gone():
    book = troubled()
    judge = book.judge
    first = judge.store(1.0, 7)
    assert first["snapshot.3"] == "7"
    assert set(judge.store(2.0, 8)) == {"snapshot.3"}
    key = next(iter(judge.memory.members))
    del judge.memory.members[key]
    assert judge.store(3.0, 9) == {f"members.3 {key}": "", "snapshot.3": "9"}


def test_the_judge_is_read_again_with_the_incidents_as_they_were_then():
    book = troubled()
    states = book.judge.store(book.judge.last, book.cursor)
    again = load_judge(states)
    assert (again.incidents, again.cursor) == (book.judge.incidents, book.cursor)
    assert {i.stage for i in again.incidents} >= {Stage.OPEN}


def test_an_incident_is_the_same_after_it_was_text():
    assert load_incidents({INCIDENTS: dump_incidents([INCIDENT])}) == [INCIDENT]
    assert load_incidents({}) == []
    shown = {item.name: getattr(INCIDENT, item.name) for item in fields(Incident)}
    assert all(value not in (None, "", 0, ()) for name, value in shown.items() if name != "closed_at")
    closed = replace(INCIDENT, stage=Stage.CLOSED, closed_at=T0, opened_at=None, told="", told_at=None, acked_by=None)
    assert load_incidents({INCIDENTS: dump_incidents([closed])}) == [closed]
