"""Our own network as an incident: places cut off, or cut off from abroad. Never a vendor's."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from monitor.model import Cause, Scope, Tier, Verdict
from monitor.place import ABROAD, Place
from monitor.rule import TOGETHER_S, Family, moment
from monitor.rules import BY_PLACE, rules
from monitor.tiers import Budgets
from monitor.track import Track

SURE, UNGUARDED = 0.95, 0.6      # nine in ten that reach the last tier were more than a line that hiccups (wild worlds)
AT_START_S = 60.0
WORDS = {
    ABROAD: "the link abroad is cut: what is nearer answers, nothing beyond the border does",
    "wholly": "this place's own network is cut off: neutral hosts and vendors fail together",
}


@dataclass(frozen=True, slots=True)
class Cut:
    """A place in the dark: since when, and the seconds of evidence that it is more than a moment."""

    onset: float
    place: Place
    evidence_s: float


def own_network(places: Mapping[str, Place], budgets: Budgets, t: float) -> Iterator[Verdict]:
    """One verdict for the places whose cuts began together: one machine's network, or one place's."""
    dark: list[Cut] = []
    for place in places.values():
        found = place.whole.detectors.get(BY_PLACE)
        if found is not None and place.dark and BY_PLACE not in place.whole.declared and _vendors_too(place, t):
            dark.append(Cut(found.onset, place, found.value * rules()[BY_PLACE].share))
    dark.sort(key=lambda cut: (cut.onset, cut.place.name))
    while dark:
        together = [cut for cut in dark if cut.onset - dark[0].onset <= TOGETHER_S]
        dark = dark[len(together):]
        evidence_s = sum(cut.evidence_s for cut in together)
        tier = budgets.tier(evidence_s)
        if any(_never_well(cut.place, t) for cut in together):
            tier = max(tier, Tier.CONFIRM)
        if tier is not Tier.NONE:
            yield _verdict(together, tier, len(places), t)


def _never_well(place: Place, t: float) -> bool:
    """Nothing has ever answered here: that is no episode, and nobody need wait to see whether it passes."""
    answered = place.whole.clean > 0 or any(track.well for track in place.tracks)
    return not answered and t - place.since >= AT_START_S


def _vendors_too(place: Place, t: float) -> bool:
    """A neutral host that is itself in trouble is not our network's: vendors must fail with it."""
    latest: dict[str, Track] = {}
    for track in place.tracks:
        known = latest.get(track.stream.provider)
        if not track.expect and track.fresh(t) and (known is None or track.last >= known.last):
            latest[track.stream.provider] = track
    if not latest:
        return True
    down = sum(track.failing for track in latest.values())
    return down >= 2 if place.dark == ABROAD else 2 * down >= len(latest)


def _verdict(together: list[Cut], tier: Tier, asked: int, t: float) -> Verdict:
    regions = tuple(sorted(cut.place.name for cut in together))
    by_words: dict[str, list[str]] = {}
    for cut in together:
        by_words.setdefault(WORDS[cut.place.dark], []).append(cut.place.name)
    because = "; ".join(f"{words} from {', '.join(sorted(names))}" for words, names in sorted(by_words.items()))
    onset = min(cut.onset for cut in together)
    guarded = all(cut.place.guarded(t) for cut in together)
    # all places at once is one machine's network, not several places' trouble
    region = regions[0] if len(regions) == 1 else None
    evidence = {"rules": [rules()[BY_PLACE].id], "shapes": {cut.place.name: cut.place.dark for cut in together},
                "neutral": {cut.place.name: list(cut.place.well(t)) for cut in together}, "asked": asked,
                "tier": int(tier)}
    return Verdict(Family.OWN, Cause.OWN_NETWORK, Scope(region=region), SURE if guarded else UNGUARDED,
                   f"{because} since {moment(onset):%H:%M} UTC; no vendor is to blame", moment(onset), tier,
                   sum(cut.evidence_s for cut in together), regions,
                   members=tuple(f"{BY_PLACE} {name}" for name in regions), share=1.0,
                   why=json.dumps(evidence, separators=(",", ":")))
