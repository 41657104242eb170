"""What is proven at this moment, as the rows say it."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import a_measurement, a_provider, a_target
from histories import T0, Asked, history
from worlds import NOON

from monitor.clock import Clock
from monitor.judging import Judging
from monitor.known import Fallback, Known, KnownWorkload, Policy
from monitor.memory import Memory
from monitor.present import deciding_now, green_of
from monitor.reading import read
from monitor.rule import stamp
from monitor.store.sql import open_store
from probes.outcome import Outcome

KNOWN = Known(workloads=(KnownWorkload("smart", "claude", (Fallback("cn", "acme"), Fallback("eu", "nobody"))),))


def test_a_vendor_that_answered_lately_is_green_where_it_did(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'v.db'}")
    target = a_target(a_provider("acme"), keyed=False)
    rows = [a_measurement(Outcome.OK, target=target, slot=NOON + timedelta(minutes=n)) for n in range(5)]
    store.register([rows[0].check], NOON)
    store.record(rows)
    try:
        before = deciding_now(store, Policy(), KNOWN, NOON + timedelta(minutes=5))
        asyncio.run(Judging(store, Policy(), KNOWN, Clock(epoch=NOON + timedelta(minutes=5))).once())
        fresh = deciding_now(store, Policy(), KNOWN, NOON + timedelta(minutes=5))
        stale = deciding_now(store, Policy(), KNOWN, NOON + timedelta(days=2))
    finally:
        store.close()
    assert before.green == {"acme": {}, "nobody": {}}      # nobody has judged it yet: a daemon knows no more
    assert fresh.green == {"acme": {"eu": NOON + timedelta(minutes=4)}, "nobody": {}}
    assert stale.green == before.green


@pytest.mark.parametrize(("kind", "proves"), [
    ("reachability", True), ("completion", True), ("network", False), ("notices", False), ("readiness", False)])
def test_a_handshake_and_a_status_page_are_no_answer_of_its_api(kind: str, proves: bool) -> None:
    memory = Memory()
    [sample] = history([Asked("acme", "eu", kind=kind)], 1, lambda *_: "ok")
    read(memory, memory.track_of(sample), sample, stamp(sample.slot))
    assert bool(green_of(memory, "acme", stamp(sample.slot))) is proves


def seen(**outcomes: str) -> dict[str, datetime]:
    """Of a vendor that is asked so from eu."""
    memory, asked = Memory(), [Asked("acme", "eu", kind=kind) for kind in outcomes]
    for sample in history(asked, 1, lambda one, _: outcomes[one.kind]):
        read(memory, memory.track_of(sample), sample, stamp(sample.slot))
    return green_of(memory, "acme", stamp(T0))


def test_an_open_door_is_no_answer_of_a_model_that_fails() -> None:
    assert seen(reachability="ok", models="ok", completion="ok") == {"eu": T0}
    assert seen(reachability="ok", models="ok", completion="quota_exhausted") == {}
    assert seen(reachability="ok", models="ok", quality="overloaded", completion="ok") == {"eu": T0}
    assert seen(reachability="ok", models="auth_failed") == {}
    assert seen(reachability="auth_failed", completion="ok") == {"eu": T0}


def test_nobody_knows_a_vendor_that_was_never_asked() -> None:
    assert green_of(Memory(), "acme", 0.0) == {}
