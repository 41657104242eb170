"""The joined rooms: a refused vendor becomes an alert on a real database, and a second daemon is refused."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from worlds import Mailbox, a_check

from monitor.app import App
from monitor.catalogue import load_catalogue
from monitor.clock import Clock
from monitor.errors import UserError
from monitor.known import Policy
from monitor.settings import Config
from monitor.store.asking import ask
from monitor.store.sql import open_store
from probes.model import Reading, Vantage
from probes.outcome import Outcome
from probes.probe import Steps


class World:
    """Refuses one place's probes, serves the other's."""

    async def observe(self, steps: Steps, vantage: Vantage) -> Reading:
        steps.close()
        refused = vantage.region == "abroad"
        return Reading(Outcome.GEO_RESTRICTED if refused else Outcome.OK, "seen", confidence=0.99)


def an_app(folder: Path, box: Mailbox) -> App:
    home = [a_check(f"home{n}", every_s=20.0, provider=f"p{n}") for n in range(3)]
    abroad = [replace(home[0], key="abroad", vantage=Vantage("abroad", "abroad"))]
    store = open_store(f"sqlite:///{folder / 'v.db'}")
    return App(Config(), load_catalogue(), [*home, *abroad], store, World(), {"box": box}, {}, Policy(),
               Clock(rate=60.0))


async def _tell(app: App, box: Mailbox) -> None:
    await app.start()
    async with asyncio.timeout(20):
        while not box.got:
            await asyncio.sleep(0.02)
    await app.drain()
    app.store.close()


def test_a_refused_region_is_told(tmp_path: Path) -> None:
    box = Mailbox()
    asyncio.run(_tell(an_app(tmp_path, box), box))
    alert = box.got[0][0]
    assert (alert.cause, alert.provider, alert.regions) == ("region_restricted", "p0", ("abroad",))


class Deaf:
    """Never answers; says when it was asked."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def observe(self, steps: Steps, vantage: Vantage) -> Reading:
        steps.close()
        self.asked.set()
        await asyncio.sleep(3600)
        raise AssertionError


def test_a_probe_cut_off_by_a_stop_leaves_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, deaf = an_app(tmp_path, Mailbox()), Deaf()
    app.cycle._observer = deaf
    drain = app.timetable.drain

    async def stop() -> None:
        await app.start()
        async with asyncio.timeout(20):
            await deaf.asked.wait()
        monkeypatch.setattr(app.timetable, "drain", lambda: drain(within_s=0.01))
        await app.drain()

    asyncio.run(stop())
    rows = ask(f"sqlite:///{tmp_path / 'v.db'}", "SELECT outcome, reason FROM v_measurement").rows
    app.store.close()
    assert rows
    assert {outcome for outcome, _ in rows} == {"skipped"}
    assert all("the daemon stopped" in reason for _, reason in rows)


def test_a_second_daemon_on_the_same_database_is_refused(tmp_path: Path) -> None:
    first, second = an_app(tmp_path, Mailbox()), an_app(tmp_path, Mailbox())
    assert first.store.hold(first.owner, first.clock.now() + timedelta(0), 600.0)
    with pytest.raises(UserError, match="another vendorwatch daemon"):
        asyncio.run(second.start())
    first.store.close()
    second.store.close()
