"""The way back out of a text that was edited meanwhile: what a person wrote stays, or nothing is merged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.surgery.merging import Conflict, Span, anchored, carried_out, inverse, merged, spans_between

BASE = "models:\n  - a\n  - b\nrouting:\n  tries: 2\nend: 1\n"
LEFT = "models:\n  - a\n  - b\nrouting:\n  # vendorwatch:c1\n  alias: b\n  tries: 2\nend: 1\n"
OURS = spans_between(LEFT, BASE)
LINES = st.lists(st.text("ab :-#\r中", max_size=6), max_size=12).map(lambda lines: "".join(f"{one}\n" for one in lines))


@given(LINES, LINES, st.booleans())
def test_spans_lead_from_one_text_to_the_other_and_back(one: str, other: str, bare: bool) -> None:
    one = one.removesuffix("\n") if bare else one
    assert carried_out(one, spans_between(one, other)) == other
    assert carried_out(other, spans_between(other, one)) == one
    assert carried_out(other, inverse(spans_between(one, other))) == one
    assert spans_between(one, one) == ()


@given(st.lists(st.integers(0, 999), min_size=8, max_size=30, unique=True), st.data())
def test_what_a_person_wrote_elsewhere_stays(numbers: list[int], data: st.DataObject) -> None:
    lines = [f"key{number}: x\n" for number in numbers]
    ours = data.draw(st.integers(0, len(lines) - 3))
    theirs = data.draw(st.integers(ours + 2, len(lines) - 1))
    written = data.draw(st.sampled_from(["theirs: 1\n", "", "theirs: 1\nmore: 2\n"]))
    left = "".join((*lines[:ours], "patched: 1\n", *lines[ours + 1:]))
    now = "".join((*lines[:ours], "patched: 1\n", *lines[ours + 1:theirs], written, *lines[theirs + 1:]))
    wanted = "".join((*lines[:theirs], written, *lines[theirs + 1:]))
    undo = spans_between(left, "".join(lines))
    assert merged(undo, left, now) == wanted
    assert anchored(undo, now) == wanted


def test_nothing_edited_gives_the_bytes_back() -> None:
    assert merged(OURS, LEFT, LEFT) == BASE
    assert anchored(OURS, LEFT) == BASE


@pytest.mark.parametrize(("edit", "lines"), [
    (("  alias: b\n", "  alias: other\n"), "line 6"),
    (("  # vendorwatch:c1\n  alias: b\n", ""), "line 5"),
    (("  # vendorwatch:c1\n", ""), "line 5"),
    (("  alias: b\n", "  alias: b\n    child: 1\n    more: 2\n"), "lines 7-8"),
])
def test_where_both_meet_the_lines_are_named(edit: tuple[str, str], lines: str) -> None:
    now = LEFT.replace(*edit)
    with pytest.raises(Conflict) as found:
        merged(OURS, LEFT, now)
    assert found.value.lines[0].startswith(f"{lines} was changed since")


@pytest.mark.parametrize("edit", [
    ("  tries: 2\n", "  tries: 3\n"),
    ("  alias: b\n", "  alias: b\n  theirs: 1\n"),
    ("  # vendorwatch", "  theirs: 1\n  # vendorwatch"),
    ("end: 1\n", "end: 2"),
])
def test_a_neighbour_on_the_same_level_is_no_conflict(edit: tuple[str, str]) -> None:
    assert merged(OURS, LEFT, LEFT.replace(*edit)) == BASE.replace(*edit).replace(
        "routing:\n", "routing:\n  theirs: 1\n" if edit[1].startswith(("  theirs", "  alias")) else "routing:\n")


def test_lines_put_back_beside_an_edit_are_a_conflict() -> None:
    base, left = "a: 1\nb: 2\nc: 3\n", "a: 1\nc: 3\n"
    with pytest.raises(Conflict):
        merged(spans_between(left, base), left, "a: 1\nc: 4\n")
    assert merged(spans_between(left, base), left, "a: 1\nc: 3\nd: 4\n") == "a: 1\nb: 2\nc: 3\nd: 4\n"


def test_an_anchor_must_stand_there_once() -> None:
    with pytest.raises(Conflict, match="stand no times"):
        anchored(OURS, BASE)
    with pytest.raises(Conflict, match="stand 2 times"):
        anchored(OURS, LEFT + LEFT)
    with pytest.raises(Conflict, match="stand no times"):
        anchored(spans_between("a\n", "a\nb\n"), "a\n")


def test_a_text_that_is_another_is_not_cut() -> None:
    with pytest.raises(Conflict, match="is not what was left here"):
        carried_out("abc\n", [Span(0, 2, "xx", "")])


def test_what_a_person_wrote_there_is_not_said_where_it_holds_a_secret() -> None:
    now = LEFT.replace("  alias: b\n", "  alias: b\n    api_key: sk-live-4f9Q2Zx7Lm\n")
    with pytest.raises(Conflict) as conflict:
        merged(OURS, LEFT, now)
    assert conflict.value.lines == ("line 7 was changed since, where the patch stands: (a line with a secret)",)
