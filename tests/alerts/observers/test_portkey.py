"""Portkey's headers, as 1.15.2 set them: the place in the config, then provider and model."""

from typing import Any

import pytest
from observing import Judged, answer, as_text, judged, written

from alerts.observer import Seen
from alerts.observers.portkey import Observer

OUT = {"provider": "anthropic", "api_key": "{{A}}", "override_params": {"model": "claude-opus-4"}}
IN = {"name": "in", "provider": "openai", "api_key": "{{B}}", "custom_host": "https://dashscope.aliyuncs.com/v1",
      "override_params": {"model": "qwen3-max"}}
SAME = {**OUT, "provider": "openai", "custom_host": "https://api.anthropic.com/v1"}
SLUG = {"name": "in", "provider": "@our-qwen"}


def group(mode: str, *targets: Any) -> dict[str, Any]:
    return {"strategy": {"mode": mode}, "targets": list(targets)}


def by(place: str, provider: str = "openai", model: str = "qwen3-max", status: int = 200) -> Seen:
    return answer(model if status == 200 else "", status, {
        "x-portkey-last-used-option-index": f"config{place}", "x-portkey-provider": provider})


CLAUDE = ("anthropic", "claude-opus-4-20260101")
ZERO, ONE = ".targets[0]", ".targets[1]"


@pytest.mark.parametrize(("config", "seen", "expected"), [
    (group("fallback", OUT, IN), by(ZERO), (True, False)),
    (group("fallback", OUT, IN), by(ZERO, *CLAUDE), (False, False)),
    (group("fallback", OUT, IN), by(ONE), (False, False)),          # it fell over: the vendor was called first
    (group("fallback", SAME, IN), by(ZERO), (True, False)), (group("fallback", SAME, IN), by(ONE), (False, False)),
    (group("fallback", OUT, IN), by(ZERO, status=500), (True, True)),
    (group("fallback", OUT, IN), by(ZERO, "anthropic", status=403), (False, False)),
    (group("fallback", SAME, IN), by(ZERO, status=403), (None, False)),      # of either: no model, and one provider
    (group("single", OUT, IN), by(ZERO), (True, False)),
    (group("loadbalance", OUT, {**IN, "weight": 0}), by(ONE), (True, False)),
    (group("loadbalance", OUT, {**IN, "weight": 0}), by(ZERO, *CLAUDE), (False, False)),
    (group("loadbalance", OUT, IN), by(ONE), (None, False)),        # it had its share before
    (group("fallback", OUT, SLUG), by(ZERO, "openai"), (True, False)),
    (group("fallback", group("fallback", OUT), group("fallback", IN)), by(".targets[0].targets[0]"), (True, False)),
    (group("fallback", group("fallback", OUT), group("fallback", IN)), by(".targets[1].targets[0]"), (False, False)),
    (group("fallback", OUT, IN), answer("qwen3-max"), (None, False)),        # no header at all
    (group("fallback", OUT, IN), answer(status=400), (None, False)),
    (group("fallback", OUT, IN), Seen(failed="x"), (None, False)),
])
def test_by_who_answered(config: Any, seen: Seen, expected: Judged) -> None:
    assert judged(Observer().judge(written("portkey", as_text(config), "default", "in"), {}, seen)) == expected


def test_a_config_among_others_has_places_of_its_own() -> None:
    text = as_text({"configs": {"other": group("single", IN), "smart": group("fallback", OUT, IN)}})
    change = written("portkey", text, "smart", "in")
    assert judged(Observer().judge(change, {}, by(ZERO))) == (True, False)
    assert judged(Observer().judge(change, {}, by(ONE))) == (False, False)


def test_our_copy_of_the_config_is_not_sent() -> None:
    asked = Observer().canary(written("portkey", as_text(group("fallback", OUT, IN)), "default", "in"))
    assert asked is not None
    assert "targets" not in as_text(asked)
    assert "the address that your apps ask" in Observer().loaded(written(
        "portkey", as_text(group("fallback", OUT, IN)), "default", "in"), {}).because
