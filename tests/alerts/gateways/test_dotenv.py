"""Patches of .env files: selectors, lone models, whole blocks; keys by name only; what cannot be said is refused."""

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.env.lines import read
from alerts.gateway import PatchRefused
from alerts.gateways.dotenv import Gateway
from alerts.model import Patch, RoutingChange, Strength
from monitor.catalogue import load_catalogue
from monitor.formats import aimed, changed_lines, format_of

SAMPLE = (
    "# which vendor answers: openai, anthropic\n"
    "LLM_PROVIDER=anthropic\n"
    'LLM_MODEL="claude-sonnet-4-5"   # the main one\n'
    "\n"
    "ANTHROPIC_API_KEY=your-key-here\n"
    "OPENAI_API_KEY=your-other-key-here\n"
    "OPENAI_MODEL=gpt-5\n"
)
WORKLOAD, TARGET = "LLM_PROVIDER", "OPENAI"
BLOCKS = (
    "export OPENAI_API_KEY='sk-aaaaaaaaaaaaaaaa' # mine\n"
    "OPENAI_BASE_URL = https://api.openai.com/v1\n"
    "OPENAI_MODEL=gpt-5\n"
    "OPENAI_SMALL_MODEL=gpt-5-mini\n"
    "QWEN_API_KEY=sk-bbbbbbbbbbbbbbbb\n"
    "QWEN_BASE_URL=https://dashscope.aliyuncs.com/compatible-mode/v1\n"
    "QWEN_MODEL=qwen3-max\n"
    "QWEN_FAST_MODEL=qwen3-flash\n"
)
CHANGE = RoutingChange("vw-1", WORKLOAD, "anthropic", (), TARGET, Strength.EXCLUDE, "geo", "403")


def moved(text: str, workload: str, leaves: str, target: str, strength: Strength = Strength.EXCLUDE) -> Patch:
    change = replace(CHANGE, workload=workload, leaves=leaves, takes_over=target, strength=strength)
    patch = Gateway().render(aimed(change, Gateway(), text, load_catalogue()), text, ".env")
    again = Gateway().render(aimed(change, Gateway(), patch.patched, load_catalogue()), patch.patched, ".env")
    assert patch.reverted == text
    assert not again.diff
    return patch


def values(patch: Patch) -> dict[str, str]:
    return read(patch.patched).values()


@pytest.mark.parametrize("workload", [
    "default", "LLM_PROVIDER", "llm_provider", "LLM", "claude-sonnet-4-5", "LLM_MODEL", "anthropic",
    "ANTHROPIC_API_KEY"])
@pytest.mark.parametrize("target", ["OPENAI", "openai", "gpt-5", "OPENAI_MODEL", "openai/gpt-5", "OPENAI_API_KEY"])
def test_a_selector_and_its_model_move_in_two_lines(workload: str, target: str) -> None:
    patch = moved(SAMPLE, workload, "anthropic", target)
    assert values(patch)["LLM_PROVIDER"] == "openai"
    assert '\nLLM_MODEL="gpt-5"   # the main one\n' in patch.patched
    assert changed_lines(patch) == 4
    assert "\nLLM_PROVIDER=openai # vendorwatch:" in patch.patched      # a value here has a comment beside it


def test_a_selector_without_a_model_is_one_line() -> None:
    patch = moved("AI_PROVIDER=claude\nOPENAI_API_KEY=\nANTHROPIC_API_KEY=\n", "default", "anthropic", "openai")
    assert patch.patched.endswith("AI_PROVIDER=openai\nOPENAI_API_KEY=\nANTHROPIC_API_KEY=\n")
    assert "OPENAI_API_KEY must be set" in patch.warnings


def test_the_targets_word_is_spelled_as_the_file_spells_it() -> None:
    text = "LLM_PROVIDER=openai   # openai | google | anthropic\nGEMINI_API_KEY=x\nOPENAI_API_KEY=y\n"
    assert values(moved(text, "default", "gpt", "gemini"))["LLM_PROVIDER"] == "google"
    text = "LLM_PROVIDER='openai'\n# LLM_PROVIDER='generic-claude'\n# LLM_PROVIDER='Anthropic'\nANTHROPIC_API_KEY=\n"
    assert values(moved(text, "default", "gpt", "claude"))["LLM_PROVIDER"] == "Anthropic"


def test_a_lone_model_keeps_its_form() -> None:
    text = "DEFAULT_MODEL=anthropic/claude-x\n# DEFAULT_MODEL=openai/gpt-9\nOPENAI_API_KEY=a\nANTHROPIC_API_KEY=b\n"
    assert values(moved(text, "default", "claude", "openai"))["DEFAULT_MODEL"] == "openai/gpt-9"
    assert values(moved(text, "DEFAULT_MODEL", "claude", "openai/gpt-7"))["DEFAULT_MODEL"] == "openai/gpt-7"
    colon = text.replace("/", ":")
    assert values(moved(colon, "default", "claude", "openai/gpt-7"))["DEFAULT_MODEL"] == "openai:gpt-7"


def test_a_block_moves_as_one_and_the_key_by_its_name() -> None:
    patch = moved(BLOCKS, "OPENAI", "openai", "QWEN")
    said = values(patch)
    assert said["OPENAI_BASE_URL"] == "https://dashscope.aliyuncs.com/compatible-mode/v1"
    assert (said["OPENAI_MODEL"], said["OPENAI_SMALL_MODEL"]) == ("qwen3-max", "qwen3-flash")
    assert said["OPENAI_API_KEY"] == said["QWEN_API_KEY"]
    assert read(patch.patched).reference("OPENAI_API_KEY") == "QWEN_API_KEY"
    assert "sk-" not in patch.diff
    assert not Gateway().lint(patch.patched)
    assert any("docker run --env-file" in warning for warning in patch.warnings)
    route = next(one for one in Gateway().inventory(patch.patched).routes if one.key == "OPENAI")
    assert route.key_name == "QWEN_API_KEY"
    assert route.base_url.startswith("https://dashscope")


def test_the_reference_stands_below_what_it_refers_to() -> None:
    lines = moved(BLOCKS, "OPENAI", "openai", "QWEN").patched.splitlines()
    assert lines.index("OPENAI_API_KEY=${QWEN_API_KEY}") > next(
        at for at, line in enumerate(lines) if line.startswith("QWEN_API_KEY"))


def test_a_key_that_is_named_already_is_changed_in_its_line() -> None:
    text = BLOCKS.replace("'sk-aaaaaaaaaaaaaaaa' # mine", "${MY_OPENAI}")
    first, _, rest = text.partition("\n")
    patch = moved(f"{rest}{first}\n", "OPENAI", "openai", "QWEN")
    assert "-export OPENAI_API_KEY=${MY_OPENAI}\n+export OPENAI_API_KEY=${QWEN_API_KEY}\n" in patch.diff


def test_a_messages_block_goes_only_where_the_messages_api_is_spoken() -> None:
    text = ("ANTHROPIC_BASE_URL=https://api.anthropic.com\nANTHROPIC_AUTH_TOKEN=\nANTHROPIC_MODEL=claude-opus\n"
            "ANTHROPIC_DEFAULT_HAIKU_MODEL=claude-haiku\nCLAUDE_CODE_SUBAGENT_MODEL=claude-sonnet\n"
            "KIMI_API_KEY=x\nKIMI_MODEL=kimi-k2\nOPENAI_API_KEY=y\nOPENAI_MODEL=gpt-5\n")
    said = values(moved(text, "ANTHROPIC", "claude", "kimi"))
    assert said["ANTHROPIC_BASE_URL"] == "https://api.moonshot.cn/anthropic"
    assert {said[name] for name in said if "MODEL" in name and name.startswith(("ANTH", "CLAUDE"))} == {"kimi-k2"}
    with pytest.raises(PatchRefused, match="Anthropic-compatible"):
        moved(text, "ANTHROPIC", "claude", "openai")
    with pytest.raises(PatchRefused, match="gemini's own API"):
        moved("GEMINI_API_KEY=a\nGEMINI_MODEL=b\nOPENAI_API_KEY=y\nOPENAI_MODEL=g\n", "GEMINI", "gemini", "openai")


def test_a_place_that_leaves_is_no_target_whatever_its_variables_are_called() -> None:
    text = "LLM_BASE_URL=https://api.openai.com/v1\nLLM_API_KEY=\nLLM_MODEL=gpt-x\nDEEPSEEK_API_KEY=\n"
    for target in ("LLM", "LLM_MODEL", "gpt-x"):
        with pytest.raises(PatchRefused, match="which leaves; choose another"):
            moved(text, "LLM", "openai", target)


def test_ollamas_variables_move_where_they_speak_openais_dialect() -> None:
    text = "OLLAMA_BASE_URL=http://gpu:11434{}\nOLLAMA_MODEL=llama-x\nOPENAI_API_KEY=y\nOPENAI_MODEL=gpt-x\n"
    said = values(moved(text.format("/v1"), "OLLAMA", "ollama", "openai"))
    assert (said["OLLAMA_BASE_URL"], said["OLLAMA_MODEL"]) == ("https://api.openai.com/v1", "gpt-x")
    with pytest.raises(PatchRefused, match="ollama's own API"):
        moved(text.format(""), "OLLAMA", "ollama", "openai")


def test_a_plain_model_beside_a_base_url_moves_with_it() -> None:
    text = "OPENAI_API_KEY=a\nOPENAI_BASE_URL=https://api.openai.com/v1\nLLM_MODEL=gpt-4o\nDEEPSEEK_API_KEY=b\n"
    said = values(moved(text, "LLM_MODEL", "openai", "deepseek/deepseek-chat"))
    assert (said["LLM_MODEL"], said["OPENAI_BASE_URL"]) == ("deepseek-chat", "https://api.deepseek.com/v1")


def test_a_fallback_does_not_lead_back_and_takes_the_vendor_when_demoted() -> None:
    text = SAMPLE + "FALLBACK_PROVIDER=claude\n"
    assert values(moved(text, "LLM_PROVIDER", "claude", "openai"))["FALLBACK_PROVIDER"] == "openai"
    text = SAMPLE + "FALLBACK_PROVIDER=openai\n"
    said = values(moved(text, "LLM_PROVIDER", "claude", "openai", Strength.DEMOTE))
    assert (said["LLM_PROVIDER"], said["FALLBACK_PROVIDER"]) == ("openai", "anthropic")
    warnings = moved(SAMPLE, "default", "claude", "openai", Strength.DEMOTE).warnings
    assert any("no last resort" in one for one in warnings)


def test_a_list_of_vendors_does_not_lead_back() -> None:
    text = SAMPLE + "AI_PROVIDER_PRIORITY=claude,openai\n"
    assert values(moved(text, "default", "claude", "openai"))["AI_PROVIDER_PRIORITY"] == "openai"
    said = values(moved(text, "default", "claude", "openai", Strength.DEMOTE))
    assert said["AI_PROVIDER_PRIORITY"] == "openai,claude"


def test_embeddings_stay() -> None:
    text = SAMPLE.replace("LLM_PROVIDER", "EMBEDDING_PROVIDER=anthropic\nLLM_PROVIDER")
    patch = moved(text, "default", "claude", "openai")
    assert values(patch)["EMBEDDING_PROVIDER"] == "anthropic"
    assert any("EMBEDDING_PROVIDER still leads to" in warning for warning in patch.warnings)


@pytest.mark.parametrize(("text", "workload", "leaves", "target", "why"), [
    (SAMPLE, "default", "claude", "gemini", "no block, vendor or model"),
    (SAMPLE, "default", "claude", "claude", "which leaves"),
    (SAMPLE, "default", "gemini", "openai", "leads neither to"),
    (SAMPLE.replace("OPENAI_MODEL=gpt-5\n", ""), "default", "claude", "openai", "a model for LLM_MODEL"),
    (BLOCKS + "ALI_BASE_URL=x\n", "nobody", "openai", "qwen", "no variable, prefix or model"),
    ("LLM_PROVIDER=openai\nLLM_API_KEY=x\nOLLAMA_MODEL=a\n", "default", "openai", "ollama", "must not be sent there"),
    ("A=1\rB=2", "default", "openai", "qwen", "carriage"),
])
def test_refusals(text: str, workload: str, leaves: str, target: str, why: str) -> None:
    with pytest.raises(PatchRefused, match=re.escape(why)):
        moved(text, workload, leaves, target)


@pytest.mark.parametrize(("text", "what"), [
    ("OPENAI_MODEL=a\nOPENAI_MODEL=b\n", "stands twice"),
    ('OPENAI_MODEL="a\nB=c\n', "not closed"),
    ("OPENAI_BASE_URL=https://api.openai.com/v1\nOPENAI_MODEL=claude-x\n", "its base URL is openai's"),
])
def test_faults_are_found(text: str, what: str) -> None:
    assert [what in fault.what for fault in Gateway().lint(text)] == [True]


def test_other_formats_are_not_claimed() -> None:
    assert format_of("LLM_PROVIDER=openai\n")[0] == "dotenv"
    others = ("[models.a]\nrouting=['b']\n", "model_list:\n- model_name: x\n", '{"MODEL": "x"}', "server {\n a=b;\n}\n")
    for text in (*others, "A=1\n"):
        assert not Gateway().fits(text)


WORDS = st.text("abcdefghij-0123", min_size=1, max_size=8)


@st.composite
def files(draw: st.DrawFn) -> str:
    """A selector, a model, two vendors' keys, among any other lines; quotes, comments, ends of lines, a mark."""
    quote = draw(st.sampled_from(["", '"', "'"]))
    export, equals = draw(st.sampled_from(["", "export "])), draw(st.sampled_from(["=", " = "]))
    lines = [f"LLM_PROVIDER={quote}anthropic{quote}{draw(st.sampled_from(['', '  # ü', ' # a=b']))}",
             f"{export}LLM_MODEL{equals}claude-{draw(WORDS)}",
             f"ANTHROPIC_API_KEY={draw(WORDS)}", "OPENAI_API_KEY=${SECRET}", f"OPENAI_MODEL=gpt-{draw(WORDS)}"]
    others = draw(st.lists(st.sampled_from(
        ["", "# note", "#X=1", "PORT=80", "GREETING='ein\nzwei'", 'TEXT="a # b"', "  INDENTED=x ", "EMPTY=", "junk"]),
        max_size=30))
    every = draw(st.permutations(lines + others))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = "\n".join(every) + draw(st.sampled_from(["", "\n", "\n\n"]))
    return draw(st.sampled_from(["", "\ufeff"])) + text.replace("\n", end)


@pytest.mark.parametrize("workload", ["default", "MODEL_NAME", "gpt-5"])
def test_a_patched_file_is_done_whatever_else_leads_to_the_vendor(workload: str) -> None:
    text = "MODEL_NAME=gpt-5\nOPENAI_API_KEY=your-key\nANTHROPIC_API_KEY=your-key\nANTHROPIC_MODEL=claude-x\n"
    patch = moved(text, workload, "openai", "claude")       # asks twice
    assert values(patch)["MODEL_NAME"] == "claude-x"
    back = patch.patched.replace("claude-x", "gpt-5", 1)
    change = replace(CHANGE, workload="MODEL_NAME", leaves="openai", takes_over="claude")
    assert Gateway().render(aimed(change, Gateway(), back, load_catalogue()), back).diff     # edited back by a person


def test_what_is_noted_counts_not_what_its_unit_holds_besides() -> None:
    text = ("LLM_PROVIDER=openai\nLLM_BASE_URL=https://relay.example/v1\nLLM_API_KEY=your-key\nLLM_MODEL=gemini-x\n"
            "DRAFT_MODEL=gemini-y\nOPENAI_MODEL=gpt-5\nOPENAI_API_KEY=your-key\n")
    assert values(moved(text, "DRAFT_MODEL", "gemini", "OPENAI"))["DRAFT_MODEL"] == "gpt-5"      # asks twice


def test_embeddings_are_not_moved() -> None:
    text = "EMBEDDING_PROVIDER=openai\nEMBEDDING_MODEL=e-3\nOPENAI_API_KEY=a\nQWEN_API_KEY=b\n"
    with pytest.raises(PatchRefused, match="vectors break an index"):
        moved(text, "EMBEDDING_PROVIDER", "openai", "QWEN")


@given(files(), st.sampled_from(list(Strength)))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_law_minimal_idempotent_reversible_as_meant(text: str, strength: Strength) -> None:
    patch = moved(text, "default", "claude", "openai", strength)
    before, after = read(text).values(), values(patch)
    assert changed_lines(patch) in (4, 5)       # the note is beside a value, or on a line of its own
    assert after == before | {"LLM_PROVIDER": "openai", "LLM_MODEL": before["OPENAI_MODEL"]}


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_junk_is_refused_or_left_alone(text: str) -> None:
    assert isinstance(Gateway().fits(text), bool)
    Gateway().lint(text)
    with pytest.raises(PatchRefused):
        Gateway().render(replace(CHANGE, leaves_routes=("x",)), text)
