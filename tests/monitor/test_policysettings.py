"""What the policy's section takes, and what it refuses: each with a sentence."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from monitor.policysettings import MaintenanceSettings, PatchingSettings, PolicySettings


def test_budgets_are_in_order() -> None:
    assert PolicySettings().budgets.confirm == timedelta(days=90)
    with pytest.raises(ValidationError, match="no rarer than"):
        PolicySettings.model_validate({"budgets": {"suspect": "1/year"}})


@pytest.mark.parametrize("window", [{}, {"start": "2026-01-01T00:00"}, {"cron": "0 1 * * *"}])
def test_a_window_says_when_in_one_of_three_forms(window: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MaintenanceSettings.model_validate(window)


@pytest.mark.parametrize(("rule", "said"), [
    ({"when": {"cause": "billing"}}, "expected what follows"),
    ({"when": {"tier": "warn"}, "hold": "5m"}, "a suspicion .tier: warn. has no hold"),
    ({"when": {"tier": "suspect"}, "patch": "none"}, "has no patch"),
    ({"when": {"cause": "billing", "causes": ["auth_failed"]}, "patch": "none"}, "both there"),
    ({"when": {"at_least": 90}, "patch": "none"}, "less than or equal to 1"),
    ({"when": {"cause": "aliens"}, "patch": "none"}, "provider_outage"),
    ({"when": {"colour": "red"}, "patch": "none"}, "extra_forbidden"),
    ({"patch": "yolo"}, "observe"), ({"hold": "0s"}, "above zero")])
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        PolicySettings.model_validate({"rules": [rule]})


def test_silence_is_a_wish_too() -> None:
    [rule] = PolicySettings.model_validate({"rules": [{"channels": [], "remind": []}]}).rules
    assert (rule.channels, rule.remind, rule.when.tier) == ([], [], "confirm")


@pytest.mark.parametrize(("said", "enabled"), [("off", False), ("on", True), (False, False), (True, True), ({}, True)])
def test_patching_is_on_or_off_in_a_word(said: Any, enabled: bool) -> None:
    assert PatchingSettings.model_validate(said).enabled is enabled


@pytest.mark.parametrize("said", ["maybe", {"per_day": -1}, {"freeze": [{"cron": "0 3 * * *"}]}, {"hold": "0s"}])
def test_patching_that_makes_no_sense_is_refused(said: Any) -> None:
    with pytest.raises(ValidationError):
        PatchingSettings.model_validate(said)
