"""What is stored of a rule is stored under its id, in memory it goes by its file's name.

An id's meaning never changes (law 2): what was left under an id that has ended is not read, and so is learned anew; so
is evidence that was laid out for other shares or shifts than are looked for today.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from monitor import grades, speed
from monitor.rules import BY_FIGURE, rules
from monitor.track import Track

FIGURES = dict(zip(BY_FIGURE, ("speed", "grades"), strict=True))      # by rule: where a stream's dump has it
Dumped = Mapping[str, Any]


@cache
def _ids() -> Mapping[str, str]:
    return {name: rule.id for name, rule in rules().items()}


@cache
def _names() -> Mapping[str, str]:
    return {rule.id: name for name, rule in rules().items()}


def by_id(key: str) -> str:
    """'rule …' with the rule's id."""
    return _renamed(key, _ids())


def by_name(key: str) -> str:
    """'id …' with the rule's name; '' where the id has ended."""
    return _renamed(key, _names())


def _renamed(key: str, table: Mapping[str, str]) -> str:
    head, space, rest = key.partition(" ")
    return f"{table[head]}{space}{rest}" if head in table else ""


def track_stored(dumped: Dumped) -> dict[str, Any]:
    """A stream's dump with ids."""
    figures = {at: {_ids()[rule]: dumped[at]} if dumped[at] else None for rule, at in FIGURES.items()}
    return {**_track(dumped, by_id), **figures}


def track_read(stored: Dumped) -> dict[str, Any]:
    """The same with names, without what no rule of today has left."""
    figures = {at: (stored[at] or {}).get(_ids()[rule]) for rule, at in FIGURES.items()}
    return {**_track(stored, by_name), **figures}


def _track(dumped: Dumped, renamed: Callable[[str], str]) -> dict[str, Any]:
    return {**dumped, "rules": _keys(dumped["rules"], renamed), "declared": _keys(dumped["declared"], renamed),
            "hot": [name for one in dumped["hot"] if (name := renamed(one))]}


def vendor_stored(dumped: Dumped) -> dict[str, Any]:
    """A vendor's dump with ids."""
    return _vendor(dumped, by_id, track_stored)


def vendor_read(stored: Dumped) -> dict[str, Any]:
    """The same with names."""
    return _vendor(stored, by_name, track_read)


def _vendor(dumped: Dumped, renamed: Callable[[str], str], track: Callable[[Dumped], dict[str, Any]]) -> dict[str, Any]:
    groups = {key: track(group) for key, group in _keys(dumped["groups"], renamed).items()}
    for key, group in groups.items():       # a group's own name is its stream's kind
        group["stream"] = [*group["stream"][:2], key, *group["stream"][3:]]
    wholes = {kind: track(whole) for kind, whole in dumped["wholes"].items()}
    return {**dumped, "groups": groups, "wholes": wholes, "lives": _keys(dumped["lives"], renamed)}


def _keys(found: Dumped, renamed: Callable[[str], str]) -> dict[str, Any]:
    return {name: value for key, value in found.items() if (name := renamed(key))}


def sound(track: Track) -> Track:
    """The track as it was read, without evidence that was laid out for other shifts or shares than today's; what has
    none is declared no more.
    """
    if track.speed is not None and len(track.speed.s) != len(speed.GRID):
        track.speed = None
    if track.grades is not None and len(track.grades.s) != len(grades.GRID):
        track.grades = None
    track.declared = {rule: key for rule, key in track.declared.items() if track.found(rule) is not None}
    return track
