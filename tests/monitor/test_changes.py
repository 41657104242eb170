"""The machine of a change: every stand is reached, what is over stays over, and nothing is applied unapproved."""

import pytest
from changing import NOON
from house import ROOT

from monitor.changes import IN_PLACE, MOVES, NOTES, OVER, UNDER_WAY, WAITING, Entry, Stand, What, diagram, follow


def test_every_stand_is_reached_and_is_of_one_kind() -> None:
    assert set(MOVES.values()) == set(Stand)
    kinds = [IN_PLACE, WAITING, UNDER_WAY, OVER, frozenset({Stand.CONFLICT})]
    assert sorted(stand for kind in kinds for stand in kind) == sorted(Stand)


def test_what_is_over_stays_over() -> None:
    assert {before for before, _ in MOVES} & OVER == set()
    assert {before for before, _ in MOVES} - {None} == set(Stand) - OVER


def test_a_file_is_written_by_one_way_alone() -> None:
    assert [before for (before, what), _ in MOVES.items() if what is What.APPLYING] == [Stand.APPROVED]
    assert {before for (before, what), after in MOVES.items() if after is Stand.APPLIED
            and what is not What.FOUND} == UNDER_WAY, "or found there: written by somebody else"
    assert {before for (before, what), _ in MOVES.items() if what is What.APPROVED} == {Stand.PROPOSED}


@pytest.mark.parametrize("what", sorted(NOTES))
def test_a_note_moves_nothing(what: What) -> None:
    for stand in set(Stand) - (UNDER_WAY if what is What.CONFLICT else set()):
        assert follow(stand, what) is stand
    assert follow(None, what) is None


def test_what_cannot_happen_does_not() -> None:
    assert follow(Stand.PROPOSED, What.APPLYING) is None
    assert follow(Stand.REVERTED, What.APPROVED) is None
    assert follow(None, What.APPROVED) is None


def test_the_drawing_has_every_move() -> None:
    drawn = diagram()
    assert drawn.count("-->") == len(MOVES) + len(OVER)
    assert "    [*] --> proposed: proposed\n" in drawn
    assert f"```mermaid\n{drawn}```" in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_no_word_of_a_person_makes_a_row_of_its_own() -> None:
    why = '{"why":"no\\n4  2026-03-02  vw-1  approved\\u001b[2K"}'
    said = Entry(3, NOON, "vw-1", "rejected", "rejected", "mei\nx", why, "", "", "", "")
    assert said.words() == "3  2026-03-02 12:00:00  vw-1  rejected  by mei x: no 4 2026-03-02 vw-1 approved[2K"
