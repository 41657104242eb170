"""The streams that an incident stands on are declared while it does, and as any others when it is over."""

from dataclasses import replace
from datetime import timedelta

from histories import T0, Asked, grid, history, story

from monitor.members import explains, let_go
from monitor.model import Cause, Stage
from monitor.rule import Family


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


def test_who_has_more_to_do_than_it_can_throttles_too_and_that_is_past_with_it():
    def answer(one: Asked, minute: int) -> str:
        if one.kind != "completion" or not 30 <= minute < 120:
            return "ok"
        return "rate_limited" if minute % 4 == 0 else "overloaded"
    keyed = [Asked("claude", region, account="main", kind="completion", model="m") for region in ("eu", "us")]
    book = story([*GRID, *keyed], 400, answer)
    [incident] = book.all()
    assert (incident.cause, incident.stage) == (Cause.PROVIDER_OVERLOADED, Stage.CLOSED)
    assert Family.RATE in explains(incident)
    assert Family.RATE not in explains(replace(incident, cause=Cause.PROVIDER_OUTAGE))
    left = [track.detectors["rate_limit"].value for track in book.judge.memory.vendors["claude"].tracks
            if "rate_limit" in track.detectors]
    assert left
    assert max(left) < 3600.0


def test_what_comes_back_soon_after_is_none_of_what_passes_by_itself():
    def answer(one: Asked, minute: int) -> str:
        again = 60 <= minute < 63 or 120 <= minute < 123
        return "provider_outage" if one.provider == "claude" and (5 <= minute < 45 or again) else "ok"
    def learned(minutes: int) -> float:
        vendor = story(GRID, minutes, answer).judge.memory.vendors["claude"]
        return sum(sum(lives.ends) for lives in vendor.lives.values())
    assert story(GRID, 59, answer).all()[0].stage is Stage.CLOSED
    assert learned(59) == learned(100)
    assert learned(140) > learned(100)
