"""Exports of channels in all their wrappings, and whose a channel is by its number."""

import json
from typing import Any

import pytest

from alerts.gateway import PatchRefused
from alerts.jsonformats.newapi import problems, read, route, vendor

ROW: dict[str, Any] = {"id": 7, "type": 43, "name": "x", "models": "a, b", "group": "", "status": 1, "tag": "t"}


@pytest.mark.parametrize("wrap", [
    [ROW], {"data": [ROW]}, {"data": {"items": [ROW], "total": 1}}, {"success": True, "data": {"channels": [ROW]}}])
def test_wrappings(wrap: object) -> None:
    export = read(json.dumps(wrap))
    assert [(one.id, one.models, one.groups, one.priority) for one in export.channels] == [
        (7, ("a", "b"), ("default",), 0)]
    assert export.whole


def test_a_number_means_what_its_fork_says() -> None:
    new = read(json.dumps([ROW]))
    assert (new.fork, vendor(new.channels[0], new.fork)) == ("new-api", "deepseek")
    row = {key: value for key, value in ROW.items() if key != "tag"}
    old = read(json.dumps([{**row, "config": "", "type": 36}]))
    assert (old.fork, vendor(old.channels[0], old.fork)) == ("one-api", "deepseek")
    neither = read(json.dumps([row]))
    assert (neither.fork, vendor(neither.channels[0], neither.fork)) == ("", "")
    custom = read(json.dumps([{**ROW, "type": 8, "base_url": "https://api.moonshot.cn"}]))
    found = route(custom.channels[0], custom.fork)
    assert (found.prefix, found.base_url, found.also) == ("openai", "https://api.moonshot.cn", ("7", "#7", "t"))


@pytest.mark.parametrize(("more", "what"), [
    ({"model_mapping": "{"}, "no JSON object"), ({"models": ""}, "serves no model"), ({"models": "a,a"}, "twice"),
    ({"model_mapping": '{"a": "b", "b": "a"}'}, "circle"), ({"status": 2}, "no enabled channel")])
def test_faults(more: dict[str, object], what: str) -> None:
    text = json.dumps([{**ROW, **more}])
    assert any(what in fault.what for fault in problems(text, read(text)))


@pytest.mark.parametrize("junk", ["{}", "[]", "[1]", '{"data": [{"id": 1}]}', json.dumps([ROW, ROW])])
def test_junk(junk: str) -> None:
    with pytest.raises(PatchRefused):
        read(junk)
