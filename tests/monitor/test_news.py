"""What is worth saying that is no incident: a region gone silent, and being served where nobody expects it."""

from datetime import timedelta

import pytest
from histories import T0, Asked, Ledger, grid, history

from alerts.model import Severity
from monitor.known import Known, KnownCheck

GRID = grid(("eu", "sg"), ("claude", "openai"), controls=1)
PLAN = Known(checks=tuple(KnownCheck(one.key, one.provider, one.region, control=one.control) for one in GRID),
             names={"claude": "Claude"}, channels=("ops",))


def minute_by_minute(answer, minutes, asked=GRID, known=PLAN, restart=False):
    book = Ledger(known=known)
    for n in range(minutes):
        batch = [s for s in history(asked, minutes, answer) if s.slot == T0 + timedelta(minutes=n)]
        if batch:
            book.take(batch)
            if restart:
                book.restart()
    return book


@pytest.mark.parametrize("restart", [False, True])
def test_a_region_that_falls_silent_is_told_once_each_time_and_blames_nobody(restart):
    def answer(one, m):
        return None if one.region == "sg" and (8 <= m < 20 or m >= 30) else "ok"
    book = minute_by_minute(answer, 50, restart=restart)
    first, second = book.told("finding")
    assert (first.alert.regions, first.alert.severity, first.channels) == (("sg",), Severity.WARNING, ("ops",))
    assert "nothing has been heard from sg since 10:07 UTC" in first.alert.because
    assert first.key != second.key
    assert not book.all()


def test_a_region_that_is_not_in_the_plan_is_missed_by_nobody():
    plan = Known(checks=tuple(one for one in PLAN.checks if one.region != "sg"))
    assert not minute_by_minute(lambda one, m: None if one.region == "sg" and m > 8 else "ok", 30, known=plan).told(
        "finding")


def test_where_all_fall_silent_it_was_we_who_did_not_run():
    def answer(one, m):
        return None if 10 <= m < 60 or (one.region == "sg" and m < 62) else "ok"
    assert not minute_by_minute(answer, 70).told("finding")


EXPECTED = [*GRID, Asked("claude", "cn", expect=True)]


def served(*minutes):
    return lambda one, m: ("ok" if m in minutes else "geo_restricted") if one.expect else "ok"


@pytest.mark.parametrize("restart", [False, True])
def test_being_served_where_nobody_expects_it_is_told_once_until_it_is_refused_again(restart):
    book = minute_by_minute(served(*range(10, 20), *range(30, 40)), 45, EXPECTED, restart=restart)
    first, second = book.told("finding")
    assert first.alert.because == (
        "served now although expected restricted: Claude answered cn 3 times in a row")
    assert (first.alert.since, first.alert.severity) == (T0 + timedelta(minutes=10), Severity.INFO)
    assert first.key != second.key
    assert not book.all(), "what is expected is not news"


def test_once_or_twice_is_not_yet_news():
    assert not minute_by_minute(served(10, 11, 20), 25, EXPECTED).told("finding")
