"""What variables must be for a target to take over, and the fewest edits for it."""

import pytest

from alerts.env.aims import aim_at
from alerts.env.lines import read
from alerts.env.units import read_units, units_called
from alerts.env.wants import Wanted, listed, wanted

TEXT = """\
LLM_PROVIDER=openai
LLM_MODEL=gpt-5
LLM_API_KEY=sk-literal
LLM_BASE_URL=https://api.openai.com/v1
DEEPSEEK_API_KEY=b
DEEPSEEK_BASE_URL=https://api.deepseek.com
"""


def wants(text: str, route: str) -> Wanted:
    setting = read_units(read(text))
    return wanted(units_called(setting, "LLM_PROVIDER")[0], aim_at(route, setting), setting)


def test_all_that_goes_with_a_selector() -> None:
    made = wants(TEXT, "deepseek/deepseek-chat")
    assert made.values == {"LLM_PROVIDER": "deepseek", "LLM_MODEL": "deepseek-chat", "LLM_BASE_URL": "https://api.deepseek.com"}
    assert made.keys == {"LLM_API_KEY": "DEEPSEEK_API_KEY"}
    assert not made.lacking


def test_what_the_file_does_not_say() -> None:
    bare = TEXT.replace("DEEPSEEK_BASE_URL=https://api.deepseek.com\n", "")
    made = wants(bare, "deepseek")
    assert [one.partition(" (")[0] for one in made.lacking] == ["a model for LLM_MODEL"]
    assert made.values["LLM_BASE_URL"] == "https://api.deepseek.com/v1"      # its public one


def test_openais_dialect_stays_where_clients_of_the_target_do_not_agree_on_a_base_url() -> None:
    made = wants(f"{TEXT}ANTHROPIC_API_KEY=c\n", "anthropic/claude-x")
    assert made.values == {"LLM_BASE_URL": "https://api.anthropic.com/v1", "LLM_MODEL": "claude-x"}
    assert made.keys == {"LLM_API_KEY": "ANTHROPIC_API_KEY"}


def test_a_comments_example_is_taken_and_said() -> None:
    text = "# e.g. anthropic:claude-4, deepseek:deepseek-v3.\nMODEL=openai:gpt-5\nDEEPSEEK_API_KEY=\n"
    setting = read_units(read(text))
    made = wanted(units_called(setting, "MODEL")[0], aim_at("deepseek", setting), setting)
    assert made.values == {"MODEL": "deepseek:deepseek-v3"}
    assert made.guessed == ["deepseek:deepseek-v3"]


def test_lists_of_vendors() -> None:
    setting = read_units(read("AI_PROVIDERS=openai, Claude,gemini\nAUTH_PROVIDERS=google,claude\nX=a,claude\n"))
    assert listed("anthropic", setting, last=False) == {"AI_PROVIDERS": "openai, gemini"}
    assert listed("anthropic", setting, last=True) == {"AI_PROVIDERS": "openai, gemini, Claude"}


KIMI = {"OPENAI_BASE_URL": "https://api.moonshot.cn/v1", "OPENAI_MODEL": "kimi-k2"}


@pytest.mark.parametrize("text", [
    "LLM_PROVIDER=openai\nOPENAI_API_KEY=a\nOPENAI_MODEL=gpt-5\n", "OPENAI_API_KEY=a\nOPENAI_MODEL=gpt-5\n",
    "LLM_PROVIDER=openai\nOPENAI_API_KEY=a\nOPENAI_BASE_URL=https://api.openai.com/v1\nOPENAI_MODEL=gpt-5\n"])
def test_a_vendor_the_file_does_not_know_takes_over_where_the_old_one_is_asked(text: str) -> None:
    setting = read_units(read(text))
    made = wanted(setting.units[0], aim_at("kimi/kimi-k2", setting), setting)
    assert (made.values, made.keys) == (KIMI, {"OPENAI_API_KEY": "MOONSHOT_API_KEY"})


def test_with_a_lone_model_goes_all_that_is_asked_of_the_same_place() -> None:
    setting = read_units(read("OPENAI_API_KEY=a\nMODEL_NAME=gpt-5\nFAST_MODEL=gpt-5-mini\nOTHER_MODEL=qwen3\n"))
    made = wanted(setting.units[0], aim_at("kimi/kimi-k2", setting), setting)
    assert made.values == {"OPENAI_BASE_URL": KIMI["OPENAI_BASE_URL"], "MODEL_NAME": "kimi-k2", "FAST_MODEL": "kimi-k2"}
    prefixed = read_units(read("OPENAI_API_KEY=a\nMODEL=openai/gpt-5\n"))
    assert wanted(prefixed.units[0], aim_at("kimi/kimi-k2", prefixed), prefixed).values == {"MODEL": "kimi/kimi-k2"}
    assert wanted(prefixed.units[0], aim_at("openrouter/openai/gpt-oss", prefixed), prefixed).values == {
        "MODEL": "openrouter/openai/gpt-oss"}


def test_a_base_url_that_is_commented_out_is_one() -> None:
    setting = read_units(read("LLM_PROVIDER=openai\nLLM_API_KEY=a\nLLM_MODEL=gpt-5\n# LLM_ENDPOINT=http://relay\n"))
    made = wanted(setting.units[0], aim_at("kimi/kimi-k2", setting), setting)
    assert made.values == {"LLM_ENDPOINT": KIMI["OPENAI_BASE_URL"], "LLM_MODEL": "kimi-k2"}
    bare = read_units(read("LLM_PROVIDER=groq\nLLM_API_KEY=a\n"))
    assert "a block of variables that LLM_PROVIDER asks by" in wanted(
        bare.units[0], aim_at("kimi/kimi-k2", bare), bare).lacking[0]


@pytest.mark.parametrize(("text", "because"), [
    ("OLLAMA_BASE_URL=http://localhost:11434\n", "ollama's own API"),
    ("GEMINI_API_KEY=a\n", "gemini's own API"), ("OLLAMA_BASE_URL=http://localhost:11434/v1\nOLLAMA_API_KEY=x\n", ""),
    ("GEMINI_API_KEY=a\nGEMINI_BASE_URL=https://generativelanguage.googleapis.com/v1beta/openai/\n", ""),
    ("ANTHROPIC_API_KEY=a\n", "the Messages API, which moonshot,")])
def test_who_speaks_what_nobody_else_serves_is_not_moved(text: str, because: str) -> None:
    setting = read_units(read(text))
    made = wanted(setting.units[0], aim_at("mistral/m-1", setting), setting)
    assert because in ", ".join(made.lacking)
    assert bool(because) is bool(made.lacking)
