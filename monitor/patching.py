"""From a config to the ground that changes stand on: places, bounds, proof. Opens and starts nothing."""

from typing import TYPE_CHECKING, Protocol

from monitor.ground import Ground
from monitor.guards import unproven
from monitor.knowing import bounds_of, known_of
from monitor.proposing import places_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from alerts.gateway import Gateway
    from alerts.model import Inventory, RoutingChange
    from monitor.catalogue import Catalogue
    from monitor.known import Deciding, Known, Policy
    from monitor.model import Check
    from monitor.settings import Config
    from monitor.setup import Setup
    from monitor.store.sql import SqlStore

BACK = ("gateways", "endpoints", "catalogue", "patching", "timezone")      # of a config, what the way back needs


class House(Protocol):
    """What a setup and the running app have in common."""

    @property
    def config(self) -> "Config": ...
    @property
    def catalogue(self) -> "Catalogue": ...
    @property
    def checks(self) -> "Sequence[Check]": ...
    @property
    def gateways(self) -> "Mapping[str, Gateway]": ...
    @property
    def policy(self) -> "Policy": ...


def known_by(house: House, inventories: "Mapping[str, Inventory]") -> "Known":
    """What deciding needs of the config, with what the gateways' files serve."""
    return known_of(house.config, house.catalogue, house.checks, inventories)


def ground_of(setup: "Setup", store: "SqlStore") -> Ground:
    """What a command stands on."""
    from monitor.present import deciding_now
    from monitor.setup import state_folder

    places = places_of(setup.config, setup.gateways, setup.catalogue)
    known = known_by(setup, setup.inventories)
    proof = proof_by(lambda now: deciding_now(store, setup.policy, known, now))
    return Ground(store, places, bounds_of(setup.config), proof, state_folder(setup.config))


def ground_back(part: "Config", store: "SqlStore") -> Ground:
    """What taking back stands on: of the config, BACK alone. Nothing is proven by it, so nothing can be applied."""
    from monitor.config import catalogue_for
    from monitor.setup import gateways_of, state_folder

    places = places_of(part, gateways_of(part), catalogue_for(part))
    return Ground(store, places, bounds_of(part), lambda _change, _now: "the config was not read", state_folder(part))


def proof_by(deciding: "Callable[[datetime], Deciding]") -> "Callable[[RoutingChange, datetime], str]":
    """Says why the route that takes over is not proven at a moment; '' where it is (law 9)."""
    return lambda change, now: unproven(change, deciding(now))
