import pytest
from folding import last

from monitor.model import Holds
from monitor.rule import Context
from monitor.rules.latency import Rule

OK = ["ok"] * 60


@pytest.mark.parametrize(("slow", "holds"), [(8, Holds.HOLDS), (7, Holds.NO_EVIDENCE), (0, Holds.FAILS)])
def test_eight_of_ten_three_times_slower_than_the_median(slow, holds):
    assert last(Rule(), OK[:20 + slow], total_s=[0.5] * 20 + [1.6] * slow).holds is holds


def test_not_quite_three_times_is_not_slow():
    assert not last(Rule(), OK[:40], total_s=[0.5] * 20 + [1.49] * 20).times


def test_the_first_token_counts_where_it_was_measured():
    assert last(Rule(), OK[:30], total_s=9.0, ttft_s=[0.2] * 20 + [2.0] * 10).holds is Holds.HOLDS


def test_too_short_a_past_says_nothing():
    assert not last(Rule(), OK[:20], total_s=[0.5] * 10 + [5.0] * 10).times


def test_slow_answers_never_become_the_yardstick():
    assert last(Rule(), OK, total_s=[0.5] * 20 + [5.0] * 40).holds is Holds.HOLDS


def test_masked_slowness_does_not_count():
    assert not last(Rule(), OK[:30], Context(masked=True), total_s=[0.5] * 20 + [5.0] * 10).times


def test_a_failed_call_has_no_pace():
    assert not last(Rule(), ["network_timeout"] * 40, total_s=15.0).times
