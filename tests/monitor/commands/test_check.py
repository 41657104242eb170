"""Asking once by hand: exit codes of a monitoring plugin, nobody blamed for our network; what an incident has stopped
is not asked, and says so.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sinks import free_port
from terminal import Command
from typer.testing import CliRunner

from monitor.cli import build
from monitor.commands.check import left_alone
from monitor.model import Judged, Measurement, Slot, Watch
from monitor.store.sql import open_store
from probes.model import Figures, Reading
from probes.outcome import Outcome

NOW = datetime(2026, 3, 2, tzinfo=UTC)
CONFIG = """database: {folder}/v.db
controls: []
vendors: {{claude: {{checks: {{reachability: {{enabled: false}}}}}}}}
accounts: [{{name: main, vendor: claude, key_env: SOME_KEY}}]
"""


def stopping(url: str, *keys: str) -> None:
    store = open_store(url)
    store.carry_out(Judged(0, 0, NOW, actions=(Watch("ban:stop", keys, None, None, "banned"),)))
    store.close()


def test_what_is_stopped_is_left_alone_and_what_is_slowed_is_not(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'v.db'}"
    assert left_alone(url) == frozenset()
    assert not (tmp_path / "v.db").exists(), "looking makes no database"
    stopping(url, "a", "b")
    assert left_alone(url) == {"a", "b"}


def test_a_banned_account_is_not_asked_by_hand_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "sk-canary-0001")
    file = tmp_path / "vendorwatch.yaml"
    file.write_text(CONFIG.format(folder=tmp_path), encoding="utf-8")
    keys = [f"{kind}/anthropic/international/main/-@here" for kind in ("completion", "models", "quality")]
    stopping(f"sqlite:///{tmp_path / 'v.db'}", *keys)
    monkeypatch.setattr("probes.run.Runner.run", lambda *_: pytest.fail("a call was made"))
    result = CliRunner().invoke(build(), ["check", "claude", "--config", str(file), "--json"])
    said = json.loads(result.stdout)
    assert result.exit_code == said["code"] == 3
    assert {row["check"] for row in said["checks"]} == set(keys[:2]), "the slow kinds are never asked by hand"
    assert {row["outcome"] for row in said["checks"]} == {"skipped"}
    assert "left alone" in said["checks"][0]["reason"]


VENDORS = """controls: [neutral.example]
regions: {here: {}, abroad: {}}
vendors:
  kimi: {}
  claude: {expect: {abroad: restricted}}
  gpt: {enabled: false}
endpoints: [{name: ours, base_url: "http://127.0.0.1:9/v1", model: m, checks: {reachability: {enabled: false},
  completion: {enabled: false}, models: {enabled: false}}}]
"""
Answers = dict[tuple[str, str], Outcome]


@pytest.fixture
def answers(home: Path, monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Outcomes by vendor and region; what is not named is ok."""
    found: Answers = {}

    async def measure(_: object, slot: Slot) -> Measurement:
        check = slot.check
        outcome = found.get((check.target.provider.id, check.vantage.region), Outcome.OK)
        return Measurement(check, slot.at, slot.at, 0.0, Reading(outcome, f"made up: {outcome}", Figures(total_s=0.2)))

    monkeypatch.setattr("monitor.cycle.Cycle.measure", measure)
    (home / "vendorwatch.yaml").write_text(VENDORS)
    return found


@pytest.mark.parametrize(("outcome", "code", "word"), [
    (Outcome.OK, 0, "OK"), (Outcome.DEGRADED, 1, "DEGRADED"), (Outcome.RATE_LIMITED, 1, "DEGRADED"),
    (Outcome.GEO_RESTRICTED, 2, "RESTRICTED OR DOWN"), (Outcome.ACCOUNT_RESTRICTED, 2, "RESTRICTED OR DOWN"),
    (Outcome.PROVIDER_OUTAGE, 2, "RESTRICTED OR DOWN"), (Outcome.NETWORK_TIMEOUT, 2, "RESTRICTED OR DOWN"),
    (Outcome.UNKNOWN, 3, "UNKNOWN"), (Outcome.PROBE_ERROR, 3, "UNKNOWN"),
])
def test_it_exits_like_a_monitoring_plugin(
    vendorwatch: Command, answers: Answers, outcome: Outcome, code: int, word: str
) -> None:
    answers["moonshot", "here"] = outcome
    plain, said = vendorwatch("check", "kimi"), vendorwatch("check", "kimi", "--json")
    assert (plain.code, said.code, said.json["code"], said.json["status"]) == (code, code, code, word)
    assert plain.out.startswith(f"{word} - ")


def test_the_worst_of_all_is_the_exit_code_and_others_are_not_asked(vendorwatch: Command, answers: Answers) -> None:
    answers |= {("moonshot", "here"): Outcome.DEGRADED, ("anthropic", "here"): Outcome.GEO_RESTRICTED}
    assert vendorwatch("check").code == 2
    assert vendorwatch("check", "moonshot").code == 1
    said = vendorwatch("check", "claude", "--json").json
    assert {row["vendor"] for row in said["checks"]} == {"anthropic"}, "no neutral host, no other vendor"
    assert set(said["checks"][0]) == {
        "check", "vendor", "kind", "region", "outcome", "code", "reason", "total_s", "ttft_s"}
    assert {row["region"]: (row["outcome"], row["code"]) for row in said["checks"]} == {
        "here": ("geo_restricted", 2), "abroad": ("ok", 0)}


def test_a_refusal_that_is_expected_is_fine_and_one_that_is_not_is_not(vendorwatch: Command, answers: Answers) -> None:
    answers["anthropic", "abroad"] = Outcome.GEO_RESTRICTED
    assert vendorwatch("check", "claude").code == 0
    answers["moonshot", "abroad"] = Outcome.GEO_RESTRICTED
    assert vendorwatch("check", "kimi").code == 2


def test_where_no_neutral_host_answers_nobody_is_blamed(vendorwatch: Command, answers: Answers) -> None:
    answers |= {("neutral.example", "here"): Outcome.NETWORK_TIMEOUT, ("moonshot", "here"): Outcome.NETWORK_TIMEOUT}
    said = vendorwatch("check", "kimi", "--json")
    assert (said.code, said.json["own_network_down"]) == (3, ["here"])
    assert {row["region"]: row["code"] for row in said.json["checks"]} == {"here": 3, "abroad": 0}
    plain = vendorwatch("check", "kimi").out
    assert plain.startswith("own network down in here: no neutral host answers either; no vendor is blamed\nUNKNOWN - ")
    answers["moonshot", "abroad"] = Outcome.PROVIDER_OUTAGE
    assert vendorwatch("check", "kimi").code == 2, "the other region's network is fine"


@pytest.mark.parametrize(("words", "said"), [
    (("check", "antropic"), "unknown vendor 'antropic' (did you mean anthropic?)"),
    (("check", "gpt"), "no check of gpt can be made: it needs an account or is switched off in the config"),
    (("check", "--config", "none.yaml"), "none.yaml: cannot be read"),
])
def test_what_cannot_be_asked_is_said(
    vendorwatch: Command, answers: Answers, words: tuple[str, ...], said: str
) -> None:
    assert said in vendorwatch(*words).problem


def test_an_endpoint_that_is_switched_off_is_not_called_unknown(vendorwatch: Command, answers: Answers) -> None:
    assert vendorwatch("check", "ours").problem.startswith("no check of ours can be made")


def test_where_all_is_switched_off_nothing_is_called_unknown(vendorwatch: Command, home: Path) -> None:
    (home / "vendorwatch.yaml").write_text("controls: []\nvendors: {gpt: {enabled: false}}\n")
    assert vendorwatch("check").problem.startswith("no check can be made: every vendor needs an account")


def test_a_real_call_to_a_port_where_nobody_listens(vendorwatch: Command, home: Path) -> None:
    (home / "vendorwatch.yaml").write_text(
        'controls: ["127.0.0.1:9"]\nvendors: {gpt: {enabled: false}}\n'
        'endpoints: [{name: ours, base_url: "http://127.0.0.1:9/v1", model: m}]\n')
    said = vendorwatch("check", "ours", "--json")
    assert (said.code, said.json["own_network_down"]) == (3, ["here"])
    assert not list(home.glob("**/*.db")), "nothing is stored"


def test_a_database_that_is_away_is_no_restriction_but_no_key_is_shown_meanwhile(
    vendorwatch: Command, answers: Answers, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", "sk-canary-0001")
    (home / "vendorwatch.yaml").write_text(
        f"database: postgresql://u:canary-81@127.0.0.1:{free_port()}/x\n{VENDORS}"
        "accounts: [{name: main, vendor: kimi, key_env: SOME_KEY}]\n")
    said = vendorwatch("check", "kimi", "--json")
    rows = {row["kind"]: row for row in said.json["checks"] if row["region"] == "here"}
    assert rows["reachability"]["outcome"] == "ok"
    assert rows["completion"]["outcome"] == "skipped"
    assert "whether an incident stopped it is unknown" in rows["completion"]["reason"]
    assert said.code == 3
    assert "canary" not in said.out + said.err
