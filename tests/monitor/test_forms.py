"""Values are said in words where they do not fit, and never repeated."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from monitor.catalogue import load_catalogue
from monitor.forms import parse_duration
from monitor.settings import Config
from monitor.yamlfile import problems_of


@given(st.integers(1, 3650), st.sampled_from("smhd"))
def test_durations_read_as_written(number: int, unit: str) -> None:
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]
    assert parse_duration(f"{number}{unit}") == timedelta(seconds=number * seconds)


@pytest.mark.parametrize("value", [60, "60", "", "0s", "-5m", "5 minutes", "1h30m", None, "nan s", "0.0000001s"])
def test_anything_else_is_no_duration(value: object) -> None:
    with pytest.raises(ValueError, match="expected a duration"):
        parse_duration(value)


@pytest.mark.parametrize("value", ["3651d", "99999999999999d", "9e9h", f"{10**400}s"])
def test_what_no_calendar_can_add_is_no_duration(value: str) -> None:
    with pytest.raises(ValueError, match="expected a duration"):
        parse_duration(value)
    with pytest.raises(ValidationError):
        Config.model_validate({"policy": {"reminders": [value]}})


@pytest.mark.parametrize(("wrong", "expected"), [
    ({"accounts": [{"name": "a", "vendor": "claude", "key_env": "sk-ant-canary"}]}, "never the key itself"),
    ({"accounts": [{"name": "a b", "vendor": "claude", "key_env": "A"}]}, "a name without spaces"),
    ({"endpoints": [{"name": "a", "base_url": "vllm:8000"}]}, "a URL such as"),
    ({"endpoints": [{"name": "a", "base_url": "https://me:canary@vllm:8000"}]}, "without user and password"),
    ({"regions": {"a": {"country": "China"}}}, "two capital letters"),
    ({"regions": {"a": {"country": "UK"}}}, "a country there is"),
    ({"workloads": {"smart": {"primary": "claude", "data_stays": {"a": {"jurisdictions": ["XX"]}}}}},
     "a country there is"),
    ({"regions": {"a": {"vantages": [{"proxy": "ftp://x"}]}}}, "a proxy such as"),
    ({"regions": {"a": {"vantages": [{"source_address": "999.1.1.1"}]}}}, "an IP address"),
    ({"controls": ["https://a.example/"]}, "a host such as"),
    ({"vendors": {"kimi": {"checks": {"network": {"every": "0.5s"}}}}}, "at least 1s"),
    ({"timezone": "../../etc/passwd"}, "a time zone such as"),
    ({"budget": {"usd_per_day": "inf"}}, "finite"),
    ({"budget": {"tokens_per_day": -1}}, "greater than or equal to 0"),
])
def test_a_wrong_form_is_said_in_words_and_never_repeated(wrong: dict[str, object], expected: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Config.model_validate(wrong)
    [line] = problems_of(caught.value, "f", Config)
    assert expected in line
    assert "canary" not in line


def test_every_country_that_the_catalogue_speaks_of_is_one() -> None:
    for provider in load_catalogue(None).providers:
        for code in (*provider.served_in, *filter(None, [provider.jurisdiction])):
            Config.model_validate({"regions": {"a": {"country": code}}})


def test_editors_are_told_the_forms_too() -> None:
    vantage = Config.model_json_schema()["$defs"]["VantageSettings"]["properties"]
    assert "socks5" in str(vantage["proxy"])
