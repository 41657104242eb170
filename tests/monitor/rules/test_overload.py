from folding import last

from monitor.model import Holds
from monitor.rules.overload import Rule


def test_3_of_5_hold_and_one_fewer_does_not():
    hit = "overloaded"
    assert last(Rule(), ["ok", *[hit] * 3]).holds is Holds.HOLDS
    assert last(Rule(), [*[hit] * 3, *["ok"] * 2]).holds is Holds.HOLDS
    assert last(Rule(), [*[hit] * 3, *["ok"] * 3]).holds is Holds.NO_EVIDENCE
    assert last(Rule(), ["ok", *[hit] * 2]).holds is Holds.NO_EVIDENCE
    assert last(Rule(), [hit, *["ok"] * 5]).holds is Holds.FAILS
