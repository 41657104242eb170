import jsonschema
import pytest
from pydantic import ValidationError

from monitor.settings import ChannelSettings, Config, RegionSettings
from probes.model import Zone


@pytest.mark.parametrize("gone", [{"lease": "1h"}, {"policy": {"recover": 3}}, {"retention_days": 10**9},
                                  {"gateways": {"g": {"type": "litellm", "file": "f", "mode": "yolo"}}}])
def test_what_nobody_would_honour_is_refused(gone: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Config.model_validate(gone)


def test_a_config_survives_being_written_and_read() -> None:
    config = Config.model_validate({"policy": {"reminders": ["1h", "3650d"]},
                                    "maintenance": [{"cron": "30 23 * * 6", "for": "2h"},
                                                    {"interval": "2026-12-01T22:00/PT4H", "timezone": "Asia/Tokyo"},
                                                    {"start": "2026-12-01T22:00", "end": "2026-12-02T02:00"}],
                                    "vendors": {"kimi": {"checks": {"network": {"every": "2m"}}}},
                                    "channels": {"a": {"type": "console", "language": "zh"}}})
    assert Config.model_validate(config.model_dump(mode="json", exclude_unset=True)) == config


def test_options_stand_beside_the_type_or_under_options() -> None:
    flat = ChannelSettings.model_validate({"type": "slack", "webhook_env": "A"})
    nested = ChannelSettings.model_validate({"type": "slack", "options": {"webhook_env": "A"}})
    assert flat == nested


@pytest.mark.parametrize(("country", "side"), [
    ("CN", Zone.CN), ("HK", Zone.GLOBAL), ("TW", Zone.GLOBAL), (None, Zone.GLOBAL)])
def test_the_side_of_the_wall(country: str | None, side: Zone) -> None:
    assert RegionSettings(country=country).side == side


def test_frozen() -> None:
    with pytest.raises(ValidationError):
        Config().language = "zh"


@pytest.mark.parametrize(("window", "good"), [
    ({"cron": "30 23 * * 6", "for": "2h"}, True), ({"interval": "2026-12-01T22:00/PT4H"}, True),
    ({"start": "2026-12-01T22:00", "end": "2026-12-02T02:00"}, True), ({"cron": "30 23 * * 6"}, False), ({}, False),
    ({"interval": "2026-12-01T22:00/PT4H", "cron": "30 23 * * 6", "for": "2h"}, False),
    ({"cron": "30 23 * * 6", "lasts": "2h"}, False), ({"start": "2026-12-01T22:00", "for": "2h"}, False)])
def test_a_window_has_one_of_three_forms_for_us_and_for_the_editor(window: dict[str, str], good: bool) -> None:
    told = {"maintenance": [{**window, "because": "x"}]}
    assert jsonschema.Draft202012Validator(Config.model_json_schema()).is_valid(told) is good
    if good:
        Config.model_validate(told)
    else:
        with pytest.raises(ValidationError):
            Config.model_validate(told)


def test_a_gateways_type_is_any_name_that_people_call_it() -> None:
    config = Config.model_validate({"gateways": {
        name: {"type": name, "file": "x"} for name in ("new-api", "env", "ccr", "kubernetes", "nobodys")}})
    assert [one.type for one in config.gateways.values()] == [
        "newapi", "dotenv", "claude_code_router", "configmap", "nobodys"]
