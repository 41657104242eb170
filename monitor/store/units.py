"""From values to columns and back: times as microseconds, seconds as microseconds, lists as JSON. Pure."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, overload

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MOST = 2**31 - 1  # PostgreSQL's integer: 35 minutes in microseconds, longer than any deadline


@overload
def to_us(at: datetime) -> int: ...
@overload
def to_us(at: datetime | None) -> int | None: ...
def to_us(at: datetime | None) -> int | None:
    """Exact: no float in between."""
    return None if at is None else (at - _EPOCH) // _MICROSECOND


@overload
def from_us(us: int) -> datetime: ...
@overload
def from_us(us: int | None) -> datetime | None: ...
def from_us(us: int | None) -> datetime | None:
    return None if us is None else _EPOCH + timedelta(microseconds=us)


def scaled(value: float | None, unit: int = 1_000_000) -> int | None:
    """`value` in 1/`unit`, capped at what the column holds; None stays None, for not measured is never zero."""
    if value is None:
        return None
    whole = round(value * unit)
    return whole if -_MOST <= whole <= _MOST else _MOST if whole > 0 else -_MOST


def unscaled(value: int | None, unit: int = 1_000_000) -> float | None:
    return None if value is None else value / unit


def listed(values: Sequence[Any]) -> str:
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))


def texts(body: str) -> tuple[str, ...]:
    return tuple(str(item) for item in json.loads(body))
