"""The house's clock: driven by the monotonic one, scaled openly, never moved by whoever sets the wall clock."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from monitor.clock import Clock

EPOCH = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock, in the test's hand."""
    at = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: at[0])
    return at


@pytest.mark.parametrize("rate", [1.0, 60.0, 0.5])
def test_time_goes_at_its_rate_from_its_epoch(ticks: list[float], rate: float) -> None:
    clock = Clock(rate=rate, epoch=EPOCH, _started=100.0)
    assert clock.now() == EPOCH
    ticks[0] += 2.0
    assert clock.now() == EPOCH + timedelta(seconds=2 * rate)


def test_now_is_aware_utc_and_about_now() -> None:
    now = Clock().now()
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_wall_clock_that_is_set_moves_no_schedule_but_shows_as_drift(ticks: list[float]) -> None:
    real = datetime.now(UTC)
    clock = Clock(epoch=real - timedelta(hours=1), _started=100.0)      # the wall was set an hour ahead since
    ticks[0] += 60.0
    assert clock.now() == real - timedelta(minutes=59)
    assert clock.drift_s() == pytest.approx(59 * 60, abs=5)


def test_a_scaled_clock_has_no_wall_to_drift_from() -> None:
    assert Clock(rate=60.0, epoch=EPOCH).drift_s() == 0.0


@pytest.mark.parametrize(("rate", "seconds", "real"), [(60.0, 30.0, 0.5), (1.0, 30.0, 30.0), (60.0, -5.0, 0.0)])
def test_sleeping_is_in_seconds_of_this_clock(
    monkeypatch: pytest.MonkeyPatch, rate: float, seconds: float, real: float
) -> None:
    slept: list[float] = []

    async def sleep(for_s: float) -> None:
        slept.append(for_s)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    asyncio.run(Clock(rate=rate).sleep(seconds))
    assert slept == [real]
