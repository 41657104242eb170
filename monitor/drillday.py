"""A drill held: the scene set from config and database, rehearsed, and played on loopback if that is wished."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from alerts.gateway import Gateway, PatchRefused
from monitor.catalogue import Catalogue
from monitor.config import vendor_id
from monitor.drilling import Drilled, Team, Wanted, rehearse
from monitor.drillrun import Ran, Script, drill, rig_for
from monitor.errors import UserError
from monitor.model import Cause
from monitor.patching import House, known_by
from monitor.present import deciding_now
from monitor.proposing import Place, inventories_of, places_of
from monitor.rehearsal import IncidentCase, made_up
from monitor.rig import Rig, RigFailed
from monitor.store.base import Store
from monitor.yamlfile import near

SHOWN = ("gateway", "path", "diff", "warnings", "apply")


@dataclass(frozen=True, slots=True)
class Held:
    """What it came to. `notes`: what stood in for what; `failed`: gateways that did not start, with their words."""

    drill: Drilled
    gateway: tuple[Ran, ...] = ()
    notes: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return self.drill.passed and not self.failed and all(one.passed for one in self.gateway)

    def plain(self) -> dict[str, Any]:
        """All of it for a row or to be read on; of a patch its diff, not the text: that may hold secrets (law 7)."""
        said = asdict(self)
        for move in said["drill"]["moves"]:
            move["patch"] = move["patch"] and {name: move["patch"][name] for name in SHOWN}
        return said


def hold(house: House, store: Store, wanted: Wanted, now: datetime,
         rig: Callable[[str, Gateway], tuple[Rig, str]] = rig_for) -> Held:
    """Rehearse, and play where wished; for a thread, it takes a while. `rig`: what is started for a format, and a note.
    Raises UserError for names nobody has.
    """
    places = places_of(house.config, house.gateways, house.catalogue)
    names = list(house.config.regions)
    owner = vendor_id(wanted.vendor, house.config, house.catalogue)
    case = IncidentCase(cause=_checked(wanted, names), vendor=owner, regions=list(wanted.regions) or names)
    verdict = made_up(case, now, "a drill")
    context = deciding_now(store, house.policy, known_by(house, inventories_of(places)), now)
    teams = {name: _team(place) for name, place in places.items()}
    found = rehearse(verdict, house.policy, context, now, teams)
    return _played(found, teams, house.catalogue, rig) if wanted.with_gateway else Held(found)


def _checked(wanted: Wanted, names: list[str]) -> Cause:
    for name in wanted.regions:
        if name not in names:
            raise UserError(f"no region '{name}' in the config{near(name, names)}; there are: {', '.join(names)}")
    causes = [one.value for one in Cause]
    if wanted.cause not in causes:
        raise UserError(f"no cause '{wanted.cause}'{near(wanted.cause, causes)}; there are: {', '.join(causes)}")
    return Cause(wanted.cause)


def _team(place: Place) -> Team:
    try:
        return Team(place, place.read())
    except PatchRefused as refusal:
        return Team(place, missing=str(refusal))


def _played(found: Drilled, teams: Mapping[str, Team], catalogue: Catalogue,
            start: Callable[[str, Gateway], tuple[Rig, str]]) -> Held:
    ran, notes, failed = [], [], []
    for one in found.moves:
        if one.patch is None or not one.patch.diff:
            continue
        team = teams[one.gateway]
        rig, note = start(one.patch.gateway, team.place.gateway)
        notes += [note] if note else []
        try:
            script = Script(one.workload, found.vendor, team.place.gateway, team.text, one.patch, team.place.own)
            ran.append(asyncio.run(drill(rig, script, catalogue)))
        except RigFailed as failure:
            failed.append(f"{one.workload}: {rig.label}: {failure}")
    return Held(found, tuple(ran), tuple(dict.fromkeys(notes)), tuple(failed))
