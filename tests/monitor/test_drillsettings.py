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
