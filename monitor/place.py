"""One place we stand: whether our own network is in the way, wholly or beyond the border. Never a vendor's fault.

Two shapes. Cut off: most neutral hosts fail. The link abroad is cut: some neutral hosts fail and with them several
vendors, while the others are fine; or, where only one neutral host is asked, most vendors fall silent at once though
elsewhere they answer. What fails in the dark says nothing of a vendor; it is masked, not counted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.esr import Lives
from monitor.rule import TOGETHER_S, Family, StreamKey
from monitor.rules import BY_PLACE, families, rules
from monitor.track import Track, load_track

WHOLLY, ABROAD = "wholly", "abroad"
PACE_S = 60.0              # a place is looked at so often, or as often as its witnesses are asked
LEAST_VENDORS = 3          # so many vendors at once stand in for a neutral host where there is none
AT_ONCE_PACES = 2.5        # vendors that fall silent within so many paces do so at once


@dataclass(slots=True)
class Place:
    """A region. `dark`: '' or the shape of the cut that holds now; `since`: from when on."""

    name: str
    above: Mapping[str, Lives]
    tracks: list[Track] = field(default_factory=list)
    controls: list[Track] = field(default_factory=list)
    whole: Track = field(init=False)
    lives: Lives = field(init=False)
    dark: str = ""
    since: float = 0.0
    fell: dict[str, float] = field(default_factory=dict)      # by stream: since when it gives no answer
    peers: Mapping[str, "Place"] = field(default_factory=dict, compare=False, repr=False)      # all places

    def __post_init__(self) -> None:
        self.whole = Track(StreamKey("*", self.name, "*"), PACE_S)
        self.lives = Lives(self.above.get(BY_PLACE))

    def note(self, track: Track) -> None:
        """Remember since when a stream gives no answer."""
        if track.failing:
            self.fell.setdefault(track.stream.text, track.last)
        elif self.fell:
            self.fell.pop(track.stream.text, None)

    def look(self, t: float) -> str:
        """The shape of the cut, by who answers now. '' where there is none, or nobody to tell it by."""
        controls = [c for c in self.controls if c.fresh(t)]
        vendors = [v for v in self.tracks if not v.expect and v.fresh(t)]
        down = {v.stream.provider for v in vendors if v.failing}
        failing = [c for c in controls if c.failing]
        if not controls:
            return WHOLLY if len(down) >= LEAST_VENDORS and all(v.failing for v in vendors) else ""
        if len(controls) == 1:
            return self._by_one(controls[0], vendors, t)
        if 2 * len(failing) > len(controls):
            return self._bordered(failing, controls, vendors)
        silent = [v for v in vendors if v.failing] if len(down) > 1 else []
        return ABROAD if any(self._fell_with(control, silent) > 1 for control in failing) else ""

    def _bordered(self, failing: list[Track], controls: list[Track], vendors: list[Track]) -> str:
        """Most neutral hosts fail. Where one answers and vendors do too, it is what lies beyond that is cut off."""
        answers = len(failing) < len(controls)
        return ABROAD if answers and any(not v.failing for v in vendors) else WHOLLY

    def _fell_with(self, control: Track, silent: Iterable[Track]) -> int:
        """How many vendors fell silent with a neutral host. One that does so later has its own trouble besides."""
        began = self.fell.get(control.stream.text, control.last)
        return len({v.stream.provider for v in silent
                    if abs(self.fell.get(v.stream.text, v.last) - began) <= TOGETHER_S})

    def _by_one(self, control: Track, vendors: list[Track], t: float) -> str:
        """The shape, where one neutral host is asked: it may be near us."""
        asked = {v.stream.provider for v in vendors}
        down = {v.stream.provider for v in vendors if v.failing}
        if control.failing:
            return WHOLLY if 2 * len(down) > len(asked) or not asked else ""
        # who is known to fail now and then anyway is no witness: two of them do so at once every few minutes
        silent = [v for v in vendors if v.failing and not v.declared.keys() & set(families()[Family.REACH])]
        return ABROAD if len(down) > 1 and self._beyond(silent, len(asked), t) else ""

    def _beyond(self, silent: list[Track], asked: int, t: float) -> bool:
        """Whether half the vendors fell silent at once, though they answer elsewhere."""
        fine = {v.stream.provider for place in self.peers.values() if place is not self
                for v in place.tracks if not v.down and v.fresh(t)}
        begun = [(self.fell.get(v.stream.text, v.last), v) for v in silent if v.stream.provider in fine]
        at_once = (len({v.stream.provider for at, v in begun if 0 <= at - first <= AT_ONCE_PACES * v.every_s})
                   for first, _ in begun)
        return any(n > 1 and 2 * n >= asked for n in at_once)

    def witness(self, track: Track, t: float) -> bool:
        """A sample of a neutral host, or of a vendor where there is none: is it dark now? True where that is evidence
        for the detector of the place.
        """
        self.note(track)
        speaks = track.control or not self.guarded(t)
        if not speaks and not (self.dark or track.failing):
            return False
        shape = self.look(t) if self.fell or self.dark else ""
        if shape and not self.dark:
            self.since = min(self.fell.values(), default=t)
        self.dark = shape
        # where no neutral host fails, those that do are vendors
        return speaks or (shape == ABROAD and not any(c.failing for c in self.controls))

    def guarded(self, t: float) -> bool:
        """Whether a neutral host is asked from here at all."""
        return any(c.fresh(t) for c in self.controls)

    def in_the_dark(self) -> frozenset[str]:
        """The places that are cut off now, this one or others: nobody there can tell how a vendor is."""
        return frozenset(name for name, place in self.peers.items() if place.dark)

    def well(self, t: float) -> tuple[int, int]:
        """(answering, asked) neutral hosts now."""
        fresh = [c for c in self.controls if c.fresh(t)]
        return sum(not c.failing for c in fresh), len(fresh)

    def dump(self) -> dict[str, Any]:
        return {"name": self.name, "whole": self.whole.dump(), "lives": self.lives.dump(), "dark": self.dark,
                "since": self.since, "fell": self.fell}


def load_place(dumped: Mapping[str, Any], above: Mapping[str, Lives]) -> Place:
    """The place that was dumped, without its streams."""
    place = Place(dumped["name"], above)
    place.whole = load_track(dumped["whole"], rules())
    place.lives.load(dumped["lives"])
    place.dark, place.since = dumped["dark"], dumped["since"]
    place.fell = dict(dumped["fell"])
    return place
