"""What a ROUTE means in a .env file."""

import pytest

from alerts.env.aims import aim_at
from alerts.env.lines import read
from alerts.env.units import read_units
from alerts.gateway import PatchRefused

TEXT = """\
# options: openai, groq
LLM_PROVIDER=openai
LLM_MODEL=gpt-5
QWEN_API_KEY=a
QWEN_MODEL=qwen3-max
DASHSCOPE_API_KEY=b
#MISTRAL_API_KEY=c
KIMI_API_KEY=d
KIMI_BASE_URL=https://api.moonshot.cn/v1
# LLM_MODEL=kimi-k2
"""


@pytest.mark.parametrize(("route", "vendor", "key", "model"), [
    ("QWEN", "dashscope", "QWEN_API_KEY", "qwen3-max"), ("qwen_model", "dashscope", "QWEN_API_KEY", "qwen3-max"),
    ("qwen/qwen-flash", "dashscope", "QWEN_API_KEY", "qwen-flash"), ("moonshot", "moonshot", "KIMI_API_KEY", ""),
    ("https://api.moonshot.cn/v1", "moonshot", "KIMI_API_KEY", ""), ("mistral", "mistral", "MISTRAL_API_KEY", ""),
    ("kimi-k2", "moonshot", "KIMI_API_KEY", "kimi-k2"), ("groq", "groq", "", ""),
    ("qwen3-max", "dashscope", "QWEN_API_KEY", "qwen3-max"),
])
def test_routes(route: str, vendor: str, key: str, model: str) -> None:
    target = aim_at(route, read_units(read(TEXT))).target
    assert (target.vendor, target.key, target.model_for("")) == (vendor, key, model)


@pytest.mark.parametrize("route", ["xai", "nobody", "nobody/grok-4", "grok-4", "azure/gpt-9"])
def test_what_is_nowhere_in_the_file(route: str) -> None:
    with pytest.raises(PatchRefused):
        aim_at(route, read_units(read(TEXT)))


def test_a_vendor_of_the_catalogue_needs_nothing_of_the_file() -> None:
    aim = aim_at("xai/grok-4", read_units(read(TEXT)))
    assert (aim.foreign, aim.target.key, aim.target.model_for("")) == (True, "XAI_API_KEY", "grok-4")
    assert not aim_at("groq/x", read_units(read(TEXT))).foreign       # a comment names it as an option


def test_who_names_the_vendor_means_its_plain_block() -> None:
    text = "MODEL=gpt-5\nAZURE_IMAGE_API_KEY=a\nAZURE_API_KEY=b\nTEST_KIMI_API_KEY=c\nMOONSHOT_API_KEY=d\n"
    setting = read_units(read(f"{text}GROQ_API_KEY=e\nGROQ_BACKUP_API_KEY=f\n"))
    assert [aim_at(word, setting).target.key for word in ("azure_openai", "kimi", "groq", "azure_image")] == [
        "AZURE_API_KEY", "MOONSHOT_API_KEY", "GROQ_API_KEY", "AZURE_IMAGE_API_KEY"]


def test_two_of_a_vendor_are_told_apart_by_prefix() -> None:
    text = "LLM_PROVIDER=openai\nQWEN_API_KEY=a\nDASHSCOPE_API_KEY=b\n"
    with pytest.raises(PatchRefused, match="QWEN or DASHSCOPE"):
        aim_at("tongyi", read_units(read(text)))
    assert aim_at("dashscope", read_units(read(text))).target.key == "DASHSCOPE_API_KEY"
