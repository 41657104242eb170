"""The stand-ins refuse in words that our own classifier reads as what they mean, as it would the vendor's."""

import pytest

from probes.classify import classify
from probes.model import Chunk, Exchange
from probes.outcome import Outcome
from probes.sim.bodies import refusal
from probes.sim.world import Behaviour

MEANS = {Behaviour.GEO: Outcome.GEO_RESTRICTED, Behaviour.BAN: Outcome.ACCOUNT_RESTRICTED,
         Behaviour.DOWN: Outcome.PROVIDER_OUTAGE, Behaviour.OVERLOADED: Outcome.OVERLOADED,
         Behaviour.LIMITED: Outcome.RATE_LIMITED, Behaviour.BILLING: Outcome.QUOTA_EXHAUSTED,
         Behaviour.RETIRED: Outcome.MODEL_UNAVAILABLE}


@pytest.mark.parametrize(("provider", "dialect"), [
    ("anthropic", "anthropic"), ("gemini", "gemini"), ("openai", "openai"), ("moonshot", "openai")])
@pytest.mark.parametrize("behaviour", MEANS)
def test_a_refusal_means_what_it_says(provider: str, dialect: str, behaviour: Behaviour) -> None:
    answer = refusal(dialect, behaviour)
    assert answer is not None
    exchange = Exchange(status=answer.status, headers=answer.headers, chunks=(Chunk(0.1, answer.body),))

    assert classify(exchange, provider).outcome is MEANS[behaviour]
