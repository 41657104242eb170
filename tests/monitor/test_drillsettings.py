"""A drill is held once a quarter unless the config says otherwise."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from monitor.drillsettings import DrillSettings
from monitor.model import Cause


def test_what_is_not_said() -> None:
    one = DrillSettings.model_validate({"vendor": "claude"})
    assert (one.cause, one.every, one.regions, one.with_gateway) == (
        Cause.REGION_RESTRICTED, timedelta(days=91), [], False)


def test_what_is_unknown_is_an_error() -> None:
    with pytest.raises(ValidationError):
        DrillSettings.model_validate({"vendor": "claude", "evry": "1d"})


def test_a_drill_every_few_minutes_would_only_say_the_same_again() -> None:
    assert DrillSettings.model_validate({"vendor": "claude", "every": "1h"}).every == timedelta(hours=1)
    for short in ("1s", "59m"):
        with pytest.raises(ValidationError, match="at least 1h between two drills"):
            DrillSettings.model_validate({"vendor": "claude", "every": short})
