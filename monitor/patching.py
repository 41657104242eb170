"""From a config to the gateways' places and the ground that changes stand on. Opens and starts nothing."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.branch import Branch
from alerts.gateway import Gateway
from alerts.inplace import InPlace
from alerts.model import RoutingChange
from monitor.catalogue import Catalogue
from monitor.config import Config
from monitor.ground import Ground
from monitor.guards import unproven
from monitor.knowing import bounds_of, known_of, own_endpoints
from monitor.proposing import Place, Running, inventories_of

if TYPE_CHECKING:
    from monitor.known import Known, Policy
    from monitor.setup import Setup
    from monitor.store.sql import SqlStore


def places_of(config: Config, catalogue: Catalogue, gateways: Mapping[str, Gateway]) -> dict[str, Place]:
    """The gateways with their files, modes and outlets."""
    own, made = own_endpoints(config), {}
    for name, gateway in gateways.items():
        said = config.gateways.get(name)
        if said is not None:
            file = Path(said.file)
            branch = Branch(file, said.git_base)
            landing = branch if said.outlet == "git" else InPlace(file)
            running = Running(said.type, said.url or "", said.key_env or "", said.canary)
            made[name] = Place(gateway, file, said.mode, catalogue, own, landing, frozenset(said.auto_causes),
                               running if running.url else None)
    return made


def ground_of(setup: "Setup", store: "SqlStore") -> Ground:
    """What a command stands on."""
    from monitor.setup import state_folder

    places = places_of(setup.config, setup.catalogue, setup.gateways)
    known = known_of(setup.config, setup.catalogue, setup.checks, inventories_of(places))
    proof = Proof(store, setup.policy, lambda: known)
    return Ground(store, places, bounds_of(setup.config), proof, state_folder(setup.config))


class Proof:
    """Why the route that takes over is not proven at this moment, by the rows; '' where it is (law 9).

    `known` is asked for only then: it reads the gateways' files.
    """

    def __init__(self, store: "SqlStore", policy: "Policy", known: "Callable[[], Known]") -> None:
        self._store, self._policy, self._known = store, policy, known

    def __call__(self, change: RoutingChange, now: datetime) -> str:
        from monitor.present import deciding_now

        return unproven(change, deciding_now(self._store, self._policy, self._known(), now))
