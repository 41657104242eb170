"""What variables must be for a target to take over, and the fewest edits for it."""

import pytest

from alerts.env.aims import aim_at
from alerts.env.lines import Edit, read
from alerts.env.units import read_units, units_called
from alerts.env.wants import Wanted, edits, listed, wanted
from alerts.gateway import PatchRefused

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
    setting = read_units(read(TEXT))
    assert edits(made, setting)[-1] == Edit("LLM_API_KEY", "${DEEPSEEK_API_KEY}", 4, after=True)


def test_what_the_file_does_not_say() -> None:
    bare = TEXT.replace("DEEPSEEK_BASE_URL=https://api.deepseek.com\n", "")
    assert [one.partition(" (")[0] for one in wants(bare, "deepseek").lacking] == [
        "a model for LLM_MODEL", "a base URL for LLM_BASE_URL"]


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


def test_an_edit_must_be_a_plain_word() -> None:
    with pytest.raises(PatchRefused, match="plain word"):
        edits(Wanted({"LLM_MODEL": "a b\nC=d"}), read_units(read(TEXT)))
