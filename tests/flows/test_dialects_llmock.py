"""Our kinds against a foreign stand-in (llmock) on loopback, through the real runner: ten vendors' ways, and faults."""

import asyncio

import pytest
from builders import a_provider, a_vantage, an_occasion
from llmock.scenarios import Fail, StreamFault
from llmock.testing import LLMockServer

from probes.kinds.completion import Kind as Completion
from probes.kinds.models import Kind as Models
from probes.kinds.reachability import Kind as Reachability
from probes.kinds.readiness import Kind as Readiness
from probes.model import Account, Auth, Model, Surface, Target
from probes.outcome import Outcome
from probes.run import Runner

GOOGLE, CLAUDE = Auth("x-goog-api-key", ""), Auth("x-api-key", "", (("anthropic-version", "2023-06-01"),))
VENDORS = {
    "openai": ("/v1", "openai", "gpt-4o-mini", Auth()),
    "openai-responses": ("/v1", "openai_responses", "gpt-4o-mini", Auth()),
    "anthropic": ("/anthropic", "anthropic", "claude-3-5-haiku-latest", CLAUDE),
    "gemini": ("/gemini/v1beta", "gemini", "gemini-2.0-flash", GOOGLE),
    "mistral": ("/mistral/v1", "openai", "mistral-small-latest", Auth()),
    "groq": ("/groq/openai/v1", "openai", "llama-3.1-8b-instant", Auth()),
    "xai": ("/xai/v1", "openai", "grok-2", Auth()),
    "together": ("/together/v1", "openai", "meta-llama/Llama-3-8b-chat-hf", Auth()),
    "perplexity": ("/perplexity/v1", "openai", "sonar", Auth()),
    "ai21": ("/ai21/v1", "openai", "jamba-mini", Auth()),
}


@pytest.fixture(scope="module")
def server():
    with LLMockServer() as running:
        yield running


@pytest.fixture(autouse=True)
def _clean(server):
    server.state.scenarios.clear()


def target(server, name):
    path, dialect, model, auth = VENDORS[name]
    root = server.base_url("openai").removesuffix("/v1")
    vendor = a_provider(name, surfaces=(Surface("loopback", root + path, dialect),), auth=auth,
                        probe_models=(Model(model, 1.0, 2.0),))
    return Target(vendor, vendor.surfaces[0], Account("main", "TEST_KEY", "127.0.0.1", "eu"), model)


def observe(kind, asked):
    async def once():
        runner = Runner({"TEST_KEY": "sk-test-0123456789abcdef"}.get)
        try:
            return await runner.observe(kind.steps(asked, an_occasion()), a_vantage())
        finally:
            await runner.aclose()

    return asyncio.run(once())


@pytest.mark.parametrize("name", sorted(VENDORS))
def test_a_streamed_answer_is_measured(server, name):
    reading = observe(Completion(deadline_s=10), target(server, name))
    assert reading.outcome is Outcome.OK, reading.reason
    figures = reading.figures
    assert figures.ttft_s is not None
    assert figures.total_s is not None
    assert 0 < figures.ttft_s <= figures.total_s
    assert figures.tokens_out
    assert figures.cost_usd


@pytest.mark.parametrize("name", ["openai", "anthropic", "gemini", "mistral"])
def test_models_are_listed(server, name):
    assert observe(Reachability(), target(server, name)).outcome is Outcome.OK
    assert observe(Models(), target(server, name)).figures.extra["models"] > 0


@pytest.mark.parametrize("name", ["openai", "anthropic", "gemini", "groq", "openai-responses"])
@pytest.mark.parametrize("fault", ["disconnect", "truncate", "stall"])
def test_a_fault_in_the_middle_of_a_stream_is_never_ok(server, name, fault):
    server.state.scenarios.add(StreamFault(fault, after_chunks=3, stall_seconds=5))
    reading = observe(Completion(deadline_s=1.0), target(server, name))
    assert reading.outcome in (Outcome.DEGRADED, Outcome.PROVIDER_OUTAGE), reading
    assert reading.exchanges
    if fault == "stall":
        assert reading.figures.total_s is not None
        assert reading.figures.total_s >= 0.99


@pytest.mark.parametrize(
    ("status", "outcomes"),
    [(401, {Outcome.AUTH_FAILED}), (429, {Outcome.RATE_LIMITED, Outcome.QUOTA_EXHAUSTED}),
     (500, {Outcome.PROVIDER_OUTAGE}), (503, {Outcome.OVERLOADED, Outcome.PROVIDER_OUTAGE})],
)
@pytest.mark.parametrize("name", ["openai", "anthropic", "gemini"])
def test_a_failure_is_named(server, name, status, outcomes):
    server.state.scenarios.add(Fail(status))
    assert observe(Completion(deadline_s=10), target(server, name)).outcome in outcomes


@pytest.mark.parametrize("origin", ["openai", "openai_responses", "anthropic", "gemini"])
@pytest.mark.parametrize("name", ["openai", "openai-responses", "anthropic", "gemini", "mistral"])
def test_a_server_that_takes_every_session_and_understands_none_is_not_ready(server, name, origin):
    kind = Readiness(("streaming", "tools", "takeover"), origin, deadline_s=10)
    reading = observe(kind, target(server, name))
    assert reading.outcome is Outcome.OK, "the session was a valid request, whoever began it"
    assert (reading.figures.passed, reading.figures.items) == (1, 3)
    assert "takeover: it does not carry on rightly" in reading.reason
