"""new-api's channels as its admin API shows them, and the model that an answer names."""

import json
from typing import Any

import pytest
from observing import Judged, answer, judged, refused, written

from alerts.model import ApiCall
from alerts.observer import Seen
from alerts.observers.newapi import Observer

ROWS: list[dict[str, Any]] = [
    {"id": 1, "type": 14, "name": "claude", "key": "", "status": 1, "models": "smart,claude-x", "group": "default",
     "model_mapping": '{"smart":"claude-opus"}', "priority": 10, "auto_ban": 1, "tag": None},
    {"id": 2, "type": 17, "name": "qwen", "key": "", "status": 1, "models": "qwen3-max", "group": "default",
     "model_mapping": '{"a":"b"}', "priority": 0, "auto_ban": 1, "tag": None}]
MOVED = written("new-api", json.dumps({"success": True, "data": ROWS}, indent=1), "smart", "qwen")


def shown(*calls: ApiCall) -> dict[str, Seen]:
    """The channels with the values of these calls."""
    rows = {row["id"]: dict(row) for row in ROWS}
    for call in calls:
        rows[call.body["id"]].update(call.body)
    return {f"/api/channel/{number}": Seen(200, {"success": True, "data": row}) for number, row in rows.items()}


BEFORE, AFTER = shown(), shown(*MOVED.calls)
DENIED = {path: Seen(200, {"success": False, "message": "no access"}) for path in BEFORE}


@pytest.mark.parametrize(("seen", "took", "words"), [
    (AFTER, True, "as they were to be"), (BEFORE, False, "is not as it was to be sent"),
    (shown(MOVED.calls[0]), False, "models"), (DENIED, None, "no access"), ({}, None, "without a channel"),
    ({path: Seen(failed="could not reach gw") for path in BEFORE}, None, "could not reach gw")])
def test_by_the_channels_as_they_are_shown(seen: dict[str, Seen], took: bool | None, words: str) -> None:
    found = Observer().loaded(MOVED, seen)
    assert found.took is took
    assert words in found.because


def test_it_reads_the_channels_and_tests_none() -> None:
    assert sorted(Observer().reads(MOVED)) == ["/api/channel/1", "/api/channel/2"]


OURS = {"type": "new_api_error", "message": "Invalid token", "code": ""}


@pytest.mark.parametrize(("seen", "canary", "expected"), [
    (AFTER, answer("qwen3-max"), (True, False)), (DENIED, answer("qwen3-max-2026-01-23"), (True, False)),
    (AFTER, answer("claude-opus"), (False, False)),         # the rows are new, what is cached is not
    (AFTER, answer("smart"), (True, False)), (DENIED, answer("smart"), (None, False)),
    (AFTER, refused("upstream is down"), (True, True)), (DENIED, refused("upstream is down"), (None, False)),
    (AFTER, Seen(401, {"error": OURS}), (None, False)), (AFTER, Seen(403, {"error": OURS}), (None, False)),
    (AFTER, Seen(503, {"error": {**OURS, "code": "model_not_found"}}), (True, True))])
def test_by_the_model_that_the_channel_maps_to(seen: dict[str, Seen], canary: Seen, expected: Judged) -> None:
    assert judged(Observer().judge(MOVED, seen, canary)) == expected


def test_a_key_that_is_not_taken_is_ours() -> None:
    assert "canary_key_env" in Observer().judge(MOVED, AFTER, Seen(401, {"error": OURS})).because
