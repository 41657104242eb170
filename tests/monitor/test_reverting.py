"""Taken back to the byte; merged with what a person wrote elsewhere; refused with the lines where both meet."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from changing import CONFIG, HOUR, NOON, Broken, World, a_world
from fakeoneapi import AFTER, BEFORE, CALLS, TOKEN, one_api

from alerts.adminapi import AdminApi
from alerts.branch import Branch
from alerts.gateways.litellm import Gateway
from alerts.landing import digest
from alerts.model import Patch, RoutingChange
from monitor.applying import apply, approve, reconcile, reject
from monitor.changes import Stand, What
from monitor.ground import Refused
from monitor.guards import Bounds
from monitor.reverting import revert
from monitor.switch import STOP


@pytest.fixture(params=["\n", "\r\n"], ids=["lf", "crlf"])
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    with a_world(tmp_path, CONFIG.replace("\n", request.param)) as made:
        made.propose()
        approve(made.ground, "vw-1", "mei", NOON)
        apply(made.ground, "vw-1", "mei", NOON)
        yield made


def was(world: World) -> str:
    return CONFIG.replace("\n", "\r\n") if "\r\n" in world.text else CONFIG


def test_the_bytes_are_back(world: World) -> None:
    assert world.text != was(world)
    assert revert(world.ground, "vw-1", "mei", NOON).stand is Stand.REVERTED
    assert world.text == was(world)
    assert world.said()[-2:] == ["reverting", "reverted"]
    assert revert(world.ground, "vw-1", "mei", NOON).stand is Stand.REVERTED
    assert len(world.said()) == 6
    assert [path.name for path in world.file.parent.iterdir()] == ["config.yaml"]


def test_what_a_person_took_back_by_hand_leaves_nothing_beside_the_file(world: World) -> None:
    assert len(list(world.file.parent.iterdir())) == 2
    before = was(world)
    world.edit(lambda _: before)
    assert revert(world.ground, "vw-1", "mei", NOON).stand is Stand.REVERTED
    assert [path.name for path in world.file.parent.iterdir()] == ["config.yaml"]


def test_no_guard_stands_in_the_way_back(world: World) -> None:
    world.bounds, world.dark = Bounds(enabled=False, per_day=0), "nothing is proven"
    (world.folder / STOP).touch()
    assert revert(world.ground, "vw-1", "mei", NOON).stand is Stand.REVERTED


@pytest.mark.parametrize("backup", [True, False], ids=["with the backup", "without it"])
@pytest.mark.parametrize("edit", [("num_retries: 2", "num_retries: 5"), ("# ours", "# ours, and theirs"),
                                  ("os.environ/ANTHROPIC_API_KEY", "os.environ/OTHER")])
def test_what_a_person_wrote_elsewhere_stays(world: World, edit: tuple[str, str], backup: bool) -> None:
    if not backup:
        next(world.file.parent.glob(".*backup")).unlink()
    wanted = was(world).replace(*edit)
    world.edit(lambda text: text.replace(*edit))
    edited = world.text
    assert revert(world.ground, "vw-1", "mei", NOON).stand is Stand.REVERTED
    assert world.text == wanted
    assert json.loads(world.store.entries()[-1].detail)["how"] == "merged with what was edited since"
    for row in world.store.entries()[-2:]:
        assert (row.base_sha256, row.patched_sha256) == (digest(edited), digest(wanted)), "of the file as it really was"


@pytest.mark.parametrize("backup", [True, False], ids=["with the backup", "without it"])
def test_where_both_meet_nothing_is_written_and_the_lines_are_said(world: World, backup: bool) -> None:
    if not backup:
        next(world.file.parent.glob(".*backup")).unlink()
    world.edit(lambda text: text.replace("smart: backup", "smart: other"))
    edited = world.text
    for _ in range(2):
        with pytest.raises(Refused, match="was edited where the patch stands") as refused:
            revert(world.ground, "vw-1", "mei", NOON)
        assert refused.value.lines
    assert world.text == edited
    assert world.stand() is Stand.APPLIED
    assert world.said()[-2:] == ["applied", "conflict"]
    if backup:
        assert refused.value.lines[0].startswith("line ")
        assert "smart: other" in refused.value.lines[0]


@pytest.mark.parametrize("by_hand", ["# theirs, and taken back by hand\n" + CONFIG, None], ids=["gone", "theirs"])
def test_what_met_an_edit_is_over_once_a_person_has_seen_to_it(world: World, by_hand: str | None) -> None:
    with pytest.raises(Refused, match="is applied"):
        reject(world.ground, "vw-1", "mei", NOON)
    patched = world.text
    edited = patched.replace("smart: backup", "smart: other") if by_hand is None else by_hand
    world.edit(lambda _: edited)
    with pytest.raises(Refused, match="patch reject vw-1"):
        revert(world.ground, "vw-1", "mei", NOON)
    world.edit(lambda _: patched)
    with pytest.raises(Refused, match="is applied"):
        reject(world.ground, "vw-1", "mei", NOON)
    world.edit(lambda _: edited)
    written = world.text
    assert reject(world.ground, "vw-1", "mei", NOON, "by hand").stand is Stand.REJECTED
    assert (world.text, world.said()[-1]) == (written, "rejected"), "only a row is written"
    assert [path.name for path in world.file.parent.iterdir()] == ["config.yaml"]


def test_what_met_an_edit_can_be_rejected_where_its_file_is_gone(world: World) -> None:
    world.edit(lambda text: text.replace("smart: backup", "smart: other"))
    with pytest.raises(Refused, match="patch reject vw-1"):
        revert(world.ground, "vw-1", "mei", NOON)
    world.file.unlink()
    assert reject(world.ground, "vw-1", "mei", NOON, "by hand").stand is Stand.REJECTED
    assert world.said()[-1] == "rejected"


def test_a_child_added_to_what_we_made_is_a_conflict(world: World) -> None:
    world.edit(lambda text: text.replace("{smart: backup}", "{smart: backup, cheap: backup}"))
    with pytest.raises(Refused):
        revert(world.ground, "vw-1", "mei", NOON)
    assert "cheap: backup" in world.text


def test_taken_back_by_hand_already_is_said_so(world: World) -> None:
    world.file.write_bytes(CONFIG.encode() if "\r" not in world.text else CONFIG.replace("\n", "\r\n").encode())
    life = revert(world.ground, "vw-1", "mei", NOON)
    assert life.stand is Stand.REVERTED
    assert "already" in world.store.entries()[-1].detail


def test_what_is_not_in_place_is_not_taken_back(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        world.propose()
        with pytest.raises(Refused, match="is proposed: nothing of it is in place; `patch reject` drops it"):
            revert(world.ground, "vw-1", "mei", NOON)


def test_rolled_back_is_another_end(world: World) -> None:
    life = revert(world.ground, "vw-1", "", NOON, rollback="the canary was answered by anthropic")
    assert life.stand is Stand.ROLLED_BACK
    assert world.text == was(world)
    assert json.loads(world.store.entries()[-2].detail)["why"] == "the canary was answered by anthropic"


def test_what_could_not_be_written_is_in_place_still(world: World) -> None:
    world.landing = Broken(world.file)
    with pytest.raises(Refused, match="disk full"):
        revert(world.ground, "vw-1", "mei", NOON)
    assert world.stand() is Stand.APPLIED
    assert world.said()[-2:] == ["reverting", "not_reverted"]


@pytest.mark.parametrize("rollback", [True, False])
@pytest.mark.parametrize("done", [True, False])
def test_a_dead_process_is_known_by_the_file(world: World, done: bool, rollback: bool) -> None:
    shas = digest(world.text), digest(was(world))
    detail = {"rollback": True} if rollback else {}
    world.store.step(world.life().step(What.REVERTING, "mei", detail, shas), NOON)
    if done:
        world.file.write_bytes(was(world).encode())
    [life] = reconcile(world.ground, NOON + HOUR)
    end = Stand.ROLLED_BACK if rollback else Stand.REVERTED
    assert life.stand is (end if done else Stand.APPLIED)
    assert len(list(world.file.parent.iterdir())) == (1 if done else 2), "the old text is kept while it may be needed"


@pytest.mark.parametrize("more", ["", "# theirs\n"])
def test_what_a_person_applied_by_hand_is_taken_back_too(tmp_path: Path, more: str) -> None:
    with a_world(tmp_path) as world:
        world.propose()
        patch = world.places["gw"].render(world.life().change)
        world.file.write_text(patch.patched + more)
        assert revert(world.ground, "vw-1", "mei", NOON).stand is Stand.REVERTED
        assert world.text == CONFIG + more


class InDatabase(Gateway):
    """A gateway whose moves go through an admin API, too."""

    def render(self, change: RoutingChange, text: str, path: str = "") -> Patch:
        patch = super().render(change, text, path)
        return replace(patch, calls=CALLS if patch.diff else ())


def test_through_an_admin_api_there_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE_TOKEN", TOKEN)
    monkeypatch.setattr("changing.Gateway", InDatabase)
    with a_world(tmp_path) as world, one_api() as (fake, url):
        world.landing = AdminApi(world.file, url, "ONE_TOKEN", bearer=False)
        world.propose()
        approve(world.ground, "vw-1", "mei", NOON)
        apply(world.ground, "vw-1", "mei", NOON)
        assert (fake.models, world.stand()) == (AFTER, Stand.APPLIED)
        fake.rows[1]["models"] = "claude,theirs"
        with pytest.raises(Refused, match="models has changed since"):
            revert(world.ground, "vw-1", "mei", NOON)
        assert (world.stand(), world.said()[-1]) == (Stand.APPLIED, "not_reverted")
        fake.rows[1]["models"] = "claude"
        assert revert(world.ground, "vw-1", "mei", NOON).stand is Stand.REVERTED
        assert (fake.models, world.text) == (BEFORE, CONFIG)


def test_what_an_admin_api_keeps_of_a_failed_change_can_be_taken_back(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its row says that it was not applied, and its export that a part was: then it is in place."""
    monkeypatch.setenv("ONE_TOKEN", TOKEN)
    monkeypatch.setattr("changing.Gateway", InDatabase)
    with a_world(tmp_path) as world, one_api() as (fake, url):
        world.landing = AdminApi(world.file, url, "ONE_TOKEN", bearer=False)
        world.propose()
        approve(world.ground, "vw-1", "mei", NOON)
        real = fake.admin

        def fails_for_good(*asked: Any) -> dict[str, Any]:
            fake.fails = [1, 2] if fake.models != BEFORE else []
            return real(*asked)

        monkeypatch.setattr(fake, "admin", fails_for_good)
        with pytest.raises(Refused, match="could not be taken back"):
            apply(world.ground, "vw-1", "mei", NOON)
        assert (fake.models == BEFORE, world.said()[-1], world.text == CONFIG) == (False, "not_applied", False)
        monkeypatch.setattr(fake, "admin", real)
        fake.fails = []
        assert revert(world.ground, "vw-1", "mei", NOON).stand is Stand.REVERTED
        assert (fake.models, world.text, world.said()[-3:]) == (BEFORE, CONFIG, ["found", "reverting", "reverted"])


def test_a_branch_that_was_never_merged_is_warned_of(tmp_path: Path) -> None:
    """What is reverted must not come back by a merge."""
    with a_world(tmp_path) as world:
        for words in ("init -q", "add .", "-c user.name=u -c user.email=u@x commit -qm x"):
            subprocess.run(["git", *words.split()], cwd=world.file.parent, check=True, capture_output=True)
        world.landing = Branch(world.file)
        world.propose()
        approve(world.ground, "vw-1", "mei", NOON)
        apply(world.ground, "vw-1", "mei", NOON)
        assert revert(world.ground, "vw-1", "mei", NOON).stand is Stand.REVERTED
        assert "delete the branch of the change" in world.store.entries("vw-1")[-1].detail
