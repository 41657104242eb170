"""What a proxy's answers say of a change: taken, not taken, failing, or nothing that can be told."""

from collections.abc import Mapping

import pytest
from changing import CONFIG
from observing import Judged, judged, written

from alerts.model import Inventory, Route, Strength
from alerts.observer import Seen, Side, Took, Written
from alerts.observers.litellm import Observer

ALIASED = written("litellm", CONFIG, "smart", "backup")
SHARED = written("litellm", CONFIG.replace("backup", "smart"), "smart", "qwen3-max")
MODELS = {"data": [
    {"model_name": "smart", "model_info": {"id": "a"}, "litellm_params": {"model": "anthropic/claude-sonnet-4-5"}},
    {"model_name": "backup", "model_info": {"id": "b"}, "litellm_params": {"model": "dashscope/qwen3-max"}},
    {"model_name": "odd"}, "junk"]}
TOGETHER = {"data": [dict(row, model_name="smart") for row in MODELS["data"][:2] if isinstance(row, dict)]}
APART = {"data": [dict(row, model_name=name) for row, name in zip(
    MODELS["data"][:2], ("smart-anthropic", "smart"), strict=True) if isinstance(row, dict)]}


def seen(aliases: object, models: object = MODELS) -> Mapping[str, Seen]:
    return {"/model/info": Seen(200, models),
            "/router/settings": Seen(200, {"current_values": {"model_group_alias": aliases}})}


@pytest.mark.parametrize(("aliases", "took"), [
    ({"smart": "backup"}, True), ({"smart": {"model": "backup", "hidden": False}}, True), ({"smart": "other"}, False),
    ({}, False), (None, None), ("junk", None)])
@pytest.mark.parametrize("models", [MODELS, None])
def test_by_what_is_loaded(aliases: object, models: object, took: bool | None) -> None:
    assert Observer().loaded(ALIASED, seen(aliases, models)).took is took


@pytest.mark.parametrize(("models", "took"), [(TOGETHER, False), (APART, True), (MODELS, False), (None, None)])
def test_a_group_that_was_shared_is_told_by_its_models(models: object, took: bool | None) -> None:
    assert Observer().loaded(SHARED, seen({}, models)).took is took


def test_two_accounts_with_one_model_are_told_by_their_number() -> None:
    """What stays is called like what leaves."""
    twins = Side("", Inventory(tuple(Route("smart", "bedrock", "m", key=key) for key in "ab"), workloads={
        "smart": ("a", "b")}))
    change = Written(SHARED.change, twins, Side("", Inventory(twins.inventory.routes, workloads={"smart": ("b",)})))
    row = {"model_name": "smart", "litellm_params": {"model": "bedrock/m"}}
    assert Observer().loaded(change, seen({}, {"data": [row, row]})).took is False
    assert Observer().loaded(change, seen({}, {"data": [row]})).took is True


def by(name: str, status: int = 200, **more: str) -> Seen:
    return Seen(status, {}, {"x-litellm-model-id": name, **more})


FELL = {"x-litellm-attempted-fallbacks": "1"}


@pytest.mark.parametrize(("aliases", "canary", "expected"), [
    (None, by("b"), (True, False)), (None, by("a"), (False, False)), ({"smart": "backup"}, by("b"), (True, False)),
    ({"smart": "backup"}, by("", 500), (True, True)), (None, by("", 500), (None, False)),
    ({"smart": "backup"}, by("b", 401), (True, True)), ({"smart": "backup"}, by("", 401), (None, False)),
    ({"smart": "backup"}, by("b", 429), (None, False)), (None, by("b", **FELL), (False, False)),
    ({"smart": "backup"}, by("unknown"), (True, False)), (None, by("unknown"), (None, False)),
    (None, Seen(200, {}, {"x-litellm-model-group": "smart"}), (None, False)),
    ({"smart": "backup"}, by("a"), (False, False)), ({"smart": "backup"}, Seen(failed="timed out"), (True, False))])
def test_by_who_answers(aliases: object, canary: Seen, expected: Judged) -> None:
    assert judged(Observer().judge(ALIASED, seen(aliases), canary)) == expected


@pytest.mark.parametrize(("change", "name", "expected"), [(SHARED, "a", (False, False)), (SHARED, "b", (None, False))])
def test_in_a_group_that_was_shared_only_who_left_tells(change: Written, name: str, expected: Judged) -> None:
    assert judged(Observer().judge(change, seen(None, TOGETHER), by(name))) == expected


def test_an_alias_that_is_listed_as_a_group_is_none() -> None:
    row = {"model_name": "smart", "model_info": {"id": "b"}, "litellm_params": {"model": "dashscope/qwen3-max"}}
    loaded = seen({"smart": "backup"}, {"data": [row, *MODELS["data"]]})
    assert judged(Observer().judge(ALIASED, loaded, by("b"))) == (True, False)
    assert judged(Observer().judge(ALIASED, loaded, by("a"))) == (False, False)


def test_who_leaves_may_answer_as_the_last_resort() -> None:
    change = written("litellm", CONFIG, "smart", "backup", Strength.DEMOTE)
    loaded = seen({"smart": "backup"})
    assert judged(Observer().judge(change, loaded, by("a", **FELL))) == (True, False)
    assert judged(Observer().judge(change, loaded, by("a"))) == (False, False)


def test_who_cannot_be_asked_says_why() -> None:
    said = Observer().loaded(ALIASED, {"/model/info": Seen(failed="could not reach gw")})
    assert said == Took(None, "could not reach gw")
