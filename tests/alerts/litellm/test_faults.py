"""Faults that LiteLLM's own check lets pass, and the sound things that look like faults."""

import pytest

from alerts.litellm.faults import problems
from alerts.litellm.reading import read
from alerts.model import Severity

GOOD = """\
model_list:
  - {model_name: a, litellm_params: {model: anthropic/x, api_key: os.environ/A}}
  - {model_name: b, litellm_params: {model: dashscope/y, api_key: os.environ/B}}
  - {model_name: c, litellm_params: {model: anthropic/z, api_key: os.environ/A}}
"""
ONE = "model_list:\n  - {{model_name: a, litellm_params: {{model: openai/x, {}}}}}\n"


def faults(tail: str, models: str = GOOD) -> list[str]:
    return [f"{fault.where}: {fault.what}" for fault in problems(read(models + tail))]


@pytest.mark.parametrize(
    "tail",
    [
        "router_settings: {num_retries: 2, cooldown_time: 0.5, fallbacks: [{a: [b]}, {b: [c]}]}\n",
        "router_settings: {num_retries: os.environ/N, model_group_alias: {s: {model: a, hidden: true}}}\n",
        "litellm_settings: {default_fallbacks: [b], request_timeout: 10, drop_params: true, callbacks: [x]}\n",
        "router_settings: {model_group_alias: {s: anthropic/x}, fallbacks: [{a: [dashscope/y]}]}\n",   # by model
        "router_settings: {model_group_alias: {a: b}, fallbacks: [{a: [b]}, {c: [b]}]}\n",              # a move
    ],
)
def test_a_sound_config_has_none(tail: str) -> None:
    assert faults(tail) == []


def test_what_a_wildcard_group_serves_is_not_missing() -> None:
    models = GOOD + "  - {model_name: 'openai/*', litellm_params: {model: 'openai/*'}}\n"
    assert faults("router_settings: {fallbacks: [{a: [openai/gpt-x, gpt-x]}]}\n", models) == []


def test_what_may_stand_in_the_database_or_an_included_file_is_no_fault_to_mend() -> None:
    for more in ("general_settings: {store_model_in_db: true}\n", "include: [more.yaml]\n"):
        tail = "router_settings: {fallbacks: [{d: [e]}], model_group_alias: {f: g}}\n"
        found = list(problems(read(GOOD + more + tail)))
        assert found
        assert {one.severity for one in found} == {Severity.INFO}


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        ("router_settings: {model_group_alias: {s: nowhere}}\n", "alias s leads to nowhere"),
        ("router_settings: {model_group_alias: {s: t, t: a}}\n", "itself an alias, and LiteLLM follows one"),
        ("router_settings: {model_group_alias: [s]}\n", "must be a mapping"),
        ("router_settings: {fallbacks: [{a: [nowhere]}]}\n", "lead to nowhere"),
        ("router_settings: {fallbacks: [{a: [a]}]}\n", "lead to a itself"),
        ("router_settings: {fallbacks: [{nobody: [a]}]}\n", "given for nobody"),
        ("router_settings: {fallbacks: {a: [b]}}\n", "must be a list"),
        ("router_settings: {fallbacks: [{a: b}]}\n", "must be a list"),
        ("router_settings: {default_fallbacks: [nowhere]}\n", "default_fallbacks lead to nowhere"),
        ("router_settings: {default_fallbacks: b}\n", "must be a list of names"),
        ("router_settings: {num_retries: banana}\n", "whole number, not 'banana'"),
        ("litellm_settings: {num_retries: banana}\n", "whole number, not 'banana'"),
        ("router_settings: {cooldown_time: soon}\n", "must be a number"),
        ("router_settings: {num_retires: 1}\n", "did you mean num_retries"),
        ("router_settings: {quite_else: 1}\n", "is not known"),
        ("router_settings: {routing_strategy: simple-shufle}\n", "'simple-shufle' is none"),
        ("router_settings: {health_check_interval: 5}\n", "belongs under general_settings"),
        ("router_settings: {fallbacks: [{a: [b]}, {a: [c]}]}\n", "stand twice"),
        ("router_settings: {num_retries: 1, num_retries: 2}\n", "stands twice"),
        ("router_settings: {model_group_alias: {s: a}, fallbacks: [{a: [b]}]}\n", "list them under s too"),
        ("router_settings: {model_group_alias: {a: b}, fallbacks: [{a: [c]}]}\n", "lead back, by c"),
        ("litellm_settings: {fallbacks: [{a: [nowhere]}]}\n", "lead to nowhere"),
        ("litellm_settings: {model_group_alias: {s: a}}\n", "belongs under router_settings"),
        ("general_settings: {routing_strategy: least-busy}\n", "belongs under router_settings"),
        ("litellm_settings: {fallback: [{a: [b]}]}\n", "did you mean fallbacks"),
        ("router_setting: {}\n", "did you mean router_settings"),
    ],
)
def test_faults_are_found_with_their_line(tail: str, said: str) -> None:
    found = faults(tail)
    assert len(found) == 1
    assert said in found[0]
    assert found[0].startswith("line 5:")


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ("api_key: abcdefgh12345678canary90", "written out"), ("api_key: $OPENAI_API_KEY", "sent as it stands"),
        ("api_key: OPENAI_API_KEY", "sent as it stands"), ("api_key: os.environ/", "names no variable"),
        ("api_key: '${OPENAI_API_KEY}'", "sent as it stands"), ("api_kye: os.environ/A", "did you mean api_key"),
    ],
)
def test_faults_of_a_key(params: str, said: str) -> None:
    found = faults("", ONE.format(params))
    assert len(found) == 1
    assert said in found[0]
    assert "canary" not in found[0]


@pytest.mark.parametrize("key", ["none", "sk-1234", "dummy", "your-openai-api-key-number-1-here", "ollama", ""])
def test_a_key_that_is_none_is_left_alone(key: str) -> None:
    assert faults("", ONE.format(f"api_key: '{key}'")) == []


def test_faults_of_the_model_list() -> None:
    found = " ".join(faults("", GOOD + GOOD.splitlines()[1] + "\n  - {model_name: d}\n"
                            "  - {model_nam: e, litellm_params: {model: f/g}}\n"))
    assert "repeats the deployment of line 2" in found
    assert "needs model_name" in found
    assert "did you mean model_name" in found
    assert "model_list is missing" in faults("", "x: 1\n")[0]


def test_faults_of_a_file_with_a_byte_order_mark_keep_their_line() -> None:
    assert faults("router_settings: {num_retries: banana}\n", "\ufeff" + GOOD)[0].startswith("line 5:")
