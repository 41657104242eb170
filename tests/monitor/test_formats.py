"""A bare file: its format named or guessed, its bytes kept, its move rendered with the routes that leave."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.gateway import PatchRefused
from alerts.gateways.litellm import Gateway
from alerts.model import Patch, RoutingChange, Strength
from alerts.surgery.text import unified
from monitor.catalogue import load_catalogue
from monitor.errors import UserError
from monitor.formats import aimed, changed_lines, file_named, format_named, format_of, formats, moved, read_text

TEXT = (
    "model_list:\n"
    "- model_name: smart\n"
    "  litellm_params: {model: anthropic/claude}\n"
    "- model_name: backup\n"
    "  litellm_params: {model: openai/qwen, api_base: https://dashscope.aliyuncs.com/compatible-mode/v1}\n"
)


def test_a_format_by_any_of_its_names() -> None:
    assert {format_named(word)[0] for word in ("litellm", "LiteLLM", "lite-llm", "litellm_proxy")} == {"litellm"}
    with pytest.raises(UserError, match=r"no gateway format 'litelm'.*litellm"):
        format_named("litelm")
    assert "litellm" in dict(formats())


def test_a_format_by_its_keys() -> None:
    assert format_of(TEXT)[0] == "litellm"
    with pytest.raises(UserError, match=r"c\.txt looks like no gateway's config; say which with --gateway"):
        format_of("hello", "c.txt")


def test_text_is_read_byte_for_byte(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\n")
    assert read_text(file) == "\ufeffa: 1\r\n"
    file.write_bytes(b"\xff")
    with pytest.raises(PatchRefused, match="not UTF-8 text"):
        read_text(file)
    with pytest.raises(PatchRefused, match="cannot be read"):
        read_text(tmp_path / "none")


def test_a_changed_line_that_looks_like_a_header_counts_too() -> None:
    before, after = "a\n-- old\nb\u2028-c\n", "a\n++ new\nb\u2028-c\n"
    patch = Patch("1", "litellm", "c.yaml", unified(before, after, "c.yaml"), after, before)
    assert "--- old\n" in patch.diff
    assert changed_lines(patch) == 2
    assert changed_lines(replace(patch, diff="")) == 0


def test_the_routes_that_leave_are_those_of_the_text_at_hand() -> None:
    change = RoutingChange("1", "smart", "anthropic", ("stale",), "backup", Strength.EXCLUDE, "c", "b")
    assert aimed(change, Gateway(), TEXT, load_catalogue()).leaves_routes == ("model_list.0",)


def test_a_move_by_hand_warns_that_nothing_is_proven_and_is_found_again() -> None:
    move = ("smart", "Claude", "backup", Strength.EXCLUDE)
    patch = moved(format_named("litellm"), TEXT, "c.yaml", move, load_catalogue())
    assert "no probe has proven that backup can take smart over" in patch.warnings[0]
    assert changed_lines(patch) == 1
    again = moved(format_named("litellm"), patch.patched, "c.yaml", move, load_catalogue())
    assert (again.diff, again.warnings, again.patched) == ("", (), patch.patched)


def test_a_target_that_leaves_too_is_refused_whatever_its_dialect() -> None:
    with pytest.raises(PatchRefused, match="itself routes to dashscope"):
        moved(format_named("litellm"), TEXT, "c", ("smart", "qwen", "backup", Strength.EXCLUDE), load_catalogue())


def by_hand(text: str, workload: str, vendor: str, target: str, form: str = "litellm") -> Patch:
    """Moved, and found moved."""
    move = (workload, vendor, target, Strength.EXCLUDE)
    patch = moved(format_named(form), text, "c", move, load_catalogue())
    assert patch.reverted == text
    assert moved(format_named(form), patch.patched, "c", move, load_catalogue()).diff == ""
    return patch


def test_a_target_by_the_vendor_that_has_one_route() -> None:
    assert "{smart: backup}" in by_hand(TEXT, "smart", "anthropic", "qwen").patched


PROXIED = (
    "model_list:\n"
    "- model_name: smart\n"
    "  litellm_params: {model: openai/gpt-x, api_base: 'http://relay:8000/v1'}\n"
    "- model_name: backup\n"
    "  litellm_params: {model: openai/other, api_base: 'http://gpu:8000/v1'}\n"
)


@pytest.mark.parametrize("vendor", ["openai", "gpt", "relay:8000", "relay", "http://relay:8000/v1"])
def test_a_vendor_by_what_the_file_calls_it(vendor: str) -> None:
    patch = by_hand(PROXIED, "smart", vendor, "backup")
    assert "{smart: backup}" in patch.patched
    assert any("only the prefix says openai" in one for one in patch.warnings) == (vendor in ("openai", "gpt"))


RESOLD = (
    "model_list:\n"
    "- {model_name: smart, litellm_params: {model: openrouter/anthropic/claude-x}}\n"
    "- {model_name: mixed, litellm_params: {model: bedrock/eu.anthropic.claude-x}}\n"
    "- {model_name: mixed, litellm_params: {model: openrouter/meta-llama/llama-x}}\n"
    "- {model_name: backup, litellm_params: {model: openrouter/qwen/qwen-x}}\n"
)


def test_a_vendor_as_who_made_the_model_that_another_serves() -> None:
    patch = by_hand(RESOLD, "smart", "claude", "backup")
    assert "{smart: backup}" in patch.patched
    assert "anthropic made the model, but the calls go to openrouter, bedrock; check that this is what you mean" in (
        patch.warnings)
    assert "{model_name: mixed-anthropic, " in by_hand(RESOLD, "mixed", "anthropic", "mixed").patched
    assert "{model_name: mixed-meta, " in by_hand(RESOLD, "mixed", "meta", "mixed").patched


def test_who_made_the_model_counts_where_the_vendor_serves_others_and_the_fallback_is_there_already() -> None:
    text = RESOLD + (
        "- {model_name: own, litellm_params: {model: anthropic/claude-x}}\n"
        "router_settings: {fallbacks: [{smart: [backup]}]}\n")
    patch = by_hand(text, "smart", "anthropic", "backup")
    assert "model_group_alias: {smart: backup}" in patch.patched


def test_who_made_the_model_does_not_count_where_the_vendor_itself_serves_the_workload() -> None:
    text = RESOLD.replace("openrouter/anthropic", "anthropic")
    assert "{smart: mixed}" in by_hand(text, "smart", "anthropic", "mixed").patched
    with pytest.raises(PatchRefused, match="'mixed' routes in part to meta"):
        by_hand(RESOLD.replace("qwen/qwen-x", "meta-llama/x"), "backup", "meta", "mixed")
    with pytest.raises(PatchRefused, match="itself routes to anthropic"):
        by_hand(RESOLD.replace("openrouter/qwen/qwen-x", "anthropic/x"), "smart", "anthropic", "backup")


def test_google_means_both_its_houses_unless_one_takes_over() -> None:
    text = TEXT.replace("anthropic/claude", "vertex_ai/gemini-x").replace("openai/qwen", "gemini/g")
    text = text.replace(", api_base: https://dashscope.aliyuncs.com/compatible-mode/v1", "")
    both = text + "- model_name: other\n  litellm_params: {model: groq/x}\n"
    assert "{smart: other}" in by_hand(both, "smart", "google", "other").patched
    swapped = text.replace("vertex_ai/gemini-x", "gemini/x").replace("gemini/g", "vertex_ai/g")
    assert "{smart: backup}" in by_hand(swapped, "smart", "google", "backup").patched


def test_a_refusal_tells_whose_the_workload_is() -> None:
    with pytest.raises(PatchRefused, match=r"'backup' is served by dashscope \(https://dashscope"):
        by_hand(TEXT, "backup", "mistral", "smart")


def test_a_vendor_alone_gets_a_model_of_the_catalogue_where_the_file_has_none() -> None:
    text = "LLM_PROVIDER=openai\nLLM_MODEL=gpt-x\nOPENAI_API_KEY=\nDEEPSEEK_API_KEY=\n"
    patch = by_hand(text, "default", "openai", "deepseek", "env")
    assert "LLM_PROVIDER=deepseek\nLLM_MODEL=deepseek" in patch.patched
    assert any("the file names no model of deepseek" in one for one in patch.warnings)
    with pytest.raises(PatchRefused, match="is no model group"):
        by_hand(TEXT, "smart", "anthropic", "deepseek")


def env_moved(text: str, vendor: str) -> Patch:
    return moved(format_named("env"), text, ".env", ("default", vendor, "kimi", Strength.EXCLUDE), load_catalogue())


def test_a_vendor_that_is_not_in_the_file_is_refused_for_what_lacks() -> None:
    with pytest.raises(PatchRefused, match="GEMINI cannot move to kimi/kimi-k3 by this file alone"):
        env_moved("GEMINI_API_KEY=x\n", "gemini")
    patch = env_moved("OPENAI_API_KEY=x\n", "openai")
    assert "OPENAI_BASE_URL=https://api.moonshot.cn/v1" in patch.patched
    assert "MOONSHOT_API_KEY must be set" in patch.warnings


def test_where_one_service_is_there_and_another_cannot_move_nothing_is_called_moved() -> None:
    text = ("services:\n  a:\n    environment:\n      OPENAI_BASE_URL: http://relay:8000/v1\n  b:\n    environment:\n"
            "      OLLAMA_BASE_URL: http://gpu:11434\n      OLLAMA_API_KEY: ${OLLAMA_API_KEY}\n")
    with pytest.raises(PatchRefused, match=r"services\.a\.environment: 'OLLAMA' is no block"):
        by_hand(text, "default", "openai", "OLLAMA", "compose")


def test_a_vendor_by_a_gateways_name_of_it() -> None:
    text = TEXT.replace("anthropic/claude", "bedrock/claude")
    assert "{smart: backup}" in by_hand(text, "smart", "aws_bedrock", "backup").patched


def test_what_comes_in_is_read_as_a_file_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for raw, said in ((b"a: 1\r\n", "a: 1\r\n"), (b"\xff", "")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
        if said:
            assert read_text(Path("-")) == said
        else:
            with pytest.raises(PatchRefused, match="not UTF-8"):
                read_text(Path("-"))


@pytest.mark.parametrize(("move", "said"), [
    (("smart", "claud", "backup"), r"no vendor is called 'claud' \(did you mean claude .*leads to anthropic, dash"),
    (("smrt", "claude", "backup"), r"no workload is called 'smrt' \(did you mean smart\?\); there are: smart, backup"),
    (("smart", "claude", "bakup"), r"no route is called 'bakup' \(did you mean backup\?\); there are: smart, backup"),
    (("smart", "mistral", "backup"), r"'smart' is served by anthropic \(anthropic\)$"),
])
def test_a_word_that_is_mistyped_is_told_with_the_nearest_and_what_there_is(
        move: tuple[str, str, str], said: str) -> None:
    with pytest.raises(PatchRefused, match=said):
        moved(format_named("litellm"), TEXT, "c", (*move, Strength.EXCLUDE), load_catalogue())


@pytest.mark.parametrize(("workload", "target", "said"), [
    ("OPENA", "deepseek", r"no workload is called 'OPENA' \(did you mean OPENAI"),
    ("OPENAI", "depseek", r"no route is called 'depseek' \(did you mean deepseek"),
])
def test_near_names_are_found_whatever_their_case_and_among_the_vendors_that_a_env_may_go_to(
        workload: str, target: str, said: str) -> None:
    move = (workload, "openai", target, Strength.EXCLUDE)
    with pytest.raises(PatchRefused, match=said):
        moved(format_named("env"), "OPENAI_API_KEY=\nOPENAI_MODEL=gpt-x\n", "c", move, load_catalogue())


def test_a_format_is_called_by_its_own_name_and_a_word_that_is_none_stays() -> None:
    words = ("new-api", "env", "ccr", "litellm", "nobodys")
    assert [file_named(word) for word in words] == ["newapi", "dotenv", "claude_code_router", "litellm", "nobodys"]
