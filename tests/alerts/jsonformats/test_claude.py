"""Claude Code's settings as blocks: the one in use and the others."""

import pytest

from alerts.gateway import PatchRefused
from alerts.jsonformats.claude import MAIN, SMALL, read, speaks_claude
from alerts.surgery.jsonnodes import parse

BESIDE = """{"env": {"ANTHROPIC_API_KEY": "$ANT", "CLAUDE_CODE_USE_VERTEX": "1",
 "KIMI_BASE_URL": "https://api.moonshot.cn/anthropic",
 "KIMI_AUTH_TOKEN": "${KIMI}", "KIMI_MODEL": "kimi-k2", "KIMI_DEFAULT_HAIKU_MODEL": "kimi-small", "N": 1,
 "ANTHROPIC_BASE_URL_GLM": "https://open.bigmodel.cn/api/anthropic", "ANTHROPIC_MODEL_GLM": "glm-4.6",
 "GITHUB_TOKEN": "x", "OTHER_MODEL": "y"}, "model": "opus"}"""


def test_blocks_beside_the_one_in_use() -> None:
    reading = read(BESIDE)
    assert (reading.used.cloud, reading.used.key_name, reading.used.slots) == ("vertex", "ANT", {MAIN: "opus"})
    kimi, glm = reading.others
    assert (kimi.name, kimi.key_name, kimi.model_for(SMALL[1]), kimi.model_for(MAIN)) == (
        "KIMI", "KIMI", "kimi-small", "kimi-k2")
    assert (glm.name, glm.base, glm.key_name, glm.model_for(SMALL[0])) == (
        "GLM", "https://open.bigmodel.cn/api/anthropic", "GLM_API_KEY", "glm-4.6")
    assert reading.used.route().base_url == ""
    assert kimi.route().base_url == "https://api.moonshot.cn/anthropic"
    assert read('{"permissions": {}, "model": "opus"}').used.route().base_url == "https://api.anthropic.com"


def test_profiles_and_the_word_that_points_at_one() -> None:
    text = """{"providers": {"a": {"name": "One", "settingsConfig": {"env": {"ANTHROPIC_MODEL": "m"}}},
     "b": {"env": {"ANTHROPIC_BASE_URL": "https://b"}}}, "current": "a",
     "mcpServers": {"x": {"env": {"ANTHROPIC_API_KEY": "k"}}}}"""
    reading = read(text)
    assert (reading.used.name, [one.name for one in reading.others], reading.pointer) == ("One", ["b"], ("current",))


def test_rules_and_hooks_are_nobody_elses() -> None:
    assert speaks_claude(parse('{"permissions": {"deny": []}}'))
    assert speaks_claude(parse('{"hooks": {"SessionStart": []}}'))
    assert not speaks_claude(parse('{"permissions": ["tabs"], "version": 3}'))


@pytest.mark.parametrize("text", ["[]", '{"listen": ":80"}',
    '{"mcpServers": {"x": {"env": {"ANTHROPIC_API_KEY": ""}}}}',
                                  '{"a": {"env": {"ANTHROPIC_MODEL": "x"}}}'])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(PatchRefused):
        read(text)


def test_keys_are_named_never_shown() -> None:
    text = '{"apiKeyHelper": "printenv MY_KEY", "env": {"ANTHROPIC_AUTH_TOKEN": "sk-canary-0123456789"}}'
    assert "canary" not in str(read(text).used.route())
    assert read(text).used.key_name == "MY_KEY"
