"""Asking: which model, which options, and what an answer came to."""

from datetime import UTC, date, datetime

import pytest
from builders import a_provider, a_target, an_exchange
from hypothesis import given
from hypothesis import strategies as st

from probes.asking import days_until, judge_answer, measure_answer, order_models, price
from probes.dialect import Answer
from probes.model import Failure, Model, Reading
from probes.outcome import Outcome

OK = Reading(Outcome.OK, "fine")


def test_the_last_model_goes_first_then_the_listed_ones():
    vendor = a_provider(probe_models=(Model("a"), Model("b"), Model("c"), Model("d", gone=True)))
    assert order_models(a_target(vendor), {}) == ("a", "b", "c")
    assert order_models(a_target(vendor), {"listed": "b\nc"}) == ("b", "c", "a")
    assert order_models(a_target(vendor), {"listed": "b", "model": "c"}) == ("c", "b", "a")
    assert order_models(a_target(vendor, model="z"), {"model": "c"}) == ("z",)


def test_price_needs_a_known_price_and_an_answer():
    target, answer = a_target(), Answer(tokens_in=1_000_000, tokens_out=500_000)
    assert price(target, "acme-small", answer, an_exchange(200)) == pytest.approx(2.0)
    assert price(target, "unheard-of", answer, an_exchange(200)) is None
    assert price(target, "acme-small", answer, an_exchange(429)) is None


@given(st.floats(0, 5), st.floats(0.001, 5), st.integers(1, 500), st.integers(1, 500))
def test_speed_is_positive_or_unknown_and_never_counts_hidden_tokens(first, span, events, tokens):
    answer = Answer(first_token_at_s=first, last_token_at_s=first + span, token_events=events, tokens_out=tokens + 900,
                    tokens_hidden=900, complete=True)
    speed = measure_answer(a_target(), "acme-small", an_exchange(200, b"x"), answer).tokens_per_s
    assert speed is None if events < 2 else speed is not None and 0 < speed <= max(events, tokens) / span * 1.001


@pytest.mark.parametrize(
    ("answer", "failure", "outcome"),
    [
        (Answer(complete=True, token_events=1), None, Outcome.OK),
        (Answer(complete=True, finish="length"), None, Outcome.OK),
        (Answer(complete=True, finish="stop"), None, Outcome.DEGRADED),
        (Answer(token_events=3), None, Outcome.DEGRADED),
        (Answer(), None, Outcome.UNKNOWN),
        (Answer(error="boom"), None, Outcome.PROVIDER_OUTAGE),
        (Answer(token_events=3), Failure.HTTP_RESET, Outcome.DEGRADED),
        (Answer(complete=True, token_events=3), Failure.HTTP_RESET, Outcome.OK),
        (Answer(), Failure.HTTP_TIMEOUT, Outcome.PROVIDER_OUTAGE),
    ],
)
def test_what_an_answer_comes_to(answer, failure, outcome):
    exchange = an_exchange(200, b"{}", failure=failure)
    assert judge_answer(OK, exchange, answer).outcome is outcome


def test_a_refusal_is_not_judged_again():
    refused = Reading(Outcome.GEO_RESTRICTED, "no")
    assert judge_answer(refused, an_exchange(403, b"no"), Answer()) is refused


def test_days_are_counted_in_utc():
    assert days_until(date(2026, 12, 1), datetime(2026, 11, 30, 23, 59, tzinfo=UTC)) == 1
