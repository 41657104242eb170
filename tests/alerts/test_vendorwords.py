"""What vendors are called: words, models, hosts; and that the public base URLs are the catalogue's."""

import pytest

from alerts.vendorwords import family, family_at, family_in, maker, of_messages, own_base, own_key, split_model
from monitor.catalogue import load_catalogue


@pytest.mark.parametrize(("word", "vendor"), [
    ("Azure-OpenAI", "azure"), ("CLAUDE", "anthropic"), ("google_genai", "gemini"), ("nobody", ""), ("", "")])
def test_words(word: str, vendor: str) -> None:
    assert family(word) == vendor


def test_the_longest_run_of_words_in_a_name() -> None:
    assert family_in("AZURE_OPENAI_API_KEY") == "azure"
    assert family_in("MY_QWEN_KEY") == "dashscope"
    assert not family_in("SECRET_KEY")


@pytest.mark.parametrize(("model", "vendor"), [
    ("anthropic/claude-x", "anthropic"), ("openrouter/qwen/qwen3", "dashscope"), ("gpt-5", "openai"),
    ("mygpt", ""), ("groq/gpt-oss-20b", ""),
    ("us.anthropic.claude-opus-4", "anthropic"), ("custom", "")])
def test_makers(model: str, vendor: str) -> None:
    assert maker(model) == vendor


def test_a_models_prefix_must_name_a_vendor() -> None:
    assert split_model("openai:gpt-5") == ("openai", ":", "gpt-5")
    assert split_model("library/gpt-5") == ("", "", "library/gpt-5")


@pytest.mark.parametrize(("url", "vendor"), [
    ("https://api.deepseek.com/v1", "deepseek"), ("https://api.x.ai/v1", "xai"), ("http://localhost:4000", ""),
    ("https://api.z.ai/api", "zhipu"), ("https://dashscope-intl.aliyuncs.com/x", "dashscope"), ("nothing", ""),
    ("https://my-openai.openai.azure.com/", "azure"), ("https://my-openai.example.com", "openai")])
def test_hosts(url: str, vendor: str) -> None:
    assert family_at(url) == vendor


def test_public_base_urls_are_those_of_the_catalogue() -> None:
    for provider in load_catalogue().providers:
        bases = [surface.base_url for surface in provider.surfaces if surface.dialect == "openai"]
        own = own_base(provider.id, "openai")
        assert not bases or not own or own in bases, provider.id
        assert not own or own_key(provider.id) in provider.auth.key_envs, provider.id
    assert set(of_messages()) <= {provider.id for provider in load_catalogue().providers}
    assert own_base("anthropic", "anthropic") == "https://api.anthropic.com"
    assert not own_base("openai", "anthropic")
