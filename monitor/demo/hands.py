"""What a person does in the demo, by the functions behind the commands: asks what stands ready, holds a drill, approves
and applies the change, takes it back, checks the rows. Each deed is checked; a step that was not reached has failed.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from alerts.gateway import Gateway
from alerts.landing import digest
from alerts.surgery.text import unified
from monitor.applying import apply, approve, reconcile
from monitor.chain import faults
from monitor.changes import IN_PLACE, Life, Stand, What
from monitor.clock import Clock
from monitor.demo.screen import Screen
from monitor.demo.story import VENDORS, Check
from monitor.drillday import hold
from monitor.drilling import Wanted
from monitor.errors import StoreError, UserError
from monitor.gaps import gaps_of
from monitor.ground import Ground, Refused
from monitor.owning import vendor_of
from monitor.patching import ground_of, known_by
from monitor.present import seen_now
from monitor.proposing import Place, inventories_of
from monitor.readiness import State, in_words, lines_of, losses_of
from monitor.reverting import revert
from monitor.rig import Rig
from monitor.standin import StandInRig, order

if TYPE_CHECKING:
    from monitor.setup import Setup
    from monitor.store.sql import SqlStore

Found = TypeVar("Found")
BY = "mei"
START, LATEST = 3.0, 7.0    # minutes: by then everybody was asked, and judged too where the machine is busy
READING_S = 60.0        # of the clock, for a person to read what is proposed
LOOK_S = 0.3
READY, DRILL, APPLIED, BACK, CHAIN = TITLES = (
    "readiness: smart goes on if Claude, or the US, is gone tomorrow",
    "drill: a gateway moves smart under load, and the vendor is not asked again",
    "patch: approved by a person, applied to the file, and the file leads elsewhere",
    "patch: once Claude serves again it is taken back, to the byte",
    "audit: every step is a row, and the chain of rows holds",
)


@dataclass(frozen=True, slots=True)
class Deed:
    """What is typed after `vendorwatch`, and answered, the diff apart, and whether it is right."""

    title: str
    typed: tuple[str, ...]
    lines: tuple[str, ...]
    check: Check | None = None
    diff: str = ""


def readied(setup: "Setup", store: "SqlStore", now: datetime) -> Deed:
    """`readiness`, in short."""
    known = known_by(setup, inventories_of(ground_of(setup, store).places))
    seen, said, right = seen_now(store, setup.policy, known, now), list[str](), True
    for workload in known.workloads:
        table = list(lines_of(workload, seen))
        gaps, losses = list(gaps_of(workload, table)), list(losses_of(workload, table))
        said += [f"{line.workload} from {line.region}: {line.route} ({seen.name(line.vendor)}, {line.jurisdiction}) is "
                 f"{line.state}: {line.because}" for line in table if line.state is not State.PRIMARY]
        said += [in_words(loss, seen) for loss in losses]
        said += [f"finding: {gap.kind}: {gap.because}" for gap in gaps]
        right = right and not gaps and not any(loss.stops for loss in losses)
    gone = "; ".join(line for line in said if line.startswith("if ") and "traffic of today" in line)
    return Deed("which fallbacks are proven, and what stops if one is gone", ("readiness",), tuple(said),
                Check(READY, right and bool(gone), gone or "no workload"))


def drilled(setup: "Setup", store: "SqlStore", now: datetime) -> Deed:
    """`drill claude --with-gateway`. Blocks for some seconds."""
    held = hold(setup, store, Wanted("claude", with_gateway=True), now, _at_hand)
    moves = [f"{one.workload} STOPS: {one.why}" if one.patch is None else
             f"{one.workload} moves to {one.to}, proven from {', '.join(one.proven_from)}" for one in held.drill.moves]
    ran = [one.words() for one in held.gateway]
    right = held.passed and bool(held.gateway) and all(one.hits_before for one in held.gateway)
    return Deed("a drill: what if Claude shut us out now? Nothing of ours is touched",
                ("drill claude --with-gateway",), (*moves, *ran, *held.failed),
                Check(DRILL, right, "; ".join((*ran, *held.failed)) or "no gateway was played"))


def _at_hand(name: str, form: Gateway) -> tuple[Rig, str]:
    """Never a real program: LiteLLM alone takes longer to start, three times, than the whole demo."""
    del name
    return StandInRig(form), ""


def shown(ground: Ground, name: str) -> Deed:
    """`patch show`."""
    life = ground.find(name)
    rows = (entry.words() for entry in ground.changes.entries(name))
    return Deed("the change that the house proposes", (f"patch show {name}",),
                (*life.words().splitlines(), *rows), diff=life.drawn.diff)


def applied(ground: Ground, name: str, now: datetime) -> Deed:
    """`patch approve` and `patch apply`, and what the file says then."""
    list(reconcile(ground, now))
    place = ground.place(ground.find(name))
    before, was = place.read(), served(place, ground.find(name).change.workload)
    approve(ground, name, BY, now)
    life = apply(ground, name, BY, now)
    after, serves = place.read(), served(place, life.change.workload)
    person = any(entry.what == What.APPROVED and entry.by == BY for entry in ground.changes.entries(name))
    right = (life.stand in IN_PLACE and person and digest(after) == life.drawn.patched_sha256
             and life.change.leaves in was and bool(serves) and life.change.leaves not in serves)
    told = (f"approved by {BY}; by the file {life.change.workload} is served by {_then(was)} before, "
            f"{_then(serves)} after")
    changed = [line for line in unified(before, after, place.file.name).splitlines(keepends=True)[2:]
               if line.startswith(("+", "-"))]
    return Deed(f"{BY} says yes, and it is written",
                (f"patch approve {name} --by {BY}", f"patch apply {name} --by {BY}"),
                (f"change {name} is {life.stand}", told), Check(APPLIED, right, told), "".join(changed))


def taken_back(ground: Ground, name: str, before: bytes, now: datetime) -> Deed:
    """`patch revert`, once the house has proposed it; `before`: the file as it was at the beginning."""
    list(reconcile(ground, now))
    asked = next((entry for entry in ground.changes.entries(name) if entry.what == What.BACK_PROPOSED), None)
    life = revert(ground, name, BY, now)
    place = ground.place(life)
    same = place.file.read_bytes() == before
    told = (f"{len(before)} bytes, {'the same as before' if same else 'OTHER ONES than before'}; "
            f"{life.change.workload} is served by {_then(served(place, life.change.workload))}")
    why = asked.words().partition(": ")[2] if asked else "NOBODY proposed it"
    return Deed(f"Claude serves again: {BY} takes it back", (f"patch revert {name} --by {BY}",),
                (why, f"change {name} is {life.stand}", told),
                Check(BACK, same and asked is not None and life.stand is Stand.REVERTED, told))


def verified(ground: Ground) -> Deed:
    """`patch log --verify`."""
    entries = ground.changes.entries()
    broken = list(faults(entries, {life.id: life.head for life in ground.changes.lives()}))
    did = [entry.what for entry in entries]
    missing = [what for what in (What.PROPOSED, What.APPROVED, What.APPLIED, What.REVERTED) if what not in did]
    told = "; ".join((*broken, *(f"no row says {what}" for what in missing))) or f"{len(entries)} rows, the chain holds"
    head = f"; head {entries[-1].hash}" if entries else ""
    return Deed("who did what, and when", ("patch log --verify",), (*(one.words() for one in entries), told + head),
                Check(CHAIN, not broken and not missing, told))


def served(place: Place, workload: str) -> list[str]:
    """Who answers a workload by the file as it is, first choice first: vendors' ids."""
    found = place.gateway.inventory(place.read())
    routes = {route.key: route for route in found.routes}
    assert place.catalogue is not None      # a ground of a command always has one
    return [vendor_of(routes[key], place.catalogue) or routes[key].name for key in order(found, workload)]


def _then(names: list[str]) -> str:
    return ", then ".join(VENDORS.get(name, name) for name in names) or "NOBODY"


@dataclass(slots=True)
class Hands:
    """The person, in order; `work` is a task beside the story."""

    setup: "Setup"
    store: "SqlStore"
    screen: Screen
    clock: Clock
    checks: dict[str, Check] = field(default_factory=dict)
    fault: str = "it did not come to that"

    async def work(self) -> None:
        """All of it. What is refused is no crash, but the steps that wait for it have failed."""
        try:
            await self._work()
        except (Refused, UserError, StoreError) as error:
            self.fault = str(error)

    async def _work(self) -> None:
        ground = ground_of(self.setup, self.store)
        [place] = ground.places.values()
        before = place.file.read_bytes()
        await self._do(await self._until(self._ready))
        await self._do(lambda now: drilled(self.setup, self.store, now))
        name = (await self._life(lambda life: life.stand is Stand.PROPOSED)).id
        await self._do(lambda _: shown(ground, name))
        await self.clock.sleep(READING_S)
        await self._do(lambda now: applied(ground, name, now))
        await self._life(lambda life: any(one.what == What.BACK_PROPOSED for one in self.store.entries(life.id)))
        await self._do(lambda now: taken_back(ground, name, before, now))
        await self._do(lambda _: verified(ground))

    def results(self) -> tuple[Check, ...]:
        """One for each step, in order."""
        return tuple(self.checks.get(title) or Check(title, False, self.fault) for title in TITLES)

    def _ready(self) -> Callable[[datetime], Deed] | None:
        """Once the fallback is proven; where it never is, that is shown."""
        minute = self.screen.minute
        if minute < START:
            return None
        seen = readied(self.setup, self.store, self.clock.now())
        proven = seen.check is not None and seen.check.passed
        return (lambda _: seen) if proven or minute >= LATEST else None

    async def _do(self, deed: Callable[[datetime], Deed]) -> None:
        done = await asyncio.to_thread(deed, self.clock.now())
        if done.check is not None:
            self.checks[done.check.title] = done.check
        right = done.check is None or done.check.passed
        self.screen.say(f"BY HAND: {done.title}", "bold" if right else "bold red")
        typed = (f"$ vendorwatch {line}" for line in done.typed)
        self.screen.show("by hand", "\n".join((*typed, *done.lines)), style="blue" if right else "red")
        if done.diff:
            self.screen.show("the diff", done.diff, language="diff", style="magenta")

    async def _life(self, fits: Callable[[Life], bool]) -> Life:
        """The first change of which that is so; waits for it."""
        return await self._until(lambda: next((life for life in self.store.lives() if fits(life)), None))

    async def _until(self, look: Callable[[], Found | None]) -> Found:
        while True:
            found = await asyncio.to_thread(look)
            if found is not None:
                return found
            await asyncio.sleep(LOOK_S)
