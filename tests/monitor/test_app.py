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


def test_a_second_daemon_on_the_same_database_is_refused(tmp_path: Path) -> None:
    first, second = an_app(tmp_path, Mailbox()), an_app(tmp_path, Mailbox())
    assert first.store.hold(first.owner, first.clock.now() + timedelta(0), 600.0)
    with pytest.raises(UserError, match="another vendorwatch daemon"):
        asyncio.run(second.start())
    first.store.close()
    second.store.close()
