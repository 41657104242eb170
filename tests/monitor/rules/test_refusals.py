from folding import last

from monitor.model import Holds
from monitor.rule import Context
from monitor.rules.refusals import Rule


def test_2_of_3_hold_and_one_fewer_does_not():
    hit = "geo_restricted"
    assert last(Rule(), ["ok", *[hit] * 2]).holds is Holds.HOLDS
    assert last(Rule(), [*[hit] * 2, *["ok"] * 1]).holds is Holds.HOLDS
    assert last(Rule(), [*[hit] * 2, *["ok"] * 2]).holds is Holds.NO_EVIDENCE
    assert last(Rule(), ["ok", *[hit] * 1]).holds is Holds.NO_EVIDENCE
    assert last(Rule(), [hit, *["ok"] * 3]).holds is Holds.FAILS


def test_a_keyless_call_that_is_asked_for_a_key_takes_evidence_away():
    assert not last(Rule(), ["geo_restricted", *["auth_failed"] * 3], account=None).times


def test_our_own_network_cannot_forge_a_refusal():
    assert last(Rule(), ["geo_restricted"] * 2, Context(masked=True)).holds is Holds.HOLDS
