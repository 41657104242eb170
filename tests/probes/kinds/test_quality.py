"""Quality: a right answer is drawn with the item; a refusal is a refusal, not a wrong answer."""

import json
import re

import pytest
from builders import a_stream, a_target, an_exchange, an_occasion
from playbook import play

from probes.kinds.quality import Kind
from probes.model import Exchange, Failure, HttpCall
from probes.outcome import Outcome


def solve(call: HttpCall, wrong: str = "") -> Exchange:
    """A model that can do all three sorts, except the one it is told to get wrong."""
    prompt = json.loads(call.body)["messages"][0]["content"]
    message: dict[str, object] = {}
    if prompt.startswith("Compute"):
        a, b, sign, c = re.findall(r"(\d+) \* (\d+) ([+-]) (\d+)", prompt)[0]
        right = int(a) * int(b) + (int(c) if sign == "+" else -int(c))
        message = {"content": f"That is {right + (wrong == 'arithmetic')}."}
    elif prompt.startswith("Text"):
        city, name, count = re.findall(r"from (\w+) named (\w+) sold (\d+)", prompt)[0]
        message = {"content": "```json\n" + json.dumps({"name": name, "city": city, "count": int(count)}) + "\n```"}
    else:
        room, celsius = re.findall(r"the (\w+) to (\d+)", prompt)[0]
        given = json.dumps({"room": room, "celsius": int(celsius)})
        message = {"content": None, "tool_calls": [{"function": {"name": "set_temperature", "arguments": given}}]}
    return an_exchange(200, {"choices": [{"message": message, "finish_reason": "stop"}],
                             "usage": {"prompt_tokens": 10, "completion_tokens": 5}})


def ask(*script, seed=7):
    return play(Kind().steps(a_target(model="acme-small"), an_occasion(seed=seed)), list(script))


def test_a_good_model_passes_everything():
    reading = ask(solve, solve, solve).reading
    figures = reading.figures
    assert (reading.outcome, figures.items, figures.passed, figures.score) == (Outcome.OK, 3, 3, 1.0)
    assert (figures.tokens_in, figures.tokens_out) == (30, 15)
    assert figures.cost_usd == pytest.approx(60e-6)
    assert figures.extra["tool_call_passed"] == 1


def test_a_wrong_answer_lowers_the_score_and_stays_ok():
    reading = ask(lambda call: solve(call, "arithmetic"), solve, solve).reading
    assert (reading.outcome, reading.figures.passed) == (Outcome.OK, 2)
    assert reading.figures.score == pytest.approx(2 / 3)
    assert (reading.figures.extra["arithmetic_passed"], reading.figures.extra["arithmetic_items"]) == (0, 1)


def test_a_refusal_is_that_and_no_score():
    refusal = an_exchange(429, {"error": {"message": "Rate limit reached", "type": "rate_limit_exceeded"}})
    reading = ask(solve, refusal).reading
    assert reading.outcome is Outcome.RATE_LIMITED
    assert reading.figures.score is None
    assert reading.figures.tokens_out == 5


def test_a_network_failure_is_that():
    reading = ask(an_exchange(failure=Failure.TCP_TIMEOUT)).reading
    assert (reading.outcome, reading.figures.items) == (Outcome.NETWORK_TIMEOUT, None)


@pytest.mark.parametrize("more", [{"failure": Failure.HTTP_RESET}, {}], ids=["reset", "ended without a finish"])
def test_a_stream_that_broke_off_is_no_wrong_answer(more):
    broken = a_stream({"choices": [{"delta": {"content": "That is 1"}}]}, done=False, **more)
    reading = ask(solve, broken).reading
    assert (reading.outcome, reading.figures.items, reading.figures.score) == (Outcome.DEGRADED, None, None)
    assert "pieces" in reading.reason


def test_an_answer_cut_by_our_own_limit_is_not_graded():
    cut = an_exchange(200, {"choices": [{"message": {"content": ""}, "finish_reason": "length"}]})
    reading = ask(cut, solve, solve).reading
    assert (reading.figures.items, reading.figures.passed) == (2, 2)
    assert reading.figures.extra["cut_by_limit"] == 1
    assert ask(cut, cut, cut).reading.outcome is Outcome.UNKNOWN


def test_the_seed_draws_the_items():
    def prompts(seed):
        return [call.body for call in ask(solve, solve, solve, seed=seed).calls if isinstance(call, HttpCall)]

    assert prompts(1) == prompts(1)
    assert prompts(1) != prompts(2)
