"""Workloads that their gateway's file does not serve under that name, so that no change of theirs could ever be made.

Each format knows names in its own way – prefixes, variables, any case of the letters – so the format is asked: a name
that it can tell in nothing from one that is nobody's, it does not serve. Nothing is changed.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from alerts.gateway import PatchRefused
from alerts.model import Inventory, RoutingChange, Strength
from monitor.known import KnownWorkload
from monitor.proposing import Place
from monitor.yamlfile import near

NOBODYS = "vendorwatch-asks-for-a-name-that-is-nobodys"
MOST = 12         # names that are said
TRIES = 6         # moves that are asked for
_NAME = "<the name>"


def unserved(workloads: Iterable[KnownWorkload], places: Mapping[str, Place],
             inventories: Mapping[str, Inventory]) -> Iterator[tuple[str, str]]:
    """A line each, after its gateway's name. A gateway whose file cannot be read is passed over (`unread`)."""
    for workload in workloads:
        place, inventory = places.get(workload.gateway), inventories.get(workload.gateway)
        if place is None or inventory is None or workload.name in inventory.workloads:
            continue
        if _is_nobodys(workload, place, inventory):
            there = list(inventory.workloads)
            listed = ", ".join(there[:MOST]) + (f" and {len(there) - MOST} more" if len(there) > MOST else "")
            yield workload.gateway, (
                f"workloads.{workload.name}: {place.file} of gateway '{workload.gateway}' serves no '{workload.name}'"
                f"{near(workload.name, there)}, so no change of it could be made; there are: {listed or 'none'}; call "
                "it what your apps ask for there, or say which gateway serves it (gateway: none, if none does)")


def unread(places: Mapping[str, Place], inventories: Mapping[str, Inventory]) -> Iterator[str]:
    """Gateways whose file is there and is not what it is said to be."""
    for name, place in places.items():
        if name not in inventories and os.access(place.file, os.R_OK):
            try:
                place.gateway.inventory(place.read())
            except PatchRefused as refusal:
                yield f"gateways.{name}.file: {place.file}: {refusal}; no change of it could be made"


def _is_nobodys(workload: KnownWorkload, place: Place, inventory: Inventory) -> bool:
    """Whether it fares like a name that is nobody's with whoever might take it over, and is refused as a name."""
    takers = dict.fromkeys([*(one.route for one in workload.fallbacks), *(one.name for one in inventory.routes)])
    named = False
    for taker in islice(takers, TRIES):
        said = _refusal(workload.name, workload.primary, taker, place)
        if said != _refusal(NOBODYS, workload.primary, taker, place):
            return False
        named = named or _NAME in said
    return named


def _refusal(name: str, leaves: str, taker: str, place: Place) -> str:
    """Why a move of what goes by this name would be refused, the name taken out of it; '' where it would not be."""
    try:
        place.render(RoutingChange("vw-if", name, leaves, (), taker, Strength.EXCLUDE, "asked", "asked"))
    except PatchRefused as refusal:
        return str(refusal).replace(repr(name), _NAME)
    return ""
