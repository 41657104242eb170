"""Streams that fail, sorted into what happened: what began together is one story, what began apart is another."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.rule import TOGETHER_S, Family
from monitor.rules import rules
from monitor.track import Evidence, Track

BY_ACCOUNT = frozenset({Family.ACCOUNT, Family.AUTH, Family.BILLING, Family.RATE})
BY_MODEL = frozenset({Family.MODEL, Family.QUALITY})
DWARFED = 0.01           # of the most there is: what has less does not tell since when


@dataclass(frozen=True, slots=True)
class Member:
    """A stream that a verdict rests on, with its evidence for one rule."""

    track: Track
    rule: str
    found: Evidence
    onset: float

    @property
    def text(self) -> str:
        return f"{self.rule} {self.track.stream.text}"


def stories(family: Family, members: Sequence[Member]) -> list[list[Member]]:
    """Apart by account or model where that is what it is about; of what is left, apart by when it began."""
    groups: dict[str, list[Member]] = {}
    for m in members:
        stream = m.track.stream
        key = (stream.account or "") if family in BY_ACCOUNT - {Family.ACCOUNT} else (
            (stream.model or "") if family in BY_MODEL else "")
        groups.setdefault(key, []).append(m)
    return [story for key, group in groups.items() for story in (
        # who is refused by the key is so wherever it is shown: a region's own onset is when it was asked there
        [group] if key and family in BY_ACCOUNT else _by_onset(group))]


def _by_onset(members: Sequence[Member]) -> list[list[Member]]:
    """Members of one region, or of one account, stay together; groups of them that began apart are apart."""
    places: dict[tuple[str, str | None], list[Member]] = {}
    for m in members:
        places.setdefault((m.track.stream.region, m.track.stream.account), []).append(m)
    begun = sorted(places.values(), key=since)
    told: list[list[Member]] = []
    last = 0.0
    for group in begun:
        onset = since(group)
        regions = {m.track.stream.region for m in group}
        same = next((s for s in told if {m.track.stream.region for m in s} & regions), None)
        if same is not None:
            same += group
        elif told and onset - last <= TOGETHER_S:
            told[-1] += group
        else:
            told.append(list(group))
        last = onset
    return told


def weight_of(story: Sequence[Member]) -> float:
    """How much a story adds to the family's evidence: what is asked often, by a rule with a large share, adds most."""
    return sum(_one(m) for m in story)


def _one(m: Member) -> float:
    return m.found.value * rules()[m.rule].share / m.track.every_s


def since(story: Sequence[Member]) -> float:
    """When it began: the earliest that those with some weight in it tell. A little is left of days ago somewhere."""
    least = DWARFED * max(_one(m) for m in story)
    return min(m.onset for m in story if _one(m) >= least)
