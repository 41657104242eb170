"""A routing change becomes a diff: read the gateway's file, render, put the patch beside it for a person (law 9).

The gateway's own file is never written. What cannot be patched safely is said instead of the diff.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.channel import DeliveryError
from alerts.gateway import Gateway, PatchRefused
from alerts.model import Inventory
from alerts.outlets import FileOutlet
from monitor.errand import change_from_json, mode_of
from monitor.formats import read_text
from monitor.model import Errand

if TYPE_CHECKING:
    from monitor.settings import Config

log = logging.getLogger("vendorwatch.proposing")


@dataclass(frozen=True, slots=True)
class Place:
    """A gateway of the config: its format, its file, and what may be done with a change."""

    gateway: Gateway
    file: Path
    mode: str = "propose"

    def read(self) -> str:
        """The config as it is: a diff of anything else would not apply. Raises PatchRefused."""
        return read_text(self.file)


class Proposing:
    """Renders Reroute errands. `folder` is where patches land."""

    def __init__(self, places: Mapping[str, Place], folder: Path) -> None:
        self.places, self._folder = places, folder

    def __call__(self, errand: Errand) -> str:
        """The diff, or a sentence that says why there is none; '' where the file is already so. Idempotent."""
        place = self.places.get(errand.channel)
        if place is None:
            return f"no patch: the config has no gateway called {errand.channel} any more"
        if "observe" in (place.mode, mode_of(errand.payload)):
            return ""
        change = change_from_json(errand.payload)
        try:
            patch = place.gateway.render(change, place.read(), str(place.file))
        except PatchRefused as refusal:
            return f"no patch: {refusal}"
        if not patch.diff:
            return ""                     # applied meanwhile: the patch that was put down stays, with its way back
        try:
            FileOutlet().put(patch, change, self._folder)
        except DeliveryError as failure:
            log.error("the patch could not be put down, it is in the alert only reason=%r", failure.reason)
        return patch.diff


def places_of(config: "Config", gateways: Mapping[str, Gateway]) -> dict[str, Place]:
    """The gateways with their files and modes."""
    named = config.gateways
    return {name: Place(gateway, Path(named[name].file), named[name].mode)
            for name, gateway in gateways.items() if name in named}


def inventories_of(places: Mapping[str, Place]) -> dict[str, Inventory]:
    """What each gateway's config serves now; left out where it cannot be read – `config check` says so."""
    found: dict[str, Inventory] = {}
    for name, place in places.items():
        try:
            found[name] = place.gateway.inventory(place.read())
        except PatchRefused:
            continue
    return found
