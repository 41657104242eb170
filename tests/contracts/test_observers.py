"""What holds for every observer, by its protocol: nothing costly is read, one small canary, junk tells nothing."""

import inspect
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.model import Inventory, Route, RoutingChange, Strength
from alerts.observer import Observer, Seen, Side, Written
from monitor.formats import FOLDER, format_named
from monitor.plugins import load_plugin, plugin_names

NAMES = plugin_names("alerts.observers")
OUT, IN = Route("out", "anthropic", "claude-opus-4", key="o"), Route("in", "openai", "qwen3-max", key="i")
# a text that every format can read far enough: none of them finds a thing in it
TEXTS = {"newapi": '{"data": [{"id": 1, "type": 1, "models": "a", "name": "a", "key": ""}]}', "tensorzero": "",
         "higress": "activeProviderId: a\nproviders: []\n"}
PAID = ("/health", "/test", "/chat", "/messages", "/v1/")
PATHS = [tuple(path.split()) for path in (
    "data * model_info id", "data * model_name", "data * litellm_params model", "data models", "data priority",
    "current_values model_group_alias smart model", "error message", "extra_fields provider", "model",
    "rules * name", "rules * enabled", "rules * targets * provider", "rules * targets * model", "rules * fallbacks *",
    "tensorzero_raw_response * provider_type", "tensorzero_raw_response * data",
    "cluster_statuses * host_statuses * locality region", "cluster_statuses * host_statuses * priority")]
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=6), lambda inner: st.lists(
    inner, max_size=3) | st.dictionaries(st.sampled_from([
        "data", "model", "rules", "error", "message", "extra_fields", "provider", "cluster_statuses", "host_statuses",
        "locality", "tensorzero_raw_response", "model_info", "current_values", "model_group_alias"]), inner,
        max_size=4), max_leaves=12)


def made(name: str) -> Observer:
    one: Any = load_plugin("alerts.observers", name, "Observer")
    observer: Observer = one()
    return observer


def written(name: str, workload: str = "smart") -> Written:
    change = RoutingChange("vw-1", workload, "anthropic", ("o",), "in", Strength.EXCLUDE, "c", "b")
    text = TEXTS.get(name, "{}")
    before, after = (Side(text, Inventory((OUT, IN), workloads={workload: (key,)})) for key in "oi")
    return Written(change, before, after)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_called_as_a_format_is(name: str) -> None:
    assert name in plugin_names(FOLDER)
    assert format_named(name)[0] == name


@pytest.mark.parametrize("name", NAMES)
def test_what_is_read_costs_nothing_and_reaches_no_vendor(name: str) -> None:
    reads = made(name).reads(written(name))
    assert all(path.startswith("/") and not any(word in path for word in PAID) for path in reads)


@pytest.mark.parametrize("name", NAMES)
def test_the_canary_is_one_small_question(name: str) -> None:
    for workload in ("smart", "default"):
        asked = made(name).canary(written(name, workload))
        if asked is not None:
            path, body = asked
            assert path.startswith("/")
            assert body["max_tokens"] == 16
            assert len(json.dumps(body)) < 300


@pytest.mark.parametrize("name", NAMES)
def test_an_embedding_model_is_not_asked_a_question(name: str) -> None:
    given = written(name)
    model = Route("e", "openai", "text-embedding-3-small", key="o")
    side = Side(given.before.text, Inventory((model,), workloads={"smart": ("o",)}))
    assert made(name).canary(Written(given.change, side, side)) is None


@pytest.mark.parametrize("name", NAMES)
def test_without_answers_it_cannot_tell_and_says_why(name: str) -> None:
    one, change = made(name), written(name)
    nothing = {path: Seen(failed="could not reach gw") for path in one.reads(change)}
    assert one.loaded(change, nothing).took is None
    found = one.judge(change, nothing, Seen(failed="could not reach gw"))
    assert (found.took, found.failing) == (None, False)
    assert found.because
    assert one.judge(change, nothing, Seen(401, None)).took is None, "our own key may be wrong"


@pytest.mark.parametrize("name", NAMES)
@given(said=JSON, status=st.sampled_from([200, 204, 302, 404, 500]))
@settings(max_examples=40, deadline=None)
def test_junk_breaks_nothing_and_takes_nothing_back(name: str, said: object, status: int) -> None:
    one, change = made(name), written(name)
    seen = {path: Seen(status, said) for path in one.reads(change)}
    assert one.loaded(change, seen).because
    found = one.judge(change, seen, Seen(status, said))
    assert found.because
    assert not found.failing or (found.took and status >= 400)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[-1])
def test_junk_at_any_depth_breaks_nothing(name: str, path: tuple[str, ...]) -> None:
    """What is drawn at random seldom gets so deep."""
    one, change = made(name), written(name)
    for depth in range(len(path) + 1):
        for junk in (None, "x", 7, -1.5, True, [], {}, [None], ["x"], [[]], {"x": None}):
            said: Any = junk
            for step in reversed(path[:depth]):
                said = [said] if step == "*" else {step: said}
            seen = {read: Seen(200, said) for read in one.reads(change)}
            assert one.loaded(change, seen).because
            assert not one.judge(change, seen, Seen(200, said)).failing


@pytest.mark.parametrize("name", NAMES)
def test_it_says_on_what_it_was_seen(name: str) -> None:
    said = inspect.getdoc(inspect.getmodule(type(made(name)))) or ""
    assert "Seen on" in said or "ource of" in said or "rom its source" in said or "seen on" in said
