"""The daemon's round: approved and applied as the mode says, looked at, expired loudly, taken back – each told once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from changing import CONFIG, HOUR, NOON, Broken, World, a_world, another
from fakegateway import FakeGateway, a_gateway
from history import a_check, a_measurement
from rounding import Daemon

from alerts.landing import digest
from alerts.observer import Took
from monitor.applying import apply, approve
from monitor.changes import Life, Stand, Step, What
from monitor.ground import Refused
from monitor.guards import Bounds
from monitor.model import Cause, Incident, Judged, Move, Scope, Stage, Tier
from monitor.proposing import Running
from monitor.reverting import revert
from monitor.rounds import GRACE
from monitor.switch import STOP
from probes.outcome import Outcome

BAN = frozenset({"region_restricted"})


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    with a_world(tmp_path) as world:
        world.mode, world.causes = "auto", BAN
        yield Daemon(world)


@pytest.fixture
def gateway(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGateway]:
    monkeypatch.setenv("GW_KEY", "sk-master-1")
    with a_gateway(daemon.world.file) as running:
        daemon.running = Running("litellm", running.url, "GW_KEY", canary=True)
        yield running


def ended(world: World, at: datetime, flaps: int = 0) -> None:
    """The vendor's incident is over, and its answers are well since."""
    incident = Incident(0, "i1", Stage.CLOSED, Cause.REGION_RESTRICTED, Scope("anthropic", "eu"), 0.99, "403", NOON,
                        NOON, at, at, ("eu",), tier=Tier.PATCH, family="region", flaps=flaps)
    assert world.store.carry_out(Judged(0, 0, at, {}, (Move(incident, None, at, "well"),)))
    check = a_check("c", provider="anthropic")
    world.store.register([check], NOON)
    world.store.record([replace(a_measurement(check), slot=at + timedelta(minutes=1))])


def test_auto_goes_all_the_way_for_a_listed_cause(daemon: Daemon) -> None:
    daemon.world.propose()
    assert daemon.once() == [f"applied to {daemon.world.file}"]
    assert daemon.world.stand() is Stand.APPLIED
    assert daemon.world.store.entries()[1].by == "vendorwatch (auto)"
    assert daemon.told()[0].run == ("vendorwatch patch revert vw-1",)
    assert daemon.told()[0].incident == "i1"


@pytest.mark.parametrize("mode", ["propose", "approve", "auto"])
def test_nothing_is_applied_that_nobody_approved(daemon: Daemon, mode: str) -> None:
    daemon.world.mode, daemon.world.causes = mode, frozenset()
    daemon.world.propose()
    assert daemon.once() == []
    assert (daemon.world.stand(), daemon.world.text) == (Stand.PROPOSED, CONFIG)


@pytest.mark.parametrize(("mode", "stand"), [("propose", Stand.APPROVED), ("approve", Stand.APPLIED)])
def test_what_was_approved_is_applied_where_the_mode_says_so(daemon: Daemon, mode: str, stand: Stand) -> None:
    daemon.world.mode = mode
    daemon.world.propose()
    approve(daemon.world.ground, "vw-1", "mei", NOON)
    daemon.once()
    assert daemon.world.stand() is stand


def test_a_rule_may_narrow(daemon: Daemon) -> None:
    daemon.world.propose(mode="propose")
    assert daemon.once() == []
    assert daemon.world.life().mode == "propose"


def test_what_is_not_proven_is_critical_and_said_once(daemon: Daemon) -> None:
    daemon.world.propose()
    daemon.world.dark = "dashscope was not seen to answer from eu lately"
    [said] = daemon.once()
    assert said.startswith("not applied: the fallback is not proven now: dashscope")
    assert daemon.told()[0].severity == "critical"
    assert daemon.world.text == CONFIG
    daemon.world.dark = ""
    daemon.once()
    assert daemon.world.stand() is Stand.APPLIED


def test_stopped_it_waits(daemon: Daemon) -> None:
    daemon.world.propose()
    (daemon.world.folder / STOP).touch()
    assert len(daemon.once()) == 1
    assert daemon.world.stand() is Stand.APPROVED


def test_what_nobody_applied_expires_loudly(daemon: Daemon) -> None:
    daemon.world.mode = "propose"
    daemon.world.propose()
    left = daemon.world.file.with_name(".config.yaml.vw-1.vendorwatch-backup")
    left.write_text("of an attempt that failed")
    assert daemon.once(timedelta(days=7)) == ["expired before anybody applied it"]
    assert daemon.world.stand() is Stand.EXPIRED
    assert not left.exists()


def test_what_is_in_place_past_its_time_is_said_and_stays(daemon: Daemon) -> None:
    daemon.world.propose()
    daemon.once()
    assert daemon.once(timedelta(days=7))[1:] == ["in place past its time; it stays until somebody takes it back"]
    assert daemon.world.stand() is Stand.OVERDUE
    assert "smart: backup" in daemon.world.text


def test_past_its_time_it_is_taken_back_where_the_config_says_so(daemon: Daemon) -> None:
    daemon.world.propose()
    daemon.once()
    daemon.world.bounds = Bounds(revert_overdue=True)
    assert daemon.once(timedelta(days=7))[-1] == "taken back: past its time"
    assert (daemon.world.stand(), daemon.world.text) == (Stand.REVERTED, CONFIG)


@pytest.mark.parametrize("mode", ["observe", "propose"])
def test_past_its_time_a_daemon_that_may_only_propose_writes_nothing(daemon: Daemon, mode: str) -> None:
    daemon.world.propose()
    daemon.once()
    patched = daemon.world.text
    daemon.world.bounds, daemon.world.mode = Bounds(revert_overdue=True), mode
    assert daemon.once(timedelta(days=7))[-1] == "may be taken back: past its time"
    assert (daemon.world.stand(), daemon.world.text) == (Stand.OVERDUE, patched)


def test_past_its_time_nothing_goes_back_to_a_vendor_that_shuts_us_out_still(daemon: Daemon) -> None:
    daemon.world.propose()
    daemon.once()
    daemon.world.bounds = Bounds(revert_overdue=True)
    still = Incident(0, "i1", Stage.OPEN, Cause.REGION_RESTRICTED, Scope("anthropic", "eu"), 0.99, "403", NOON,
                     NOON, NOON, None, ("eu",), tier=Tier.PATCH, family="region")
    assert daemon.world.store.carry_out(Judged(0, 0, NOON, {}, (Move(still, None, NOON, "403"),)))
    assert daemon.once(timedelta(days=7))[-1] == "in place past its time; it stays until somebody takes it back"
    assert (daemon.world.stand(), daemon.once(HOUR)[2:]) == (Stand.OVERDUE, [])


def test_recovery_proposes_the_way_back_after_the_hold(daemon: Daemon) -> None:
    daemon.world.mode = "approve"
    daemon.world.propose()
    approve(daemon.world.ground, "vw-1", "mei", NOON)
    daemon.once()
    ended(daemon.world, NOON + HOUR)
    assert len(daemon.once(2 * HOUR - timedelta(seconds=1))) == 1
    said = daemon.once(timedelta(seconds=1))
    assert said[1:] == ["may be taken back: anthropic is well since 2026-03-02 13:00 UTC, for longer than 1 h"]
    alert = daemon.told()[1]
    assert alert.run == ("vendorwatch patch revert vw-1",)
    assert "-  model_group_alias: {smart: backup}" in alert.proposed
    assert "num_retries" not in alert.proposed, "what stands around it is nobody's business"
    assert daemon.world.said()[-1] == "back_proposed"
    assert daemon.world.stand() is Stand.APPLIED


def test_where_a_refusal_is_expected_it_holds_no_way_back_up(daemon: Daemon) -> None:
    """A vendor that never served one of our regions is as well as it was (law 12)."""
    daemon.world.propose(another(region=None))
    daemon.once()
    ended(daemon.world, NOON)
    refusing = a_check("cn", provider="anthropic", region="cn", expect_restricted=True)
    daemon.world.store.register([a_check("c", provider="anthropic"), refusing], NOON)
    seen = a_measurement(refusing, outcome=Outcome.GEO_RESTRICTED)
    daemon.world.store.record([replace(seen, slot=NOON + timedelta(minutes=2))])
    assert daemon.world.store.expecting() == {"cn"}
    assert daemon.once(2 * HOUR)[-1].startswith("taken back: anthropic is well")


def test_in_auto_it_comes_back_by_itself_and_later_after_a_flap(daemon: Daemon) -> None:
    daemon.world.propose()
    daemon.once()
    ended(daemon.world, NOON, flaps=2)
    assert len(daemon.once(4 * HOUR - timedelta(seconds=1))) == 1
    assert daemon.once(timedelta(seconds=1))[-1].startswith("taken back: anthropic is well")
    assert (daemon.world.stand(), daemon.world.text) == (Stand.REVERTED, CONFIG)


def test_a_conflict_on_the_way_back_is_critical(daemon: Daemon) -> None:
    daemon.world.propose()
    daemon.once()
    daemon.world.edit(lambda text: text.replace("smart: backup", "smart: theirs"))
    ended(daemon.world, NOON)
    said = daemon.once(2 * HOUR)
    assert len(said) == 2
    assert "not taken back" in said[1]
    assert "smart: theirs" in said[1]
    assert daemon.told()[1].severity == "critical"


def test_what_a_dead_process_left_in_neither_state_is_told(daemon: Daemon) -> None:
    daemon.world.propose()
    daemon.world.causes = frozenset()
    life = approve(daemon.world.ground, "vw-1", "mei", NOON)
    daemon.world.store.step(life.step(What.APPLYING, "mei", shas=("a" * 64, digest("else"))), NOON)
    assert len(daemon.once()) == 1
    assert daemon.told()[0].severity == "critical"
    assert daemon.world.stand() is Stand.CONFLICT


@pytest.mark.parametrize(("done", "told"), [(True, "applied to {}, as was found after an interruption"), (False, "")])
def test_what_a_dead_process_had_applied_is_told(daemon: Daemon, done: bool, told: str) -> None:
    """Whoever applied it had no time to."""
    daemon.world.mode = "propose"
    daemon.world.propose()
    life = approve(daemon.world.ground, "vw-1", "mei", NOON)
    shas = life.drawn.base_sha256, life.drawn.patched_sha256
    assert daemon.world.store.step(life.step(What.APPLYING, "mei", shas=shas), NOON)
    if done:
        patched = daemon.world.places["gw"].render(life.change).patched
        daemon.world.edit(lambda _: patched)
    assert daemon.once() == ([told.format(daemon.world.file)] if told else [])
    assert daemon.world.stand() is (Stand.APPLIED if done else Stand.APPROVED)


@pytest.mark.parametrize(("rollback", "told", "severity"), [
    ("", "taken back", "info"), ("503", "rolled back", "critical")])
def test_what_a_dead_process_had_taken_back_is_told(daemon: Daemon, rollback: str, told: str, severity: str,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    daemon.world.propose()
    daemon.once()
    real = daemon.world.store.step

    def dies(step: Step, now: datetime) -> Life | None:
        if step.what in (What.REVERTED, What.ROLLED_BACK):
            raise SystemExit
        return real(step, now)

    monkeypatch.setattr(daemon.world.store, "step", dies)
    with pytest.raises(SystemExit):
        revert(daemon.world.ground, "vw-1", "vendorwatch", NOON, rollback=rollback)
    monkeypatch.setattr(daemon.world.store, "step", real)
    assert daemon.once()[1:] == [f"{told}, as was found after an interruption"]
    assert daemon.told()[1].severity == severity


def test_seen_at_the_gateway_it_is_verified(daemon: Daemon, gateway: FakeGateway) -> None:
    daemon.world.propose()
    daemon.once()
    assert daemon.world.stand() is Stand.APPLIED
    gateway.load()
    daemon.once(timedelta(minutes=1))
    assert daemon.world.stand() is Stand.VERIFIED
    asked = len(gateway.paths)
    daemon.once(HOUR)
    assert len(gateway.paths) == asked, "once seen it is not asked for again"


def test_applied_and_not_live_is_said_after_a_grace(daemon: Daemon, gateway: FakeGateway) -> None:
    daemon.world.propose()
    assert len(daemon.once()) == 1
    assert len(daemon.once(GRACE - timedelta(seconds=1))) == 1
    said = daemon.once(timedelta(minutes=3))
    assert said[1].startswith("applied, not live: the proxy has not loaded it: smart leads to its own group there")
    assert "restart the proxy" in daemon.told()[1].run[0]
    assert gateway.hits == {}, "no canary goes to who shut us out"


def test_what_cannot_be_told_is_not_called_dead(daemon: Daemon, gateway: FakeGateway) -> None:
    daemon.running = replace(daemon.running, key_env="", canary=False)
    daemon.world.propose()
    daemon.once()
    daemon.once(GRACE - timedelta(seconds=1))
    said = daemon.once(timedelta(minutes=3))
    assert said[1].startswith("applied; whether it is live cannot be told: the proxy does not say")


def test_a_canary_is_sent_once_a_minute_at_the_most_and_ever_more_seldom(daemon: Daemon, gateway: FakeGateway) -> None:
    daemon.world.propose()
    daemon.once()
    gateway.load()
    gateway.busy.add("backup")
    for seconds in (30, 31, 59, 5):
        daemon.once(timedelta(seconds=seconds))
    assert gateway.hits == {"backup": 2}
    for _ in range(58):
        daemon.once(timedelta(minutes=1))
    assert 8 < gateway.hits["backup"] < 16, "a third of its age, a quarter of an hour at the most"
    assert daemon.world.stand() is Stand.APPLIED, "429 is no reason to take it back"


def test_live_and_failing_it_is_rolled_back_and_that_is_said(daemon: Daemon, gateway: FakeGateway) -> None:
    daemon.world.propose()
    daemon.once()
    gateway.load()
    gateway.broken.add("backup")
    said = daemon.once(timedelta(minutes=1))
    assert said[1] == "rolled back: a request for smart was answered 503 by dashscope/qwen3-max"
    assert (daemon.world.stand(), daemon.world.text) == (Stand.ROLLED_BACK, CONFIG)
    assert daemon.told()[1].severity == "critical"


def test_stopped_a_failing_change_is_said_and_left_to_people(daemon: Daemon, gateway: FakeGateway) -> None:
    daemon.world.propose()
    daemon.once()
    patched = daemon.world.text
    gateway.load()
    gateway.broken.add("backup")
    (daemon.world.folder / STOP).touch()
    said = daemon.once(timedelta(minutes=1))
    assert said[1].startswith("live, and failing")
    assert daemon.told()[1].severity == "critical"
    assert (daemon.world.stand(), daemon.world.text) == (Stand.APPLIED, patched)
    (daemon.world.folder / STOP).unlink()
    daemon.once(timedelta(minutes=1))
    assert (daemon.world.stand(), daemon.world.text) == (Stand.ROLLED_BACK, CONFIG)


def test_in_propose_a_failing_change_is_said_and_left_to_people(daemon: Daemon, gateway: FakeGateway) -> None:
    daemon.world.mode = "propose"
    daemon.world.propose(another())
    life = approve(daemon.world.ground, "vw-1", "mei", NOON)
    patch = daemon.world.places["gw"].render(life.change)
    daemon.world.edit(lambda _: patch.patched)
    for what in (What.APPLYING, What.APPLIED):
        stepped = daemon.world.store.step(life.step(what, "mei"), NOON)
        assert stepped is not None
        life = stepped
    gateway.load()
    gateway.broken.add("backup")
    [said] = daemon.once()
    assert said.startswith("live, and failing")
    assert daemon.world.stand() is Stand.APPLIED


def test_applied_by_hand_in_propose_it_is_looked_at_and_its_way_back_proposed(
    daemon: Daemon, gateway: FakeGateway
) -> None:
    daemon.world.mode = "propose"
    daemon.world.propose()
    patch = daemon.world.places["gw"].render(daemon.world.life().change)
    daemon.world.edit(lambda _: patch.patched)
    gateway.load()
    assert daemon.once() == []
    assert daemon.world.stand() is Stand.VERIFIED
    ended(daemon.world, NOON)
    assert daemon.once(2 * HOUR)[0].startswith("may be taken back")


@pytest.mark.parametrize("mode", ["observe", "propose"])
def test_a_config_that_allows_less_since_is_heeded(daemon: Daemon, mode: str) -> None:
    daemon.world.dark = "not yet"
    daemon.world.propose()
    daemon.once()
    assert daemon.world.stand() is Stand.APPROVED
    daemon.world.dark, daemon.world.mode = "", mode
    assert len(daemon.once()) == 1
    assert (daemon.world.stand(), daemon.world.text) == (Stand.APPROVED, CONFIG)
    if mode == "observe":
        with pytest.raises(Refused, match="mode is observe"):
            apply(daemon.world.ground, "vw-1", "mei", NOON)


def test_what_cannot_be_written_is_critical_said_once_and_tried_ever_more_seldom(daemon: Daemon) -> None:
    daemon.world.propose()
    daemon.world.landing = Broken(daemon.world.file)
    assert daemon.once() == ["not applied: disk full"]
    assert daemon.told()[0].severity == "critical"
    for _ in range(72):
        assert len(daemon.once(timedelta(minutes=5))) == 1
    assert daemon.world.said().count("not_applied") < 6 + 6, "the rows are kept for ever"
    daemon.world.landing = None
    assert daemon.once(HOUR)[1:] == [f"applied to {daemon.world.file}"]


def test_what_cannot_be_taken_back_is_said_once(daemon: Daemon) -> None:
    daemon.world.propose()
    daemon.once()
    daemon.world.landing = Broken(daemon.world.file)
    daemon.world.bounds = Bounds(revert_overdue=True)
    daemon.once(timedelta(days=7))
    for _ in range(60):
        said = daemon.once(timedelta(seconds=15))
    assert said[2:] == ["not taken back: disk full"]
    assert daemon.world.said().count("not_reverted") < 6
    daemon.world.landing = None
    assert daemon.once(HOUR)[-1] == "taken back: past its time"


def test_what_a_person_has_taken_back_meanwhile_is_not_told_as_rolled_back(daemon: Daemon) -> None:
    daemon.world.propose()
    daemon.once()
    applied = daemon.world.life()
    revert(daemon.world.ground, "vw-1", "mei", NOON)
    daemon.rounds._taken(applied, Took(True, "503", failing=True), False)
    assert len(daemon.told()) == 1
