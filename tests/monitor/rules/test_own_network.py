from folding import last

from monitor.model import Holds
from monitor.rule import Context
from monitor.rules.own_network import Rule


def test_2_of_3_hold_and_one_fewer_does_not():
    hit = "network_dns"
    assert last(Rule(), ["ok", *[hit] * 2]).holds is Holds.HOLDS
    assert last(Rule(), [*[hit] * 2, *["ok"] * 1]).holds is Holds.HOLDS
    assert last(Rule(), [*[hit] * 2, *["ok"] * 2]).holds is Holds.NO_EVIDENCE
    assert last(Rule(), ["ok", *[hit] * 1]).holds is Holds.NO_EVIDENCE
    assert last(Rule(), [hit, *["ok"] * 3]).holds is Holds.FAILS


def test_the_guard_is_never_masked():
    assert last(Rule(), ["network_dns"] * 2, Context(masked=True)).holds is Holds.HOLDS
