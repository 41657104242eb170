"""The demo on a short story: the real app on the scaled clock, and a verdict that can be no."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text
from worlds import NOON

from alerts.model import RoutingChange, Strength
from monitor.catalogue import load_catalogue
from monitor.config import load_config
from monitor.demo import play as playing
from monitor.demo.hands import TITLES
from monitor.demo.play import GATEWAY, KEYS, Play, config_text
from monitor.demo.stage import Stage
from monitor.demo.story import EXPECTED_IN_CN, REGIONS, VENDORS, Expected, Line, Scene
from monitor.knowing import known_of
from monitor.model import Cause, Incident, Judged, Move, Reroute, Scope
from monitor.model import Stage as IncidentStage
from monitor.proposing import inventories_of
from monitor.setup import setup_of
from monitor.store.asking import Answer
from probes.sim.certs import issue
from probes.sim.world import Behaviour, World

BLOCKED = Line(Behaviour.GEO, "anthropic", "eu")
STORY = (
    Scene(0, None, "three vendors refuse cn, as they have for years", EXPECTED_IN_CN),
    Scene(4, 9, "Claude geo-blocks eu", (BLOCKED,), Expected(Cause.REGION_RESTRICTED, "anthropic", "eu")),
)
OPENED = Incident(3, "k", IncidentStage.OPEN, Cause.REGION_RESTRICTED, Scope("anthropic", "eu"), 0.97, "it says so",
                  NOON, NOON, NOON)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Nobody stands on it; every host of every vendor leads to a port where nobody listens."""
    catalogue, hosts = load_catalogue(), {"www.apple.com": "127.0.0.1:9"}
    for name in VENDORS:
        for surface in catalogue.find(name).surfaces:
            hosts[surface.base_url.split("/")[2]] = "127.0.0.1:9"
    return Stage(World(), hosts, issue(("api.example.test",), tmp_path).ca_file, KEYS)


def a_play(stage: Stage, folder: Path) -> tuple[Play, io.StringIO]:
    out = io.StringIO()
    return Play(Console(file=out, width=200), stage, folder), out


def test_the_demos_config_is_a_good_one_and_leads_nowhere_but_to_the_stage(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "litellm.yaml").write_text(GATEWAY)
    (tmp_path / "c.yaml").write_text(config_text(stage, tmp_path))
    config = load_config(tmp_path / "c.yaml", KEYS)
    setup = setup_of(config, KEYS)
    asked = [check for check in setup.checks if not check.control]
    assert {check.target.provider.id for check in asked} == set(VENDORS)
    assert {(check.vantage.region, check.vantage.source_address) for check in setup.checks} == set(REGIONS.items())
    assert all(check.vantage.hosts == stage.hosts for check in setup.checks)
    assert {check.vantage.region for check in asked if check.expect_restricted} == {"cn"}
    keyed = {(check.target.account.name, check.vantage.region) for check in asked if check.target.account}
    assert keyed == {("openai-main", "us"), ("openai-team", "eu")}


def test_the_demos_gateway_has_a_way_round_claude(stage: Stage, tmp_path: Path) -> None:
    play, _ = a_play(stage, tmp_path)
    app = play.app(play.setup)
    known = known_of(play.setup.config, play.setup.catalogue, play.setup.checks, inventories_of(app.places()))
    app.store.close()
    [smart] = known.workloads
    assert (smart.primary, smart.leaves_routes) == ("anthropic", ("smart",))
    assert [(one.route, one.provider) for one in smart.fallbacks] == [("smart-qwen", "dashscope")]


def test_what_is_decided_is_said_once_and_suspicions_are_not(stage: Stage, tmp_path: Path) -> None:
    play, out = a_play(stage, tmp_path)
    change = RoutingChange("0123456789ab", "smart", "anthropic", ("smart",), "smart-qwen", Strength.EXCLUDE,
                           "region_restricted", "403", "k", "eu", NOON, NOON, NOON)
    suspected = replace(OPENED, stage=IncidentStage.SUSPECTED)
    play.judged(Judged(0, 1, NOON, actions=(
        Move(suspected, None, NOON, "?"), Move(OPENED, IncidentStage.SUSPECTED, NOON, "!"),
        Move(replace(OPENED, acked_by="mei"), IncidentStage.OPEN, NOON, "acknowledged"),
        Reroute("k:reroute", change, "team"))))
    opened, patch = out.getvalue().splitlines()
    assert opened.endswith("incident open: region_restricted anthropic (97%) – it says so")
    assert patch.endswith("patch 0123456789ab for team: smart leaves anthropic for smart-qwen")


def test_a_scene_begins_and_ends_on_the_stage(stage: Stage, tmp_path: Path) -> None:
    play, out = a_play(stage, tmp_path)
    play._cue(True, STORY[1])
    assert [(line.provider, line.address) for line in stage.world.lines] == [("anthropic", REGIONS["eu"])]
    play._cue(False, STORY[1])
    assert stage.world.lines == []
    assert [line.split("] ")[1] for line in out.getvalue().splitlines()] == [
        "SCENE: Claude geo-blocks eu", "END OF: Claude geo-blocks eu"]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[bool, str]]:
    """Play a story of so many minutes, one a second; the verdict and what was printed."""
    def go(scenes: tuple[Scene, ...], minutes: float) -> tuple[bool, str]:
        monkeypatch.setattr(playing, "SCENES", scenes)
        monkeypatch.setattr("monitor.demo.story.SCENES", scenes)
        monkeypatch.setattr(playing, "LENGTH", minutes)
        out = io.StringIO()
        return playing.play(Console(file=out, width=200)), out.getvalue()

    return go


def test_a_short_story_is_told_rightly_and_its_change_approved_applied_and_taken_back(
    told: Callable[..., tuple[bool, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.demo.play.HOLD", "1m")
    passed, said = told(STORY, 45.0)
    assert passed, said
    assert "incident open: region_restricted anthropic" in said
    assert "smart leaves anthropic for smart-qwen" in said
    assert "--- alert: " in said
    for command in ("readiness", "drill claude --with-gateway", "patch show vw-", "patch approve vw-",
                    "patch apply vw-", "patch revert vw-", "patch log --verify", "sql"):
        assert f"$ vendorwatch {command}" in said
    closing = said.split("what the story was, and what was told")[1].split("The same from SQL")[0]
    assert all(title in closing for title in TITLES)
    assert "NO" not in closing.split()


def test_a_story_that_was_not_told_fails(told: Callable[..., tuple[bool, str]]) -> None:
    never = Scene(9, None, "OpenAI bans the team", (), Expected(Cause.ACCOUNT_RESTRICTED, "openai"))
    passed, said = told((STORY[0], never), 0.5)
    assert not passed
    assert "OpenAI bans the team" in said
    assert said.count("it did not come to that") == len(TITLES)


@pytest.mark.parametrize("terminal", [False, True])
def test_the_closing_table_breaks_no_word_at_eighty_columns(terminal: bool) -> None:
    names = ("id", "cause", "provider", "regions", "onset", "closed", "sure")
    rows = tuple((number, cause.value, "anthropic", '["cn", "eu", "us"]', "12:00:00", "13:00:00", 0.99)
                 for number, cause in enumerate(Cause))
    out = io.StringIO()
    playing._history(Console(file=out, width=80, force_terminal=terminal, no_color=True), Answer(names, rows))
    lines = Text.from_ansi(out.getvalue()).plain.splitlines()
    for cause in Cause:
        assert [line for line in lines if f" {cause.value} " in line and "12:00:00" in line and "0.99" in line]
    assert max(len(line) for line in lines[7:]) <= 90
