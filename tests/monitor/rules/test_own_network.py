from watched import Watched

from monitor.rule import Family
from monitor.rules.own_network import Rule
from monitor.tiers import Budgets


def place(seen):
    return seen.memory.places["eu"]


def minutes(seen, n, hosts, vendor="ok"):
    for _ in range(n):
        seen.hosts(hosts, 60.0)
        seen.see(vendor, 0.0)


def test_neutral_hosts_that_fail_together_are_our_own_network():
    seen = Watched()
    minutes(seen, 60, ["ok"] * 3)
    minutes(seen, 20, ["network_timeout"] * 3, "network_timeout")
    assert place(seen).dark == "wholly"
    assert place(seen).whole.detectors["own_network"].value * Rule.share >= Budgets().confirm_s
    assert all(seen.vendor.tier(family, Budgets(), seen.t)[0] == 0 for family in Family)


def test_one_neutral_host_of_three_is_its_own_affair():
    seen = Watched()
    minutes(seen, 60, ["ok"] * 3)
    minutes(seen, 30, ["network_timeout", "ok", "ok"])
    assert place(seen).dark == ""
    assert "own_network" not in place(seen).whole.detectors


def test_witnesses_of_one_moment_are_one_sighting():
    few, many = Watched(), Watched()
    for seen, hosts in ((few, 3), (many, 9)):
        minutes(seen, 60, ["ok"] * hosts)
        minutes(seen, 5, ["network_timeout"] * hosts, "network_timeout")
    assert len(place(few).whole.detectors["own_network"].recent) == 5
    assert len(place(many).whole.detectors["own_network"].recent) == 5


def test_it_is_never_masked():
    assert not Rule.maskable
