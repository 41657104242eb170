"""What goes into an errand comes out the same, whatever it says."""

import json
from datetime import UTC, datetime

from changing import CHANGE
from hypothesis import given
from hypothesis import strategies as st

from alerts.model import Alert, RoutingChange
from monitor.errand import alert_from_json, alert_to_json, change_from_json, change_named, change_to_json, mode_of

TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(st.builds(Alert, at=TIMES, since=st.none() | TIMES, ended=st.none() | TIMES))
def test_an_alert_comes_back(alert: Alert) -> None:
    assert alert_from_json(alert_to_json(alert)) == alert


MAYBE = st.none() | TIMES


@given(
    st.builds(RoutingChange, proven_at=MAYBE, created_at=MAYBE, expires_at=MAYBE), st.sampled_from(["auto", "propose"])
)
def test_a_change_comes_back_with_its_mode(change: RoutingChange, mode: str) -> None:
    text = change_to_json(change, mode)
    assert (change_from_json(text), mode_of(text)) == (change, mode)


@given(st.builds(Alert, at=TIMES))
def test_keys_of_a_newer_version_are_ignored(alert: Alert) -> None:
    text = json.dumps(json.loads(alert_to_json(alert)) | {"invented_later": 1})
    assert alert_from_json(text) == alert


def test_a_reroute_names_its_change() -> None:
    assert change_named(change_to_json(CHANGE)) == CHANGE.id
    assert change_named("{}") == ""
