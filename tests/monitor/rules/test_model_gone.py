from folding import last

from monitor.model import Holds
from monitor.rules.model_gone import Rule


def test_2_of_3_hold_and_one_fewer_does_not():
    hit = "model_unavailable"
    assert last(Rule(), ["ok", *[hit] * 2]).holds is Holds.HOLDS
    assert last(Rule(), [*[hit] * 2, *["ok"] * 1]).holds is Holds.HOLDS
    assert last(Rule(), [*[hit] * 2, *["ok"] * 2]).holds is Holds.NO_EVIDENCE
    assert last(Rule(), ["ok", *[hit] * 1]).holds is Holds.NO_EVIDENCE
    assert last(Rule(), [hit, *["ok"] * 3]).holds is Holds.FAILS
