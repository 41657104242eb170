"""What a proxy's answers say of a change: taken, not taken, failing, or nothing that can be told."""

from collections.abc import Mapping

import pytest

from alerts.model import RoutingChange, Strength
from alerts.observer import Seen, Took
from alerts.observers.litellm import Observer

CHANGE = RoutingChange("vw-1", "smart", "anthropic", (), "backup", Strength.EXCLUDE, "region_restricted", "403")
MODELS = {"data": [{"model_name": "smart", "model_info": {"id": "a"}}, {"model_name": "backup", "model_info": {
    "id": "b"}}, {"model_name": "odd"}, "junk"]}
Judged = tuple[bool | None, bool]


def settings(aliases: object) -> Seen:
    return Seen(200, {"current_values": {"model_group_alias": aliases}})


def judge(aliases: object = None, canary: Seen | None = None) -> Took:
    seen: Mapping[str, Seen] = {"/model/info": Seen(200, MODELS), "/router/settings": settings(aliases)}
    return Observer().judge(CHANGE, seen, canary)


@pytest.mark.parametrize(("aliases", "took"), [
    ({"smart": "backup"}, True), ({"smart": {"model": "backup", "hidden": False}}, True), ({"smart": "other"}, False),
    ({}, False), (None, None), ("junk", None)])
def test_by_what_is_loaded(aliases: object, took: bool | None) -> None:
    assert judge(aliases).took is took


def by(name: str, status: int = 200) -> Seen:
    return Seen(status, {}, {"x-litellm-model-id": name})


@pytest.mark.parametrize(("aliases", "canary", "judged"), [
    (None, by("b"), (True, False)), (None, by("a"), (False, False)), ({"smart": "backup"}, by("b"), (True, False)),
    ({"smart": "backup"}, by("", 500), (True, True)), ({}, by("", 403), (False, False)),
    (None, by("", 403), (False, False)), ({"smart": "backup"}, by("unknown"), (True, False)),
    (None, by("unknown"), (None, False)), (None, Seen(200, {}, {"x-litellm-model-group": "backup"}), (True, False)),
    ({"smart": "backup"}, Seen(failed="timed out"), (True, False))])
def test_by_who_answers(aliases: object, canary: Seen, judged: Judged) -> None:
    found = judge(aliases, canary)
    assert (found.took, found.failing) == judged
    assert found.because


def test_who_cannot_be_asked_says_why() -> None:
    said = Observer().judge(CHANGE, {"/model/info": Seen(failed="could not reach gw")}, None)
    assert said == Took(None, "could not reach gw")


def test_it_never_asks_what_calls_the_vendor() -> None:
    assert all("health" not in path for path in (*Observer().reads, Observer().canary("smart")[0]))
    assert Observer().canary("smart")[1]["model"] == "smart"
