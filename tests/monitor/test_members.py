"""The streams that an incident stands on are declared while it does, and as any others when it is over."""

from dataclasses import replace
from datetime import timedelta

from histories import T0, Asked, grid, history, story

from monitor.members import let_go
from monitor.model import Stage


def refused(one: Asked, minute: int) -> str:
    hit = (one.provider, one.region) == ("claude", "eu") and minute >= 5
    return "geo_restricted" if hit else "ok"


GRID = grid(("eu", "us"), ("claude", "qwen"))


def test_what_an_incident_stands_on_is_declared_and_let_go_when_it_is_over():
    book = story(GRID, 10, refused)
    [incident] = book.all()
    [(track, rule)] = book.judge.memory.members[incident.key]
    assert (track.stream.region, track.declared) == ("eu", {rule: incident.key})
    let_go(book.judge.memory, incident.key)
    assert not track.declared
    assert incident.key not in book.judge.memory.members
    found = track.found(rule)
    assert found is not None
    assert found.value == 0.0


def test_a_refusal_that_the_config_expects_since_is_over_and_not_reminded_of_for_ever():
    book = story(GRID, 10, refused)
    [incident] = book.all()
    assert incident.stage is Stage.OPEN
    later = [replace(one, expect_restricted=(one.provider, one.region) == ("claude", "eu"))
             for one in history(GRID, 20, refused) if one.slot >= T0 + timedelta(minutes=10)]
    book.take(later)
    [incident] = book.all()
    assert incident.stage is Stage.CLOSED
    assert "to be expected" in book.moves()[-1].because
    assert (len(book.told("ended")), book.told("recovered")) == (1, []), "closed, and nobody says that it answers again"
    book.take((), T0 + timedelta(days=9))
    assert not book.told("reminder")
