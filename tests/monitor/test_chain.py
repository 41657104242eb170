"""A row that was changed, taken out, put in or cut off at the end is found, whatever it says."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from changing import a_world
from sqlalchemy import create_engine, text
from worlds import NOON

from monitor.applying import apply, approve
from monitor.chain import BEGINNING, altered, faults, jumps, seal_of
from monitor.changes import SWITCH, Entry, Stand
from monitor.reverting import revert

FIELDS = {"at": NOON + timedelta(days=1), "change": "c9", "what": "rejected", "stand": "rejected", "by": "eve",
          "detail": '{"why":"x"}', "base_sha256": "b", "patched_sha256": "p", "previous": "f" * 64, "hash": "e" * 64}


def a_chain(length: int = 6) -> list[Entry]:
    made: list[Entry] = []
    for number in range(1, length + 1):
        bare = Entry(number, NOON + timedelta(seconds=number), f"c{number % 2}", "proposed", "proposed", "mei", "{}",
                     "", "", made[-1].hash if made else BEGINNING, "")
        made.append(replace(bare, hash=seal_of(bare)))
    return made


def heads(chain: list[Entry]) -> dict[str, str]:
    return {entry.change: entry.hash for entry in chain}


def test_a_whole_chain_has_no_fault() -> None:
    assert list(faults(a_chain(), heads(a_chain()))) == []
    assert list(faults([], {})) == []
    assert list(faults(a_chain(), heads(a_chain()), a_chain()[2].hash)) == []


def test_a_row_of_the_switch_that_says_something_else_cannot_have_happened() -> None:
    stopped = replace(a_chain()[0], change=SWITCH, what="stopped", stand="stopped")
    assert list(jumps([stopped, replace(stopped, what="let_go", stand="going")], {})) == []
    for what, stand in (("stopped", "going"), ("applied", "applied"), ("let_go", "stopped")):
        [said] = jumps([replace(stopped, what=what, stand=stand)], {})
        assert "cannot have happened" in said


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("at", [0, 2, 5])
def test_a_changed_field_is_found(field: str, at: int) -> None:
    chain = a_chain()
    chain[at] = replace(chain[at], **{field: FIELDS[field]})  # type: ignore[arg-type]
    assert any(f"row {at + 1}" in fault for fault in faults(chain, heads(a_chain())))


@pytest.mark.parametrize("at", range(6))
def test_a_row_that_is_gone_is_found(at: int) -> None:
    assert list(faults(a_chain()[:at] + a_chain()[at + 1:], heads(a_chain())))


def test_gone_and_numbered_anew_it_is_still_found() -> None:
    left = [entry for entry in a_chain() if entry.seq != 3]
    again = [replace(entry, seq=number) for number, entry in enumerate(left, 1)]
    assert len(list(faults(again, heads(a_chain())))) > 1
    sealed = [replace(entry, hash=seal_of(entry)) for entry in again]
    assert any("does not follow" in fault for fault in faults(sealed, heads(sealed)))


def test_a_row_put_in_is_found() -> None:
    chain = a_chain()
    forged = replace(chain[2], seq=7, previous=chain[-1].hash)
    forged = replace(forged, hash=seal_of(forged))
    assert any("another was put after it" in fault for fault in faults([*chain, forged], heads(chain)))
    between = replace(chain[2], by="eve", previous=chain[2].hash)
    assert any("was changed" in one for one in faults([*chain[:3], between, *chain[3:]], heads(chain)))
    between = replace(between, hash=seal_of(between))
    assert any("does not follow" in one for one in faults([*chain[:3], between, *chain[3:]], heads(chain)))


def test_a_chain_written_anew_is_found_by_whoever_noted_the_head() -> None:
    chain = a_chain(4)
    assert any("written anew" in fault for fault in faults(chain, heads(chain), a_chain()[-1].hash))


def test_a_change_that_is_gone_with_its_rows_left_is_found() -> None:
    assert list(faults(a_chain(), {"c1": a_chain()[4].hash})) == ["change c0 has rows, and is gone itself"]


def test_a_yes_that_nobody_gave_is_found(tmp_path: Path) -> None:
    """Written into the change's own row, which the hashes do not hold."""
    with a_world(tmp_path) as world:
        world.propose()
        said = list(jumps(world.store.entries(), {"vw-1": Stand.APPROVED}))
        assert said == ["change vw-1 stands as approved, and its rows say proposed"]
        engine = create_engine(f"sqlite:///{tmp_path / 'v.db'}")
        with engine.begin() as connection:
            connection.execute(text("UPDATE change SET stand = 'approved'"))
        engine.dispose()
        apply(world.ground, "vw-1", "eve", NOON)
        [said] = jumps(world.store.entries(), {"vw-1": world.stand()})
        assert said == "row 2 (applying vw-1) cannot have happened where the change stood (proposed)"


def test_a_life_as_it_should_be_has_no_jump(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        world.propose()
        approve(world.ground, "vw-1", "mei", NOON)
        apply(world.ground, "vw-1", "mei", NOON)
        revert(world.ground, "vw-1", "mei", NOON)
        assert list(jumps(world.store.entries(), {"vw-1": world.stand()})) == []
    odd = replace(a_chain(1)[0], what="danced")
    assert "row 1 (danced c1) cannot have happened" in next(jumps([odd], {}))


def test_a_diff_that_is_not_the_one_that_was_said_yes_to_is_found(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        world.propose()
        approve(world.ground, "vw-1", "mei", NOON)
        life = world.store.life("vw-1")
        assert life is not None
        entries = world.store.entries()
        assert list(altered(entries, {"vw-1": life.drawn.diff})) == []
        assert list(altered(entries, {"vw-1": life.drawn.diff.replace("backup", "eve")})) == [
            "the diff of change vw-1 is not the one that its rows speak of: it was changed"]
