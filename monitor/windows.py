"""When a maintenance window is open: between two times, in an ISO 8601 interval, or by a cron line. Pure: now is given.

What the clocks do twice a year, and what a window then does:

- How long a window lasts is time that passes, never the face of a clock: `PT4H` and `for: 4h` are four hours in every
  night of the year, `P1D` is 24 hours.
- A single time of the clock is the first moment at which the clock shows it. A time that the clock skips (02:30 where
  it jumps from 02:00 to 03:00) is the moment of the jump; of a time that it shows twice, the first is meant. So a
  window from one time of the clock to another may last an hour more or less than it looks: `Once.looks` keeps what it
  looks like, and `config check` says so.
- A cron line is read as Debian's cron reads it. If neither minute nor hour begin with `*`, the window belongs to a time
  of day: in the skipped hour it opens at the jump, in the repeated one once, at the first pass. If one of them does, it
  belongs to the hours as they pass: none in the skipped hour (there is none), one in each pass of the repeated hour.

Zones come from the system or, where it has none, from the tzdata package.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from monitor.forms import LONGEST

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
# Clocks move openings closer together than they are written: by so much they may run into each other.
MARGIN = timedelta(hours=3)
# Where a cron line's openings are compared: in UTC, where no clock changes, over a February of 28 days.
SINCE, TIMES = datetime(2025, 1, 1, tzinfo=UTC), 500

_N = r"(\d{1,9}(?:[.,]\d{1,6})?)"
_DURATION = re.compile(rf"P(?:{_N}W)?(?:{_N}D)?(?:T(?=\d)(?:{_N}H)?(?:{_N}M)?(?:{_N}S)?)?", re.ASCII)
_UNITS_S = (604800, 86400, 3600, 60, 1)


@dataclass(frozen=True, slots=True)
class Once:
    """Open from start until before end, both UTC. `looks`: how long it is by the times of the clock as written."""

    start: datetime
    end: datetime
    looks: timedelta


@dataclass(frozen=True, slots=True)
class Repeated:
    """Opens by a cron line in a zone, each time for so long."""

    cron: str
    lasts: timedelta
    zone: str


Window = Once | Repeated
Stretch = tuple[datetime, datetime]


def once(start: datetime, end: datetime, zone: str) -> Once:
    """From start to end; those without a zone of their own are times of that zone's clock. Raises ValueError."""
    if (start.tzinfo is None) != (end.tzinfo is None):
        raise ValueError("start and end: expected a zone at both or at neither; add the one that is missing")
    if end <= start:
        raise ValueError("end must come after start; swap or correct them")
    first, last = moment(start, zone), moment(end, zone)
    if last <= first:
        raise ValueError(f"the clocks of {zone} go forward and skip all of it; choose another hour, or write it in UTC")
    return Once(first, last, end - start)


def interval(text: str, zone: str) -> Once:
    """`start/end`, `start/duration` or `duration/end` in ISO 8601. Raises ValueError.

    A zone said at the start holds at the end too, as ISO 8601 has it; none said: times of that zone's clock.
    """
    left, slash, right = text.strip().partition("/")
    if not slash or (left[:1] == "P" and right[:1] == "P"):
        raise _no_interval()
    if right[:1] == "P":
        start, lasts = moment(_time(left), zone), duration(right)
        return Once(start, _later(start, lasts), lasts)
    if left[:1] == "P":
        end, lasts = moment(_time(right), zone), duration(left)
        return Once(_later(end, -lasts), end, lasts)
    first, last = _time(left), _time(right)
    return once(first, last.replace(tzinfo=last.tzinfo or first.tzinfo), zone)


def repeated(cron: str, lasts: timedelta, zone: str) -> Repeated:
    """By a cron line, each time for so long. Raises ValueError where it would not shut before it opens again."""
    if lasts >= shortest_pause(cron):
        raise ValueError(f"opens again after {shortest_pause(cron)}, before it shuts; shorten it, or open less often")
    return Repeated(cron, lasts, zone)


def duration(text: str) -> timedelta:
    """`PT4H`, `P1DT12H`, `P2W`. Raises ValueError: also for years and months, of which no two are equally long."""
    found = _DURATION.fullmatch(text)
    numbers = found.groups("0") if found else ()
    length_s = sum(float(number.replace(",", ".")) * unit for number, unit in zip(numbers, _UNITS_S, strict=False))
    if length_s <= 0:
        raise ValueError("expected a duration above zero such as PT4H, PT90M or P2D, without years and months; mend it")
    if length_s > LONGEST.total_seconds():
        raise ValueError(f"expected a duration of at most P{LONGEST.days}D; shorten it")
    return timedelta(seconds=length_s)


def moment(time: datetime, zone: str) -> datetime:
    """UTC of a time that carries its offset; else the first moment at which the zone's clock shows that time, or later.

    Raises ValueError where the calendar ends.
    """
    clock = ZoneInfo(zone)
    try:
        while time.tzinfo is None:
            found = time.replace(tzinfo=clock, fold=0).astimezone(UTC)
            if found.astimezone(clock).replace(tzinfo=None) == time:
                return found
            time = time.replace(second=0, microsecond=0) + MINUTE      # the clock never showed it: on to the jump
        return time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("expected a year between 1 and 9999, also in UTC; correct it") from error


@cache
def shortest_pause(cron: str) -> timedelta:
    """From one opening to the next, where they are closest. Raises ValueError for what is no cron line."""
    if len(cron.split()) != 5:
        raise ValueError('expected a cron line of five fields such as "30 23 * * 6" (minute, hour, day of the month, '
                         "month, day of the week); mend it")
    try:
        coming = islice(CronSim(cron, SINCE), TIMES)
        times = [*islice(coming, 1), *takewhile(lambda time: time < SINCE + LONGEST, coming)]
    except CronSimError as error:
        field = str(error).removeprefix("Bad ")
        raise ValueError(f'expected a cron line such as "30 23 * * 6"; its {field} is none: mend it') from error
    if not times:
        raise ValueError("expected a cron line whose day comes; this one never does: correct day and month")
    return min((after - before for before, after in pairwise(times)), default=LONGEST)


def open_until(window: Window, now: datetime) -> datetime | None:
    """When the window that is open now shuts; None: it is shut."""
    if isinstance(window, Once):
        return window.end if window.start <= now < window.end else None
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return next((end for start, end in _of_day(window, day) if start <= now < end), None)


def openings(window: Window, since: datetime, until: datetime) -> tuple[Stretch, ...]:
    """From when to when it is open, for all that is not over at `since` and begins before `until`. Never overlapping:
    openings that a change of the clocks pushes into each other are one.
    """
    if isinstance(window, Once):
        return ((window.start, window.end),) if window.end > since and window.start < until else ()
    found: list[Stretch] = []
    for start in _starts(window, since - window.lasts - MARGIN):
        touches = bool(found) and start <= found[-1][1]
        if start >= until and not touches:
            break
        begun = found.pop()[0] if touches else start
        found.append((begun, start + window.lasts))
    return tuple(one for one in found if one[1] > since)


@lru_cache(maxsize=256)      # asked once a batch, and a cron line is a walk over the calendar
def _of_day(window: Repeated, day: datetime) -> tuple[Stretch, ...]:
    return openings(window, day, day + DAY)


def _starts(window: Repeated, after: datetime) -> Iterator[datetime]:
    """In UTC: two times of one zone are compared by their faces, and the repeated hour's are the same twice.

    Always walked forwards, from well before what is wanted: backwards out of the repeated hour's second pass, cronsim
    passes over the first one's opening.
    """
    for time in CronSim(window.cron, after.astimezone(ZoneInfo(window.zone))):
        yield time.astimezone(UTC)


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise _no_interval() from error


def _later(time: datetime, by: timedelta) -> datetime:
    try:
        return time + by
    except OverflowError as error:
        raise ValueError("expected a year between 1 and 9999, also in UTC; correct it") from error


def _no_interval() -> ValueError:
    return ValueError(
        "expected an interval such as 2026-12-01T22:00/2026-12-02T02:00 or 2026-12-01T22:00/PT4H; mend it")
