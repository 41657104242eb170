"""What would be told beside what was told: each with its like, and one sentence over all."""

from dataclasses import replace
from datetime import datetime, timedelta

from worlds import NOON

from monitor.comparing import pairs, row_of_pair, summary
from monitor.model import Cause, Incident, Scope, Stage, Tier
from monitor.replay import Told

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
DOWN = Incident(3, "outage:acme", Stage.CLOSED, Cause.PROVIDER_OUTAGE, Scope("acme"), 0.99, "503 everywhere", NOON,
                NOON + 2 * MINUTE, NOON + 60 * MINUTE, NOON + 60 * MINUTE, regions=("eu", "us"), family="reach",
                tier=Tier.CONFIRM)
SHUT = replace(DOWN, id=4, key="geo:zeta", cause=Cause.REGION_RESTRICTED, scope=Scope("zeta", "eu"), family="region")


def told(one: Incident, opened: datetime | None = None) -> Told:
    at = opened or one.opened_at
    assert at is not None
    return Told(at, replace(one, id=0, opened_at=at))


def test_what_is_the_same_is_a_pair() -> None:
    both = pairs([told(DOWN), told(SHUT)], [SHUT, DOWN])
    assert [(pair.would is not None, pair.did and pair.did.id, pair.same) for pair in both] == [
        (True, 4, True), (True, 3, True)]
    assert summary(both, 90 * DAY) == "2 incidents in 90 days; exactly what happened (2 incidents)"


def test_by_other_rules_the_nearest_of_its_kind_is_its_like() -> None:
    later = told(replace(DOWN, key="outage:acme:later"), NOON + 9 * MINUTE)
    far = replace(DOWN, id=9, key="far", onset=NOON + DAY, opened_at=NOON + DAY, closed_at=NOON + 2 * DAY)
    both = pairs([later], [SHUT, far, DOWN])
    assert [(pair.would is not None, pair.did and pair.did.id) for pair in both] == [
        (False, 4), (True, 3), (False, 9)]
    assert summary(both, 30 * DAY) == (
        "1 incident in 30 days; what did happen: 3 incidents, 0 the same, 0 new, 2 gone")


def test_what_is_told_since_then() -> None:
    early = replace(DOWN, id=2, key="early", onset=NOON - DAY, opened_at=NOON - DAY, closed_at=NOON - DAY + MINUTE)
    both = pairs([told(DOWN), told(early)], [early, DOWN], since=NOON)
    assert [pair.did and pair.did.id for pair in both] == [3]


def test_ahead_of_the_status_page_and_behind_it() -> None:
    both = pairs([told(DOWN)], [DOWN])
    said = [("acme", NOON - DAY, 0), ("acme", NOON + 5 * MINUTE, 0), ("acme", NOON + 14 * MINUTE, 1),
            ("acme", NOON + 20 * MINUTE, 2), ("zeta", NOON + 3 * MINUTE, 1)]
    assert "first alert 12 minutes before the status page" in summary(both, DAY, said)
    assert "first alert 1 minute after the status page" in summary(
        both, DAY, [("acme", NOON, 0), ("acme", NOON + MINUTE, 1)])
    assert "status page" not in summary(both, DAY, [("acme", NOON - DAY, 1), ("acme", NOON, 1)]), "long since said"
    assert "status page" not in summary(both, DAY)


def test_several_have_a_middle_and_flapping_is_counted() -> None:
    second = replace(DOWN, id=5, key="b", scope=Scope("zeta"), flaps=2)
    said = [("acme", NOON, 0), ("zeta", NOON, 0), ("acme", NOON + 12 * MINUTE, 1), ("zeta", NOON + 22 * MINUTE, 1)]
    assert summary(pairs([told(DOWN), told(second)], []), DAY, said).startswith(
        "2 incidents in 24 hours, 1 flapping, first alert 15 minutes before the status page (median of 2);")


def test_nothing_beside_nothing() -> None:
    assert summary([], 3 * DAY) == "0 incidents in 3 days; as it happened"


def test_a_line_says_both() -> None:
    [pair] = pairs([told(DOWN)], [DOWN])
    row = row_of_pair(1, pair)
    assert (row["incident"], row["provider"], row["opened"], row["did"]) == (
        1, "acme", "2026-03-02T12:02:00Z", {"incident": 3, "opened": "2026-03-02T12:02:00Z"})
    [gone] = pairs([], [DOWN])
    row = row_of_pair(None, gone)
    assert (row["incident"], row["opened"], row["cause"], row["did"]["incident"]) == (None, None, "provider_outage", 3)
    [new] = pairs([told(DOWN)], [])
    assert row_of_pair(1, new)["did"] is None
