"""Status pages' JSON, in the recorded form of each platform: what stands, what is over, what is none of them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statuspages import AWS, BETTER_STACK, CHECKLY, DATADOG, GOOGLE, INCIDENT_IO, INSTATUS, STATUSPAGE, resource

from probes.bulletin import read_bulletin
from probes.notice import BrokenSourceError, Notice


def standing(document: Any, encoding: str = "utf-8") -> list[Notice]:
    return [notice for notice in read_bulletin(json.dumps(document).encode(encoding)) if notice.open]


@pytest.mark.parametrize(("document", "titles"), [
    (STATUSPAGE, ["Elevated errors across all models"]),
    (INCIDENT_IO, ["Partial System Degradation"]),
    (CHECKLY, ["Audio API Degraded"]),
    (DATADOG, ["Elevated errors on chat completions"]),
    (INSTATUS, ["Sandbox issues"]),
    (BETTER_STACK, ["Spaces Proxy: downtime", "Hub unavailable"]),
    (GOOGLE, ["Increased latency"]),
    (AWS, ["Multiple services: Increased Error Rates"]),
    ({"current": AWS, "archive": []}, ["Multiple services: Increased Error Rates"]),
], ids=["statuspage", "incident_io", "checkly", "datadog", "instatus", "betterstack", "google", "aws", "aws-old"])
def test_of_each_platform_what_stands(document: Any, titles: list[str]) -> None:
    assert [notice.title for notice in standing(document)] == titles


@pytest.mark.parametrize("document", [
    {"incidents": []}, {"page": {"id": "x"}, "status": {"indicator": "none", "description": "All Systems Operational"}},
    {"page": {"status": "UP"}}, {"page": {"status": "UNDERMAINTENANCE"}, "activeIncidents": []}, [],
    {"data": {"attributes": {"aggregate_state": "operational"}}, "included": [resource("1", "Hub", "operational")]},
    {"incidents": [], "components": [{"name": "API", "status": "under_maintenance"}]},
])
def test_a_page_on_which_all_is_well_is_read_and_says_nothing(document: Any) -> None:
    assert standing(document) == []


@pytest.mark.parametrize(("document", "title"), [
    ({**DATADOG, "incidents": [], "components": [{"id": "g", "name": "API", "components": [
        {"id": "c", "name": "Chat", "status": "partial_outage"}]}]}, "Chat: partial outage"),
    ({"page": {"status": "HASISSUES"}, "activeIncidents": []}, "the page says HASISSUES"),
])
def test_a_page_may_say_so_before_it_tells_an_incident(document: Any, title: str) -> None:
    assert [notice.title for notice in standing(document)] == [title]


def test_what_an_incident_concerns_and_when_it_was_told_are_read() -> None:
    google, aws = read_bulletin(json.dumps(GOOGLE).encode())[0], standing(AWS, "utf-16")[0]
    assert "Vertex Gemini API" in google.scope
    assert "us-central1" in google.scope
    assert google.at is not None
    assert google.at.hour == 10
    assert aws.at is not None
    assert aws.at.timestamp() == 1772373085
    assert "me-central-1" in aws.scope


def test_the_mark_changes_with_the_state_and_the_key_does_not() -> None:
    before, after = (read_bulletin(json.dumps({"incidents": [
        {"id": "1", "name": "Trouble", "status": status}]}).encode())[0] for status in ("identified", "resolved"))
    assert before.key == after.key
    assert before.revision != after.revision


@pytest.mark.parametrize("body", [
    b"", b"<!DOCTYPE html><html>Status</html>", b"null", b"3", b"{}", b'{"error": "x"}', b'[{"x": 1}]', b"[" * 100_000,
    b'{"data": {"id": 1}, "included": []}', b"\xff\xfe\x00", b'{"components": []}',
])
def test_anything_else_is_a_broken_source_and_never_operational(body: bytes) -> None:
    with pytest.raises(BrokenSourceError):
        read_bulletin(body)


KEYS = ["incidents", "name", "status", "id", "begin", "end", "page", "included", "data", "attributes", "type", "arn",
        "aggregate_state", "components", "activeIncidents", "event_log", "updated_at", "resolved", "current"]


@given(st.recursive(st.none() | st.booleans() | st.text(max_size=4) | st.integers(), lambda inner: st.lists(
    inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner)))
def test_no_json_makes_it_raise_anything_else(value: Any) -> None:
    try:
        read_bulletin(json.dumps(value).encode())
    except BrokenSourceError:
        return
