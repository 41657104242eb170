from folding import last

from monitor.model import Holds
from monitor.rule import Context
from monitor.rules.network import Rule


def test_3_of_5_hold_and_one_fewer_does_not():
    hit = "network_timeout"
    assert last(Rule(), ["ok", *[hit] * 3]).holds is Holds.HOLDS
    assert last(Rule(), [*[hit] * 3, *["ok"] * 2]).holds is Holds.HOLDS
    assert last(Rule(), [*[hit] * 3, *["ok"] * 3]).holds is Holds.NO_EVIDENCE
    assert last(Rule(), ["ok", *[hit] * 2]).holds is Holds.NO_EVIDENCE
    assert last(Rule(), [hit, *["ok"] * 5]).holds is Holds.FAILS


def test_masked_failures_do_not_count():
    assert not last(Rule(), ["network_timeout"] * 5, Context(masked=True)).times


def test_any_answer_is_an_answer():
    assert last(Rule(), ["network_timeout", *["geo_restricted"] * 5]).clean == 5
