"""What goes with a change, and what is found of it."""

from pathlib import Path

import pytest
from changing import CHANGE, NOON, a_world, another

from monitor.changes import Stand, What
from monitor.errors import UserError
from monitor.ground import Refused, label_of
from monitor.switch import STOP


def test_a_commit_says_what_why_and_how_back(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        world.propose(another(evidence=("7", "8")))
        label = label_of(world.life())
        back = label_of(world.life(), back=True)
    assert label.subject == "Move smart from anthropic to backup"
    for word in ("403 from eu (region_restricted; eu, prod)", "Incident: i1", "Evidence: measurements 7, 8",
                 "from eu", "vendorwatch patch revert vw-1", "Expires: 2026-03-09"):
        assert word in label.words
    assert (label.at, label.back) == (NOON, False)
    assert (back.subject, back.back) == ("Take back: move smart from anthropic to backup", True)
    assert "patch revert" not in back.words


def test_who_was_second_is_told(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        world.propose()
        life = world.life()
        world.ground.take(life.step(What.APPROVED, "mei"), NOON)
        with pytest.raises(Refused, match="no longer proposed: somebody else was first"):
            world.ground.take(life.step(What.REJECTED, "li"), NOON)
        assert world.stand() is Stand.APPROVED
        with pytest.raises(UserError, match=r"no change nobody.*rendered by hand is no row: take it back with"):
            world.ground.find("nobody")


def test_a_note_is_said_once_until_the_change_moves(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        world.propose()
        said = [world.ground.note(world.life().step(What.REFUSED, "v", {"why": why}), NOON) for why in "aabba"]
        assert said == [True, False, True, False, False]
        world.ground.take(world.life().step(What.APPROVED, "mei"), NOON)
        assert world.ground.note(world.life().step(What.REFUSED, "v", {"why": "a"}), NOON)


def test_the_stop_file_and_a_gateway_that_is_gone(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        world.propose()
        assert world.ground.closed(NOON) == []
        (tmp_path / STOP).touch()
        assert "changes are stopped" in world.ground.closed(NOON)[0]
        assert CHANGE.id == world.life().id
        lone = type(world.ground)(world.store, {}, world.bounds, world.ground.prove, tmp_path)
        with pytest.raises(Refused, match="no gateway called gw any more"):
            lone.place(world.life())
