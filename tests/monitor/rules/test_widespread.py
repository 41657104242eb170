from watched import Watched

from monitor.model import Tier
from monitor.rule import Family

REGIONS = ("eu", "sg", "us")


def test_failing_in_most_regions_at_once_is_sooner_found_than_in_one():
    apart, together = Watched(), Watched()
    for _ in range(100):
        apart.see("ok")
        together.everywhere("ok", REGIONS)
    minutes = 0
    while together.tier(Family.REACH) < Tier.CONFIRM:
        minutes += 1
        apart.see("network_timeout")
        together.everywhere("network_timeout", REGIONS)
    assert apart.tier(Family.REACH) < Tier.CONFIRM
    assert minutes <= 10


def test_on_the_first_day_a_blip_of_five_minutes_is_told_to_nobody_and_an_outage_is():
    """How long a vendor's blips last is not known yet: they last longer than a path's."""
    seen = Watched()
    for _ in range(100):
        seen.everywhere("ok", REGIONS)
    reached = []
    for _ in range(12):
        seen.everywhere("provider_outage", REGIONS)
        reached.append(seen.tier(Family.REACH))
    assert reached[5] < Tier.CONFIRM      # five minutes after the first
    assert reached[-1] >= Tier.CONFIRM


def test_one_region_of_three_is_not_widespread():
    seen = Watched()
    for n in range(100):
        seen.everywhere("ok", REGIONS[1:])
        seen.see("ok" if n < 60 else "network_timeout", 0.0)
    assert seen.weight("widespread") == 0.0


def test_one_region_alone_cannot_tell():
    seen = Watched()
    seen.see_all(["ok"] * 50)
    seen.see_all(["network_timeout"] * 50)
    assert seen.weight("widespread") == 0.0


def test_what_is_asked_once_in_a_while_tells_nothing_of_now():
    seen = Watched()
    for outcome in ["ok"] * 20 + ["provider_outage"] * 20:
        seen.everywhere(outcome, REGIONS, 3600.0, every_s=3600.0)
    assert seen.weight("widespread") == 0.0
