"""The joined rooms: a refused vendor becomes an alert on a real database, and a second daemon is refused."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from changing import CHANGE, CONFIG
from composed import a_setup
from worlds import NOON, Mailbox, a_check

from alerts.inplace import InPlace
from monitor import lease
from monitor.app import App, compose
from monitor.catalogue import load_catalogue
from monitor.clock import Clock
from monitor.errors import UserError
from monitor.known import Policy, Silence
from monitor.model import Cause, Incident, Judged, Move, Scope, Stage
from monitor.settings import Config
from monitor.store.asking import ask
from monitor.store.queries import Silence as Row
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


def test_a_second_daemon_on_the_same_database_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "POLL_S", 0.01)
    first, second = an_app(tmp_path, Mailbox()), an_app(tmp_path, Mailbox())

    async def both() -> None:
        await first.start()
        starting = asyncio.create_task(second.start())
        async with asyncio.timeout(20):
            while not starting.done():
                await first._renew()      # what its job does every ten seconds
                await asyncio.sleep(0.01)
        with pytest.raises(UserError, match="another vendorwatch daemon"):
            await starting
        await first.drain()

    asyncio.run(both())
    first.store.close()
    second.store.close()



async def _resume(app: App, number: int) -> list[float | None]:
    await app.start()
    seen = [app.timetable.intervals()["keyed"]]
    app.store.resume(number, "mei", app.clock.now())
    await app._heed()
    seen.append(app.timetable.intervals()["keyed"])
    await app.drain()
    return seen


def test_a_banned_account_is_left_alone_across_a_restart_until_a_person_resumes_it(tmp_path: Path) -> None:
    app = an_app(tmp_path, Mailbox())
    app.checks = [a_check("keyed", every_s=3600.0, keyed=True)]
    app.judging.renew(Policy(), app.known())
    now = app.clock.now()
    ban = Incident(0, "ban", Stage.OPEN, Cause.ACCOUNT_RESTRICTED, Scope("acme", account="main"), 0.97, "banned", now,
                   now, now)
    app.store.carry_out(Judged(0, 0, now, actions=(Move(ban, None, now, "banned"),)))
    assert asyncio.run(_resume(app, app.store.incidents()[0].id)) == [None, 3600.0]
    app.store.close()


async def _lose(app: App, other: App) -> list[str]:
    heard: list[str] = []
    app.on_lost = lambda: heard.append("stop")
    await app.start()
    assert other.store.hold(other.owner, app.clock.now() + timedelta(hours=1), 600.0)
    await app._renew()
    await app._renew()
    await app.drain()
    return heard


def test_a_daemon_that_lost_its_lease_stops(tmp_path: Path) -> None:
    app, other = an_app(tmp_path, Mailbox()), an_app(tmp_path, Mailbox())
    assert asyncio.run(_lose(app, other)) == ["stop"]
    assert app.lost
    for one in (app, other):
        one.store.close()


async def _break(app: App, box: Mailbox) -> None:
    async def once() -> int:
        raise KeyError("a bug of ours")

    app.judging.once = once  # type: ignore[method-assign]
    await app._guarded("judge", app.judging.once)
    await app._guarded("judge", app.judging.once)
    await app.courier.once()


def test_a_bug_in_judging_is_told_once_and_not_taken_for_a_quiet_world(
        tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    box = Mailbox()
    app = an_app(tmp_path, box)
    asyncio.run(_break(app, box))
    [(alert, _, _)] = box.got
    assert (alert.cause, alert.incident) == ("own_fault", "job:judge")
    assert "KeyError" in alert.because
    assert "a bug of ours" in caplog.text
    assert "a bug of ours" not in alert.because
    app.store.close()


def test_a_minute_of_pruning_is_many_small_steps(tmp_path: Path) -> None:
    app, left, asked = an_app(tmp_path, Mailbox()), [5000], []

    def prune(before: object, limit: int) -> int:
        asked.append(limit)
        gone = min(limit, left[0])
        left[0] -= gone
        return gone

    app.store.prune = prune  # type: ignore[assignment, method-assign]
    asyncio.run(app._prune())
    assert left == [0]
    assert len(asked) == 3
    left[0] = 10**9
    asyncio.run(app._prune())
    assert len(asked) < 100, "the rest waits for the next minute"
    app.store.close()


def test_a_gateways_file_is_read_once_at_a_start_and_once_at_a_reload(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gw.yaml").write_text(CONFIG)
    config = {"gateways": {"gw": {"type": "litellm", "file": "gw.yaml"}},
              "workloads": {"smart": {"primary": "anthropic", "fallbacks": ["qwen"], "gateway": "gw"}}}
    reads: list[Path] = []
    read = InPlace.read
    monkeypatch.setattr(InPlace, "read", lambda self: (reads.append(self.file), read(self))[1])
    app = compose(a_setup(tmp_path, config, {}), {}, Clock(epoch=NOON))
    try:
        assert (len(reads), [one.model for one in app.known().workloads]) == (1, ["claude-sonnet-4-5"])
        (tmp_path / "gw.yaml").write_text(CONFIG.replace("sonnet-4-5", "opus-4"))
        app.renew(a_setup(tmp_path, config, {}))
        assert (len(reads), [one.model for one in app.known().workloads]) == (2, ["claude-opus-4"])
    finally:
        app.store.close()


def test_whether_a_change_is_proven_is_asked_of_the_judge_at_work(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = an_app(tmp_path, Mailbox())
    try:
        asyncio.run(app.judging.once())

        def again() -> dict[str, str]:
            raise AssertionError("the memory is built anew")

        monkeypatch.setattr(app.store, "states", again)
        assert app._ground().prove(CHANGE, app.clock.now()) == "the config has no workload called smart any more"
    finally:
        app.store.close()


def test_a_wall_clock_that_was_set_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = an_app(tmp_path, Mailbox())
    app._mind_the_clock()
    assert caplog.text == ""
    app.clock = Clock(epoch=Clock().now() - timedelta(hours=1))
    for _ in range(3):
        app._mind_the_clock()
    assert caplog.text.count("the wall clock was set since the start") == 1
    assert "seconds=3600" in caplog.text
    app.store.close()


def test_silences_are_the_rows_in_force_and_the_windows_that_are_open(tmp_path: Path) -> None:
    app = an_app(tmp_path, Mailbox())
    now, hour = app.clock.now(), timedelta(hours=1)
    try:
        app.store.add_silence(Row("mei", "load test", now + hour, "p0", "abroad", cause=Cause.RATE_LIMITED), now)
        app.store.add_silence(Row("mei", "long ago", now - hour), now - 2 * hour)
        opens = (now - hour).replace(second=0, microsecond=0)
        app.config = Config.model_validate({"maintenance": [
            {"cron": f"{opens:%M %H} * * *", "for": "2h", "vendors": ["kimi"], "because": "every day"},
            {"cron": f"{opens:%M %H} * * *", "for": "5m", "because": "over"}]})
        assert app.silences(now) == (
            Silence(now + hour, "p0", "abroad", Cause.RATE_LIMITED, "load test"),
            Silence(opens + 2 * hour, "moonshot", because="every day"))
    finally:
        app.store.close()
