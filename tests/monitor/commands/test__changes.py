"""The life of a change as a person types it: plan, approve, apply, take back, and the log that can be checked."""

import json
import sqlite3
import subprocess
from pathlib import Path

import pytest
from changing import CONFIG
from proposed import NOW, SETUP
from terminal import Command

from monitor.changes import What
from monitor.store.sql import SqlStore


def test_from_plan_to_the_way_back(vendorwatch: Command, file: Path, store: SqlStore) -> None:
    shown = vendorwatch("patch", "show", "vw-1")
    assert "vw-1: proposed (gateway gw" in shown.out
    assert "model_group_alias: {smart: backup}" in shown.out
    refused = vendorwatch("patch", "apply", "vw-1")
    assert (refused.code, refused.out) == (3, "")
    assert "refused: change vw-1 is proposed; approve it first" in refused.err
    assert vendorwatch("patch", "approve", "vw-1", "--by", "mei").out == "change vw-1 is approved\n"
    applied = vendorwatch("patch", "apply", "vw-1", "--by", "mei")
    assert (applied.code, applied.out) == (0, "change vw-1 is applied\n"), applied.err
    assert "to make it live: LiteLLM does not reload its config: restart the proxy (" in applied.err
    assert "smart: backup" in file.read_text()
    assert vendorwatch("patch", "apply", "vw-1").code == 0, "twice is once"
    assert json.loads(vendorwatch("patch", "revert", "vw-1", "--by", "li", "--json").out)["stand"] == "reverted"
    assert file.read_text() == CONFIG
    listed = vendorwatch("patch", "log")
    assert [line.split()[4] for line in listed.out.splitlines()] == [
        "proposed", "approved", "applying", "applied", "reverting", "reverted"]
    assert "by li" in listed.out.splitlines()[-1]


def test_the_chain_is_checked(vendorwatch: Command, store: SqlStore, home: Path) -> None:
    vendorwatch("patch", "approve", "vw-1", "--by", "mei")
    whole = vendorwatch("patch", "log", "--verify")
    assert whole.code == 0
    assert "2 rows, the chain holds; head " in whole.err
    head = whole.err.split()[-1]
    assert vendorwatch("patch", "log", "--head", head).code == 0
    assert vendorwatch("patch", "log", "--head", "f" * 64).code == 1
    database = sqlite3.connect(home / "v.db")
    database.execute("UPDATE change_entry SET author = 'eve' WHERE seq = 2")
    database.commit()
    database.close()
    broken = vendorwatch("patch", "log", "--verify")
    assert broken.code == 1
    assert "broken: row 2 (approved vw-1) is not what was written" in broken.err
    said = json.loads(vendorwatch("patch", "log", "vw-1", "--verify", "--json").out)
    assert len(said["faults"]) == 1
    assert [entry["by"] for entry in said["entries"]] == ["vendorwatch", "eve"]


def test_a_conflict_names_the_lines(vendorwatch: Command, file: Path, store: SqlStore) -> None:
    vendorwatch("patch", "approve", "vw-1")
    vendorwatch("patch", "apply", "vw-1")
    file.write_text(file.read_text().replace("smart: backup", "smart: other"))
    done = vendorwatch("patch", "revert", "vw-1")
    assert done.code == 3
    assert "edited where the patch stands" in done.err
    assert "was changed since, where the patch stands: model_group_alias: {smart: other}" in done.err
    said = vendorwatch("patch", "revert", "vw-1", "--json")
    assert said.code == 3
    assert json.loads(said.out)["lines"]


def test_what_a_dead_process_left_is_said_to_whoever_comes_next(vendorwatch: Command, store: SqlStore) -> None:
    vendorwatch("patch", "approve", "vw-1")
    life = store.life("vw-1")
    assert life is not None
    assert store.step(life.step(What.APPLYING, "bo", shas=("a" * 64, "b" * 64)), NOW)
    said = vendorwatch("patch", "apply", "vw-1")
    assert (said.code, "change vw-1 was found half done: it is conflict" in said.err) == (3, True)


def test_rejected_and_unknown(vendorwatch: Command, store: SqlStore) -> None:
    assert vendorwatch("patch", "reject", "vw-1", "--by", "mei", "--because", "not now").code == 0
    assert "rejected  by mei: not now" in vendorwatch("patch", "show", "vw-1").out
    assert json.loads(vendorwatch("patch", "show", "vw-1", "--json").out)["entries"][1]["what"] == "rejected"
    assert "is rejected" in json.loads(vendorwatch("patch", "approve", "vw-1", "--json").out)["refused"]
    for words in (("show", "no"), ("approve", "no"), ("log", "no")):
        unknown = vendorwatch("patch", *words)
        assert unknown.code == 2
        assert "no change no" in unknown.err


def test_a_branch_is_to_be_merged_and_one_that_never_was_to_be_deleted(
        vendorwatch: Command, file: Path, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_AUTHOR", "GIT_COMMITTER"):
        monkeypatch.setenv(f"{name}_NAME", "mei")
        monkeypatch.setenv(f"{name}_EMAIL", "mei@localhost")
    for words in (("init", "-q"), ("add", "gw.yaml"), ("commit", "-qm", "ours")):
        subprocess.run(["git", *words], cwd=file.parent, check=True)
    (file.parent / "vendorwatch.yaml").write_text(SETUP.replace("mode: approve", "mode: approve, outlet: git"))
    vendorwatch("patch", "approve", "vw-1")
    assert "to make it live: merge vendorwatch/vw-1. LiteLLM" in vendorwatch("patch", "apply", "vw-1").err
    assert "if vendorwatch/vw-1 was never merged, delete it" in vendorwatch("patch", "revert", "vw-1").err
    assert file.read_text() == CONFIG


def test_a_plan_writes_nothing(vendorwatch: Command, file: Path, store: SqlStore) -> None:
    before = store.entries()
    assert vendorwatch("patch", "plan").err == "nothing to change\n"
    supposed = vendorwatch("patch", "plan", "--away-from", "claude")
    assert supposed.code == 0
    assert "model_group_alias: {smart: backup}" in supposed.out
    assert "not now" not in supposed.err
    [said] = json.loads(vendorwatch(
        "patch", "plan", "--workload", "smart", "--away-from", "claude", "--to", "nowhere", "--json").out)
    assert "'nowhere' is no model group" in said["refused"]
    assert (file.read_text(), store.entries()) == (CONFIG, before)


def test_a_plan_of_a_config_without_workloads_says_that_there_are_none(vendorwatch: Command, home: Path) -> None:
    (home / "vendorwatch.yaml").write_text("database: v.db\n")
    done = vendorwatch("patch", "plan", "--away-from", "claude")
    assert (done.code, done.out) == (0, "")
    assert "no workload in the config" in done.err
    assert "config init --from FILE" in done.err


@pytest.mark.parametrize(("words", "said"), [
    (("--workload", "other"), "no workload 'other'; there are: smart"),
    (("--to", "backup"), "name the workload and the vendor"), (("--away-from", "nobody"), "nobody")])
def test_a_plan_of_what_is_not_there(vendorwatch: Command, store: SqlStore, words: tuple[str, ...], said: str) -> None:
    done = vendorwatch("patch", "plan", *words)
    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize("fault", [
    "workloads: {other: {primary: nobody, fallbacks: []}}", "no_key: 1", "regions: 7",
    "vendors: {kimi: {regions: [mars]}}"])
def test_the_way_back_waits_for_nothing_else_of_the_config(
        vendorwatch: Command, file: Path, store: SqlStore, home: Path, fault: str) -> None:
    vendorwatch("patch", "approve", "vw-1")
    assert vendorwatch("patch", "apply", "vw-1").code == 0
    gone = "gateways: {gw: {type: litellm, file: gw.yaml, mode: approve}, other: {type: litellm, file: gone.yaml}}"
    (home / "vendorwatch.yaml").write_text(f"database: v.db\n{gone}\n{fault}\n")
    assert vendorwatch("patch", "plan").code == 2
    assert vendorwatch("patch", "show", "vw-1").code == 0
    assert vendorwatch("patch", "revert", "vw-1").code == 0
    assert file.read_text() == CONFIG
    assert vendorwatch("patch", "log", "--verify").code == 0
