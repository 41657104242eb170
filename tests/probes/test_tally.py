"""What graded items come to, and what they cost whatever they come to."""

import pytest

from probes.asking import Asked
from probes.dialect import Answer
from probes.model import Exchange, Figures, Reading
from probes.outcome import Outcome
from probes.tally import Tally


def asked(outcome=Outcome.OK, finish="stop", **figures):
    kept = () if outcome is Outcome.OK else (Exchange(status=400),)
    return Asked(Reading(outcome, "was so", Figures(**figures), exchanges=kept), Answer(finish=finish), {})


def test_right_and_wrong_are_counted_by_sort_and_costs_are_added_up():
    tally = Tally()
    tally.count("sums", asked(tokens_in=10, cost_usd=0.5), True)
    tally.count("sums", asked(tokens_in=5), False)
    tally.mark("figures", True)
    figures = tally.conclude({}).figures
    assert (figures.items, figures.passed, figures.score) == (3, 2, pytest.approx(2 / 3))
    assert (figures.tokens_in, figures.tokens_out, figures.cost_usd) == (15, None, 0.5)
    assert figures.extra == {"sums_items": 2, "sums_passed": 1, "figures_items": 1, "figures_passed": 1}


def test_what_was_cut_counts_only_if_it_is_right():
    tally = Tally()
    tally.count("sums", asked(finish="length"), False)
    assert tally.conclude({}).outcome is Outcome.UNKNOWN
    tally.count("sums", asked(finish="length"), True)
    assert (tally.conclude({}).figures.items, tally.cut) == (1, 1)


def test_a_mark_with_an_answer_keeps_evidence_only_of_what_is_wrong():
    tally = Tally()
    tally.mark("tools", False, asked(Outcome.BAD_REQUEST, tokens_in=3))
    tally.mark("json", True, asked(tokens_in=4))
    reading = tally.conclude({"a": "b"})
    assert (reading.outcome, reading.figures.tokens_in, reading.memory) == (Outcome.BAD_REQUEST, 7, {"a": "b"})
    assert len(reading.exchanges) == 1


def test_no_answer_ends_it_without_a_score_and_the_cost_stays():
    tally = Tally()
    tally.count("sums", asked(tokens_out=7), True)
    reading = tally.stop(asked(Outcome.RATE_LIMITED, total_s=0.5), {})
    assert (reading.outcome, reading.figures.score, reading.figures.tokens_out, reading.figures.total_s) == (
        Outcome.RATE_LIMITED, None, 7, 0.5)


def test_nothing_asked_is_skipped():
    assert Tally().conclude({}).outcome is Outcome.SKIPPED
