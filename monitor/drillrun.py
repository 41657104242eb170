"""A drill for real: a gateway on loopback, stand-in vendors behind it, load all the while; one vendor refuses.

What is measured: answers lost from the refusal on, the time until the fallback answers, whether the vendor is asked
again after the move, and whether the way back is the same bytes. Detecting is not part of it: the patch is applied at
the moment of the refusal, so the time is the gateway's own.
"""

import asyncio
import http.client
import json
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from alerts.gateway import Gateway
from alerts.model import Patch, Route
from monitor.catalogue import Catalogue
from monitor.owning import vendor_of
from monitor.plugins import load_plugin, plugin_names
from monitor.rig import Place, Rig
from monitor.standin import StandInRig
from probes.sim.server import StandIn
from probes.sim.world import Behaviour, Line, World

EVERY_S = 0.05
SETTLE_S = 1.0
GOOD = 200


@dataclass(frozen=True, slots=True)
class Ran:
    """What a drill with a gateway came to. Times in seconds; `moved_s` None: the fallback never answered."""

    gateway: str
    workload: str
    vendor: str
    asked: int
    lost: int
    moved_s: float | None
    hits_before: int
    hits_after: int                 # of the vendor, once the patched gateway had the load
    back_answers: bool              # the vendor answers again through the config taken back
    same_bytes: bool

    @property
    def passed(self) -> bool:
        return self.moved_s is not None and self.hits_after == 0 and self.back_answers and self.same_bytes

    def words(self) -> str:
        moved = "never" if self.moved_s is None else f"after {self.moved_s:.2f} s"
        return (f"{'passed' if self.passed else 'FAILED'}: {self.workload} on {self.gateway}: {self.asked} requests, "
                f"{self.lost} lost; the fallback answered {moved}; {self.vendor} was asked {self.hits_before} times "
                f"before and {self.hits_after} after; taken back: "
                f"{'the same bytes' if self.same_bytes else 'OTHER BYTES'}, {self.vendor} "
                f"{'answers' if self.back_answers else 'DOES NOT answer'} again")


@dataclass(slots=True)
class Load:
    """Asks for the workload over and over. `url` may change while it runs, as a rolling restart changes it."""

    model: str
    url: str
    asked: int = 0
    lost: int = 0
    good_at: list[float] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        while True:
            task = asyncio.create_task(self._ask())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            await asyncio.sleep(EVERY_S)

    async def settle(self) -> None:
        """Until every question that was asked is answered."""
        await asyncio.gather(*tuple(self._tasks))

    async def _ask(self) -> None:
        self.asked += 1
        status = await asyncio.to_thread(_status, self.url, self.model)
        if status == GOOD:
            self.good_at.append(asyncio.get_running_loop().time())
        else:
            self.lost += 1


@dataclass(frozen=True, slots=True)
class Script:
    """What is played: `text`, the gateway's config as it is, read by `form`; the patch that moves the workload."""

    workload: str
    vendor: str
    form: Gateway
    text: str
    patch: Patch
    own: Mapping[str, str] = field(default_factory=dict)      # the config's endpoints by base URL


def rig_for(name: str, form: Gateway) -> tuple[Rig, str]:
    """The format's own program where it is installed; else the stand-in gateway, and a note that says so."""
    if name not in plugin_names("monitor.rigs"):
        return StandInRig(form), f"no program to start is known for {name}: {StandInRig.label} stands in"
    rig: Rig = load_plugin("monitor.rigs", name, "Rig")()
    missing = rig.missing()
    return (StandInRig(form), f"{missing}; {StandInRig.label} stands in") if missing else (rig, "")


async def drill(rig: Rig, script: Script, catalogue: Catalogue) -> Ran:
    """Move the workload away from the vendor under load, and back. Raises RigFailed."""
    with tempfile.TemporaryDirectory(prefix="vendorwatch-drill-") as name:
        owned = {text: _owners(script.form.inventory(text).routes, catalogue, script.own)
                 for text in (script.text, script.patch.patched, script.patch.reverted)}
        async with _vendors({one for keys in owned.values() for one in keys.values()}, catalogue) as (world, sites):
            places = {text: {key: sites[owner] for key, owner in keys.items()} for text, keys in owned.items()}
            return await _Scene(rig, script, Path(name), world, places).play()


@dataclass(frozen=True, slots=True)
class _Scene:
    rig: Rig
    script: Script
    folder: Path
    world: World
    places: Mapping[str, Mapping[str, Place]]       # by text, then by route

    def hits(self) -> int:
        return sum(asker.provider == self.script.vendor for asker in self.world.calls)

    def runs(self, text: str) -> AbstractAsyncContextManager[str]:
        return self.rig.running(self.rig.adapted(text, self.places[text]), self.folder)

    async def play(self) -> Ran:
        script, clock = self.script, asyncio.get_running_loop().time
        async with self.runs(script.text) as before:
            load = Load(self.rig.asked_as(script.text, script.workload), before)
            asking = asyncio.create_task(load.run())
            try:
                await asyncio.sleep(SETTLE_S)
                hits, lost = self.hits(), load.lost
                refused, began = self.world.say(Line(Behaviour.GEO, script.vendor)), clock()
                async with self.runs(script.patch.patched) as after:
                    load.url = after
                    switched = clock()
                    hits_after = await self._watched(load)
            finally:
                asking.cancel()
        self.world.unsay(refused)
        first = next((at for at in sorted(load.good_at) if at >= switched), None)
        return Ran(self.rig.label, script.workload, script.vendor, load.asked, load.lost - lost,
                   None if first is None else first - began, hits, hits_after, await self._back(),
                   script.patch.reverted == script.text)

    async def _watched(self, load: Load) -> int:
        """How often the vendor is asked once those who asked the old gateway have their answers."""
        await load.settle()
        before = self.hits()
        await asyncio.sleep(SETTLE_S)
        await load.settle()
        return self.hits() - before

    async def _back(self) -> bool:
        before = self.hits()
        async with self.runs(self.script.patch.reverted) as url:
            model = self.rig.asked_as(self.script.text, self.script.workload)
            status = await asyncio.to_thread(_status, url, model)
        return status == GOOD and self.hits() > before


def _owners(routes: Iterable[Route], catalogue: Catalogue, own: Mapping[str, str]) -> dict[str, str]:
    """Whose each route is, by its key; what nobody of the catalogue owns is its own vendor here."""
    return {route.key: vendor_of(route, catalogue, own) or f"other {route.name}" for route in routes}


@asynccontextmanager
async def _vendors(owners: Iterable[str], catalogue: Catalogue) -> AsyncIterator[tuple[World, dict[str, Place]]]:
    """One stand-in a vendor, and where each is."""
    world = World()
    stand_ins = {owner: StandIn(owner, _dialect(owner, catalogue), (), world, None) for owner in owners}
    for one in stand_ins.values():
        await one.start()
    try:
        yield world, {owner: Place(f"http://127.0.0.1:{one.port}/v1", one.dialect, owner)
                      for owner, one in stand_ins.items()}
    finally:
        for one in stand_ins.values():
            await one.stop()


def _dialect(owner: str, catalogue: Catalogue) -> str:
    found = catalogue.lookup(owner)
    return "anthropic" if found and found.surfaces[0].dialect == "anthropic" else "openai"


def _status(url: str, model: str) -> int:
    """The HTTP status of one question; 0 where there was no answer."""
    place = urlsplit(url)
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": "ping"}], "max_tokens": 8})
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    try:
        connection.request("POST", place.path, body, {"content-type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
