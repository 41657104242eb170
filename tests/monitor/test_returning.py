"""Back only when well for long enough: longer after each flap, and not before its answers say so, quality too."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from changing import CHANGE, HOUR, NOON
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Cause, Incident, Scope, Stage
from monitor.returning import LONGEST_HOLD, Back, back, hold_of

OVER = Incident(1, "i1", Stage.CLOSED, Cause.REGION_RESTRICTED, Scope("anthropic", "eu"), 0.99, "403", NOON, NOON, NOON,
                NOON, ("eu",))


def a_row(kind: str = "completion", outcome: str = "ok", at: datetime = NOON + HOUR, **more: object) -> dict[str, Any]:
    return {"provider": "anthropic", "region": "eu", "kind": kind, "outcome": outcome,
            "slot_us": int(at.timestamp() * 1e6), **more}


def asked(*incidents: Incident, rows: tuple[dict[str, Any], ...] = (a_row(),), after: timedelta = 2 * HOUR) -> Back:
    return back(CHANGE, incidents or (OVER,), rows, HOUR, NOON + after)


def test_well_for_long_enough_it_may_come_back() -> None:
    assert asked().due
    assert not asked(after=HOUR - timedelta(seconds=1)).due
    assert asked(after=HOUR).due
    assert asked(after=2 * HOUR).because == asked(after=9 * HOUR).because, "said once, not with every look"


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.CLOSED])
def test_not_while_anything_of_the_vendor_stands(stage: Stage) -> None:
    other = replace(OVER, id=2, stage=stage, cause=Cause.QUALITY_DEGRADED, closed_at=None)
    assert not asked(OVER, other).due
    assert asked(OVER, replace(other, scope=Scope("openai"))).due
    assert asked(OVER, replace(other, regions=("us",))).due, "elsewhere"


def test_each_flap_doubles_the_hold() -> None:
    flapped = replace(OVER, flaps=2)
    assert not asked(flapped, after=4 * HOUR - timedelta(minutes=1)).due
    assert asked(flapped, after=4 * HOUR).due
    before = replace(OVER, id=2, closed_at=NOON - timedelta(days=1))
    assert not asked(OVER, before, after=HOUR).due
    assert asked(OVER, before, after=2 * HOUR).due
    assert asked(OVER, replace(before, closed_at=NOON - timedelta(days=15)), after=HOUR).due, "long ago"


@given(st.integers(0, 100), st.integers(1, 10**6))
def test_the_hold_only_grows_and_has_an_end(returns: int, seconds: int) -> None:
    hold = timedelta(seconds=seconds)
    assert hold <= hold_of(hold, returns) <= hold_of(hold, returns + 1) <= max(hold, LONGEST_HOLD)


@pytest.mark.parametrize(("rows", "because"), [
    ((), "was not asked since"),
    ((a_row(at=NOON - HOUR),), "was not asked since"),
    ((a_row(), a_row("quality", at=NOON - HOUR)), "quality of anthropic was not probed since"),
    ((a_row(), a_row("quality", "degraded")), "answers quality with degraded from eu"),
    ((a_row(outcome="geo_restricted"),), "answers completion with geo_restricted"),
])
def test_its_own_answers_have_the_last_word(rows: tuple[dict[str, Any], ...], because: str) -> None:
    found = asked(rows=rows)
    assert not found.due
    assert because in found.because


def test_what_says_nothing_and_what_is_of_others_does_not_count() -> None:
    others = (a_row("readiness", "degraded"), a_row(outcome="skipped"),
              a_row(outcome="down", provider="openai"), a_row(outcome="down", region="us"))
    assert asked(rows=(a_row(), a_row("quality"), *others)).due


def test_what_never_opened_has_not_ended() -> None:
    assert asked(replace(OVER, opened_at=None)) == Back(False, "no incident of anthropic has ended")
