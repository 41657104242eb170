"""Exit codes for monitoring plugins, and plain JSON."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import NOON

from monitor import report
from probes.outcome import Outcome


@pytest.mark.parametrize(("outcome", "code"), [
    ("ok", 0), ("degraded", 1), ("overloaded", 1), ("geo_restricted", 2), ("account_restricted", 2),
    ("provider_outage", 2), ("network_dns", 2), ("unknown", 3), ("probe_error", 3), ("skipped", 3)])
def test_an_outcome_has_its_plugin_code(outcome: str, code: int) -> None:
    assert report.plugin_code(outcome) == code


@given(st.sampled_from(Outcome))
def test_every_outcome_has_a_code(outcome: Outcome) -> None:
    assert report.plugin_code(outcome) in report.WORDS


def test_an_expected_refusal_is_fine_and_an_expected_outage_is_not() -> None:
    assert report.plugin_code("geo_restricted", expected=True) == 0
    assert report.plugin_code("provider_outage", expected=True) == 2


@given(st.lists(st.sampled_from([0, 1, 2, 3])))
def test_the_worst_is_one_of_them_and_a_failure_is_never_hidden(codes: list[int]) -> None:
    worst = report.worst(codes)
    assert worst in (codes or [3])
    assert (worst == 2) == (2 in codes)


def test_our_own_network_is_down_only_if_no_neutral_host_answers() -> None:
    assert report.own_network_down(["network_dns", "network_timeout"])
    assert not report.own_network_down(["network_dns", "ok"])
    assert not report.own_network_down([])


def test_json_says_times_and_durations_plainly() -> None:
    assert json.loads(report.as_json({"at": NOON, "for": timedelta(minutes=1), "what": Outcome.OK})) == {
        "at": "2026-03-02T12:00:00+00:00", "for": 60.0, "what": "ok"}


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (0.123, "123 ms"), (2.5, "2.50 s")])
def test_what_was_not_measured_is_not_zero(value: float | None, text: str) -> None:
    assert report.seconds(value) == text
