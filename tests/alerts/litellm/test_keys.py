"""The tables of keys agree with each other."""

from difflib import get_close_matches

from alerts.litellm.keys import ENTRY, INTEGERS, NUMBERS, PARAMS, ROUTER, ROUTER_ONLY, SETTINGS, STOPS_IN_ROUTER, TOP
from alerts.litellm.reading import KINDS


def test_what_belongs_to_the_router_alone_is_the_routers() -> None:
    assert ROUTER_ONLY <= ROUTER
    assert not ROUTER_ONLY & SETTINGS
    assert not STOPS_IN_ROUTER & ROUTER
    assert INTEGERS | NUMBERS <= ROUTER | SETTINGS
    assert set(KINDS) <= ROUTER & SETTINGS


def test_no_known_key_is_taken_for_another_misspelt() -> None:
    for known in (TOP, ENTRY, PARAMS, SETTINGS, ROUTER):
        for name in known:
            assert get_close_matches(name, sorted(known), n=1, cutoff=0.85) == [name]
