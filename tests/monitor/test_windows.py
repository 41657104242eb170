"""Windows open when their clock says so, once, and for as long as they say: in every zone, through both changes."""

import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.forms import LONGEST
from monitor.windows import Once, duration, interval, moment, once, open_until, openings, repeated, shortest_pause

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
# forward and back on either half of the globe; by half an hour; at midnight; in winter; never
ZONES = (BERLIN, NEW_YORK, "America/Santiago", "Australia/Lord_Howe", "Africa/Cairo", "America/Havana",
         "Africa/Casablanca", "Asia/Shanghai", "Asia/Kathmandu", "UTC")
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2037, 1, 1))
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, zone: str = BERLIN, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def nights(cron: str, lasts: timedelta, since: str, zone: str = BERLIN, days: int = 1) -> list[tuple[str, timedelta]]:
    """What the clock there shows when a window opens, and how long it is open."""
    begin = local(since, zone)
    return [(start.astimezone(ZoneInfo(zone)).strftime("%d %H:%M%z"), end - start)
            for start, end in openings(repeated(cron, lasts, zone), begin, begin + timedelta(days=days))]


def test_dst_forward_a_window_in_the_skipped_hour_opens_at_the_jump_and_is_not_shortened() -> None:
    assert nights("30 2 * * *", HOUR, "2026-03-28T12:00", days=2) == [("29 03:00+0200", HOUR), ("30 02:30+0200", HOUR)]
    window = repeated("30 2 * * *", HOUR, BERLIN)
    jump = utc("2026-03-29T01:00")
    assert open_until(window, jump - SECOND) is None
    assert open_until(window, jump) == open_until(window, jump + HOUR - SECOND) == jump + HOUR
    assert open_until(window, jump + HOUR) is None


def test_dst_forward_a_window_over_the_jump_lasts_as_long_as_it_says() -> None:
    assert nights("30 23 * * 6", 4 * HOUR, "2026-03-28T12:00") == [("28 23:30+0100", 4 * HOUR)]
    window = repeated("30 23 * * 6", 4 * HOUR, BERLIN)
    assert open_until(window, utc("2026-03-29T01:30")) == local("2026-03-29T04:30")


def test_dst_back_a_window_in_the_repeated_hour_opens_once_at_the_first_pass() -> None:
    assert nights("30 2 * * *", HOUR, "2026-10-24T12:00", days=2) == [("25 02:30+0200", HOUR), ("26 02:30+0100", HOUR)]
    window = repeated("30 2 * * *", 20 * MINUTE, BERLIN)
    first, second = local("2026-10-25T02:30"), local("2026-10-25T02:30", fold=1)
    assert second - first == HOUR
    assert open_until(window, first) == first + 20 * MINUTE
    assert open_until(window, second) is None


def test_dst_back_seen_from_within_the_second_pass() -> None:
    """An hour by the clock before it opens, an hour of time after it did: it is still open."""
    window = repeated("30 2 * * *", 2 * HOUR, BERLIN)
    assert open_until(window, local("2026-10-25T02:10", fold=1)) == local("2026-10-25T02:30") + 2 * HOUR


def test_dst_back_a_window_over_the_change_lasts_as_long_as_it_says() -> None:
    assert nights("30 23 * * 6", 4 * HOUR, "2026-10-24T12:00") == [("24 23:30+0200", 4 * HOUR)]
    assert open_until(repeated("30 23 * * 6", 4 * HOUR, BERLIN), utc("2026-10-25T00:45")) == local(
        "2026-10-25T02:30", fold=1)


def test_windows_of_every_hour_belong_to_the_hours_as_they_pass() -> None:
    assert len(nights("30 * * * *", 5 * MINUTE, "2026-03-29T00:00")) == 24       # a day of 23 hours, and an hour more
    assert [when for when, _ in nights("30 * * * *", 5 * MINUTE, "2026-10-25T02:00")][:2] == [
        "25 02:30+0200", "25 02:30+0100"]
    assert nights("*/30 2 * * *", MINUTE, "2026-03-29T00:00") == []


@pytest.mark.parametrize(("zone", "at"), [("Africa/Cairo", "2026-04-24T01:00"), ("America/Havana", "2026-03-08T01:00")])
def test_dst_forward_where_midnight_is_skipped(zone: str, at: str) -> None:
    day = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone))
    assert nights("0 0 * * *", HOUR, (day - 12 * HOUR).replace(tzinfo=None).isoformat(), zone) == [
        (day.strftime("%d %H:%M%z"), HOUR)]


def test_a_2330_window_crosses_midnight_and_belongs_to_the_day_it_opens_on() -> None:
    window = repeated("30 23 * * 6", 2 * HOUR, BERLIN)       # Saturdays
    end = local("2026-12-06T01:30")
    assert open_until(window, local("2026-12-05T23:29")) is None
    assert open_until(window, local("2026-12-05T23:30")) == end
    assert open_until(window, local("2026-12-06T00:00")) == end
    assert open_until(window, local("2026-12-06T01:29:59")) == end
    assert open_until(window, end) is None
    assert open_until(window, local("2026-12-06T23:45")) is None, "a Sunday"


def test_a_2330_window_may_last_past_several_midnights() -> None:
    window = repeated("30 23 1 * *", timedelta(days=5), "Asia/Shanghai")
    assert open_until(window, local("2026-12-06T20:00", "Asia/Shanghai")) == local("2026-12-06T23:30", "Asia/Shanghai")


def test_a_2330_window_of_one_zone_is_another_hour_in_another() -> None:
    assert open_until(repeated("30 23 * * *", HOUR, NEW_YORK), utc("2026-12-02T04:45")) == utc("2026-12-02T05:30")
    assert open_until(repeated("30 23 * * *", HOUR, "UTC"), utc("2026-12-02T04:45")) is None


def test_zone_without_tz_files() -> None:
    """As in a slim image: no zone file on the machine, the tzdata package alone."""
    code = """
import zoneinfo; assert zoneinfo.TZPATH == (), zoneinfo.TZPATH
from datetime import *
from monitor.windows import *
print(open_until(repeated("30 2 * * *", timedelta(hours=1), "Europe/Berlin"), datetime(2026, 3, 29, 1, tzinfo=UTC)))
print(interval("2026-12-01T22:00/PT4H", "Asia/Shanghai").start)
"""
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONTZPATH": "", "PYTHONPATH": ":".join(sys.path)},
                          check=True, capture_output=True, text=True)
    assert done.stdout == "2026-03-29 02:00:00+00:00\n2026-12-01 14:00:00+00:00\n"


# -- intervals and pairs
@pytest.mark.parametrize(("text", "start", "end"), [
    ("2026-12-01T22:00/2026-12-02T02:00", "2026-12-01T21:00", "2026-12-02T01:00"),
    ("2026-12-01T22:00/PT4H", "2026-12-01T21:00", "2026-12-02T01:00"),
    ("PT4H/2026-12-02T02:00", "2026-12-01T21:00", "2026-12-02T01:00"),
    ("2026-12-01T22:00Z/PT4H", "2026-12-01T22:00", "2026-12-02T02:00"),
    ("2026-12-01T22:00+08:00/2026-12-02T02:00Z", "2026-12-01T14:00", "2026-12-02T02:00"),
    ("2026-12-01T22:00+08:00/2026-12-02T02:00", "2026-12-01T14:00", "2026-12-01T18:00"),   # the start's zone holds
    ("20261201T2200Z/20261202T0200Z", "2026-12-01T22:00", "2026-12-02T02:00"),
    ("2026-12-01/2026-12-03", "2026-11-30T23:00", "2026-12-02T23:00"),
    (" 2026-12-01T22:00/PT90M ", "2026-12-01T21:00", "2026-12-01T22:30"),
])
def test_an_interval_is_iso_8601(text: str, start: str, end: str) -> None:
    window = interval(text, BERLIN)
    assert (window.start, window.end) == (utc(start), utc(end))
    assert open_until(window, window.start) == open_until(window, window.end - SECOND) == window.end
    assert open_until(window, window.start - SECOND) is open_until(window, window.end) is None


@pytest.mark.parametrize(("text", "said"), [
    ("", "an interval such as"), ("2026-12-01T22:00", "an interval such as"), ("PT4H/PT4H", "an interval such as"),
    ("2026-12-01T22:00/", "an interval such as"), ("R/2026-12-01T22:00/PT4H", "an interval such as"),
    ("2026-12-01T22:00/tomorrow", "an interval such as"), ("2026-13-01T22:00/PT1H", "an interval such as"),
    ("2026-12-02T02:00/2026-12-01T22:00", "end must come after start"),
    ("2026-12-01T22:00/2026-12-01T22:00", "end must come after start"),
    ("2026-12-01T22:00/2026-12-02T02:00Z", "a zone at both or at neither"),
    ("2026-12-01T22:00/PT0S", "a duration above zero"), ("2026-12-01T22:00/P1M", "without years and months"),
    ("2026-12-01T22:00/-PT1H", "an interval such as"), ("2026-12-01T22:00/P", "a duration above zero"),
    ("2026-12-01T22:00/PT", "a duration above zero"), ("2026-12-01T22:00/P1DT", "a duration above zero"),
    ("2026-12-01T22:00/P999999999W", "at most P3650D"), ("9999-12-31T22:00/PT12H", "correct it"),
    ("0001-01-01T00:00+08:00/PT4H", "correct it"), ("PT4H/0001-01-01T01:00Z", "correct it"),
])
def test_what_is_no_interval_is_said_in_words(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        interval(text, "Asia/Shanghai")


@pytest.mark.parametrize(("text", "hours"), [
    ("PT4H", 4), ("PT90M", 1.5), ("P1D", 24), ("P1DT12H", 36), ("P2W", 336), ("PT1.5H", 1.5), ("PT0,5H", 0.5),
    ("PT3600S", 1)])
def test_durations(text: str, hours: float) -> None:
    assert duration(text) == hours * HOUR


@pytest.mark.parametrize(("start", "end", "lasts", "looks"), [
    ("2026-03-29T02:30", "2026-03-29T04:00", HOUR, 1.5 * HOUR),         # forward: opens at the jump, 03:00
    ("2026-03-29T01:30", "2026-03-29T03:30", HOUR, 2 * HOUR),
    ("2026-03-29T01:30", "2026-03-29T02:30", 0.5 * HOUR, HOUR),         # its end is skipped: shuts at the jump
    ("2026-10-25T02:30", "2026-10-25T03:30", 2 * HOUR, HOUR),           # back: from the first 02:30
    ("2026-10-25T01:30", "2026-10-25T03:30", 3 * HOUR, 2 * HOUR),
    ("2026-10-25T01:30", "2026-10-25T02:30", HOUR, HOUR),               # to the first 02:30
    ("2026-12-01T22:00", "2026-12-02T02:00", 4 * HOUR, 4 * HOUR),
])
def test_between_two_times_of_a_clock_that_changes(start: str, end: str, lasts: timedelta, looks: timedelta) -> None:
    window = once(datetime.fromisoformat(start), datetime.fromisoformat(end), BERLIN)
    assert (window.end - window.start, window.looks) == (lasts, looks)


def test_dst_forward_and_back_a_set_length_is_that_length() -> None:
    for text in ("2026-03-29T02:30/PT1H", "2026-10-25T02:30/PT1H", "PT1H/2026-10-25T03:30"):
        window = interval(text, BERLIN)
        assert window.end - window.start == window.looks == HOUR


def test_dst_forward_what_the_clock_skips_altogether_is_refused_and_not_silently_empty() -> None:
    with pytest.raises(ValueError, match="the clocks of Europe/Berlin go forward and skip all of it"):
        interval("2026-03-29T02:15/2026-03-29T02:45", BERLIN)


@pytest.mark.parametrize("given_", [("2026-12-01T22:00", "2026-12-02T02:00+00:00"),
                                    ("2026-12-01T22:00+00:00", "2026-12-02T02:00")])
def test_one_time_with_a_zone_and_one_without_are_no_pair(given_: tuple[str, str]) -> None:
    start, end = map(datetime.fromisoformat, given_)
    with pytest.raises(ValueError, match="add the one that is missing"):
        once(start, end, BERLIN)


# -- cron lines
@pytest.mark.parametrize(("cron", "said"), [
    ("", "five fields"), ("@daily", "five fields"), ("0 30 23 * * 6", "five fields"), ("30 23 * *", "five fields"),
    ("60 23 * * 6", "its minute is none"), ("0 24 * * 6", "its hour"), ("0 0 32 * *", "its day-of-month"),
    ("0 0 * 13 *", "its month"), ("0 0 * * 8", "its day-of-week"), ("0 0 30 2 *", "its day-of-month"),
    ("x 23 * * 6", "its minute"), ("*/0 * * * *", "its minute"),
])
def test_what_is_no_cron_line_is_said_in_words(cron: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        repeated(cron, MINUTE, BERLIN)


@pytest.mark.parametrize(("cron", "pause"), [
    ("* * * * *", MINUTE), ("*/7 * * * *", 4 * MINUTE), ("0 */5 * * *", 4 * HOUR), ("30 23 * * 6", timedelta(days=7)),
    ("0 0 1 * *", timedelta(days=28)), ("0 22 * * fri,sat", timedelta(days=1)), ("0 0 29 2 *", timedelta(days=1461)),
    ("0 0 l * *", timedelta(days=28)), ("0 2 * * 6#1", timedelta(days=28)),
    ("0 0 * 2 mon#5", LONGEST)])
def test_a_window_must_shut_before_it_opens_again(cron: str, pause: timedelta) -> None:
    assert shortest_pause(cron) == pause
    with pytest.raises(ValueError, match="shorten it, or open less often"):
        repeated(cron, pause, BERLIN)
    assert repeated(cron, pause - SECOND, BERLIN).lasts == pause - SECOND


@given(st.text(max_size=20) | st.lists(st.text("0123456789*/-,#LWmonja", min_size=1, max_size=6), min_size=5,
                                       max_size=5).map(" ".join))
def test_whatever_is_written_is_a_cron_line_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert shortest_pause(text) > timedelta()


@given(st.text("0123456789T:-+ZPHMDW/,.", max_size=40))
def test_whatever_is_written_is_an_interval_or_a_value_error(text: str) -> None:
    try:
        window = interval(text, BERLIN)
    except ValueError:
        return
    assert window.start < window.end


# -- laws
@st.composite
def windows(draw: st.DrawFn) -> tuple[str, timedelta, str]:
    """A time of day, on some days, for less than it takes to the next."""
    minute, hour = draw(st.integers(0, 59)), draw(st.integers(0, 23))
    days = draw(st.sampled_from(("* * *", "* * 0", "* * 1-5", "1 * *", "l * *", "* */3 2,4")))
    return f"{minute} {hour} {days}", timedelta(minutes=draw(st.integers(1, 20 * 60))), draw(st.sampled_from(ZONES))


@given(windows(), st.integers(2024, 2037))
def test_a_year_holds_each_window_once_and_in_full(made: tuple[str, timedelta, str], year: int) -> None:
    """The days are counted apart, by a calendar without clocks; the year is open for occurrences times duration."""
    cron, lasts, zone = made
    window, plain = repeated(cron, lasts, zone), repeated(cron, lasts, "UTC")
    since, until = moment(datetime(year, 1, 1), zone), moment(datetime(year + 1, 1, 1), zone)
    first = datetime(year, 1, 1, tzinfo=UTC)
    days = [start for start, _ in openings(plain, first, first.replace(year=year + 1)) if start.year == year]
    found = [one for one in openings(window, since, until) if one[0] >= since]
    assert len(found) == len(days)
    assert sum((end - start for start, end in found), timedelta()) == len(days) * lasts
    for (start, _), day in zip(found, days, strict=True):
        shown = start.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert shown.date() == day.date()
        assert timedelta() <= shown - day.replace(tzinfo=None) <= HOUR, "moved by a jump, forwards, or not at all"


CRONS = ("*/7 * * * *", "30 * * * *", "0,40 1-3 * * *", "30 2 * * *", "15 0 * * 0", "0 */2 * * *", "0 2,3 * * *")


@given(st.sampled_from(CRONS), st.integers(1, 6 * 60), st.sampled_from(ZONES), st.integers(0, 364), st.data())
def test_windows_never_overlap_themselves_and_both_questions_have_one_answer(
    cron: str, seconds: int, zone: str, day: int, data: st.DataObject
) -> None:
    window = repeated(cron, min(timedelta(seconds=seconds * 20), shortest_pause(cron) - SECOND), zone)
    since = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
    stretches = openings(window, since, since + timedelta(days=3))
    assert all(end < start for (_, end), (start, _) in pairwise(stretches))
    assert all(start < end for start, end in stretches)
    edges = [edge + by for one in stretches for edge in one for by in (-SECOND, timedelta(), SECOND)]
    moments = [edge for edge in edges if since <= edge < since + timedelta(days=3)]
    now = data.draw(st.sampled_from(moments)) if moments else since
    assert open_until(window, now) == next((end for start, end in stretches if start <= now < end), None)


@given(TIMES, TIMES, st.sampled_from(ZONES))
def test_moments_keep_the_order_of_the_clock(one: datetime, other: datetime, zone: str) -> None:
    early, late = sorted((one, other))
    assert moment(early, zone) <= moment(late, zone)


@given(TIMES, st.sampled_from(ZONES))
def test_a_moment_is_the_first_at_which_the_clock_is_there(time: datetime, zone: str) -> None:
    def shown(at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)

    found = moment(time, zone)
    assert shown(found) >= time
    assert shown(found - timedelta(microseconds=1)) < time


def test_a_single_window_is_open_as_it_is_written() -> None:
    window = Once(utc("2026-12-01T22:00"), utc("2026-12-02T02:00"), 4 * HOUR)
    stretch = ((window.start, window.end),)
    assert openings(window, window.start, window.end) == stretch
    assert openings(window, window.start - HOUR, window.start) == openings(window, window.end, window.end + HOUR) == ()
