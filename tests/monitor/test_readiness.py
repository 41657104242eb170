"""The table of a workload's routes, and what stops if a vendor or a jurisdiction is gone tomorrow."""

from dataclasses import replace

import pytest
from histories import T0

from monitor.known import Allowance, Fallback, Known, KnownCheck, KnownWorkload
from monitor.proof import Proof
from monitor.readiness import Seen, State, concentration, lines_of, losses_of
from monitor.rule import stamp

NOW = stamp(T0)
HOUR = 3600.0
QWEN = Fallback("qwen-max", "qwen", jurisdiction="CN", weights="open", proofs={"eu": ("q",)})
GPT = Fallback("gpt", "openai", jurisdiction="US", proofs={"eu": ("g", "g-long")})
WORK = KnownWorkload("smart", "claude", (QWEN, GPT), "gw", ("sonnet",), regions=("eu",), needs=("tools",),
                     jurisdiction="US")
KNOWN = Known((KnownCheck("a", "claude", "eu"), KnownCheck("b", "claude", "us")), {"qwen": "Qwen"}, (WORK,))


def a_proof(passed_h=1.0, seen_h=1.0, first_h=9.0, score=1.0):
    """Hours ago; None: never."""
    return Proof(NOW - first_h * HOUR, HOUR, NOW - seen_h * HOUR if seen_h is not None else 0.0,
                 NOW - passed_h * HOUR if passed_h is not None else 0.0, score, "as seen")


def lines(workload=WORK, proofs=None, green=None):
    return list(lines_of(workload, Seen(KNOWN, proofs or {}, green or {}, NOW)))


def state(proof, fallback=QWEN, **workload):
    _, line, *_ = lines(replace(WORK, fallbacks=(fallback,), **workload), {} if proof is None else {"q": proof})
    return line.state


@pytest.mark.parametrize(("proof", "expected"), [
    (None, State.NEVER), (a_proof(), State.READY), (a_proof(passed_h=2, score=0.5), State.FAILED),
    (a_proof(passed_h=None, score=0.0), State.FAILED), (a_proof(4, 4), State.STALE),
    (a_proof(None, None, first_h=1), State.WAITING), (a_proof(None, None, first_h=3), State.NEVER)])
def test_what_is_known_of_a_route(proof, expected):
    assert state(proof) is expected


def test_a_line_says_when_with_what_and_why():
    primary, qwen, gpt = lines(proofs={"q": a_proof(), "g": a_proof(), "g-long": a_proof(passed_h=5, score=0.0)})
    assert (primary.state, primary.route, primary.region) == (State.PRIMARY, "sonnet", "eu")
    assert (qwen.state, qwen.score, qwen.features, qwen.because) == (State.READY, 1.0, ("tools",), "as seen")
    assert (qwen.proven_at - T0).total_seconds() == -HOUR
    assert (gpt.state, gpt.score) == (State.FAILED, 0.0), "half of a proof is none"
    assert lines(proofs={"g": a_proof()})[2].proven_at is None


def test_without_an_account_there_nothing_can_be_proven_and_it_says_so():
    line = lines(replace(WORK, regions=("us",)), {"q": a_proof()})[1]
    assert (line.state, line.because) == (State.NEVER, "no account of Qwen can be asked from us")


def test_who_states_no_needs_is_content_with_an_answer():
    bare = replace(WORK, needs=(), fallbacks=(replace(QWEN, proofs={}),))
    assert lines(bare, green={"qwen": {"eu": T0}})[1].state is State.READY
    assert lines(bare, green={"qwen": {"eu": T0}})[1].proven_at == T0
    assert lines(bare, green={"qwen": {"us": T0}})[1].because == "Qwen has not been seen to answer from eu"


@pytest.mark.parametrize(("proof", "expected"), [
    (a_proof(None, None, first_h=1), State.READY), (a_proof(passed_h=2, score=0.5), State.FAILED)])
def test_a_sum_that_is_not_due_yet_does_not_keep_an_answer_from_counting(proof, expected):
    green = {"qwen": {"eu": T0}}
    bare = replace(WORK, needs=(), fallbacks=(QWEN,))
    line = lines(bare, {"q": proof}, green)[1]
    assert (line.state, line.proven_at == T0) == (expected, expected is State.READY)
    waiting = {"q": a_proof(None, None, first_h=1)}
    assert lines(bare, waiting)[1].state is State.WAITING, "it has not answered yet"
    assert lines(replace(bare, needs=("tools",)), waiting, green)[1].state is State.WAITING


def test_who_may_not_be_used_is_no_route():
    only_gpt = replace(WORK, allowed=(Allowance("openai", "mei", T0.date()),))
    assert [line.state for line in lines(only_gpt, {"q": a_proof()})][:2] == [State.PRIMARY, State.NOT_ALLOWED]


def test_a_workload_that_runs_everywhere_has_a_line_for_every_region():
    assert [line.region for line in lines(replace(WORK, regions=()))] == ["eu"] * 3 + ["us"] * 3


def losses(found):
    return {(one.what, one.name): one for one in losses_of(WORK, found)}


def test_what_stops_if_one_is_gone_tomorrow():
    found = losses(lines(proofs={"q": a_proof(), "g": a_proof(), "g-long": a_proof()}))
    claude = found["vendor", "claude"]
    assert (claude.share, claude.in_use, claude.remains, claude.stops) == (
        pytest.approx(1 / 3), True, {"eu": "qwen-max"}, ())
    assert found["vendor", "qwen"].remains == {"eu": "sonnet"}
    us = found["jurisdiction", "US"]
    assert (us.share, us.in_use, us.remains) == (pytest.approx(2 / 3), True, {"eu": "qwen-max"})
    nothing = losses(lines(proofs={"g": a_proof(), "g-long": a_proof()}))
    assert nothing["vendor", "claude"].remains == {"eu": "gpt"}
    assert nothing["jurisdiction", "US"].stops == ("eu",), "the one that is left is not proven"


def test_how_much_hangs_on_one():
    found = lines()
    assert concentration(found, "vendor") == pytest.approx(1 / 3)
    assert concentration(found, "jurisdiction") == pytest.approx((2 / 3) ** 2 + (1 / 3) ** 2)
    assert concentration(lines(replace(WORK, fallbacks=())), "vendor") == 1.0
    assert concentration([], "vendor") is None
