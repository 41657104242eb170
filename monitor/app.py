"""The composition root: the only file that names concrete stores, channels and gateways, and joins the rooms.

`App` is made of values, so that the demo and the tests put their own in; `compose` makes it of a config.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from alerts.channel import Channel
from alerts.gateway import Gateway
from alerts.model import Inventory
from monitor.budget import limits_of
from monitor.clock import Clock
from monitor.courier import Courier
from monitor.cycle import Cycle, Observer
from monitor.drillroster import DrillRoster
from monitor.errors import StoreError, UserError
from monitor.ground import Ground
from monitor.judging import Judging, watches_changed
from monitor.knowing import bounds_of, maintenance_of
from monitor.lease import take
from monitor.model import Check, Judged, Measurement
from monitor.pace import rates_of
from monitor.patching import known_by, proof_by
from monitor.plugins import load_plugin
from monitor.proposing import Place, Proposing, inventories_of, places_of
from monitor.purse import LedgerPurse
from monitor.rounds import Rounds
from monitor.store.writer import Writer
from monitor.telling import own_fault
from monitor.timetable import Timetable
from probes.probe import Probe

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.catalogue import Catalogue
    from monitor.config import Config
    from monitor.known import Known, Policy, Silence
    from monitor.setup import Setup
    from monitor.store.sql import SqlStore

LEASE_S = 30.0          # real seconds
PRUNE_EVERY_S = 60.0
PRUNE_ROWS, PRUNE_STEPS = 2000, 20
HEED_EVERY_S = 5.0
PATCH_EVERY_S = 15.0
DRILL_EVERY_S = 600.0
DRIFT_S = 60.0          # between the wall clock and ours, before we say so
STALE_AFTER_S = 20.0    # no tick for so long: the watchdog is not fed

log = logging.getLogger("vendorwatch.app")


def load_probe(kind: str, options: Mapping[str, object]) -> Probe:
    """The probe kind of this name with its options. Raises UserError."""
    probe: Probe = load_plugin("probes.kinds", kind, "Kind")(**options)
    return probe


@dataclass(slots=True)
class App:
    """Every part of the running house. `start`, then `drain`; or `run(until)`."""

    config: "Config"
    catalogue: "Catalogue"
    checks: Sequence[Check]
    store: "SqlStore"
    runner: Observer
    channels: Mapping[str, Channel]
    gateways: Mapping[str, Gateway]
    policy: "Policy"
    clock: Clock
    on_measurement: Callable[[Measurement], None] | None = None
    on_judged: Callable[[Judged], None] | None = None
    on_lost: Callable[[], None] | None = None       # another daemon holds the database now: this one must end
    owner: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{token_hex(4)}")
    patches: Path = Path("patches")
    inventories: Mapping[str, Inventory] = field(default_factory=dict)      # the files', as read with the config
    lost: bool = field(default=False, init=False)
    drifted: bool = field(default=False, init=False)
    timetable: Timetable = field(init=False)
    cycle: Cycle = field(init=False)
    judging: Judging = field(init=False)
    courier: Courier = field(init=False)
    proposing: Proposing = field(init=False)
    purse: LedgerPurse = field(init=False)
    writer: Writer = field(init=False)
    rounds: Rounds = field(init=False)
    roster: DrillRoster = field(init=False)

    def __post_init__(self) -> None:
        self.writer = Writer(self.store)
        self.purse = LedgerPurse(self.store, limits_of(self.config, self.catalogue))
        self.cycle = Cycle(self.clock, self.runner, self.writer.put, load_probe, self.store.memory, self.purse)
        self.cycle.on_measurement = self.on_measurement
        self.cycle.pace.renew(rates_of(self.config, self.catalogue))
        self.proposing = Proposing(self.places(), self.patches, self.store, self.clock)
        self.judging = Judging(self.store, self.policy, self.known(), self.clock)
        self.judging.told = self._judged
        self.judging.silences = self.silences
        self.courier = Courier(self.store, self.channels, self.clock, self.proposing)
        self.rounds = Rounds(self.store, self._ground, lambda: tuple(self.channels), self.clock)
        self.roster = DrillRoster(self, self.store, lambda: tuple(self.channels), self.clock)
        self.timetable = Timetable(self.clock, self.cycle.run, self.cycle.miss)

    def places(self) -> dict[str, Place]:
        """The gateways with their files and modes."""
        return places_of(self.config, self.gateways, self.catalogue)

    def _ground(self) -> Ground:
        """What changes are applied and taken back on."""
        proof = proof_by(lambda now: self.judging.deciding(self.known(inventories_of(self.proposing.places)), now))
        return Ground(self.store, self.proposing.places, bounds_of(self.config), proof, self.patches.parent)

    def known(self, inventories: Mapping[str, Inventory] | None = None) -> "Known":
        """What deciding needs of the config, as a value. `inventories`: of the files as they are now, else as they were
        read with the config.
        """
        served = self.inventories if inventories is None else inventories
        return replace(known_by(self, served), channels=tuple(self.channels))

    def silences(self, now: "datetime") -> "tuple[Silence, ...]":
        """The rows in force, and the maintenance windows of the config."""
        from monitor.known import Silence

        rows = self.store.silences(now)
        return (*(Silence(row.until, row.provider, row.region, row.cause, row.reason) for row in rows),
                *maintenance_of(self.config, self.catalogue, now))

    async def start(self) -> None:
        """Take the database's lease, then measure, judge and tell. Raises UserError where another daemon holds it."""
        await take(self.store, self.owner, self.clock, LEASE_S * self.clock.rate)
        await asyncio.to_thread(self.store.register, self.checks, self.clock.now())
        await asyncio.to_thread(self.judging.keep_watches)
        self.timetable.set_checks(self.checks)
        await self._heed()
        often_s = max(0.1, 1.0 / self.clock.rate)     # fast clocks judge more often, but never in a busy loop
        self._job("judge", self.judging.once, often_s)
        self._job("tell", self.courier.once, often_s)
        self._job("drill", self.roster.once, DRILL_EVERY_S / self.clock.rate)
        self._job("patch", self.rounds.once, max(often_s, PATCH_EVERY_S / self.clock.rate))
        self._job("hold", self._renew, LEASE_S / 3)
        self._job("heed", self._heed, HEED_EVERY_S)
        self._job("prune", self._prune, PRUNE_EVERY_S)
        self.timetable.begin()

    async def run(self, until: asyncio.Event) -> None:
        """Start, wait, drain."""
        await self.start()
        try:
            await until.wait()
        finally:
            await self.drain()

    async def drain(self) -> None:
        """Let what runs end, judge and tell what there is, give the lease back."""
        await self.timetable.drain()
        await self.cycle.finish()
        await self.writer.close()
        await self._guarded("judge", self.judging.once)
        await self._guarded("keep", lambda: asyncio.to_thread(self.judging.keep))
        await self._guarded("tell", self.courier.once)
        await asyncio.to_thread(self.store.release, self.owner)

    def alive(self) -> bool:
        """Whether the timetable still ticks."""
        return self.timetable.idle_s() < STALE_AFTER_S

    def renew(self, new: "Setup") -> None:
        """Put another setup in; checks that stay keep their phase. The database stays the same."""
        if new.config.database != self.config.database:
            raise UserError("database: cannot change while running; restart the daemon")
        try:
            self.store.register(new.checks, self.clock.now())      # first: if it fails, the old one is whole
            self._put_in(new)
        except StoreError as error:
            raise UserError(str(error)) from error

    def _put_in(self, new: "Setup") -> None:
        self.config, self.catalogue, self.checks = new.config, new.catalogue, new.checks
        self.policy, self.channels, self.gateways = new.policy, new.channels, new.gateways
        self.inventories = new.inventories
        self.courier.channels = dict(new.channels)
        self.purse.limits = limits_of(new.config, new.catalogue)
        self.cycle.pace.renew(rates_of(new.config, new.catalogue))
        self.proposing.places = self.places()
        self.judging.renew(self.policy, self.known())
        self.judging.keep_watches()
        self.timetable.set_checks(self.checks)
        self.timetable.apply(self.store.watches())

    # -- the jobs
    def _hold(self) -> bool:
        return self.store.hold(self.owner, self.clock.now(), LEASE_S * self.clock.rate)

    async def _renew(self) -> None:
        self._mind_the_clock()
        if self.lost or await asyncio.to_thread(self._hold):
            return
        self.lost = True                  # two daemons would ask everything twice, with the same keys
        log.error("another daemon took this database's lease: stopping owner=%s", self.owner)
        if self.on_lost is not None:
            self.on_lost()

    def _mind_the_clock(self) -> None:
        """Slots follow the monotonic clock: a wall clock set right after our start is not followed, but said."""
        drift_s = self.clock.drift_s()
        if abs(drift_s) > DRIFT_S and not self.drifted:
            log.warning("the wall clock was set since the start, times of slots are off: restart to follow it "
                        "seconds=%.0f", drift_s)
        self.drifted = abs(drift_s) > DRIFT_S

    async def _heed(self) -> None:
        """Put the watches in force: a person may have ended one meanwhile."""
        self.timetable.apply(await asyncio.to_thread(self.store.watches))

    def _job(self, name: str, work: Callable[[], Awaitable[object]], every_s: float) -> None:
        self.timetable.add_job(name, lambda: self._guarded(name, work), every_s)

    async def _guarded(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """A database that fails for a moment costs a turn, not the daemon."""
        try:
            await work()
        except StoreError as error:
            log.error("the database failed job=%s error=%r", name, str(error))
        except Exception as bug:          # a watch that no longer judges must not be taken for a quiet world
            log.exception("a job failed job=%s", name)
            await self._own_up(name, bug)

    async def _own_up(self, job: str, bug: Exception) -> None:
        """Tell of a bug of ours, once a day and job; its words stay in the log."""
        because = f"the job '{job}' fails ({type(bug).__name__}); the log has the rest"
        now = self.clock.now()
        tell = own_fault(f"job:{job}", because, now, tuple(self.channels), "vendorwatch doctor")
        with suppress(StoreError):
            await asyncio.to_thread(self.store.act, (tell,), now)

    async def _prune(self) -> None:
        """In small steps, so that results are written in between; as many as a minute brings at the most."""
        before = self.clock.now() - timedelta(days=self.config.retention_days)
        for _ in range(PRUNE_STEPS):
            if await asyncio.to_thread(self.store.prune, before, PRUNE_ROWS) < PRUNE_ROWS:
                return

    def _judged(self, judged: Judged) -> None:
        if watches_changed(judged):
            self.timetable.apply(self.store.watches())
        if self.on_judged is not None:
            self.on_judged(judged)


def compose(setup: "Setup", environ: Mapping[str, str], clock: Clock) -> App:
    """The app of a setup, on its database. Raises UserError."""
    from monitor.plan import trusted_by
    from monitor.setup import state_folder
    from monitor.store.sql import open_store
    from probes.run import Runner

    store = open_store(setup.config.database)
    runner = Runner(environ.get, now=clock.now, trusting=trusted_by(setup.checks))
    return App(
        setup.config, setup.catalogue, setup.checks, store, runner, setup.channels, setup.gateways, setup.policy, clock,
        patches=state_folder(setup.config) / "patches", inventories=setup.inventories,
    )
