"""What was learned of streams that nobody asks any more is forgotten, so that the memory does not grow for ever. Pure.

By slots alone, at the first sample of a day: a history that is judged again, or cut otherwise, forgets the same at the
same moments. Only days on which anything was judged count: a daemon that was off for months forgets nothing.
"""

from monitor.memory import DAY_S, Memory
from monitor.place import Place
from monitor.track import Track
from monitor.vendor import Vendor

UNSEEN_DAYS = 30         # days of judging without a sample of it
RARELY = 10              # but at least so many of its own intervals


def sweep(memory: Memory, t: float) -> None:
    """A new day: count who was not seen in the last, forget who was not for long."""
    for track in list(memory.tracks.values()):
        text = track.stream.text
        if track.last >= memory.swept:
            memory.unseen.pop(text, None)
        else:
            memory.unseen[text] = memory.unseen.get(text, 0) + 1
            if _is_gone(memory, track):
                _forget(memory, track)
    memory.swept = t - t % DAY_S


def _is_gone(memory: Memory, track: Track) -> bool:
    """Not while an incident stands on it, or on the place it looks from: that must be able to end."""
    if track.declared or memory.places[track.stream.region].whole.declared:
        return False
    return memory.unseen[track.stream.text] >= max(UNSEEN_DAYS, RARELY * track.every_s / DAY_S)


def _forget(memory: Memory, track: Track) -> None:
    text, region, provider = track.stream.text, track.stream.region, track.stream.provider
    memory.drop(track)
    del memory.unseen[text]
    place = memory.places[region]
    place.fell.pop(text, None)
    vendor = memory.vendors.get(provider)
    if vendor is not None:
        vendor.down.discard(text)
        _tidy(vendor)
        if not any(one.stream.region == region for one in vendor.tracks):
            _unsay(memory, f"expected:{provider}|{region}")
        if not vendor.tracks and not vendor.standing:
            del memory.vendors[provider]
            memory.weighed = {key: said for key, said in memory.weighed.items() if key.partition("|")[0] != provider}
    if _is_empty(place):
        del memory.places[region]
        _unsay(memory, f"silent:{region}")


def _tidy(vendor: Vendor) -> None:
    """What all regions together were asked, and how long transients last as that kind of question sees them."""
    kinds = {track.stream.kind for track in vendor.tracks}
    vendor.wholes = {kind: whole for kind, whole in vendor.wholes.items() if kind in kinds}
    vendor.lives = {name: lives for name, lives in vendor.lives.items() if name.partition(" ")[2] in kinds}


def _is_empty(place: Place) -> bool:
    return not place.tracks and not place.controls and not place.whole.declared


def _unsay(memory: Memory, news: str) -> None:
    for key in (news, f"{news}:served"):
        memory.news.pop(key, None)
