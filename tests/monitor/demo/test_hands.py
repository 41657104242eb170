"""What a person does in the demo: each deed can fail, and what was not reached has failed."""

import asyncio
import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from changing import CONFIG, HOUR, NOON, World, a_world
from composed import a_setup
from rich.console import Console

from monitor.changes import What
from monitor.clock import Clock
from monitor.demo import hands
from monitor.demo.hands import TITLES, Deed, Hands, applied, drilled, readied, served, shown, taken_back, verified
from monitor.demo.screen import Screen
from monitor.demo.story import Check
from monitor.errors import StoreError
from monitor.ground import Refused
from monitor.proposing import Place
from monitor.setup import Setup
from monitor.store.sql import SqlStore, open_store

NOW = datetime(2026, 11, 26, tzinfo=UTC)
HOUSE = {
    "gateways": {"team": {"type": "litellm", "file": "litellm.yaml"}},
    "workloads": {"smart": {"primary": "claude", "fallbacks": ["qwen"]}},
    "regions": {"us": {}},
}
TEXT = (
    "model_list:\n"
    "- {model_name: smart, litellm_params: {model: anthropic/claude}}\n"
    "- {model_name: qwen, litellm_params: {model: dashscope/qwen}}\n"
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path) as made:
        made.propose()
        yield made


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Setup, SqlStore]]:
    (tmp_path / "litellm.yaml").write_text(TEXT)
    setup = a_setup(tmp_path, HOUSE, {})
    store = open_store(setup.config.database)
    yield setup, store
    store.close()


def check(deed: Deed) -> Check:
    assert deed.check is not None
    return deed.check


def proposed_back(world: World) -> World:
    world.ground.note(world.life().step(What.BACK_PROPOSED, "vendorwatch", {"why": "anthropic is well"}), NOON)
    return world


def test_shown_approved_applied_taken_back_and_verified(world: World) -> None:
    seen = shown(world.ground, "vw-1")
    assert seen.diff == world.life().drawn.diff
    assert "smart: from anthropic to backup" in "\n".join(seen.lines)
    assert not check(verified(world.ground)).passed, "nobody has done anything yet"
    done = applied(world.ground, "vw-1", NOON)
    assert check(done).passed
    assert check(done).told == "approved by mei; by the file smart is served by Claude before, Qwen after"
    assert "+  model_group_alias:" in done.diff
    assert world.text != CONFIG
    back = taken_back(proposed_back(world).ground, "vw-1", CONFIG.encode(), NOON + HOUR)
    assert check(back).passed
    assert back.lines[0] == "anthropic is well"
    assert world.text == CONFIG
    audit = verified(world.ground)
    assert check(audit).passed
    assert check(audit).told == "7 rows, the chain holds"
    assert audit.lines[-1].endswith(world.life().head)


def test_other_bytes_than_before_fail(world: World) -> None:
    applied(world.ground, "vw-1", NOON)
    proposed_back(world).edit(lambda config: config.replace("# ours", "# theirs"))
    back = taken_back(world.ground, "vw-1", CONFIG.encode(), NOON + HOUR)
    assert not check(back).passed
    assert "OTHER ONES than before" in check(back).told


def test_a_way_back_that_nobody_proposed_fails(world: World) -> None:
    applied(world.ground, "vw-1", NOON)
    assert not check(taken_back(world.ground, "vw-1", CONFIG.encode(), NOON + HOUR)).passed


def test_a_file_that_leads_to_the_vendor_still_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "served", lambda *_: ["anthropic"])
    assert not check(applied(world.ground, "vw-1", NOON)).passed


def test_a_row_that_was_changed_fails(world: World) -> None:
    applied(world.ground, "vw-1", NOON)
    taken_back(proposed_back(world).ground, "vw-1", CONFIG.encode(), NOON + HOUR)
    with closing(sqlite3.connect(world.folder / "v.db")) as database:
        database.execute("UPDATE change_entry SET author = 'eve' WHERE seq = 2")
        database.commit()
    assert not check(verified(world.ground)).passed


def test_who_serves_a_workload_by_the_file(world: World) -> None:
    [place] = world.places.values()
    assert served(place, "smart") == ["anthropic"]
    assert served(place, "nothing") == []
    assert hands._then([]) == "NOBODY"
    assert isinstance(place, Place)


def test_no_drill_and_no_readiness_where_nothing_is_proven(house: tuple[Setup, SqlStore]) -> None:
    for deed in (readied, drilled):
        assert not check(deed(*house, NOW)).passed
    assert "smart STOPS: no fallback is proven now" in drilled(*house, NOW).lines[0]
    assert any(line.startswith("finding: no_working_fallback") for line in readied(*house, NOW).lines)


def test_where_the_fallback_answers_a_gateway_is_drilled(
    house: tuple[Setup, SqlStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.present.green_of", lambda *_: {"us": NOW - timedelta(minutes=1)})
    ready = readied(*house, NOW)
    assert check(ready).passed, ready
    assert "if US is gone: 50% of the routes go, with the traffic of today; us: qwen remains" in ready.lines
    done = drilled(*house, NOW)
    assert check(done).passed, done
    assert "and 0 after; taken back: the same bytes" in check(done).told


def a_person(house: tuple[Setup, SqlStore]) -> tuple[Hands, io.StringIO]:
    out = io.StringIO()
    screen = Screen(Console(file=out, width=80), {}, ("us",), minute=9.0)
    return Hands(*house, screen, Clock(rate=6000.0)), out


@pytest.mark.parametrize("failure", [Refused("the file has changed"), StoreError("the file has changed")])
def test_what_is_refused_fails_the_steps_that_wait_for_it(
    house: tuple[Setup, SqlStore], monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def refuse(*_: Any) -> Deed:
        raise failure

    monkeypatch.setattr(hands, "readied", lambda *_: Deed("t", ("readiness",), ("l",), Check(TITLES[0], True, "told")))
    monkeypatch.setattr(hands, "drilled", refuse)
    person, out = a_person(house)
    asyncio.run(person.work())
    first, *others = person.results()
    assert (first.passed, first.told) == (True, "told")
    assert [(one.passed, one.told) for one in others] == [(False, "the file has changed")] * 4
    assert out.getvalue() == "[  9.0 min] BY HAND: t\n--- by hand\n$ vendorwatch readiness\nl\n"


def test_what_was_not_reached_has_failed(house: tuple[Setup, SqlStore]) -> None:
    person, _ = a_person(house)
    assert [(one.title, one.passed) for one in person.results()] == [(title, False) for title in TITLES]
