"""A dead holder's lease ends by itself; a living holder is known by its renewing; a lease of our own name is ours."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from worlds import NOON

from monitor import lease
from monitor.clock import Clock
from monitor.errors import UserError
from monitor.lease import take
from monitor.store.sql import SqlStore, open_store

LEASE_S = 600.0     # ten of the seconds below


class Moments(Clock):
    """Time passes only when somebody looks."""

    def now(self) -> datetime:
        self.epoch += timedelta(seconds=5)
        return self.epoch


class Watched:
    """The real store; `meanwhile` is what others do between two of our questions."""

    def __init__(self, store: SqlStore, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.store, self.meanwhile, self.asked = store, meanwhile, 0

    def hold(self, owner: str, now: datetime, lease_s: float) -> bool:
        self.asked += 1
        if self.asked > 1:
            self.meanwhile()
        return self.store.hold(owner, now, lease_s)

    def holder(self) -> tuple[str, datetime] | None:
        return self.store.holder()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqlStore:
    monkeypatch.setattr(lease, "POLL_S", 0.001)
    return open_store(f"sqlite:///{tmp_path / 'v.db'}")


def taken(store: Watched, owner: str = "here:b") -> None:
    async def within() -> None:
        async with asyncio.timeout(20):
            await take(store, owner, Moments(epoch=NOON), LEASE_S)

    asyncio.run(within())


def test_a_dead_holder_elsewhere_is_waited_for_and_said_once(store: SqlStore, caplog: pytest.LogCaptureFixture) -> None:
    store.hold("there:a", NOON, 60.0)
    with caplog.at_level(logging.WARNING):
        taken(Watched(store))
    assert store.holder() is not None
    assert store.holder()[0] == "here:b"  # type: ignore[index]
    [line] = caplog.messages
    assert "there:a" in line


def test_a_living_holder_is_known_by_its_renewing(store: SqlStore) -> None:
    store.hold("there:a", NOON, LEASE_S)
    with pytest.raises(UserError, match=r"another vendorwatch daemon \(there\)"):
        taken(Watched(store, lambda: store.hold("there:a", NOON + timedelta(seconds=20), LEASE_S)))


def test_somebody_who_was_faster_lives(store: SqlStore) -> None:
    store.hold("there:a", NOON, LEASE_S)

    def another() -> None:
        store.release("there:a")
        store.hold("third:c", NOON, LEASE_S)

    with pytest.raises(UserError, match=r"another vendorwatch daemon \(third\)"):
        taken(Watched(store, another))


def test_a_lease_that_our_own_dead_self_left_is_taken_over_at_once(store: SqlStore) -> None:
    store.hold("here:b", NOON, LEASE_S)
    watched = Watched(store)
    taken(watched)
    assert watched.asked == 1


def test_a_lease_given_back_is_taken(store: SqlStore) -> None:
    store.hold("there:a", NOON, LEASE_S)
    taken(Watched(store, lambda: store.release("there:a")))
    assert store.holder()[0] == "here:b"  # type: ignore[index]
