"""Readiness: all that a workload needs is tried; what does not work is named, and is no failure of the vendor."""

import json
from dataclasses import replace

import pytest
from builders import a_provider, a_target, an_exchange, an_occasion
from playbook import play

from probes.kinds.readiness import FEATURES, Kind
from probes.model import Exchange, Failure, HttpCall, Model
from probes.outcome import Outcome
from probes.sim.bodies import Answer, refusal
from probes.sim.speech import Speech, speak
from probes.sim.thread import read_thread
from probes.sim.world import Behaviour

ALL = ("answer", "tools", "takeover", "json", "streaming")
PATH = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages", "openai_responses": "/v1/responses",
        "gemini": "/v1beta/models/m:generateContent"}


def stand_in(dialect: str, manner: Behaviour = Behaviour.SERVE):
    """A stand-in vendor, without the wire."""
    def reply(call: HttpCall) -> Exchange:
        refused = refusal(dialect, manner)
        if refused is not None and (manner is not Behaviour.PICKY or read_thread(json.loads(call.body)).thinking):
            return an_exchange(refused.status, refused.body, headers=dict(refused.headers))
        path = PATH[dialect].replace("generateContent", "streamGenerateContent") if "stream" in call.url else PATH[
            dialect]
        said = speak(dialect, path, call.body, ("m",), manner)
        if isinstance(said, Speech):
            return an_exchange(200, headers={"content-type": "text/event-stream"},
                               chunks=[(0.2 + n / 10, event) for n, event in enumerate(said.events)])
        assert isinstance(said, Answer)
        return an_exchange(said.status, said.body, headers=dict(said.headers))
    return reply


def run(kind: Kind, reply, dialect: str = "openai", turns: int = 20, **provider):
    target = a_target(a_provider(dialect=dialect, **provider), model="acme-small")
    return play(kind.steps(target, an_occasion()), iter([reply] * turns))


@pytest.mark.parametrize("origin", ["openai", "openai_responses", "anthropic", "gemini"])
@pytest.mark.parametrize("dialect", ["openai", "openai_responses", "anthropic"])
def test_who_can_do_it_all_is_ready_whoever_was_first(dialect, origin):
    played = run(Kind(ALL, origin), stand_in(dialect), dialect)
    reading, figures = played.reading, played.reading.figures
    assert (reading.outcome, reading.reason) == (Outcome.OK, "ready: answer, tools, takeover, json, streaming")
    assert (figures.items, figures.passed, figures.score, len(played.calls)) == (5, 5, 1.0, 5)
    assert figures.extra["takeover_passed"] == 1.0
    assert figures.tokens_in > 100
    assert figures.cost_usd > 0
    assert not reading.exchanges


def test_a_vendor_without_streams_is_not_taken_for_one_that_has_them():
    played = run(Kind(("tools", "streaming")), stand_in("gemini"), "gemini")
    assert (played.reading.figures.passed, played.reading.figures.items) == (1, 2)
    assert played.reading.reason == "streaming: the answer came whole"


@pytest.mark.parametrize("dialect", ["openai", "openai_responses", "anthropic", "gemini"])
def test_who_refuses_the_others_thinking_is_not_ready_and_says_what_would_help(dialect):
    origin = dialect if dialect in ("gemini", "openai_responses") else "anthropic"
    reading = run(Kind(("tools", "takeover"), origin), stand_in(dialect, Behaviour.PICKY), dialect).reading
    assert (reading.outcome, reading.figures.passed, reading.figures.items) == (Outcome.DEGRADED, 1, 2)
    assert "takeover: refused (400)" in reading.reason
    assert reading.reason.endswith("without the other's thinking it carries on")
    assert reading.exchanges
    bare = run(Kind(("tools", "takeover-bare"), "openai"), stand_in(dialect, Behaviour.PICKY), dialect).reading
    assert (bare.outcome, bare.figures.score) == (Outcome.OK, 1.0)


def test_who_refuses_every_tool_is_served_all_the_same():
    """The vendor answers: that its model lacks something is no restriction and no fault of ours."""
    def no_tools(call):
        if b'"tools"' in call.body:
            return an_exchange(400, {"error": {"message": "m does not support tools", "type": "invalid_request_error"}})
        return stand_in("openai")(call)
    reading = run(Kind(("tools", "takeover")), no_tools).reading
    assert (reading.outcome, reading.figures.passed, reading.figures.items) == (Outcome.DEGRADED, 0, 2)
    assert "nor without the other's thinking" in reading.reason


@pytest.mark.parametrize(("manner", "failing"), [
    (Behaviour.NO_TOOLS, ["tools", "takeover"]), (Behaviour.BROKEN_JSON, ["json"]),
    (Behaviour.WRONG, ["answer", "tools", "takeover", "json"])])
def test_what_does_not_work_is_named(manner, failing):
    reading = run(Kind(("answer", "tools", "takeover", "json")), stand_in("openai", manner)).reading
    assert reading.outcome is Outcome.OK
    assert [line.partition(":")[0] for line in reading.reason.split("; ")] == failing
    assert reading.figures.score == pytest.approx(1 - len(failing) / 4)


def test_json_in_a_fence_is_no_json_mode():
    def fenced(call):
        said = json.loads(stand_in("openai")(call).body)
        said["choices"][0]["message"]["content"] = f"```json\n{said['choices'][0]['message']['content']}\n```"
        return an_exchange(200, said)
    assert run(Kind(("json",)), fenced).reading.reason == "json: the answer is no JSON by itself"


def test_a_server_without_json_mode_has_none_however_well_it_writes():
    def refuses(call):
        if b"response_format" in call.body:
            return an_exchange(400, {"error": {"message": "response_format is not supported"}})
        return stand_in("openai")(call)
    reading = run(Kind(("json",)), refuses).reading
    assert (reading.figures.passed, reading.reason) == (0, "json: it has no JSON mode")


@pytest.mark.parametrize(("reply", "outcome"), [
    (an_exchange(failure=Failure.TCP_TIMEOUT), Outcome.NETWORK_TIMEOUT),
    (an_exchange(429, {"error": {"message": "Rate limit reached", "type": "rate_limit_exceeded"}}),
     Outcome.RATE_LIMITED)])
def test_no_answer_is_that_and_no_score_and_ends_the_run(reply, outcome):
    played = run(Kind(ALL), reply)
    assert (played.reading.outcome, played.reading.figures.score, len(played.calls)) == (outcome, None, 1)


def test_a_refused_country_is_no_missing_feature():
    refused = refusal("openai", Behaviour.GEO)
    reading = run(Kind(("tools",)), an_exchange(refused.status, refused.body)).reading
    assert (reading.outcome, reading.figures.items) == (Outcome.GEO_RESTRICTED, None)


def test_an_answer_that_our_own_limit_cut_is_no_proof_and_says_what_to_do():
    cut = an_exchange(200, {"choices": [{"message": {"content": ""}, "finish_reason": "length"}]})
    reading = run(Kind(("answer", "json")), cut).reading
    assert (reading.figures.passed, reading.figures.items) == (0, 2)
    assert reading.reason.count("raise max_tokens") == 2


@pytest.mark.parametrize(("known", "works", "said"), [
    (200_000, 1, "ready"), (8_192, 0, "acme-small takes 8192 tokens, not 128000"), (None, 0, "does not know")])
def test_a_long_context_is_the_catalogues_word_and_costs_nothing(known, works, said):
    kind = Kind(("answer", "context"), context=128_000)
    played = run(kind, stand_in("openai"), probe_models=(Model("acme-small", 1.0, 2.0, context=known),))
    assert (played.reading.figures.extra["context_passed"], len(played.calls)) == (works, 1)
    assert said in played.reading.reason


def test_or_it_is_tried_and_what_was_cut_off_is_noticed():
    kind = Kind(("long",), context=4_000)
    assert run(kind, stand_in("openai")).reading.reason == "ready: long"
    [call] = run(kind, stand_in("openai")).calls
    assert len(call.body) > 4_000 * 4

    def truncates(call):
        asked = json.loads(call.body)
        asked["messages"][0]["content"] = asked["messages"][0]["content"][-400:]
        return stand_in("openai")(replace(call, body=json.dumps(asked).encode()))
    assert "beginning of the text" in run(kind, truncates).reading.reason


def test_an_unknown_feature_is_refused_at_once():
    with pytest.raises(ValueError, match="no feature 'telepathy'; there are: answer"):
        Kind(("telepathy",))
    assert set(ALL) < set(FEATURES)
