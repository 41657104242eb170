"""What nobody asks any more is forgotten, wherever a history is cut and whenever the judge was read again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from histories import Asked, Ledger, grid, history

from monitor.forgetting import RARELY, UNSEEN_DAYS, sweep
from monitor.memory import DAY_S
from monitor.model import Sample, Stage

GRID = [*grid(("eu", "us"), ("claude", "openai"), controls=1),
        Asked("claude", "eu", "main", kind="completion", model="m")]


def fine(one: Asked, minute: int) -> str:
    return "network_timeout" if one.provider == "openai" and minute % 9 == 0 else "ok"


def refused(one: Asked, minute: int) -> str:
    return "geo_restricted" if (one.provider, one.region) == ("openai", "us") and minute >= 5 else "ok"


def days(first: int, last: int, left: list[Asked], every: int = 1) -> list[Sample]:
    """A few minutes of each day."""
    day = history(left, 3, fine)
    return [replace(one, slot=one.slot + timedelta(days=n)) for n in range(first, last, every) for one in day]


def without(provider: str = "", region: str = "") -> list[Asked]:
    return [one for one in GRID if one.provider != provider and one.region != region]


def taken(book: Ledger, samples: list[Sample], restarts: bool = False) -> Ledger:
    size = 7 if restarts else len(samples)
    for at in range(0, len(samples), size):
        book.take(samples[at:at + size])
        if restarts:
            book.restart()
    return book


def begun(answer: object = fine) -> Ledger:
    book = Ledger()
    book.take(history(GRID, 20, answer))
    return book


def test_a_vendor_that_left_is_forgotten_whole_and_not_before_its_time() -> None:
    book = taken(begun(), days(1, UNSEEN_DAYS + 1, without("openai")))
    assert "openai" in book.judge.memory.vendors
    taken(book, days(UNSEEN_DAYS + 1, UNSEEN_DAYS + 3, without("openai")))
    text = "\n".join(f"{key} {text}" for key, text in book.judge.memory.dump())
    assert "openai" not in text
    assert set(book.judge.memory.tracks) == {one for one in begun().judge.memory.tracks if one.provider != "openai"}


def test_a_region_that_left_takes_its_place_with_it() -> None:
    memory = taken(begun(), days(1, UNSEEN_DAYS + 3, without(region="us"))).judge.memory
    assert set(memory.places) == {"eu"}
    assert {one.region for one in memory.tracks} == {"eu"}
    assert memory.unseen == {}


@pytest.mark.parametrize("restarts", [False, True])
def test_however_it_is_cut_and_read_again_the_same_is_forgotten(restarts: bool) -> None:
    samples = days(1, UNSEEN_DAYS + 4, without("openai", "us"))
    assert dict(taken(begun(), samples, restarts).judge.memory.dump()) == dict(
        taken(begun(), samples).judge.memory.dump())


def test_whoever_comes_back_in_time_is_remembered() -> None:
    book = taken(begun(), days(1, UNSEEN_DAYS, without("openai")))
    taken(book, days(UNSEEN_DAYS, UNSEEN_DAYS + 1, GRID))
    memory = taken(book, days(UNSEEN_DAYS + 1, 2 * UNSEEN_DAYS - 1, without("openai"))).judge.memory
    assert len(memory.tracks) == len(GRID)


def test_a_daemon_that_was_off_for_months_forgets_nothing() -> None:
    memory = taken(begun(), days(90, 92, GRID)).judge.memory
    assert len(memory.tracks) == len(GRID)
    assert min(one.known for one in memory.tracks.values()) > 20


def test_what_is_asked_rarely_is_given_its_time() -> None:
    book = begun()
    [rare] = [one for one in book.judge.memory.tracks.values() if one.stream.kind == "completion"]
    for n in range(1, 10 * RARELY + 2):
        rare.every_s = 10 * DAY_S
        sweep(book.judge.memory, rare.last + n * DAY_S)
        assert (rare.stream in book.judge.memory.tracks) == (n <= 10 * RARELY)


def test_what_an_incident_stands_on_is_not_forgotten() -> None:
    book = taken(begun(refused), days(1, UNSEEN_DAYS + 5, without("openai")))
    [incident] = book.all()
    assert incident.stage is Stage.OPEN
    memory = book.judge.memory
    assert [track.stream.region for track, _ in memory.members[incident.key]] == ["us"]
    assert {one.region for one in memory.tracks if one.provider == "openai"} == {"us"}


def test_a_stream_that_is_forgotten_begins_anew() -> None:
    book = taken(begun(), days(1, UNSEEN_DAYS + 3, without("openai")))
    memory = taken(book, days(UNSEEN_DAYS + 3, UNSEEN_DAYS + 4, GRID)).judge.memory
    assert {one.known for key, one in memory.tracks.items() if key.provider == "openai"} == {3}
    assert len(memory.vendors["openai"].tracks) == 2
