"""Our own network as an incident: cut off, or cut off from abroad, and no vendor to blame."""

from datetime import timedelta
from math import inf

from histories import T0, Asked, Ledger, grid, history

from monitor.known import Policy
from monitor.model import Cause, Tier
from monitor.own import SURE, UNGUARDED, own_network
from monitor.tiers import Budgets

NOBODY = Budgets(*[inf] * 4)          # the evidence is looked at here, before anything stands on it
VENDORS = ("claude", "openai", "qwen")
GRID = grid(("eu", "us"), VENDORS, controls=2)


def found(answer, minutes=30, asked=GRID):
    book = Ledger(Policy(budgets=NOBODY))
    book.take(history(asked, minutes, answer))
    end = (T0 + timedelta(minutes=minutes - 1)).timestamp()
    return list(own_network(book.judge.memory.places, Budgets(), end))


def test_neutral_hosts_and_vendors_that_fail_together_are_our_own_network():
    one, = found(lambda a, m: "network_dns" if a.region == "eu" and m > 3 else "ok")
    assert (one.cause, one.scope.provider, one.scope.region, one.regions) == (Cause.OWN_NETWORK, None, "eu", ("eu",))
    assert one.confidence == SURE
    assert one.tier >= Tier.CONFIRM
    assert one.because.endswith("no vendor is to blame")
    assert abs(one.onset - T0 - timedelta(minutes=4)) <= timedelta(minutes=1)


def test_the_same_cut_in_many_regions_is_said_once():
    one, = found(lambda a, m: "network_dns" if m > 3 else "ok")
    assert (one.regions, one.scope.region) == (("eu", "us"), None)
    assert one.because.count("cut off") == 1
    assert "from eu, us since" in one.because


def test_cuts_that_began_apart_are_apart():
    begins = {"eu": 4, "us": 30}
    assert len(found(lambda a, m: "network_dns" if m >= begins[a.region] else "ok", minutes=60)) == 2


def test_neutral_hosts_alone_failing_are_not_our_network():
    assert found(lambda a, m: "network_dns" if a.control and m > 3 else "ok") == []


def test_vendors_alone_failing_are_not_our_network_where_a_neutral_host_answers():
    assert found(lambda a, m: "network_dns" if not a.control and m > 3 else "ok") == []


def test_where_there_is_no_neutral_host_many_vendors_stand_in_less_surely():
    bare = grid(("eu",), VENDORS, controls=0)
    one, = found(lambda a, m: "network_dns" if m > 3 else "ok", asked=bare)
    assert one.confidence == UNGUARDED
    two = grid(("eu",), VENDORS[:2], controls=0)
    assert found(lambda a, m: "network_dns" if m > 3 else "ok", asked=two) == []


def test_the_link_abroad_is_another_shape():
    asked = [Asked("baidu", "cn", control=True, zone="cn"), Asked("example", "cn", control=True),
             *(Asked(v, "cn", zone="cn") for v in ("qwen", "kimi")), *(Asked(v, "cn") for v in ("claude", "openai"))]
    one, = found(lambda a, m: "network_timeout" if a.zone == "global" and m > 3 else "ok", asked=asked)
    assert "the link abroad is cut" in one.because
    assert one.scope.region == "cn"


def test_where_nothing_ever_answered_nobody_waits_to_see_whether_it_passes():
    book = Ledger()
    book.take(history(GRID, 3, lambda a, m: "network_dns"))
    one, = book.all()
    assert (one.cause, one.regions) == (Cause.OWN_NETWORK, ("eu", "us"))


def test_a_moment_in_the_dark_is_below_what_is_told():
    assert [one for one in found(lambda a, m: "network_dns" if m > 26 else "ok") if one.tier >= Tier.CONFIRM] == []


def test_without_a_neutral_host_a_moment_is_no_more_told_than_with_one():
    book = Ledger()
    book.take(history(grid(("eu",), VENDORS, controls=0), 60, lambda a, m: "network_dns" if 20 <= m < 24 else "ok"))
    assert not book.told()
