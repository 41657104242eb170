"""Which move is planned: an alias, a group apart, other fallbacks – or a refusal that says why."""

from dataclasses import replace

import pytest

from alerts.gateway import PatchRefused
from alerts.litellm.moving import planned
from alerts.litellm.reading import read
from alerts.model import RoutingChange, Strength

MODELS = """\
model_list:
  - {model_name: p, litellm_params: {model: anthropic/p}}
  - {model_name: f, litellm_params: {model: dashscope/f}}
  - {model_name: both, litellm_params: {model: anthropic/b}, model_info: {id: both-p}}
  - {model_name: both, litellm_params: {model: dashscope/b}, model_info: {id: both-f}}
  - {model_name: g, litellm_params: {model: moonshot/g}}
  - {model_name: "anthropic/*", litellm_params: {model: "anthropic/*"}}
"""
CHANGE = RoutingChange(
    "vw-1", "p", "anthropic", ("model_list.0", "model_list.2", "model_list.5"), "f", Strength.EXCLUDE, "c", "b")


def move(tail: str = "", **more: object) -> tuple[str, tuple[int, ...], dict[str, object]]:
    found = planned(replace(CHANGE, **more), read(MODELS + tail))       # type: ignore[arg-type]
    fallbacks = {kind: (one.keep, one.added, dict(one.swapped)) for kind, one in found.fallbacks.items()}
    return found.alias, found.places, dict(fallbacks)


def test_a_group_of_its_own_is_hidden_by_an_alias() -> None:
    assert move() == ("f", (), {})
    assert move(workload="anthropic/opus") == ("f", (), {})         # what a wildcard serves, too


def test_what_shares_the_group_with_the_fallback_is_put_apart() -> None:
    for target in ("both", "both-f", "dashscope/b"):
        assert move(workload="both", takes_over=target) == ("", (2,), {})
    assert move(workload="both", takes_over="f") == ("f", (), {})
    found = planned(replace(CHANGE, workload="both", takes_over="both-f"), read(MODELS))
    assert found.apart_name == "both-anthropic"


def test_a_name_that_is_taken_is_not_given_again() -> None:
    tail = "router_settings: {model_group_alias: {both-anthropic: f, both-anthropic-2: f}}\n"
    found = planned(replace(CHANGE, workload="both", takes_over="both-f"), read(MODELS + tail))
    assert found.apart_name == "both-anthropic-3"


def test_demoted_what_leaves_gets_a_name_that_a_fallback_can_have() -> None:
    assert move(strength=Strength.DEMOTE) == ("f", (0,), {"fallbacks": ((), ("p-anthropic",), {})})
    assert move(strength=Strength.DEMOTE, workload="both", takes_over="both-f") == (
        "", (2,), {"fallbacks": ((), ("both-anthropic",), {})})
    tail = "router_settings: {fallbacks: [{p: [both, g]}]}\n"       # it has one already: it comes last
    assert move(tail, strength=Strength.DEMOTE) == ("f", (), {"fallbacks": ((1,), ("both",), {})})


def test_demoted_a_group_that_a_deployment_has_its_id_from_keeps_its_name() -> None:
    models = MODELS.replace("anthropic/p}", "anthropic/p}, model_info: {id: p}")
    assert planned(replace(CHANGE, strength=Strength.DEMOTE), read(models)).places == ()


def test_a_first_choice_that_stays_is_left_alone_and_the_fallback_replaced() -> None:
    tail = "router_settings: {fallbacks: [{g: [p, f2]}], model_group_alias: {f2: f}}\n"
    assert move(tail, workload="g") == ("", (), {"fallbacks": ((1,), (), {})})          # f is among them as f2
    assert move(tail.replace("f2]", "else/x]"), workload="g") == ("", (), {"fallbacks": ((1,), (), {0: "f"})})
    assert move(tail.replace("p, f2", "p"), workload="g", strength=Strength.DEMOTE) == (
        "", (), {"fallbacks": ((), ("f", "p"), {})})
    with pytest.raises(PatchRefused, match="'f' cannot stand in for p: its own fallbacks lead to anthropic"):
        move("litellm_settings: {default_fallbacks: [p]}\n", workload="g")
    tail = "router_settings: {context_window_fallbacks: [{g: [p]}]}\n"
    assert move(tail, workload="g") == ("", (), {"context_window_fallbacks": ((), (), {0: "f"})})


def test_a_way_back_by_fallbacks_of_another_kind_is_cut_too() -> None:
    tail = "router_settings: {context_window_fallbacks: [{p: [g]}], fallbacks: [{g: [both]}]}\n"
    assert move(tail) == ("f", (), {"context_window_fallbacks": ((), (), {})})


def test_a_fallback_that_a_wildcard_of_what_leaves_may_serve_is_cut() -> None:
    tail = "router_settings: {fallbacks: [{p: [claude-x, anthropic/y, g]}]}\n"
    assert move(tail) == ("f", (), {"fallbacks": ((2,), (), {})})


def test_moved_already_nothing_is_planned() -> None:
    assert move("router_settings: {model_group_alias: {p: f}}\n") == ("", (), {})
    assert move("router_settings: {fallbacks: [{g: [f]}]}\n", workload="g") == ("", (), {})


@pytest.mark.parametrize(
    ("more", "because"),
    [
        ({"workload": "g"}, "leads neither to anthropic nor to 'f', but to 'g'"),
        ({"workload": "g", "tail": "router_settings: {fallbacks: [{g: [f]}]}\n", "leaves_routes": ()}, "leads neither"),
        ({"takes_over": "p"}, "is the workload's own group, and leaves"),
        ({"takes_over": "both"}, "routes in part to anthropic"),
        ({"takes_over": "anthropic/*"}, "is a wildcard"), ({"workload": "anthropic/*"}, "is a wildcard"),
        ({"takes_over": "both-p"}, "itself routes to anthropic"),
    ],
)
def test_what_cannot_be_moved_is_refused(more: dict[str, str], because: str) -> None:
    with pytest.raises(PatchRefused, match=because):
        move(**more)        # type: ignore[arg-type]
