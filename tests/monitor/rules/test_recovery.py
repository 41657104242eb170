from folding import last

from monitor.model import Holds
from monitor.rules.recovery import Rule


def test_three_served_in_a_row_are_news_and_two_are_not():
    assert last(Rule(), ["geo_restricted", "ok", "ok", "ok"]).holds is Holds.HOLDS
    assert last(Rule(), ["ok", "ok", "network_timeout"]).holds is not Holds.HOLDS
    assert last(Rule(), ["ok", "ok", "unknown"]).holds is not Holds.HOLDS


def test_being_asked_for_a_key_is_not_being_served():
    assert last(Rule(), ["auth_failed"] * 3, account=None).holds is not Holds.HOLDS
