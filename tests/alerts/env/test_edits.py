"""The fewest edits of a .env file: a key by reference, below what it refers to, and never shown."""

import pytest

from alerts.env.edits import edits, is_plain
from alerts.env.lines import Edit, read
from alerts.env.units import Setting, read_units
from alerts.gateway import PatchRefused

TEXT = "LLM_API_KEY=sk-canary0123456789\nLLM_MODEL=gpt-5\nDEEPSEEK_API_KEY=b\nPORT=80\n"


def setting(text: str = TEXT) -> Setting:
    return read_units(read(text))


def test_a_line_that_holds_a_key_is_overridden_below_what_it_refers_to() -> None:
    assert edits({"LLM_MODEL": "x"}, {"LLM_API_KEY": "DEEPSEEK_API_KEY"}, setting()) == [
        Edit("LLM_MODEL", "x", 1), Edit("LLM_API_KEY", "${DEEPSEEK_API_KEY}", 2, after=True)]
    assert not edits({"LLM_MODEL": "gpt-5"}, {}, setting())


def test_a_key_variable_that_is_new_stands_beside_what_goes_with_it() -> None:
    assert edits({"LLM_MODEL": "x"}, {"LLM_TOKEN": "KIMI_API_KEY"}, setting())[1] == Edit(
        "LLM_TOKEN", "${KIMI_API_KEY}", 1, after=True)
    assert edits({}, {"X_KEY": "Y_KEY"}, setting()) == [Edit("X_KEY", "${Y_KEY}", 3, after=True)]


def test_a_key_in_a_last_line_without_an_end_would_be_shown() -> None:
    text = "LLM_API_KEY=a\nDEEPSEEK_API_KEY=sk-canary0123456789"
    with pytest.raises(PatchRefused, match="add a line end first"):
        edits({}, {"LLM_API_KEY": "DEEPSEEK_API_KEY"}, setting(text))
    assert edits({}, {"LLM_API_KEY": "DEEPSEEK_API_KEY"}, setting(f"{text}\n"))


def test_an_edit_must_be_a_plain_word() -> None:
    assert is_plain("https://a.b/v1?x={y}")
    with pytest.raises(PatchRefused, match="plain word"):
        edits({"LLM_MODEL": "a b\nC=d"}, {}, setting())
