from watched import Watched

from monitor.model import Tier
from monitor.rule import Family

REGIONS = ("eu", "sg", "us")


def calm(minutes=100, regions=REGIONS):
    seen = Watched()
    for _ in range(minutes):
        seen.everywhere("ok", regions)
    return seen


def test_failing_here_alone_is_found():
    seen = calm()
    for _ in range(15):
        seen.everywhere("ok", REGIONS[1:])
        seen.see("network_timeout", 0.0)
    assert seen.tier(Family.REACH) >= Tier.CONFIRM
    assert seen.weight("regional") > 0.0


def test_it_needs_less_time_than_counting_every_failure():
    """The vendor's own blips are none of it, so its null is smaller; alone of its family it has more to say."""
    seen = calm()
    for _ in range(4):
        for _ in range(20):
            seen.everywhere("ok", REGIONS)
        seen.everywhere("network_timeout", REGIONS[::-1])       # a blip of the vendor's, seen here last
    for _ in range(4):
        seen.everywhere("ok", REGIONS[1:])
        seen.see("network_timeout", 0.0)
    assert seen.weight("regional") > seen.weight("network")


def test_a_blip_of_the_vendors_own_is_none_of_this():
    seen = calm()
    for _ in range(15):
        seen.everywhere("provider_outage", REGIONS[1:])
        seen.see("provider_outage", 0.0)
    assert [track.stream.region for track in seen.vendor.tracks if "regional" in track.hot] == []


def test_where_nobody_else_asks_there_is_nothing_to_compare():
    seen = calm(regions=("eu",))
    seen.see_all(["network_timeout"] * 20)
    assert seen.weight("regional") == 0.0
