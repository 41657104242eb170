"""Completion: whichever model answers, whole or cut, fast or never."""

import json

import pytest
from builders import a_stream, a_target, an_exchange, an_occasion
from playbook import play

from probes.kinds.completion import Kind
from probes.model import Failure, HttpCall
from probes.outcome import Outcome

LIST = an_exchange(200, {"data": [{"id": "acme-small"}, {"id": "acme-older"}]})
GONE = an_exchange(404, {"error": {"message": "The model `x` does not exist or you do not have access to it.",
                                   "type": "invalid_request_error", "code": "model_not_found"}})


def chunk(content=None, finish=None):
    return {"model": "acme-small", "choices": [{"index": 0, "delta": {"content": content}, "finish_reason": finish}]}


USAGE = {"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 4}}
WHOLE = a_stream(chunk("a"), chunk("b"), chunk("c"), chunk("d"), chunk(None, "stop"), USAGE)
CUT = a_stream(chunk("a"), chunk("b"), done=False)


def ask(*script, pinned=None, memory=None):
    return play(Kind().steps(a_target(model=pinned), an_occasion(**(memory or {}))), list(script))


def test_a_pinned_model_is_asked_and_measured():
    reading = ask(WHOLE, pinned="acme-small").reading
    figures = reading.figures
    assert (reading.outcome, reading.model, reading.exchanges) == (Outcome.OK, "acme-small", ())
    assert figures.ttft_s == pytest.approx(0.15)          # 0.2 s after the start, request sent at 0.05 s
    assert figures.tokens_per_s == pytest.approx(10.0)    # one token each 0.1 s
    assert (figures.tokens_in, figures.tokens_out) == (10, 4)
    assert figures.cost_usd == pytest.approx((10 * 1.0 + 4 * 2.0) / 1e6)


def test_without_a_pin_the_list_is_read_once_a_day():
    first = ask(LIST, WHOLE)
    assert [call.method for call in first.calls if isinstance(call, HttpCall)] == ["GET", "POST"]
    listed = "acme-small\nacme-older"
    assert first.reading.memory == {"listed_on": "2026-11-24", "listed": listed, "model": "acme-small"}
    again = ask(WHOLE, memory=first.reading.memory)
    assert len(again.calls) == 1
    assert again.reading.memory is None


def test_a_listed_candidate_goes_before_an_unlisted_one_and_the_switch_is_told():
    reading = ask(an_exchange(200, {"data": [{"id": "acme-older"}]}), WHOLE).reading
    assert reading.model == "acme-older"


def test_a_gone_candidate_gives_way_to_the_next():
    reading = ask(LIST, GONE, WHOLE).reading
    assert (reading.outcome, reading.model) == (Outcome.OK, "acme-older")
    assert reading.figures.extra["switched_from"] == "acme-small"
    assert reading.memory is not None
    assert reading.memory["model"] == "acme-older"


def test_a_pinned_model_that_is_gone_is_gone():
    assert ask(GONE, pinned="acme-small").reading.outcome is Outcome.MODEL_UNAVAILABLE


def test_all_gone_is_model_unavailable():
    assert ask(LIST, GONE, GONE).reading.outcome is Outcome.MODEL_UNAVAILABLE


def test_the_token_limit_is_swapped_once_and_remembered():
    message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'."
    refusal = an_exchange(400, {"error": {"message": message, "type": "invalid_request_error",
                                          "code": "unsupported_parameter"}})
    played = ask(refusal, WHOLE, pinned="acme-small")
    bodies = [json.loads(call.body) for call in played.calls if isinstance(call, HttpCall)]
    assert ["max_tokens" in body for body in bodies] == [True, False]
    assert played.reading.memory == {"without": "token_limit_field", "model": "acme-small"}
    again = ask(WHOLE, pinned="acme-small", memory=played.reading.memory)
    assert b"max_completion_tokens" in again.calls[0].body  # type: ignore[union-attr]


def test_an_empty_answer_cut_by_the_limit_is_a_success():
    assert ask(a_stream(chunk("", "length"), USAGE), pinned="m").reading.outcome is Outcome.OK
    assert ask(a_stream(chunk(None, "length")), pinned="m").reading.outcome is Outcome.OK


def test_an_ended_stream_without_a_finish():
    spoken = ask(CUT, pinned="m").reading
    assert (spoken.outcome, len(spoken.exchanges)) == (Outcome.DEGRADED, 1)
    assert ask(a_stream(chunk(""), done=False), pinned="m").reading.outcome is Outcome.PROVIDER_OUTAGE


@pytest.mark.parametrize("failure", [Failure.HTTP_RESET, Failure.HTTP_TIMEOUT])
def test_a_stream_that_breaks_off(failure):
    broken = an_exchange(200, chunks=[(chunk_.at_s, chunk_.data) for chunk_ in CUT.chunks], failure=failure)
    assert ask(broken, pinned="m").reading.outcome is Outcome.DEGRADED


def test_headers_and_then_silence_is_an_outage():
    silent = an_exchange(200, chunks=[(0.2, b": wait\n\n")], failure=Failure.HTTP_TIMEOUT)
    assert ask(silent, pinned="m").reading.outcome is Outcome.PROVIDER_OUTAGE


def test_an_error_in_a_200_stream_is_not_well():
    broken = a_stream(chunk("a"), {"error": {"message": "Internal server error", "code": 500}})
    assert ask(broken, pinned="m").reading.outcome not in (Outcome.OK, Outcome.UNKNOWN)


def test_a_refusal_by_place_ends_the_conversation_at_once():
    refusal = an_exchange(451, {"error": {"code": "unsupported_country_region_territory",
                                          "message": "Country, region, or territory not supported"}})
    played = ask(refusal)
    assert (played.reading.outcome, len(played.calls)) == (Outcome.GEO_RESTRICTED, 1)


def test_a_200_that_is_no_answer_is_unknown():
    assert ask(an_exchange(200, {"data": []}), pinned="m").reading.outcome is Outcome.UNKNOWN


def test_an_announced_end_is_noted():
    answer = an_exchange(200, chunks=[(c.at_s, c.data) for c in WHOLE.chunks],
                         headers={"X-Model-Deprecation-Timestamp": "2027-01-01T00:00:00Z"})
    assert "2027-01-01" in str(ask(answer, pinned="m").reading.figures.extra["retiring"])
