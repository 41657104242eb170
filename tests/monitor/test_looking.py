"""A gateway over real HTTP: what it has loaded is what counts, not what its file says."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from changing import NOON, World, a_world
from fakegateway import FakeGateway, a_gateway

from alerts.observer import Took
from monitor.applying import apply, approve
from monitor.looking import look
from monitor.proposing import Running

Parts = tuple[World, FakeGateway, Running]


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    monkeypatch.setenv("GW_KEY", "sk-master-1")
    with a_world(tmp_path) as world, a_gateway(world.file) as gateway:
        world.propose()
        approve(world.ground, "vw-1", "mei", NOON)
        apply(world.ground, "vw-1", "mei", NOON)
        yield world, gateway, Running("litellm", gateway.url, "GW_KEY", canary=True)


def saw(parts: Parts, **more: object) -> Took:
    world, _, running = parts
    return asyncio.run(look(replace(running, **more), world.life()))  # type: ignore[arg-type]


def test_not_restarted_it_is_not_live(parts: Parts) -> None:
    found = saw(parts)
    assert (found.took, found.failing) == (False, False)
    assert "answered by smart, not by backup" in found.because


@pytest.mark.parametrize("canary", [True, False])
def test_restarted_it_is(parts: Parts, canary: bool) -> None:
    gateway = parts[1]
    gateway.load()
    assert saw(parts, canary=canary).took is True
    assert gateway.hits == ({"backup": 1} if canary else {})
    assert [path for path in gateway.paths if "health" in path] == []


def test_live_and_failing_is_said(parts: Parts) -> None:
    parts[1].load()
    parts[1].broken.add("backup")
    found = saw(parts)
    assert (found.took, found.failing) == (True, True)
    assert "answered 503 by backup" in found.because


def test_what_cannot_be_told(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "nobody knows how to look" in saw(parts, kind="nothing").because
    closed = saw(parts, url="http://127.0.0.1:9", canary=False)
    assert (closed.took, closed.because) == (None, "could not reach 127.0.0.1 (ConnectionRefusedError)")
    monkeypatch.delenv("GW_KEY")
    assert "GW_KEY is not set" in saw(parts).because
    assert saw(parts, key_env="", canary=False).took is None, "401 says nothing of aliases"
