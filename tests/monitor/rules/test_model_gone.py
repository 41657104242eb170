from dataclasses import replace

from watched import Watched

from monitor.model import Tier
from monitor.rule import Family
from monitor.rules.model_gone import Rule
from probes.outcome import Outcome


def test_a_model_that_stays_unknown_is_found_and_the_others_are_not_concerned():
    seen = Watched()
    seen.ask = replace(seen.ask, account="main", model="old", kind="completion")
    for _ in range(100):
        seen.see("ok")
        seen.see("ok", 0.0, model="new")
    for _ in range(15):
        seen.see("model_unavailable")
        seen.see("ok", 0.0, model="new")
    assert seen.tier(Family.MODEL) >= Tier.CONFIRM
    assert [track.stream.model for track in seen.vendor.tracks if "model_gone" in track.detectors] == ["old"]


def test_silence_says_nothing_of_models():
    assert Rule().reads(Outcome.NETWORK_TIMEOUT, keyless=False) is None
    assert Rule().reads(Outcome.OK, keyless=False) is False
