"""`readiness`: what is proven, what stops if one is gone, and an exit code for a cron job."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from terminal import Command

from monitor.clock import Clock
from monitor.judging import Judging
from monitor.knowing import known_of
from monitor.model import Check, Measurement
from monitor.setup import read_setup
from monitor.store.sql import open_store
from probes.model import Figures, Reading
from probes.outcome import Outcome

CONFIG = """
database: v.db
regions: {eu: {}, us: {}}
vendors: {claude: {}, kimi: {}, glm: {}}
accounts:
- {name: k, vendor: kimi, key_env: KIMI, region: eu}
- {name: g, vendor: glm, key_env: GLM, region: eu}
workloads:
  smart: {primary: claude, fallbacks: [kimi, glm], regions: [eu], needs: [tools]}
"""


@pytest.fixture
def configured(home: Path) -> Path:
    (home / "vendorwatch.yaml").write_text(CONFIG)
    return home


def lived(home: Path, *passing: str, hours: float = 1.0) -> None:
    """The probes of these vendors passed, the others' did not; so long ago."""
    setup = read_setup(home / "vendorwatch.yaml", {})
    at = datetime.now(UTC) - timedelta(hours=hours)
    store = open_store(setup.config.database)
    checks = [check for check in setup.checks if check.kind == "readiness"]
    store.register(checks, at)
    store.record([_measured(check, at, check.target.provider.id in passing) for check in checks])
    known = known_of(setup.config, setup.catalogue, setup.checks)
    judging = Judging(store, setup.policy, known, Clock())
    asyncio.run(judging.once())
    judging.keep()
    store.close()


def _measured(check: Check, at: datetime, passed: bool) -> Measurement:
    reason = "ready: tools, takeover" if passed else "takeover: it does not carry on rightly"
    figures = Figures(items=2, passed=2 if passed else 1, score=1.0 if passed else 0.5)
    return Measurement(check, at, at, 0.0, Reading(Outcome.OK, reason, figures))


def test_what_was_never_probed_is_said_to_be_and_is_a_finding(configured: Path, vendorwatch: Command) -> None:
    said = vendorwatch("readiness")
    assert said.code == 1
    assert said.out.count("never probed") == 2
    assert "finding: no_working_fallback: nobody could take smart over in eu" in said.out
    assert "if Claude (Anthropic) is gone: 33% of the routes go, with the traffic of today; it STOPS in eu" in said.out


def test_what_is_proven_is_shown_with_when_and_what_remains(configured: Path, vendorwatch: Command) -> None:
    lived(configured, "moonshot", "zhipu")
    said = vendorwatch("readiness")
    assert said.code == 0, said.out
    assert "finding" not in said.out
    assert said.out.count("ready: tools, takeover") == 2
    assert "if US is gone: 33% of the routes go, with the traffic of today; eu: kimi remains" in said.out
    assert "if CN is gone: 67% of the routes go; eu: anthropic remains" in said.out


def test_machines_get_all_of_it(configured: Path, vendorwatch: Command) -> None:
    lived(configured, "moonshot")
    said = vendorwatch("readiness", "--json", "-w", "smart", "-r", "eu")
    assert said.code == 1
    [smart] = json.loads(said.out)["workloads"]
    assert [(line["vendor"], line["state"], line["score"]) for line in smart["routes"]] == [
        ("anthropic", "primary", None), ("moonshot", "ready", 1.0), ("zhipu", "failed", 0.5)]
    assert [gap["kind"] for gap in smart["findings"]] == ["fallback_not_proven"]
    assert smart["concentration"] == {"vendor": pytest.approx(1 / 3), "jurisdiction": pytest.approx(5 / 9)}
    gone = {loss["name"]: loss for loss in smart["if_gone"]}
    assert (gone["CN"]["stops"], gone["US"]["remains"], gone["US"]["in_use"]) == ([], {"eu": "kimi"}, True)


def test_an_old_proof_is_stale(configured: Path, vendorwatch: Command) -> None:
    lived(configured, "moonshot", "zhipu", hours=40)
    said = vendorwatch("readiness")
    assert said.code == 1
    assert said.out.count("stale: it has last passed at") == 2


@pytest.mark.parametrize(("words", "told"), [
    (("-w", "smrat"), "no workload 'smrat' (did you mean smart?)"), (("-r", "eux"), "no region 'eux'")])
def test_a_name_nobody_has_is_an_error(configured: Path, vendorwatch: Command, words: tuple[str, ...],
                                       told: str) -> None:
    said = vendorwatch("readiness", *words)
    assert said.code == 2
    assert told in said.err


def test_a_region_where_it_does_not_run_has_nothing_to_show(configured: Path, vendorwatch: Command) -> None:
    assert vendorwatch("readiness", "-r", "us", "--json").out.strip() == '{\n  "workloads": []\n}'


def test_without_workloads_there_is_nothing_to_move(home: Path, vendorwatch: Command) -> None:
    said = vendorwatch("readiness")
    assert (said.code, "no workload in the config" in said.out) == (0, True)
