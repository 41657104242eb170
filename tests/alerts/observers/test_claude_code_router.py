"""claude-code-router's answers, as 1.0.73 gave them: an answer names the model, an error names provider and model."""

from typing import Any

import pytest
from observing import Judged, answer, as_text, judged, refused, written

from alerts.observer import Seen
from alerts.observers.claude_code_router import Observer

CONFIG: dict[str, Any] = {
    "Providers": [
        {"name": "claude", "api_base_url": "https://api.anthropic.com/v1/messages", "api_key": "$A",
         "models": ["claude-sonnet-4"]},
        {"name": "qwen", "api_base_url": "https://dashscope.aliyuncs.com/v1", "api_key": "$B",
         "models": ["qwen3-max"]}],
    "Router": {"default": "claude,claude-sonnet-4", "think": "claude,claude-sonnet-4", "background": "qwen,qwen3-max"}}
MOVED = written("ccr", as_text(CONFIG), "default", "qwen,qwen3-max")
ERROR = "Error from provider({},{}: 403): {{\"error\": {{\"message\": \"not allowed\"}}}}Error: at nt (cli.js:1)"


@pytest.mark.parametrize(("canary", "expected"), [
    (answer("qwen3-max-2026"), (True, False)), (answer("claude-sonnet-4"), (False, False)),
    (answer("m"), (None, False)),
    (refused(ERROR.format("qwen", "qwen3-max"), 403), (True, True)),
    (refused(ERROR.format("claude", "claude-sonnet-4"), 403), (False, False)),
    (Seen(401), (None, False)), (Seen(failed="could not reach gw"), (None, False))])
def test_by_who_answered(canary: Seen, expected: Judged) -> None:
    assert judged(Observer().judge(MOVED, {}, canary)) == expected


def test_only_slots_that_a_short_prompt_reaches_are_asked_for() -> None:
    asked = Observer().canary(MOVED)
    assert asked is not None
    assert asked[0] == "/v1/messages"
    assert "," not in str(asked[1]["model"]), "provider,model would go past the router"
    assert Observer().canary(written("ccr", as_text(CONFIG), "think", "qwen,qwen3-max")) is None


def test_its_config_is_not_read_for_it_is_the_file() -> None:
    assert Observer().reads(MOVED) == ()
    assert Observer().loaded(MOVED, {}).took is None
