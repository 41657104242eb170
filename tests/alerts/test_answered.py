"""An answer tells the two configs apart, or it does not; what it comes to, with its status and with what was read."""

import pytest
from observing import Judged, answer, judged, refused

from alerts.answered import Who, alike, by_answer, chats, question, short, text_at, told
from alerts.model import Inventory, Route, RoutingChange, Strength
from alerts.observer import Seen, Side, Took, Written

OUT = Route("out", "anthropic", "claude-opus-4", key="o")
IN = Route("in", "openai", "qwen3-max", key="i")
SLUG = Route("slug", "@our-qwen", "", key="s")
CHANGE = RoutingChange("vw-1", "smart", "anthropic", ("o",), "in", Strength.EXCLUDE, "c", "b")
UNKNOWN, LOADED = Took(None, "nothing to read"), Took(True, "it is loaded")


def side(*routes: Route) -> Side:
    return Side("", Inventory(routes, workloads={"smart": tuple(one.key for one in routes)}))


WRITTEN = Written(CHANGE, side(OUT), side(IN))


@pytest.mark.parametrize(("said", "model", "same"), [
    ("gpt-4o-2024-08-06", "gpt-4o", True), ("openai/GPT-4o", "gpt-4o", True), ("claude-opus-4", "claude-opus-4", True),
    ("gpt-5-mini-2026", "gpt-5", False), ("qwen3-max", "qwen3", False), ("kimi-latest", "kimi", True),
    ("llama3.1:8b", "llama3.1", True), ("a", "b", False)])
def test_a_model_goes_by_dated_names(said: str, model: str, same: bool) -> None:
    assert alike(said, model) is alike(model, said) is same


@pytest.mark.parametrize(("who", "was", "now", "tells"), [
    (Who("openai", "qwen3-max"), OUT, IN, True), (Who("anthropic"), OUT, IN, False),
    (Who(model="qwen3-max"), OUT, IN, True),
    (Who(model="kimi"), OUT, IN, None), (Who("openai", "kimi"), OUT, IN, True), (Who(), OUT, IN, None),
    (Who(key="i"), OUT, IN, True), (Who("openai"), IN, IN, None), (Who("openai", "qwen3-max"), IN, SLUG, None),
    (Who("dashscope"), OUT, SLUG, True)])
def test_told_only_by_what_the_other_could_not_answer(who: Who, was: Route, now: Route, tells: bool | None) -> None:
    assert told(who, (was,), (now,)) is tells


def test_with_one_config_unknown_nothing_is_told() -> None:
    assert told(Who("openai"), (), (IN,)) is None
    assert told(Who("openai"), (IN,), ()) is None


def test_a_fallback_that_stood_there_before_proves_nothing() -> None:
    assert told(Who("openai", "qwen3-max"), (OUT, IN), (IN,)) is None


@pytest.mark.parametrize(("who", "status", "loaded", "expected"), [
    (Who("openai"), 200, UNKNOWN, (True, False)), (Who("anthropic"), 200, UNKNOWN, (False, False)),
    (Who("anthropic"), 403, LOADED, (False, False)), (Who(), 200, LOADED, (True, False)),
    (Who(), 200, UNKNOWN, (None, False)), (Who("openai"), 500, UNKNOWN, (True, True)),
    (Who("openai"), 401, UNKNOWN, (True, True)), (Who(), 401, LOADED, (None, False)),
    (Who(), 404, LOADED, (None, False)),
    (Who("openai"), 429, LOADED, (None, False)), (Who(), 502, LOADED, (True, True)),
    (Who(), 502, UNKNOWN, (None, False))])
def test_what_an_answer_comes_to(who: Who, status: int, loaded: Took, expected: Judged) -> None:
    assert judged(by_answer(WRITTEN, loaded, answer(status=status), who)) == expected


@pytest.mark.parametrize(("message", "expected"), [
    ("Unsupported parameter: 'max_tokens' is not supported with this model.", (None, False)),
    ("User location is not supported for the API use.", (True, True))])
def test_a_limit_that_a_model_refuses_is_no_fault_of_the_route(message: str, expected: Judged) -> None:
    assert judged(by_answer(WRITTEN, LOADED, refused(message, 400), Who("openai"))) == expected


def test_without_an_answer_what_was_read_stands() -> None:
    assert by_answer(WRITTEN, LOADED, Seen(failed="timed out"), Who()) == LOADED
    assert by_answer(WRITTEN, UNKNOWN, Seen(failed="timed out"), Who()) == Took(None, "timed out")


def test_the_words() -> None:
    found = by_answer(WRITTEN, UNKNOWN, answer(), Who("anthropic", "claude", after="openai"))
    assert found.because.endswith("smart was answered 200 by anthropic/claude after openai, as before the change")
    both = by_answer(Written(CHANGE, side(IN), side(IN)), UNKNOWN, answer(), Who("openai"))
    assert "who may have answered before the change too" in both.because


def test_somebody_elses_words_are_one_short_line() -> None:
    assert str(Who(model="a\nb" * 90)) == ("a b" * 90)[:100]
    assert short(" a \n b ") == "a b"


def test_no_question_to_what_cannot_chat() -> None:
    assert chats(WRITTEN)
    for model in ("text-embedding-3", "whisper-1", "tts-1-hd", "gpt-4o-transcribe", "dall-e-3", "gpt-image-1"):
        assert not chats(Written(CHANGE, side(Route("e", "openai", model, key="e")), side(IN))), model
    assert chats(Written(CHANGE, side(Route("e", "openai", "gpt-4o-imagined", key="e")), side(IN)))
    assert question("smart")["max_tokens"] == 16


@pytest.mark.parametrize(("body", "found"), [
    ({"a": {"b": "c"}}, "c"), ({"a": ["b"]}, ""), ("a", ""), (None, ""), ({"a": {"b": 1}}, "")])
def test_a_text_wherever_it_is_not(body: object, found: str) -> None:
    assert text_at(body, "a", "b") == found
