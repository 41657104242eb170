"""Approved as it would be written now, applied if nothing is against it, known after a crash."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from changing import CONFIG, HOUR, NOON, Broken, World, a_world, another

from alerts.landing import digest
from monitor.applying import apply, approve, noticed, reconcile, reject
from monitor.chain import faults
from monitor.changes import Stand, What
from monitor.errors import UserError
from monitor.ground import Refused
from monitor.guards import Bounds
from monitor.switch import STOP


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path) as made:
        made.propose()
        yield made


def approved(world: World) -> World:
    approve(world.ground, "vw-1", "mei", NOON)
    return world


def test_approved_and_applied_it_is_in_the_file_and_in_the_rows(world: World) -> None:
    assert approve(world.ground, "vw-1", "mei", NOON).stand is Stand.APPROVED
    assert world.text == CONFIG
    life = apply(world.ground, "vw-1", "mei", NOON)
    assert life.stand is Stand.APPLIED
    assert "smart: backup" in world.text
    assert digest(world.text) == life.drawn.patched_sha256
    assert world.said() == ["proposed", "approved", "applying", "applied"]
    assert [entry.by for entry in world.store.entries()] == ["vendorwatch", "mei", "mei", "mei"]
    assert list(faults(world.store.entries(), {life.id: life.head})) == []


def test_twice_is_once(world: World) -> None:
    approved(world)
    approved(world)
    first = apply(world.ground, "vw-1", "mei", NOON)
    assert apply(world.ground, "vw-1", "li", NOON + HOUR) == first
    assert approve(world.ground, "vw-1", "li", NOON + HOUR) == first
    assert len(world.said()) == 4


def test_what_nobody_approved_is_not_applied(world: World) -> None:
    with pytest.raises(Refused, match="is proposed; approve it first"):
        apply(world.ground, "vw-1", "mei", NOON)
    with pytest.raises(UserError, match="no change nobody"):
        approve(world.ground, "nobody", "mei", NOON)
    assert world.text == CONFIG


def test_rejected_is_over(world: World) -> None:
    approved(world)
    assert reject(world.ground, "vw-1", "mei", NOON, "not this one").stand is Stand.REJECTED
    assert reject(world.ground, "vw-1", "mei", NOON).stand is Stand.REJECTED
    assert json.loads(world.store.entries()[-1].detail) == {"why": "not this one"}
    with pytest.raises(Refused, match="is rejected"):
        approve(world.ground, "vw-1", "mei", NOON)
    with pytest.raises(Refused, match="is rejected"):
        apply(world.ground, "vw-1", "mei", NOON)
    assert world.propose() != "", "the diff is shown"
    assert world.stand() is Stand.REJECTED


def test_an_edit_in_between_makes_another_proposal_of_it(world: World) -> None:
    approved(world)
    world.edit(lambda text: text.replace("num_retries: 2", "num_retries: 3"))
    with pytest.raises(Refused, match=r"has changed since .* approve it again"):
        apply(world.ground, "vw-1", "mei", NOON)
    assert world.stand() is Stand.PROPOSED
    assert world.life().drawn.base_sha256 == digest(world.text)
    approved(world)
    apply(world.ground, "vw-1", "mei", NOON)
    assert "num_retries: 3" in world.text
    assert "smart: backup" in world.text


def test_approval_is_of_what_would_be_written_now(world: World) -> None:
    world.edit(lambda text: text.replace("# ours", "# theirs"))
    with pytest.raises(Refused, match="has changed since"):
        approve(world.ground, "vw-1", "mei", NOON)
    assert approve(world.ground, "vw-1", "mei", NOON).stand is Stand.APPROVED


def test_moved_by_hand_already_there_is_nothing_to_change(world: World) -> None:
    approved(world)
    world.edit(lambda text: f"{text}  model_group_alias:\n    smart: backup\n")
    with pytest.raises(Refused, match="moved already"):
        apply(world.ground, "vw-1", "mei", NOON)


@pytest.mark.parametrize(("bounds", "reason"), [
    (Bounds(enabled=False), "patching is off"), (Bounds(per_day=0), "0 changes were applied within 24 hours"),
])
def test_a_guard_refuses_once_in_the_rows(world: World, bounds: Bounds, reason: str) -> None:
    approved(world).bounds = bounds
    for _ in range(3):
        with pytest.raises(Refused, match=reason):
            apply(world.ground, "vw-1", "mei", NOON)
    assert world.said() == ["proposed", "approved", "refused"]
    assert (world.stand(), world.text) == (Stand.APPROVED, CONFIG)


def test_the_kill_switch_is_a_file(world: World) -> None:
    approved(world)
    (world.folder / STOP).touch()
    with pytest.raises(Refused, match="changes are stopped"):
        apply(world.ground, "vw-1", "mei", NOON)
    (world.folder / STOP).unlink()
    assert apply(world.ground, "vw-1", "mei", NOON).stand is Stand.APPLIED


def test_without_proof_nothing_is_changed_and_that_is_grave(world: World) -> None:
    approved(world).dark = "dashscope was not seen to answer from eu lately"
    with pytest.raises(Refused, match="not proven now: dashscope") as refused:
        apply(world.ground, "vw-1", "mei", NOON)
    assert refused.value.grave
    assert world.text == CONFIG


def test_what_observes_and_what_has_expired_is_not_applied(world: World) -> None:
    approved(world)
    with pytest.raises(Refused, match="it has expired"):
        apply(world.ground, "vw-1", "mei", NOON + timedelta(days=8))


def test_one_change_a_workload_at_a_time(world: World) -> None:
    apply(approved(world).ground, "vw-1", "mei", NOON)
    world.edit(lambda _: CONFIG)
    world.propose(another(id="vw-2"))
    approve(world.ground, "vw-2", "mei", NOON)
    with pytest.raises(Refused, match="change vw-1 of workload smart is applied; take that one back first"):
        apply(world.ground, "vw-2", "mei", NOON)


def test_a_config_that_would_have_a_new_fault_is_not_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    approved(world)
    monkeypatch.setattr("monitor.applying.new_faults", lambda *_: ["line 3: smart leads nowhere"])
    with pytest.raises(Refused, match="new fault: line 3"):
        apply(world.ground, "vw-1", "mei", NOON)
    assert world.text == CONFIG


def test_what_could_not_be_written_is_approved_still(world: World) -> None:
    approved(world).landing = Broken(world.file)
    with pytest.raises(Refused, match="disk full"):
        apply(world.ground, "vw-1", "mei", NOON)
    assert world.said()[-2:] == ["applying", "not_applied"]
    world.landing = None
    assert apply(world.ground, "vw-1", "mei", NOON).stand is Stand.APPLIED


@pytest.mark.parametrize(("text", "stand"), [
    ("base", Stand.APPROVED), ("patched", Stand.APPLIED), ("other", Stand.CONFLICT)])
def test_what_a_dead_process_had_begun_is_known_by_the_file(world: World, text: str, stand: Stand) -> None:
    life = approved(world).life()
    patch = world.places["gw"].render(life.change)
    world.store.step(life.step(What.APPLYING, "mei", shas=(digest(CONFIG), digest(patch.patched))), NOON)
    world.edit(lambda base: {"base": base, "patched": patch.patched, "other": f"{base}#\n"}[text])
    assert [one.stand for one in reconcile(world.ground, NOON + HOUR)] == [stand]
    assert world.stand() is stand
    assert list(reconcile(world.ground, NOON + HOUR)) == []


def test_what_cannot_be_read_is_left_as_it_stands(world: World) -> None:
    life = approved(world).life()
    world.store.step(life.step(What.APPLYING, "mei", shas=("a", "b")), NOON)
    world.file.unlink()
    assert list(reconcile(world.ground, NOON)) == []
    assert world.stand() is Stand.APPLYING


@pytest.mark.parametrize("more", ["", "# and more\n"])
def test_what_a_person_applied_by_hand_is_noticed(world: World, more: str) -> None:
    patch = world.places["gw"].render(world.life().change)
    assert noticed(world.ground, world.life(), NOON).stand is Stand.PROPOSED
    world.edit(lambda _: patch.patched + more)
    assert noticed(world.ground, world.life(), NOON).stand is Stand.APPLIED
    assert world.said() == ["proposed", "found"]
    assert apply(world.ground, "vw-1", "mei", NOON).stand is Stand.APPLIED
    world.file.unlink()
    assert noticed(world.ground, world.life(), NOON).stand is Stand.APPLIED


def test_another_change_s_note_is_not_ours(world: World) -> None:
    world.edit(lambda text: f"# vendorwatch:vw-12\n{text}")
    assert noticed(world.ground, world.life(), NOON).stand is Stand.PROPOSED
