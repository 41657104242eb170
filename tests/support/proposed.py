"""A home in which a change is proposed: its config, its gateway's file, and a database whose fallback answers."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from builders import a_measurement, a_provider, a_target
from changing import CHANGE, CONFIG, an_errand

from monitor.clock import Clock
from monitor.judging import Judging
from monitor.known import Known, Policy
from monitor.proposing import Proposing, places_of
from monitor.setup import read_setup
from monitor.store.sql import SqlStore, open_store
from probes.outcome import Outcome

SETUP = """database: v.db
gateways: {gw: {type: litellm, file: gw.yaml, mode: approve}}
workloads: {smart: {primary: anthropic, fallbacks: [backup], gateway: gw}}
"""
NOW = datetime.now(UTC)
MOVED = replace(CHANGE, created_at=NOW, proven_at=NOW, expires_at=NOW + timedelta(days=1), proven_from=("eu",))


def set_up(home: Path) -> Path:
    """The config and the gateway's file, which is returned."""
    (home / "vendorwatch.yaml").write_text(SETUP)
    (home / "gw.yaml").write_text(CONFIG)
    return home / "gw.yaml"


@contextmanager
def proposed(home: Path) -> Iterator[SqlStore]:
    """The database."""
    setup = read_setup(home / "vendorwatch.yaml", {})
    now = datetime.now(UTC)        # of the test, not of its collection minutes ago: what is proven goes stale
    target = a_target(a_provider("dashscope"), keyed=False)
    rows = [a_measurement(Outcome.OK, target=target, slot=now - timedelta(seconds=60 * n)) for n in (3, 2, 1, 0)]
    with closing(open_store(setup.config.database)) as opened:
        opened.register([rows[0].check], now)
        opened.record(rows)
        asyncio.run(Judging(opened, Policy(), Known(), Clock(epoch=now)).once())
        places = places_of(setup.config, setup.gateways, setup.catalogue)
        Proposing(places, home / "patches", opened)(an_errand(MOVED))
        yield opened
