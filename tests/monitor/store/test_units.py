"""Microseconds are exact both ways; none stays none; too much is capped, never an error."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from monitor.store.units import from_us, listed, scaled, texts, to_us, unscaled

TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


@given(TIMES)
def test_times_come_back(at: datetime) -> None:
    assert from_us(to_us(at)) == at


@given(st.floats(-1e9, 1e9))
def test_figures_are_rounded_to_the_unit_or_capped(value: float) -> None:
    stored = scaled(value)
    assert stored is not None
    assert abs(stored) < 2**31
    if abs(value) < 2000:
        assert abs((unscaled(stored) or 0) - value) <= 1e-6


def test_not_measured_is_not_zero() -> None:
    assert scaled(None) is None
    assert unscaled(None) is None
    assert scaled(0.0) == 0


@given(st.lists(st.text()))
def test_lists_come_back(values: list[str]) -> None:
    assert texts(listed(values)) == tuple(values)
