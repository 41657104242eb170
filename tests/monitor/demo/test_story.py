"""The verdict over the demo can fail: a missing incident, a wrong cause, a vendor blamed."""

from dataclasses import replace
from datetime import UTC, datetime

from monitor.demo.story import SCENES, compare
from monitor.model import Cause, Incident, Scope, Stage

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def incident(number: int, cause: Cause, provider: str | None, region: str | None = None) -> Incident:
    return Incident(number, str(number), Stage.OPEN, cause, Scope(provider, region), 0.98, "because", NOW, NOW, NOW)


def right() -> list[Incident]:
    return [incident(number, scene.expected.cause, scene.expected.provider, scene.expected.region)
            for number, scene in enumerate(SCENES) if scene.expected]


def test_the_whole_story_told_rightly_passes() -> None:
    assert all(check.passed for check in compare(right()))


def test_a_scene_that_nobody_told_fails() -> None:
    told = right()[1:]
    assert not all(check.passed for check in compare(told))


def test_a_wrong_cause_fails_twice_once_missing_once_blamed() -> None:
    told = [incident(99, Cause.PROVIDER_OUTAGE, "anthropic", "eu"), *right()[1:]]
    assert sum(not check.passed for check in compare(told)) == 2


def test_a_vendor_blamed_for_our_network_fails() -> None:
    told = [*right(), incident(99, Cause.NETWORK_INTERFERENCE, "deepseek", "us")]
    assert [check.passed for check in compare(told)][-1] is False


def test_a_busy_machine_makes_its_stand_ins_slow_and_that_is_no_fault_of_the_judge() -> None:
    slow = incident(99, Cause.LATENCY_DEGRADED, "deepseek", "eu")
    assert all(check.passed for check in compare([*right(), slow]))


def test_what_came_back_as_the_same_incident_was_told_twice_and_each_time_rightly() -> None:
    link = incident(7, Cause.OWN_NETWORK, None, "cn")
    grown = replace(link, scope=Scope(None, None), regions=("cn", "eu", "us"))
    others = [one for one in right() if one.cause is not Cause.OWN_NETWORK]
    assert all(check.passed for check in compare([*others, grown], [link, grown]))
    assert [check.passed for check in compare([*others, grown])].count(False) == 1
    assert [check.passed for check in compare([*others, link], [link])].count(False) == 1


def test_scenes_are_in_order_and_leave_time_to_be_told() -> None:
    starts = [scene.at for scene in SCENES]
    assert starts == sorted(starts)
    assert all((scene.until or 69) - scene.at >= 5 for scene in SCENES)
