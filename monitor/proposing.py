"""A routing change becomes a diff: read the gateway's file, render, put the patch beside it for a person (law 9).

The gateway's own file is not written here. What cannot be patched safely is said instead of the diff. What is proposed
is a row, so that it can be approved, applied and taken back.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from alerts.branch import Branch
from alerts.channel import DeliveryError
from alerts.gateway import Gateway, PatchRefused
from alerts.inplace import InPlace
from alerts.landing import Landing, digest
from alerts.model import Inventory, Patch, RoutingChange
from alerts.outlets import FileOutlet
from alerts.surgery.merging import spans_between
from monitor.catalogue import Catalogue
from monitor.changes import OVER, Drawn, Life, Stand, Step, What
from monitor.clock import Clock
from monitor.errand import change_from_json, mode_of
from monitor.formats import aimed
from monitor.model import Errand
from monitor.wishes import lesser

OURSELVES = "vendorwatch"
# how a format tells a person to put a change where it lands: with an outlet, that is done by then
_PUT = re.compile(r"write the (?:patched )?file,? (?:then|and) |send the calls .*check `success`\. ")

if TYPE_CHECKING:
    from monitor.settings import Config, GatewaySettings

log = logging.getLogger("vendorwatch.proposing")


class Changes(Protocol):
    """The store's rows of changes."""

    def life(self, name: str) -> Life | None: ...
    def step(self, step: Step, now: datetime) -> Life | None: ...
    def samples_of(self, incident: str) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway at work: its format's name, where it is, the name of its key's variable, whether it may be asked for
    an answer. `admin_url`: where it is read, '' for the same; `bearer`: whether that word goes before the key there;
    `canary_key_env`: the canary's key, '' for the same; `headers`: what goes with every request, in the open.
    """

    kind: str
    url: str
    key_env: str = ""
    canary: bool = False
    admin_url: str = ""
    bearer: bool = True
    canary_key_env: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A gateway of the config: its format, its file, and what may be done with a change. `own`: names of the config's
    endpoints by base URL; without a catalogue a change names the routes that leave by itself.
    """

    gateway: Gateway
    file: Path
    mode: str = "propose"
    catalogue: Catalogue | None = None
    own: Mapping[str, str] = field(default_factory=dict)
    landing: Landing | None = None
    auto_causes: frozenset[str] = frozenset()
    running: Running | None = None

    @property
    def lands(self) -> Landing:
        return self.landing or InPlace(self.file)

    def read(self) -> str:
        """The config as it is: a diff of anything else would not apply. Raises PatchRefused."""
        return self.lands.read()

    def mode_for(self, change: RoutingChange, wished: str) -> str:
        """What may be done with it: what gateway and policy allow; without asking, for the listed causes alone."""
        mode = lesser(self.mode, wished)
        return "approve" if mode == "auto" and change.cause not in self.auto_causes else mode

    def render(self, change: RoutingChange) -> Patch:
        """For the file as it is. Raises PatchRefused."""
        return self.rendered(change, self.read())

    def to_make_live(self, change: RoutingChange) -> str:
        """What is left to do once the change is where it lands, as its format says it; '' where nobody says."""
        try:
            return _PUT.sub("", self.render(change).apply)
        except PatchRefused:
            return ""

    def rendered(self, change: RoutingChange, text: str) -> Patch:
        """For this text; pure. Raises PatchRefused."""
        return self.gateway.render(self.aimed(change, text), text, str(self.file))

    def aimed(self, change: RoutingChange, text: str) -> RoutingChange:
        """With the routes that leave as they stand in this text. Raises PatchRefused."""
        return change if self.catalogue is None else aimed(change, self.gateway, text, self.catalogue, self.own)


def drawn_of(patch: Patch) -> Drawn:
    """What is kept of a patch: neither text."""
    return Drawn(patch.path, patch.diff, digest(patch.reverted), digest(patch.patched),
                 spans_between(patch.patched, patch.reverted), patch.warnings, patch.calls)


class Proposing:
    """Renders Reroute errands. `folder` is where patches land; `changes`: where they become rows."""

    def __init__(self, places: Mapping[str, Place], folder: Path, changes: Changes | None = None,
                 clock: "Clock | None" = None) -> None:
        self.places, self._folder, self._changes, self._clock = places, folder, changes, clock or Clock()

    def __call__(self, errand: Errand) -> str:
        """The diff, or a sentence that says why there is none; '' where the file is already so. Idempotent."""
        place = self.places.get(errand.channel)
        if place is None:
            return f"no patch: the config has no gateway called {errand.channel} any more"
        change = change_from_json(errand.payload)
        mode = place.mode_for(change, mode_of(errand.payload))
        if mode == "observe":
            return ""
        try:
            patch = place.render(change)
        except PatchRefused as refusal:
            return f"no patch: {refusal}"
        if not patch.diff:
            return ""                     # applied meanwhile: the patch that was put down stays, with its way back
        if self._changes is not None:
            now = self._clock.now()
            change = replace(change, evidence=change.evidence or self._changes.samples_of(change.incident))
            stand = Life(change, errand.channel, mode, Stand.PROPOSED, drawn_of(patch), now, now)
            propose(self._changes, stand, now)
        try:
            FileOutlet().put(patch, change, self._folder)
        except DeliveryError as failure:
            log.error("the patch could not be put down, it is in the alert only reason=%r", failure.reason)
        return patch.diff


def propose(changes: Changes, start: Life, now: datetime) -> Life | None:
    """Make a row of it, or renew the row where the file has changed since; what was proposed so stays as it is. None:
    it is no longer to be proposed, or another was first.
    """
    known = changes.life(start.id)
    if known is not None and (known.stand in OVER or (known.drawn, known.mode) == (start.drawn, start.mode)):
        return known if known.stand not in OVER else None
    detail = {"cause": start.change.cause, "because": start.change.because, "evidence": list(start.change.evidence),
              "diff_sha256": digest(start.drawn.diff), "mode": start.mode, "gateway": start.gateway}
    stand = None if known is None else known.stand
    return changes.step(Step(start.id, stand, What.PROPOSED, OURSELVES, detail, start), now)


def places_of(config: "Config", gateways: Mapping[str, Gateway],
              catalogue: Catalogue | None = None) -> dict[str, Place]:
    """The gateways with their files, modes and outlets. Without a catalogue they are to be read only."""
    own = {one.base_url.rstrip("/"): one.name for one in config.endpoints}
    made = {}
    for name, gateway in gateways.items():
        said = config.gateways.get(name)
        if said is not None:
            file = Path(said.file)
            made[name] = Place(gateway, file, said.mode, catalogue, own, _landing(said, file),
                               frozenset(said.auto_causes), _running(said))
    return made


def _running(said: "GatewaySettings") -> Running | None:
    """None where the config does not say where it runs."""
    running = Running(said.type, said.url or "", said.key_env or "", said.canary, said.admin_url or "",
                      said.key_form == "bearer", said.canary_key_env or "", said.headers)
    return running if running.url else None


def _landing(said: "GatewaySettings", file: Path) -> Landing:
    if said.outlet == "api":
        from alerts.adminapi import AdminApi  # and with it httpx, which most do without

        return AdminApi(file, said.url or "", said.key_env or "", said.key_form == "bearer", said.headers)
    branch = Branch(file, said.git_base)
    return branch if said.outlet == "git" else InPlace(file)


def inventories_of(places: Mapping[str, Place]) -> dict[str, Inventory]:
    """What each gateway's config serves now; left out where it cannot be read – `config check` says so."""
    found: dict[str, Inventory] = {}
    for name, place in places.items():
        try:
            found[name] = place.gateway.inventory(place.read())
        except PatchRefused:
            continue
    return found
