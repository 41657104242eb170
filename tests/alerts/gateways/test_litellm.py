"""LiteLLM patches: minimal, idempotent, reversible, meant – over generated configs – and refusals with a reason."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from alerts.gateway import PatchRefused
from alerts.gateways.litellm import Gateway
from alerts.model import RoutingChange, Strength
from alerts.outlets import FileOutlet

SAMPLE = (
    "model_list:\n"
    "  - {model_name: smart, litellm_params: {model: anthropic/claude, api_key: os.environ/A}} # primary\n"
    "  - {model_name: smart-qwen, litellm_params: {model: dashscope/qwen, api_key: os.environ/B}}\n"
)
WORKLOAD, TARGET = "smart", "smart-qwen"
MODELS = """\
model_list:
  - model_name: smart   # the primary
    litellm_params: {model: anthropic/claude-opus, api_key: os.environ/ANTHROPIC_API_KEY}
  - model_name: smart-qwen
    litellm_params:
        model: dashscope/qwen3-max
        api_key: os.environ/DASHSCOPE_API_KEY
        api_base: https://dashscope.aliyuncs.com/compatible-mode/v1
    model_info: {id: qwen-1}
  - {model_name: smart-kimi, litellm_params: {model: moonshot/kimi-k2}}
  - {model_name: claude-b, litellm_params: {model: anthropic/claude-sonnet}, model_info: {id: second}}
"""
CHANGE = RoutingChange(
    "vw-20261124-7f3a", "smart", "claude", ("model_list.0", "second"), "smart-qwen", Strength.EXCLUDE,
    "region_restricted", "403", expires_at=datetime(2026, 12, 1, tzinfo=UTC),
)
DEMOTE = replace(CHANGE, id="vw-d", strength=Strength.DEMOTE, cause="latency", because="slow")


def load(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def router(text: str) -> dict[str, Any]:
    return dict(load(text)["router_settings"])


def test_the_smallest_patch_is_one_line() -> None:
    patch = Gateway().render(CHANGE, MODELS, "litellm/config.yaml")
    assert patch.patched == MODELS + (
        "router_settings: {model_group_alias: {smart: smart-qwen}}  "
        "# vendorwatch:vw-20261124-7f3a expires=2026-12-01T00:00Z "
        "revert: vendorwatch patch revert vw-20261124-7f3a\n"
    )
    assert patch.diff.startswith("--- a/litellm/config.yaml\n+++ b/litellm/config.yaml\n")
    assert patch.reverted == MODELS
    assert "restart" in patch.apply
    assert patch.change == CHANGE.id


@pytest.mark.skipif(which("patch") is None, reason="no patch(1) here")
def test_the_diff_beside_it_takes_it_back(tmp_path: Path) -> None:
    patch = Gateway().render(CHANGE, MODELS, "/etc/litellm.yaml")
    (tmp_path / "live.yaml").write_text(patch.patched)
    FileOutlet().put(patch, CHANGE, tmp_path)
    subprocess.run(["patch", "-R", "live.yaml", f"{CHANGE.id}.diff"], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "live.yaml").read_text() == MODELS


def test_fallbacks_are_kept_under_the_public_name_without_those_that_lead_back() -> None:
    text = MODELS + "router_settings:\n  fallbacks: [{smart: [claude-b, 'smart-kimi']}, {smart-qwen: [smart-kimi]}]\n"
    patch = Gateway().render(CHANGE, text)
    assert router(patch.patched)["fallbacks"] == [{"smart": ["smart-kimi"]}, {"smart-qwen": ["smart-kimi"]}]
    assert "'smart-kimi']}" in patch.patched
    assert any("claude-b" in warning for warning in patch.warnings)


def test_the_targets_fallbacks_are_written_under_the_public_name() -> None:
    text = MODELS + "router_settings:\n  fallbacks:\n  - smart-qwen: [smart-kimi, claude-b]\n"
    assert {"smart": ["smart-kimi"]} in router(Gateway().render(CHANGE, text).patched)["fallbacks"]


def test_a_fallback_that_leads_back_over_two_steps_is_dropped() -> None:
    text = MODELS + "router_settings:\n  fallbacks: [{smart: [smart-kimi]}, {smart-kimi: [claude-b]}]\n"
    assert router(Gateway().render(CHANGE, text).patched)["fallbacks"][0] == {"smart": []}


def test_default_fallbacks_that_lead_back_are_overridden_for_this_workload() -> None:
    text = MODELS + "router_settings:\n  default_fallbacks: [claude-b]\n"
    assert router(Gateway().render(CHANGE, text).patched)["fallbacks"] == [{"smart": []}]


def test_fallbacks_of_litellm_settings_are_edited_where_they_are() -> None:
    text = MODELS + "litellm_settings:\n  fallbacks: [{smart: [claude-b]}]\n"
    patched = load(Gateway().render(CHANGE, text).patched)
    assert patched["litellm_settings"]["fallbacks"] == [{"smart": []}]
    assert "fallbacks" not in patched["router_settings"]


def test_context_window_fallbacks_do_not_lead_back_either() -> None:
    text = MODELS + "router_settings:\n  context_window_fallbacks:\n    - smart:\n      - claude-b\n"
    assert router(Gateway().render(CHANGE, text).patched)["context_window_fallbacks"] == [{"smart": []}]


def test_demoted_the_vendor_stays_as_last_resort() -> None:
    text = MODELS + "router_settings:\n  fallbacks:\n    - smart:\n        - claude-b\n        - smart-kimi # k\n"
    patch = Gateway().render(DEMOTE, text)
    assert router(patch.patched)["fallbacks"] == [{"smart": ["smart-kimi", "claude-b"]}]
    assert "- smart-kimi # k\n" in patch.patched
    assert "smart-claude" not in patch.patched      # it is reachable already: no deployment need be renamed
    aliased = MODELS.replace("model_name: smart ", "model_name: main ") + (
        'router_settings:\n  model_group_alias: {"smart": "main"}\n')
    change = RoutingChange("vw-e", "smart", "claude", ("main",), "smart-qwen", Strength.DEMOTE, "latency", "slow")
    after = router(Gateway().render(change, aliased).patched)
    assert after == {"model_group_alias": {"smart": "smart-qwen"}, "fallbacks": [{"smart": ["main"]}]}


def test_an_alias_in_its_long_form_keeps_it() -> None:
    text = MODELS + "router_settings:\n  model_group_alias:\n    smart: {model: 'claude-b', hidden: true}\n"
    patched = Gateway().render(CHANGE, text).patched
    assert "smart: {model: 'smart-qwen', hidden: true}" in patched


def test_warnings_tell_what_a_patch_cannot_do() -> None:
    text = MODELS + (
        "router_settings: {model_group_alias: {gpt: smart}}\n"
        "general_settings: {master_key: os.environ/K, store_model_in_db: true}\n")
    said = " ".join(Gateway().render(CHANGE, text).warnings)
    assert "alias gpt still leads" in said
    assert "database" in said
    assert "virtual keys" in said


@pytest.mark.parametrize(
    ("tail", "because"),
    [
        ("router_settings: &rs\n  num_retries: 1\n", "anchor"),
        ("x: &rs {num_retries: 1}\nrouter_settings: *rs\n", "anchor"),
        ("x: &rs {num_retries: 1}\nrouter_settings:\n  <<: *rs\n", "anchor"),
        ("router_settings:\n  model_group_alias: {}\n  model_group_alias: {}\n", "twice"),
        ("router_settings: {}\nrouter_settings: {}\n", "twice"),
        ("litellm_settings: {}\nlitellm_settings: {fallbacks: []}\n", "twice"),
        ("litellm_settings:\n  fallbacks: [{smart: [a], smart: [b]}]\n", "twice"),
        ("router_settings:\n\tnum_retries: 1\n", "YAML"),
        ("router_settings: 5\n", "not a mapping"),
        ("router_settings: {fallbacks: {smart: [claude-b]}}\n", "is not a list of"),
        ("router_settings: {fallbacks: [smart]}\n", "is not a list of"),
        ("router_settings:\n  model_group_alias: [smart]\n", "not a mapping"),
        ("router_settings:\n  model_group_alias: {smart: }\n", "leads nowhere"),
        ("general_settings: {}\nproxy: {model_list: [a]}\nmodel_list: []\n", "twice"),
        ("router_settings:\n  model_group_alias: {smart: |-\n    a\n  }\n", ""),
        (
            "router_settings:\n  fallbacks:\n    - smart:\n        - claude-b\n        - {model: claude-b}\n",
            "plain name",
        ),
        ("router_settings:\n  fallbacks:\n    - smart: [claude-b, # one\n        smart-kimi]\n", "comments"),
        ("---\na: 1\n", "one YAML document"),
        ("a: *nothing\n", "one YAML document"),
    ],
)
def test_what_is_not_safe_is_refused_with_a_reason(tail: str, because: str) -> None:
    if because == "":
        _refused_or_lawful(MODELS + tail)
        return
    with pytest.raises(PatchRefused, match=because):
        Gateway().render(CHANGE, MODELS + tail)


@pytest.mark.parametrize("tail", [
    "general_settings: {}\ngeneral_settings: {master_key: x}\n", "litellm_settings: {a: 1, a: 2}\n",
    "router_settings:\n  num_retries: 1\n  num_retries: 2\n", "litellm_settings: {a: 1}\nlitellm_settings: {b: 2}\n",
])
def test_a_key_that_stands_twice_where_nothing_is_cut_is_let_stand(tail: str) -> None:
    patch = Gateway().render(CHANGE, MODELS + tail)
    assert patch.reverted == MODELS + tail
    assert "model_group_alias: {smart: smart-qwen}" in patch.patched


@pytest.mark.parametrize(
    ("changed", "because"),
    [
        ({"takes_over": "nowhere"}, "no model group"), ({"takes_over": "claude-b"}, "itself routes to claude"),
        ({"takes_over": "smart"}, "own group"), ({"workload": "typo"}, "neither"),
        ({"workload": "smart-kimi"}, "leads neither to claude nor to 'smart-qwen'"),
        ({"takes_over": "smart-kimi", "leaves": "moonshot", "leaves_routes": ("model_list.2",)},
         "itself routes to moonshot"),
    ],
)
def test_a_change_that_leads_nowhere_is_refused(changed: dict[str, Any], because: str) -> None:
    with pytest.raises(PatchRefused, match=because):
        Gateway().render(replace(CHANGE, **changed), MODELS)


def test_an_alias_that_takes_over_stands_for_its_group_as_litellm_follows_one_step() -> None:
    text = MODELS.replace("model_name: smart-qwen", "model_name: q") + (
        "router_settings: {model_group_alias: {smart-qwen: q}}\n")
    assert router(Gateway().render(CHANGE, text).patched)["model_group_alias"] == {"smart": "q", "smart-qwen": "q"}


def test_a_literal_key_is_not_shown_in_the_diff() -> None:
    canary = "sk-canary-0123456789"
    text = MODELS.replace("os.environ/ANTHROPIC_API_KEY", canary) + f"general_settings:\n  master_key: {canary}\n"
    patch = Gateway().render(CHANGE, text)
    assert canary not in patch.diff
    assert "smart: smart-qwen" in patch.diff
    assert patch.reverted == text
    assert canary not in str(Gateway().inventory(text))
    assert canary not in str(Gateway().lint(text))


@pytest.mark.parametrize("text", [MODELS, MODELS.rstrip("\n"), MODELS.replace("\n", "\r\n"), "\ufeff" + MODELS])
def test_git_applies_the_diff_and_takes_it_back(text: str, tmp_path: Path) -> None:
    text += ("" if text.endswith("\n") else "\n") + "router_settings: {fallbacks: [{smart: [claude-b]}]}"
    patch = Gateway().render(CHANGE, text, "config.yaml")
    file, diff = tmp_path / "config.yaml", tmp_path / "it.diff"
    file.write_bytes(text.encode())
    diff.write_bytes(patch.diff.encode())
    subprocess.run(["git", "apply", "--whitespace=nowarn", "it.diff"], cwd=tmp_path, check=True)
    assert file.read_bytes().decode() == patch.patched
    subprocess.run(["git", "apply", "-R", "--whitespace=nowarn", "it.diff"], cwd=tmp_path, check=True)
    assert file.read_bytes().decode() == text


# --- laws over generated configs ------------------------------------------------------------------------------------

GROUPS = ("smart-qwen", "smart-kimi", "claude-b")
comment = st.sampled_from(["", "  # note", " # 中文 😀", "   #"])
between = st.sampled_from(["", "# a comment\n", "\n", "    # deep\n"])
names = st.lists(st.sampled_from(GROUPS), max_size=3, unique=True)
shown = st.sampled_from(["{}", "'{}'", '"{}"'])


@st.composite
def lists(draw: Any, indent: str) -> str:
    """A list of names under a key: flow, or block with its own indentation and comments."""
    chosen, quote = draw(names), draw(shown)
    if not chosen or draw(st.booleans()):
        return f" [{', '.join(map(quote.format, chosen))}]{draw(comment)}\n"
    room = indent + draw(st.sampled_from(["", "  ", "    "]))
    return str(draw(comment) + "\n" + "".join(f"{room}- {quote.format(name)}{draw(comment)}\n" for name in chosen))


@st.composite
def fallback_lists(draw: Any, indent: str, kind: str) -> str:
    keys = draw(st.lists(st.sampled_from(["smart", "smart-qwen", "smart-kimi"]), min_size=1, max_size=3, unique=True))
    room = indent + draw(st.sampled_from(["", "  "]))
    body = "".join(f"{draw(between)}{room}- {key}:{draw(lists(room + '  '))}" for key in keys)
    return f"{indent}{kind}:{draw(comment)}\n{body}"


@st.composite
def configs(draw: Any) -> str:
    indent = " " * draw(st.integers(1, 5))
    parts = []
    if draw(st.booleans()):
        parts.append(f"{indent}num_retries: 2{draw(comment)}\n")
    for kind in ("fallbacks", "context_window_fallbacks"):
        if draw(st.booleans()):
            parts.append(draw(between) + draw(fallback_lists(indent, kind)))
    target = draw(st.sampled_from(["claude-b", "smart-kimi", "smart-qwen"]))
    parts.append(draw(st.sampled_from([
        "", f"{indent}model_group_alias: {{smart: {target}}}\n",
        f"{indent}model_group_alias:\n{indent}  smart: '{target}' # a\n",
        f"{indent}model_group_alias:\n", f"{indent}model_group_alias: {{}} # none\n", f"{indent}model_group_alias: ~\n",
        f"{indent}model_group_alias:\n{indent}      other: smart-kimi\n",
    ])))
    body = "".join(draw(st.permutations([part for part in parts if part])))
    router_text = f"router_settings:{draw(comment)}\n{body}" if draw(st.booleans()) or body else ""
    tops = draw(st.permutations([MODELS, router_text, draw(between) + "litellm_settings: {drop_params: true}\n"]))
    text = draw(between).lstrip(" ") + "".join(tops)
    text = text.rstrip("\n") if draw(st.booleans()) else text
    text = text.replace("\n", "\r\n") if draw(st.booleans()) else text
    return str(("\ufeff" if draw(st.booleans()) else "") + text)


def _refused_or_lawful(text: str, change: RoutingChange = CHANGE) -> bool:
    """The laws of every patch; False where it is refused."""
    try:
        patch = Gateway().render(change, text, "c.yaml")
    except PatchRefused:
        return False
    assert patch.reverted == text
    again = Gateway().render(change, patch.patched, "c.yaml")
    assert again.diff == ""
    assert again.patched == patch.patched
    before, after = load(text), load(patch.patched)
    own, group = _group(before), _group(after)
    assert group == ("smart-qwen" if own in ("smart", "claude-b") else own)
    touched = {"router_settings", "litellm_settings", "model_list"}
    params = [[one["litellm_params"] for one in config["model_list"]] for config in (before, after)]
    assert params[0] == params[1]
    assert {k: v for k, v in before.items() if k not in touched} == {k: v for k, v in after.items() if k not in touched}
    for kind in ("fallbacks", "context_window_fallbacks"):
        _check_fallbacks(before, after, kind, change)
    return True


def _group(config: Any) -> str:
    found = ((config.get("router_settings") or {}).get("model_group_alias") or {}).get("smart", "smart")
    return str(found["model"] if isinstance(found, dict) else found)


def _check_fallbacks(before: Any, after: Any, kind: str, change: RoutingChange) -> None:
    old, new = (
        {k: v for one in ((config.get("router_settings") or {}).get(kind) or []) for k, v in one.items()}
        for config in (before, after)
    )
    assert {k: v for k, v in old.items() if k != "smart"} == {k: v for k, v in new.items() if k != "smart"}
    reach, ahead = set[str](), list(new.get("smart") or [])
    while ahead:
        step = ahead.pop()
        if step not in reach and step != "smart":
            reach.add(step)
            ahead += new.get(step) or []
    if change.strength is Strength.EXCLUDE:
        assert "claude-b" not in reach


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(configs(), st.sampled_from([CHANGE, DEMOTE]))
def test_every_ordinary_config_is_patched_lawfully(text: str, change: RoutingChange) -> None:
    if not _refused_or_lawful(text, change):
        with pytest.raises(PatchRefused, match=r"leads neither to claude nor to 'smart-qwen'|cannot stand in for"):
            Gateway().render(change, text)
        return
    patch = Gateway().render(change, text)
    kept = {line.rstrip("\r\n") for line in patch.patched.splitlines()}
    lost = [line for line in text.splitlines() if line.rstrip("\r\n") not in kept]
    assert all(any(word in line for word in (*GROUPS, "smart", "model_group_alias")) for line in lost)
    assert len(lost) <= 12
    assert [fault for fault in Gateway().lint(patch.patched) if "stands twice" in fault.what] == []


@settings(max_examples=150, deadline=None)
@given(configs(), st.integers(0, 2000), st.text(alphabet="{}[]&*!|>'\"\t\n\r :-#?,%@`\x00\u2028a1", max_size=6))
def test_damaged_configs_are_refused_or_patched_lawfully(text: str, at: int, junk: str) -> None:
    damaged = text[:at] + junk + text[at:]
    try:
        load(damaged)
    except Exception:
        with pytest.raises(PatchRefused):
            Gateway().render(CHANGE, damaged)
        return
    try:
        Gateway().render(CHANGE, damaged).reverted.encode()
    except PatchRefused:
        return
    assert Gateway().render(CHANGE, damaged).reverted == damaged


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda raw: raw.decode("latin-1"))))
def test_junk_is_refused_never_a_traceback(text: str) -> None:
    for act in (Gateway().inventory, lambda said: Gateway().render(CHANGE, said)):
        with pytest.raises(PatchRefused):
            act(text)
    assert isinstance(list(Gateway().lint(text)), list)


@pytest.mark.parametrize(
    "text", ["[" * 5000, "a: " + "{b: " * 3000, "&a [*a]", "a: &x [*x]", "? [a]\n: 1\n", "a: 2020-13-45\n"]
)
def test_hostile_yaml_is_refused(text: str) -> None:
    with pytest.raises(PatchRefused):
        Gateway().render(CHANGE, text)


def test_a_billion_laughs_is_refused_soon() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    with pytest.raises(PatchRefused, match="too large"):
        Gateway().render(CHANGE, "\n".join(lines))


def test_inventory_reads_routes_and_names_keys_never_shows_them() -> None:
    tail = "router_settings: {fallbacks: [{smart: [smart-qwen]}], model_group_alias: {a: smart}}\n"
    found = Gateway().inventory(MODELS + tail)
    qwen = found.routes[1]
    assert (qwen.name, qwen.prefix, qwen.model, qwen.key_name) == (
        "smart-qwen", "dashscope", "qwen3-max", "DASHSCOPE_API_KEY")
    assert qwen.base_url.startswith("https://dashscope")
    assert found.fallbacks == {"smart": ("smart-qwen",)}
    assert found.aliases == {"a": "smart"}


# --- groups that vendors share, and files in other shapes -----------------------------------------------------------

SHARED = """\
x-defaults: &defaults
  api_key: os.environ/KEY
model_list:
  - model_name: chat   # both
    litellm_params:
      <<: *defaults
      model: anthropic/claude
  - model_name: chat
    litellm_params: {<<: *defaults, model: openai/gpt}
    model_info: {id: gpt-eu}
  - model_name: other
    litellm_params: {<<: *defaults, model: moonshot/kimi}
"""
OUT = replace(CHANGE, id="vw-s", workload="chat", leaves="anthropic", leaves_routes=("model_list.0",), expires_at=None)
NOTE = "# vendorwatch:vw-s revert: vendorwatch patch revert vw-s\n"


@pytest.mark.parametrize("target", ["chat", "gpt-eu", "openai/gpt", "openai"])
def test_what_shares_a_group_is_called_otherwise_as_weight_0_would_still_be_drawn(target: str) -> None:
    patch = Gateway().render(replace(OUT, takes_over=target), SHARED)
    assert patch.patched == SHARED.replace(
        "  - model_name: chat   # both\n", f"  - model_name: chat-anthropic   # both  {NOTE}")
    assert patch.reverted == SHARED
    assert "are now called chat-anthropic" in " ".join(patch.warnings)
    assert Gateway().render(replace(OUT, takes_over=target), patch.patched).diff == ""


def test_demoted_it_is_the_last_resort_of_the_group_it_came_from() -> None:
    change = replace(OUT, takes_over="gpt-eu", strength=Strength.DEMOTE)
    patch = Gateway().render(change, SHARED)
    assert router(patch.patched) == {"fallbacks": [{"chat": ["chat-anthropic"]}]}
    assert patch.reverted == SHARED
    assert Gateway().render(change, patch.patched).diff == ""


def test_the_values_of_a_helm_chart_are_patched_where_the_config_stands() -> None:
    text = "replicaCount: 2\nproxy_config:\n" + "".join(f"  {line}\n" for line in SHARED.splitlines()) + "image: {}\n"
    patch = Gateway().render(replace(OUT, takes_over="other"), text)
    alias = f"  router_settings: {{model_group_alias: {{chat: other}}}}  {NOTE}"
    assert patch.patched == text.replace("proxy_config:\n", f"proxy_config:\n{alias}")
    assert patch.reverted == text


def test_a_script_that_writes_a_config_is_another_formats() -> None:
    assert not Gateway().fits(f"#!/bin/sh\ncat > c.yaml <<EOF\n{MODELS}EOF\n")


def test_a_config_written_as_json_stays_one_line_longer() -> None:
    text = ('{\n  "model_list": [\n    {"model_name": "a", "litellm_params": {"model": "anthropic/x"}},\n'
            '    {"model_name": "b", "litellm_params": {"model": "openai/y"}}\n  ]\n}\n')
    assert Gateway().fits(text)
    patch = Gateway().render(replace(OUT, workload="a", takes_over="b"), text)
    assert load(patch.patched)["router_settings"] == {"model_group_alias": {"a": "b"}}
    assert patch.patched.endswith(text.partition("\n")[2])
    assert patch.reverted == text


def test_the_fallback_of_another_workload_is_replaced_where_it_stands() -> None:
    text = _with_third(
        SHARED + "router_settings:\n  fallbacks:\n    - other:\n        - \"chat\"   # then\n        - else/x\n")
    patch = Gateway().render(replace(OUT, workload="other", takes_over="x"), text)
    assert "        - \"third\"   # then\n" in patch.patched
    assert patch.reverted == text


def _with_third(text: str) -> str:
    third = "  - {model_name: third, litellm_params: {model: mistral/m}, model_info: {id: x}}\n"
    return text.replace("router_settings:", f"{third}router_settings:")


def test_a_target_that_leads_back_by_itself_is_refused_as_a_fallback() -> None:
    text = _with_third(SHARED + "router_settings:\n  fallbacks: [{other: [chat]}, {third: [chat]}]\n")
    with pytest.raises(PatchRefused, match="'third' cannot stand in for chat"):
        Gateway().render(replace(OUT, workload="other", takes_over="third"), text)


@st.composite
def mixed(draw: Any) -> tuple[str, list[str]]:
    """A config of groups that vendors share at random; the second: whose each deployment is."""
    owners = draw(st.lists(st.sampled_from(["anthropic", "openai", "moonshot"]), min_size=2, max_size=7))
    groups = draw(st.lists(st.sampled_from(["chat", "other", "third"]), min_size=len(owners), max_size=len(owners)))
    text = "x-base: &base {api_key: os.environ/K}\nmodel_list:\n"
    for at, (owner, group) in enumerate(zip(owners, groups, strict=True)):
        name, room, where = draw(shown).format(group), "    ", f"{owner}/m{at}"
        text += draw(st.sampled_from([
            f"  - {{model_name: {name}, litellm_params: {{model: {where}, <<: *base}}}}\n",
            f"  - model_name: {name}{draw(comment)}\n{room}litellm_params: {{<<: *base, model: {where}}}\n",
            f"  - litellm_params:\n{room}  <<: *base\n{room}  model: {where}\n    # which\n    model_name: {name}\n",
        ]))
    if draw(st.booleans()):
        lists = [draw(st.lists(st.sampled_from(["chat", "other", "third"]), max_size=2, unique=True)) for _ in range(2)]
        text += f"router_settings: {{fallbacks: [{{chat: {lists[0]}}}, {{other: {lists[1]}}}]}}\n"
    text = text.replace("\n", "\r\n") if draw(st.booleans()) else text
    return ("\ufeff" if draw(st.booleans()) else "") + text, owners


@settings(max_examples=120, deadline=None)
@given(mixed(), st.sampled_from(["chat", "other", "third", "openai", "moonshot"]), st.sampled_from(list(Strength)))
def test_groups_shared_at_random(config: tuple[str, list[str]], target: str, strength: Strength) -> None:
    text, owners = config
    keys = tuple(f"model_list.{at}" for at, owner in enumerate(owners) if owner == "anthropic")
    change = replace(OUT, takes_over=target, strength=strength, leaves_routes=keys)
    try:
        patch = Gateway().render(change, text)
    except PatchRefused:
        return
    assert patch.reverted == text
    assert Gateway().render(change, patch.patched).diff == ""
    after = load(patch.patched)
    first, reached = _reached(after)
    assert first
    assert "anthropic" not in first
    assert strength is Strength.DEMOTE or "anthropic" not in reached
    params = [[one["litellm_params"] for one in said["model_list"]] for said in (load(text), after)]
    assert params[0] == params[1]


def _reached(config: Any) -> tuple[set[str], set[str]]:
    """Whom a call by `chat` asks first, and whom at all, as LiteLLM looks names up."""
    rules = config.get("router_settings") or {}
    table = {name: listed for one in rules.get("fallbacks") or [] for name, listed in one.items()}

    def owners(name: str) -> set[str]:
        group = (rules.get("model_group_alias") or {}).get(name, name)
        served = [one["litellm_params"]["model"] for one in config["model_list"] if one["model_name"] == group]
        return {model.partition("/")[0] for model in served}

    seen, ahead = set[str](), ["chat"]
    while ahead:
        step = ahead.pop()
        if step not in seen:
            seen.add(step)
            ahead += table.get(step) or []
    return owners("chat"), set().union(*map(owners, seen))


def test_fallbacks_that_litellm_does_not_start_with_are_left_alone_where_they_are_not_in_the_way() -> None:
    tail = "litellm_settings:\n  context_window_fallbacks:\n    - {model: claude-b, size: 1}\n"
    patch = Gateway().render(CHANGE, MODELS + tail)
    assert any("LiteLLM does not start with it" in one for one in patch.warnings)
    assert tail in patch.patched


def test_a_target_that_leads_back_is_the_last_resort_of_a_demotion_also_the_second_time() -> None:
    text = MODELS + (
        "router_settings:\n fallbacks:\n - smart: [smart-qwen, smart-kimi]\n context_window_fallbacks:\n"
        " - smart-qwen: [claude-b]\n model_group_alias: {smart: smart-kimi}\n")
    once = Gateway().render(DEMOTE, text)
    again = Gateway().render(DEMOTE, once.patched)
    assert (again.diff, again.patched) == ("", once.patched)
