"""What the policy's section takes, and what it refuses: each with a sentence."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from monitor.policysettings import MaintenanceSettings, PolicySettings


def test_budgets_are_in_order() -> None:
    assert PolicySettings().budgets.confirm == timedelta(days=90)
    with pytest.raises(ValidationError, match="no rarer than"):
        PolicySettings.model_validate({"budgets": {"suspect": "1/year"}})


@pytest.mark.parametrize("window", [{}, {"start": "2026-01-01T00:00"}, {"cron": "0 1 * * *"}])
def test_a_window_says_when_in_one_of_three_forms(window: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MaintenanceSettings.model_validate(window)
