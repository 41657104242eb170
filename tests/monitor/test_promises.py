"""Promised: days of streams by the budget. Actual: what faded, what a person marked, what was over at once."""

from dataclasses import replace
from datetime import timedelta

from histories import T0

from monitor.model import Cause, Incident, Scope, Stage, Tier
from monitor.promises import FALSE, REAL, Watched, promises, stream_days
from monitor.tiers import Budgets

DAY = timedelta(days=1)
REALLY = Incident(1, "k", Stage.CLOSED, Cause.BILLING, Scope("claude"), 0.9, "why", T0, T0, T0, T0 + DAY,
                  tier=Tier.CONFIRM)
FADED = replace(REALLY, id=2, opened_at=None, tier=Tier.WARN)
BRIEF = replace(REALLY, id=3, closed_at=T0 + timedelta(seconds=90), tier=Tier.PATCH)


def counted(*incidents: Incident, marks: dict[int, str] | None = None) -> dict[str, tuple[int, int, int]]:
    found = promises(incidents, marks or {}, 180.0, Budgets())
    return {one.tier: (one.reached, one.false, one.doubtful) for one in found}


def test_what_was_promised_is_streams_and_days_by_the_budget() -> None:
    assert [round(one.promised, 3) for one in promises([], {}, 180.0, Budgets())] == [180, 25.714, 2, 0.493]


def test_streams_are_vendors_from_regions_however_many_checks_there_are() -> None:
    watched = [Watched("a", "eu", T0, T0 + DAY), Watched("a", "eu", T0 - DAY, T0), Watched("a", "us", T0, T0 + DAY),
               Watched(None, "eu", T0, T0 + DAY), Watched("b", "eu", T0 + DAY, T0)]
    assert stream_days(watched) == (4, 4.0)


def test_what_faded_unconfirmed_was_a_false_suspicion_and_nobody_was_told() -> None:
    assert counted(FADED, REALLY) == {
        "suspect": (2, 1, 0), "warn": (2, 1, 0), "confirm": (1, 0, 0), "patch": (0, 0, 0)}
    assert counted(replace(FADED, stage=Stage.SUSPECTED))["warn"] == (1, 0, 0), "undecided yet"


def test_of_what_was_told_people_say_it() -> None:
    assert counted(REALLY, marks={1: FALSE}) == {
        "suspect": (1, 1, 0), "warn": (1, 1, 0), "confirm": (1, 1, 0), "patch": (0, 0, 0)}
    assert counted(FADED, marks={2: REAL})["warn"] == (1, 0, 0), "it was something, though nobody was told"


def test_what_was_over_at_once_is_doubtful_until_somebody_has_said() -> None:
    assert counted(BRIEF)["confirm"] == counted(BRIEF)["patch"] == (1, 0, 1)
    assert counted(BRIEF, marks={3: REAL})["patch"] == (1, 0, 0)
    assert counted(BRIEF, marks={3: FALSE})["patch"] == (1, 1, 0)


def test_evidence_of_nobody_knows_what_is_told_to_nobody_and_confirms_nothing() -> None:
    assert counted(replace(FADED, tier=Tier.PATCH))["patch"] == (0, 0, 0)
