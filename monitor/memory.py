"""What the judge remembers between batches: every stream, vendor and place, and how long transients last in general.

Stored as JSON text by key, a snapshot now and then. What was judged since is judged again after a restart, which comes
to the same (law 2), so that no sample's evidence is ever lost (law 5).
"""

import json
from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from monitor.esr import Lives
from monitor.model import Cause, Incident, Sample, Scope, Stage, Tier
from monitor.place import Place, load_place
from monitor.proof import Proof, load_proof
from monitor.rule import StreamKey, stream_of
from monitor.rules import BY_PLACE, rules
from monitor.storing import by_id, by_name, sound, track_read, track_stored, vendor_read, vendor_stored
from monitor.track import Track, load_track
from monitor.vendor import Vendor, load_vendor, pooled

TRACK, VENDOR, PLACE, LIVES, MEMBERS, NEWS = "track.3 ", "vendor.3 ", "place.3 ", "lives.3 ", "members.3 ", "news.3 "
TIDES, PROPOSED, LOOKED, WEIGHED, PROOFS, INCIDENTS, SNAPSHOT, UNSEEN = (
    "tides.3", "proposed.3", "looked.3", "weighed.3", "proofs.3", "incidents.3", "snapshot.3", "unseen.3")
DAY_S = 86_400.0
TIMES, LISTS = ("onset", "opened_at", "changed_at", "closed_at", "told_at"), ("regions", "models")


def _lives() -> dict[str, Lives]:
    return {BY_PLACE: pooled(BY_PLACE)}


@dataclass(slots=True)
class Memory:
    """All of it. `members`: by incident key the (stream text, rule) it stands on; `news`: what was told once."""

    lives: dict[str, Lives] = field(default_factory=_lives)
    tracks: dict[StreamKey, Track] = field(default_factory=dict)
    vendors: dict[str, Vendor] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    members: dict[str, list[tuple[Track, str]]] = field(default_factory=dict)
    news: dict[str, str] = field(default_factory=dict)
    by_text: dict[str, Track] = field(default_factory=dict)
    _met: dict[tuple[str | None, ...], Track] = field(default_factory=dict)    # a key is not made for every sample
    tides: dict[str, float] = field(default_factory=dict)      # by kind: how slow everything is now, in logarithms
    weighed: dict[str, list[float]] = field(default_factory=dict)      # by vendor and family: tier, streams down, when
    proposed: set[str] = field(default_factory=set)            # 'incident workload' that a patch was proposed for
    looked: dict[str, float] = field(default_factory=dict)     # by key of a suspicion: when it was last weighed
    proofs: dict[str, Proof] = field(default_factory=dict)     # by key of a check that proves a fallback
    swept: float = 0.0                                         # the last day that anything was judged on: its beginning
    unseen: dict[str, int] = field(default_factory=dict)       # by stream: on how many such days it was not seen

    def track_of(self, sample: Sample) -> Track:
        """The sample's stream; made at its first."""
        asked = (sample.provider, sample.region, sample.kind, sample.surface, sample.account, sample.model,
                 sample.check_key)
        track = self._met.get(asked)
        if track is None:
            track = self._met[asked] = self._track(sample)
        if sample.every_s:
            track.every_s = sample.every_s
        track.zone, track.region_zone, track.expect = sample.zone, sample.region_zone, sample.expect_restricted
        return track

    def _track(self, sample: Sample) -> Track:
        key = stream_of(sample)
        track = self.tracks.get(key)
        if track is None:
            track = Track(key, sample.every_s, control=sample.control)
            self.put(track)
        return track

    def put(self, track: Track) -> None:
        """Into its vendor's and its place's lists. Sorted: what is added up over them comes to the same, to the bit,
        whether it was asked in this order or read again after a restart.
        """
        stream = track.stream
        self.tracks[stream] = self.by_text[stream.text] = track
        place = self.place(stream.region)
        if track.control:
            insort(place.controls, track, key=_name)
        else:
            insort(place.tracks, track, key=_name)
            insort(self.vendor(stream.provider).tracks, track, key=_name)

    def drop(self, track: Track) -> None:
        """Out of every list it is in."""
        stream = track.stream
        self._met = {asked: one for asked, one in self._met.items() if one is not track}
        del self.tracks[stream]
        if self.by_text.get(stream.text) is track:
            del self.by_text[stream.text]
        place, vendor = self.places[stream.region], self.vendors.get(stream.provider)
        for there in (place.controls, place.tracks, vendor.tracks if vendor is not None else []):
            there[:] = [one for one in there if one is not track]

    def vendor(self, name: str) -> Vendor:
        found = self.vendors.get(name)
        if found is None:
            found = self.vendors[name] = Vendor(name, self.lives)
        return found

    def place(self, name: str) -> Place:
        found = self.places.get(name)
        if found is None:
            found = self.places[name] = Place(name, self.lives, peers=self.places)
        return found

    def member(self, text: str) -> Track | None:
        """A stream by its text; a place as a whole by its region's."""
        place = self.places.get(text.split("|")[1]) if text.startswith("*|") else None
        return place.whole if place is not None else self.by_text.get(text)

    def dump(self) -> Iterator[tuple[str, str]]:
        """Everything, as (key, JSON text)."""
        for name, lives in self.lives.items():
            yield LIVES + by_id(name), _text(lives.dump())
        for vendor in self.vendors.values():
            yield VENDOR + vendor.name, _text(vendor_stored(vendor.dump()))
        for place in self.places.values():
            dumped = place.dump()
            yield PLACE + place.name, _text({**dumped, "whole": track_stored(dumped["whole"])})
        for track in self.tracks.values():
            yield TRACK + track.stream.text, _text(track_stored(track.dump()))
        for key, members in self.members.items():
            yield MEMBERS + key, _text([[track.stream.text, by_id(rule)] for track, rule in members])
        for key, text in self.news.items():
            yield NEWS + key, text
        yield TIDES, _text(self.tides)
        yield LOOKED, _text(self.looked)
        yield PROPOSED, _text(sorted(self.proposed))
        yield WEIGHED, _text(self.weighed)
        yield PROOFS, _text({key: proof.dump() for key, proof in self.proofs.items()})
        yield UNSEEN, _text([self.swept, self.unseen])


def _name(track: Track) -> str:
    return track.stream.text


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def load_memory(states: Mapping[str, str]) -> Memory:
    """The memory that was dumped. What an older version wrote is not read: a rule's state ends with its id."""
    memory = Memory(tides=json.loads(states.get(TIDES) or "{}"), looked=json.loads(states.get(LOOKED) or "{}"),
                    proposed=set(json.loads(states.get(PROPOSED) or "[]")),
                    weighed=json.loads(states.get(WEIGHED) or "{}"),
                    proofs={key: load_proof(one) for key, one in json.loads(states.get(PROOFS) or "{}").items()},
                    news=dict(_under(NEWS, states)))
    memory.swept, memory.unseen = json.loads(states.get(UNSEEN) or "[0.0, {}]")
    for key, text in _under(LIVES, states):
        if name := by_name(key):
            memory.lives.setdefault(name, pooled(name)).load(json.loads(text))
    for name, text in _under(VENDOR, states):
        memory.vendors[name] = load_vendor(vendor_read(json.loads(text)), memory.lives)
    for name, text in _under(PLACE, states):
        dumped = json.loads(text)
        place = load_place({**dumped, "whole": track_read(dumped["whole"])}, memory.lives)
        memory.places[name], place.peers = place, memory.places
    for _, text in _under(TRACK, states):
        memory.put(sound(load_track(track_read(json.loads(text)), rules())))
    for key, text in _under(MEMBERS, states):
        _load_members(memory, key, json.loads(text))
    return memory


def _load_members(memory: Memory, key: str, stored: Sequence[tuple[str, str]]) -> None:
    """An incident whose streams are all of rules that have ended has none here, and so is given some
    (monitor.standing.agree).
    """
    pairs = [(memory.member(stream), by_name(rule)) for stream, rule in stored]
    left = [(track, rule) for track, rule in pairs if track is not None and rule and track.found(rule) is not None]
    if left or not stored:
        memory.members[key] = left


def _under(prefix: str, states: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Sorted, so that lists come to the same order however the database gives its rows."""
    return ((key.removeprefix(prefix), states[key]) for key in sorted(states) if key.startswith(prefix) and states[key])


def dump_incidents(incidents: Iterable[Incident]) -> str:
    """As they are with the memory: what is judged again after a restart is judged against them, not against what has
    become of them since (law 2).
    """
    return json.dumps([asdict(one) for one in incidents], default=datetime.isoformat, separators=(",", ":"),
                      ensure_ascii=False)


def load_incidents(states: Mapping[str, str]) -> list[Incident]:
    """Those that stood, or were lately closed, when the memory was stored."""
    return [_incident(raw) for raw in json.loads(states.get(INCIDENTS) or "[]")]


def _incident(raw: dict[str, Any]) -> Incident:
    times = {name: datetime.fromisoformat(raw[name]) if raw[name] else None for name in TIMES}
    words = {"stage": Stage(raw["stage"]), "cause": Cause(raw["cause"]), "tier": Tier(raw["tier"]),
             "scope": Scope(**raw["scope"])}
    return Incident(**{**raw, **times, **words, **{name: tuple(raw[name]) for name in LISTS}})
