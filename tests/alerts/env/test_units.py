"""What of a .env file moves on its own, and by which names people call it."""

import pytest

from alerts.env.lines import read
from alerts.env.units import Setting, read_units, units_called

TEXT = """\
LLM_PROVIDER=openai
LLM_MODEL=gpt-5
LLM_API_KEY=${OPENAI_API_KEY}
EMBEDDING_PROVIDER=openai
EMBEDDING_MODEL=text-embedding-3-small
SMART_LLM=anthropic:claude-x
FALLBACK_MODEL=gpt-4
OPENAI_API_KEY=a
ANTHROPIC_API_KEY=b
ANTHROPIC_MODEL=claude-y
OPENROUTER_API_KEY=c
OPENROUTER_MODEL=anthropic/claude-z
JWT_SECRET_KEY=d
"""


def setting(text: str = TEXT) -> Setting:
    return read_units(read(text))


def test_units() -> None:
    found = {unit.name: unit for unit in setting().units}
    assert list(found) == ["LLM_PROVIDER", "EMBEDDING_PROVIDER", "SMART_LLM", "FALLBACK_MODEL", "OPENAI", "ANTHROPIC",
                           "OPENROUTER"]
    assert found["LLM_PROVIDER"].members == ("LLM_PROVIDER", "LLM_MODEL", "LLM_API_KEY", "LLM_MODEL")
    assert found["EMBEDDING_PROVIDER"].aside
    assert found["EMBEDDING_PROVIDER"].embeds
    assert not found["LLM_PROVIDER"].embeds
    assert found["FALLBACK_MODEL"].spare
    assert found["OPENAI"].owned


def test_a_resellers_route_is_also_the_makers() -> None:
    own, makers = setting().routes["OPENROUTER"]
    assert (own.prefix, own.key_name) == ("openrouter", "OPENROUTER_API_KEY")
    assert (makers.model, makers.key) == ("claude-z", "OPENROUTER_MODEL.maker")
    assert len(setting("AZURE_OPENAI_API_KEY=a\nAZURE_OPENAI_MODEL=gpt-5\n").routes["AZURE_OPENAI"]) == 1   # its own


@pytest.mark.parametrize(("word", "names"), [
    ("default", ["LLM_PROVIDER", "SMART_LLM", "OPENAI", "ANTHROPIC", "OPENROUTER"]), ("llm-provider", ["LLM_PROVIDER"]),
    ("gpt-5", ["LLM_PROVIDER"]), ("OPENAI", ["LLM_PROVIDER"]), ("smart", ["SMART_LLM"]), ("ANTHROPIC", ["ANTHROPIC"]),
    ("claude-y", ["ANTHROPIC"]), ("nobody", []),
    ("app", ["LLM_PROVIDER", "SMART_LLM", "OPENAI", "ANTHROPIC", "OPENROUTER"]), ("embedding", ["EMBEDDING_PROVIDER"])])
def test_names(word: str, names: list[str]) -> None:
    assert [unit.name for unit in units_called(setting(), word)] == names


def test_a_key_alone_stands_behind_the_model_that_uses_it() -> None:
    found = setting("OPENAI_API_KEY=a\nMODEL=gpt-5\n")
    assert [unit.name for unit in units_called(found, "openai")] == ["MODEL"]
    relay = setting("OPENAI_API_KEY=a\nOPENAI_BASE_URL=https://api.groq.com/openai/v1\nMODEL=x\nRAG_BART_MODEL=y\n")
    assert relay.units[-1].members == ("OPENAI_API_KEY", "OPENAI_BASE_URL", "MODEL")
    joined = setting("OPENAI_API_KEY=a\nOPENAI_BASE_URL=https://api.openai.com/v1\nMODEL=gpt-5\n")
    assert [unit.members for unit in joined.units] == [("OPENAI_API_KEY", "OPENAI_BASE_URL", "MODEL")]


def test_a_selector_leads_where_the_block_it_points_at_leads() -> None:
    moved = setting("LLM_PROVIDER=openai\nOPENAI_API_KEY=${KIMI_KEY}\nOPENAI_BASE_URL=https://api.moonshot.cn/v1\n")
    (route,) = moved.routes["LLM_PROVIDER"]
    assert (route.base_url, route.key_name) == ("https://api.moonshot.cn/v1", "KIMI_KEY")


def test_at_a_host_of_your_own_any_plain_model_is_asked_for() -> None:
    local = "OPENAI_BASE_URL=http://localhost:11434/v1\nOPENAI_API_KEY=unused\nCHAT_MODEL=qwen3:4b\n"
    assert setting(local).units[0].members == ("OPENAI_API_KEY", "OPENAI_BASE_URL", "CHAT_MODEL")
    both = setting(f"{local}QWEN_API_KEY=a\n")
    assert [unit.name for unit in both.units] == ["CHAT_MODEL", "OPENAI", "QWEN"]
