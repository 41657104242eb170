"""The values and small readers that all dialects share."""

import pkgutil
from datetime import date

import pytest
from builders import a_provider, a_target
from hypothesis import given
from hypothesis import strategies as st

import probes.wire
from probes.dialect import as_count, as_date, build_headers, find_dialect, join_url, merge, parse_json
from probes.model import Auth, Secret

DIALECTS = sorted({module.name for module in pkgutil.iter_modules(probes.wire.__path__)} - {"sse"})


@pytest.mark.parametrize("name", DIALECTS)
def test_every_file_of_the_folder_is_a_dialect(name):
    dialect = find_dialect(name)
    for verb in ("list_models", "chat", "read_models", "read_answer", "blame"):
        assert callable(getattr(dialect, verb))


@pytest.mark.parametrize("name", ["", "..os", "no_such"])
def test_no_other_name_is_one(name):
    with pytest.raises(ModuleNotFoundError):
        find_dialect(name)


def test_the_catalogues_headers_go_over_the_dialects_and_the_key_is_a_name():
    target = a_target(a_provider(auth=Auth("X-Key", "", (("Version", "2"),))))
    headers = dict(build_headers(target, ("version", "1")))
    assert headers["version"] == "2"
    assert headers["x-key"] == Secret("ACME_API_KEY", "api.acme.test", "eu", "")


def test_paths_are_joined_and_absolute_ones_taken():
    assert join_url("https://a.test/v1/", "/models") == "https://a.test/v1/models"
    assert join_url("https://a.test/v1", "https://b.test/x") == "https://b.test/x"


def test_merging_none_takes_out():
    assert merge({"a": 1, "b": 2}, {"b": None, "c": 3}) == {"a": 1, "c": 3}
    assert merge({"a": 1}, "nonsense") == {"a": 1}


@pytest.mark.parametrize(
    ("value", "day"),
    [("2026-12-01", date(2026, 12, 1)), ("2026-12-01T10:00:00Z", date(2026, 12, 1)), (1798761600, date(2027, 1, 1)),
     ("soon", None), (True, None), (7, None), (None, None), (1e300, None)],
)
def test_days(value, day):
    assert as_date(value) == day


def test_counts():
    assert [as_count(value) for value in (3, 3.0)] == [3, 3]
    assert {as_count(value) for value in (True, -1, "3", None, float("inf"), float("nan"))} == {None}


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_no_bytes_make_parsing_raise(data):
    parse_json(data)
