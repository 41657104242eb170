"""Law 2 for what is told and moved: proofs, findings and routing changes of a live run come again from its rows.

Ragged commits, ragged batches, a judge that dies with and without a goodbye. The fallback passes, fails while the
primary shuts the region out, and passes again: only then is the move proposed.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from history import a_check
from history import a_measurement as measured

from monitor.clock import Clock
from monitor.judging import Judging
from monitor.known import Fallback, Known, KnownCheck, KnownWorkload, Policy
from monitor.model import Check, Judged, Measurement, Reroute, Tell
from monitor.replay import Replay
from monitor.store.sql import SqlStore, open_store, read_store
from probes.model import Figures
from probes.outcome import Outcome

MINUTES, PROVES = 330, 20
SMART = KnownWorkload("smart", "claude", (Fallback("gpt", "openai", jurisdiction="US", proofs={"cn": ("ready@cn",)}),),
                      "gw", ("sonnet",), regions=("cn",), needs=("tools",), jurisdiction="US")
CHECKS = [
    *(a_check(f"n{n}@{region}", provider=f"neutral{n}", region=region, control=True)
      for n in range(3) for region in ("cn", "us")),
    *(a_check(f"{vendor}@{region}", provider=vendor, region=region)
      for vendor in ("claude", "openai") for region in ("cn", "us")),
    a_check("ready@cn", provider="openai", region="cn", kind="readiness", account="o",
            every=timedelta(minutes=PROVES))]
KNOWN = Known(tuple(KnownCheck(one.key, one.target.provider.id, one.vantage.region, every_s=one.every.total_seconds(),
                               control=one.control) for one in CHECKS), workloads=(SMART,), channels=("ops",))


def answer(check: Check, minute: int, draw: Random) -> tuple[Outcome, Figures]:
    refused = (check.target.provider.id, check.vantage.region) == ("claude", "cn") and minute >= 120
    outcome = Outcome.GEO_RESTRICTED if refused else Outcome.NETWORK_TIMEOUT if draw.random() < 0.003 else Outcome.OK
    passed = 1 if 90 <= minute < 230 else 2
    return outcome, Figures(items=2, passed=passed) if check.kind == "readiness" else Figures(total_s=0.3)


def history(draw: Random) -> list[Measurement]:
    rows = []
    for minute in range(MINUTES):
        for check in CHECKS:
            if check.kind != "readiness" or minute % PROVES == 0:
                outcome, figures = answer(check, minute, draw)
                rows.append(measured(check, minute + draw.random(), outcome, figures=figures))
    return sorted(rows, key=lambda row: row.slot)


def said(actions: Iterable[object]) -> list[str]:
    return [one.key for one in actions if isinstance(one, Tell | Reroute)]


class Hand(Clock):
    """A clock that a test sets."""

    def now(self) -> datetime:
        return self.epoch


@dataclass
class Life:
    """The daemon's judging half; starts anew where the dice say."""

    store: SqlStore
    draw: Random
    said: list[str] = field(default_factory=list)
    clock: Hand = field(default_factory=Hand)

    def start(self) -> Judging:
        judging = Judging(self.store, Policy(), KNOWN, self.clock)
        judging.told = self.told
        return judging

    def told(self, judged: Judged) -> None:
        self.said += said(judged.actions)

    def live(self, rows: list[Measurement], monkeypatch: pytest.MonkeyPatch) -> None:
        self.store.register(CHECKS, rows[0].slot)
        judging = self.start()
        while rows:
            taken, rows = rows[:(n := self.draw.randint(1, 90))], rows[n:]
            self.store.record(taken)
            self.clock.epoch = taken[-1].slot + timedelta(seconds=self.draw.random() * 5)
            monkeypatch.setattr("monitor.judging.BATCH", self.draw.randint(1, 60))
            asyncio.run(judging.once())
            if self.draw.random() < 0.08:
                if self.draw.random() < 0.5:
                    judging.keep()
                judging = self.start()


@dataclass(slots=True)
class Retold(Replay):
    """Keeps what was told and proposed, too."""

    said: list[str] = field(default_factory=list)

    def _note_all(self, actions: Iterable[object]) -> None:
        made = list(actions)
        self.said += said(made)
        Replay._note_all(self, made)


@pytest.mark.parametrize("seed", range(3))
def test_what_was_proven_told_and_moved_comes_again(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    place = f"sqlite:///{tmp_path / 'v.db'}"
    store = open_store(place)
    life = Life(store, Random(seed))
    life.live(history(Random(seed)), monkeypatch)
    store.close()
    again, reading = Retold(Policy(), KNOWN), read_store(place)
    for batch in reading.judged(0):
        again.take_batch(batch)
    reading.close()
    assert again.said == life.said
    told = [key.split("|")[0] for key in life.said if key.startswith("gap:")]
    assert sorted(told) == ["gap:fallback_same_jurisdiction", "gap:no_working_fallback", "gap:no_working_fallback"]
    [moved] = [key for key in life.said if ":reroute:" in key]
    opened = next(n for n, key in enumerate(life.said) if key.startswith("region") and key.endswith(":opened:0"))
    assert life.said.index(moved) > opened + 1, "not with the alert, but when the fallback is proven"
