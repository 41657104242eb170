"""Bifrost's rules as its API shows them, and the provider that its answers and errors name."""

from typing import Any

import pytest
from observing import Judged, answer, as_text, judged, refused, written

from alerts.observer import Seen
from alerts.observers.bifrost import Observer

OTHER = {"id": "r0", "name": "theirs", "enabled": True, "cel_expression": "model == 'x'", "scope": "global",
         "priority": 1, "targets": [{"provider": "openai", "model": "gpt-5", "weight": 1}], "fallbacks": None}
CONFIG = {"providers": {"anthropic": {"keys": [{"value": "env.A", "models": ["claude-4"]}]},
                        "openai": {"keys": [{"value": "env.B", "models": ["gpt-5"]}]}},
          "governance": {"routing_rules": [OTHER]}}
MOVED = written("bifrost", as_text(CONFIG), "claude-4", "openai/gpt-5")
# as its handler answers it: what the file says, with fields of the database
OURS = {"id": "vw-1", "name": "vw-1", "enabled": True, "cel_expression": "…", "scope": "global", "scope_id": None,
        "created_at": "2026-11-26T12:00:00Z", "priority": 0, "fallbacks": [],
        "targets": [{"provider": "openai", "model": "gpt-5", "weight": 1, "key_id": None}]}
(PATH,) = Observer().reads(MOVED)


def rules(*rows: Any) -> dict[str, Seen]:
    return {PATH: Seen(200, {"rules": list(rows), "count": len(rows)})}


@pytest.mark.parametrize(("seen", "took"), [
    (rules(OURS, OTHER), True), (rules(OTHER), False), (rules(), False), (rules({**OURS, "enabled": False}), False),
    (rules({**OURS, "targets": [{"provider": "anthropic", "model": "claude-4"}]}), False),
    (rules("junk", {}, OURS), True),
    ({PATH: Seen(401, {"error": "no session"})}, None), ({PATH: Seen(failed="could not reach gw")}, None), ({}, None)])
def test_by_the_rules_it_works_by(seen: dict[str, Seen], took: bool | None) -> None:
    found = Observer().loaded(MOVED, seen)
    assert found.took is took
    assert found.because


def test_a_rule_that_was_edited_is_told_by_where_it_leads() -> None:
    rule = {**OTHER, "targets": [{"provider": "anthropic", "model": "claude-4", "weight": 1}]}
    change = written("bifrost", as_text({**CONFIG, "governance": {"routing_rules": [rule]}}), "theirs", "openai/gpt-5")
    assert Observer().loaded(change, rules(rule)).took is False
    assert Observer().loaded(change, rules(OTHER)).took is True


def by(provider: str, model: str, *, new: bool = True) -> Seen:
    """Field names of 2.0 and of before."""
    names = ("original_model_requested", "resolved_model_used") if new else ("model_requested", "model_deployment")
    return answer(model, extra_fields={"provider": provider, names[0]: "claude-4", names[1]: model, "latency": 7})


NONE: dict[str, Seen] = {PATH: Seen(401)}


@pytest.mark.parametrize(("seen", "canary", "expected"), [
    (NONE, by("openai", "gpt-5"), (True, False)), (NONE, by("anthropic", "claude-4"), (False, False)),
    (NONE, by("openai", "gpt-5-2026", new=False), (True, False)), (NONE, answer("gpt-5"), (None, False)),
    (NONE, refused("quota", 403, extra_fields={"provider": "openai"}), (True, True)),
    (NONE, refused("not allowed", 403, extra_fields={"provider": "anthropic"}), (False, False)),
    (rules(OURS), refused("down", 500), (True, True)), (rules(OURS), refused("no key", 401), (None, False)),
    (NONE, refused("down", 500), (None, False))])
def test_by_who_answered(seen: dict[str, Seen], canary: Seen, expected: Judged) -> None:
    assert judged(Observer().judge(MOVED, seen, canary)) == expected


def test_asked_as_a_client_did_before() -> None:
    asked = Observer().canary(MOVED)
    assert asked is not None
    assert asked[1]["model"] == "anthropic/claude-4"
    assert Observer().canary(written("bifrost", as_text(CONFIG), "anthropic/claude-4", "openai/gpt-5")) == asked


def test_what_a_rules_clients_ask_for_nobody_says() -> None:
    rule = {**OTHER, "targets": [{"provider": "anthropic", "model": "claude-4", "weight": 1}]}
    change = written("bifrost", as_text({**CONFIG, "governance": {"routing_rules": [rule]}}), "theirs", "openai/gpt-5")
    assert Observer().canary(change) is None
    assert Observer().canary(written("bifrost", as_text(CONFIG), "all", "openai/gpt-5")) is None
