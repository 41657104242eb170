"""The three edits, each on texts that people write: what changes, and not a byte more."""

import pytest

from alerts.gateway import PatchRefused
from alerts.litellm.edits import Edit, Listed, alias_edit, edited, fallback_edit, rename_edit
from alerts.surgery.draft import Draft
from alerts.surgery.yamlnodes import compose, plain

FALLBACKS = ("router_settings", "fallbacks")


def after(text: str, edit: Edit) -> str:
    draft = edited(Draft(text, lambda said: plain(compose(said))), edit, "n")
    assert draft.taken_back() == text
    return draft.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\n", "a: 1\nrouter_settings: {model_group_alias: {w: g}}  # n\n"),
        ("router_settings:\n    x: 1\n", "router_settings:\n    model_group_alias: {w: g}  # n\n    x: 1\n"),
        ('{"a": 1}\n', '{router_settings: {model_group_alias: {w: g}}, "a": 1}  # n\n'),
        ("router_settings: {model_group_alias: {w: 'o'}}\n", "router_settings: {model_group_alias: {w: 'g'}}  # n\n"),
        ("router_settings: {model_group_alias: {w: g}}\n", "router_settings: {model_group_alias: {w: g}}\n"),
    ],
)
def test_an_alias(text: str, said: str) -> None:
    assert after(text, alias_edit((), "w", "g")) == said


def test_an_alias_below_other_keys() -> None:
    text = "proxy_config:\n  model_list: []\nother: 1\n"
    assert after(text, alias_edit(("proxy_config",), "w", "g")) == (
        "proxy_config:\n  router_settings: {model_group_alias: {w: g}}  # n\n  model_list: []\nother: 1\n")


@pytest.mark.parametrize(
    ("text", "change", "said"),
    [
        ("router_settings: {fallbacks: [{w: [a, b]}]}\n", Listed((1,), ("c",)),
         "router_settings: {fallbacks: [{w: [b, c]}]}  # n\n"),
        ("router_settings: {fallbacks: [{w: ['a', b]}]}\n", Listed((1,), (), {0: "c"}),
         "router_settings: {fallbacks: [{w: [c, b]}]}  # n\n"),
        ("router_settings:\n  fallbacks:\n  - w:\n    - 'a' # x\n    - b\n", Listed((1,), (), {0: "c"}),
         "router_settings:\n  fallbacks:\n  - w:  # n\n    - 'c' # x\n    - b\n"),
        ("router_settings:\n  fallbacks:\n  - v: [a]\n", Listed((), ("c",)),
         "router_settings:\n  fallbacks:\n  - w: [c]  # n\n  - v: [a]\n"),
    ],
)
def test_fallbacks(text: str, change: Listed, said: str) -> None:
    assert after(text, fallback_edit(FALLBACKS, "w", change)) == said


def test_two_edits_of_one_change_are_a_line_each() -> None:
    draft = Draft("a: 1\nrouter_settings:\n  x: 1\n", lambda said: plain(compose(said)))
    for edit in (alias_edit((), "w", "g"), fallback_edit(FALLBACKS, "w", Listed((), ("c",)))):
        draft = edited(draft, edit, "n")
    assert draft.text == (
        "a: 1\nrouter_settings:\n  fallbacks: [{w: [c]}]  # n\n  model_group_alias: {w: g}  # n\n  x: 1\n")
    assert draft.taken_back() == "a: 1\nrouter_settings:\n  x: 1\n"


def test_deployments_get_another_group_name() -> None:
    text = "model_list:\n- model_name: \"s\" # one\n  x: 1\n- {model_name: s, x: 2}\n- model_name: s\n"
    assert after(text, rename_edit((), (0, 1), "s-p")) == (
        "model_list:\n- model_name: \"s-p\" # one  # n\n  x: 1\n- {model_name: s-p, x: 2}\n- model_name: s\n")


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("b: &b {model_name: s}\nmodel_list:\n- <<: *b\n", "merge key"),
        ("model_list:\n- model_name: &n s\n- model_name: *n\n", "anchor"),
        ("model_list:\n- &one {model_name: s}\n- *one\n", "something else"),
    ],
)
def test_a_name_that_others_share_is_not_changed(text: str, because: str) -> None:
    with pytest.raises(PatchRefused, match=because):
        after(text, rename_edit((), (0,), "s-p"))


def test_anchors_elsewhere_do_not_disturb() -> None:
    text = "b: &b {x: 1}\nmodel_list:\n- &d\n  model_name: s\n  p: *b\n"
    assert "model_name: s-p  # n\n" in after(text, rename_edit((), (0,), "s-p"))


@pytest.mark.parametrize("text", ["router_settings: 5\n", "router_settings: {model_group_alias: [a]}\n"])
def test_a_place_of_the_wrong_kind_is_refused(text: str) -> None:
    with pytest.raises(PatchRefused, match="not a mapping"):
        after(text, alias_edit((), "w", "g"))
