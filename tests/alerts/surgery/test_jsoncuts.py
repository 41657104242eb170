"""Edits by pointer: the file's own style, nothing else touched, all of it taken back."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonlaws import said, written

from alerts.gateway import PatchRefused
from alerts.surgery.draft import Draft
from alerts.surgery.jsoncuts import inserted, opened, ordered, removed, replaced, unit_of

TEXT = """\
{
    // the models
    "list": [
        "a", // first
        // about b
        {"b": 1}, // second
        "c"
    ],
    single: 'x', "flat": [1, 2, 3], "none": {}
}
"""


@pytest.mark.parametrize(("act", "gone", "come"), [
    (lambda draft: replaced(draft, ("single",), "it's"), ["    single: 'x', "], ["    single: 'it\\'s', "]),
    (lambda draft: replaced(draft, ("list", 0), "z", "N"), ['        "a", // first'],
        ['        "z" /* N */, // first']),
    (lambda draft: replaced(draft, ("list", 2), "z", "N"), ['        "c"'], ['        "z" // N']),
    (lambda draft: removed(draft, ("list", 0)), ['        "a", // first'], []),
    (lambda draft: removed(draft, ("list", 2)), ['        {"b": 1}, // second', '        "c"'],
     ['        {"b": 1} // second']),
    (lambda draft: inserted(draft, ("list", 0), "n"), [], ['        "n",']),
    (lambda draft: inserted(draft, ("list", 3), "n"), ['        "c"'], ['        "c",', '        "n"']),
    (lambda draft: inserted(draft, ("list", 1), "n", "N"), [], ['        "n", // N']),
])
def test_an_edit_touches_its_own_lines(act: Callable[[Draft], Draft], gone: list[str], come: list[str]) -> None:
    draft = act(opened(TEXT))
    before, after = TEXT.splitlines(), draft.text.splitlines()
    lost = [line for line in before if line not in after]
    new = [line for line in after if line not in before]
    assert all(any(line.startswith(one) for line in lost) for one in gone)
    assert all(any(line.startswith(one) for line in new) for one in come)
    assert (len(lost), len(new)) == (len(gone), len(come))
    assert draft.taken_back() == TEXT


def test_what_moves_takes_its_comments_along() -> None:
    draft = ordered(opened(TEXT), ("list",), [2, 0, 1])
    assert draft.text.splitlines()[3:7] == [
        '        "c",', '        "a", // first', "        // about b", '        {"b": 1} // second']
    assert draft.taken_back() == TEXT
    assert ordered(opened(TEXT), ("list",), [0, 1, 2]).text == TEXT
    assert '"flat": [3, 1, 2]' in ordered(opened(TEXT), ("flat",), [2, 0, 1]).text


def test_in_one_line_and_in_empty_boxes() -> None:
    assert '"flat": [1, 3]' in removed(opened(TEXT), ("flat", 1)).text
    assert '"flat": [1, 2]' in removed(opened(TEXT), ("flat", 2)).text
    assert '"flat": [1, 9, 2, 3]' in inserted(opened(TEXT), ("flat", 1), 9).text
    assert inserted(opened("{}"), ("a",), [1]).text == '{"a": [1]}'
    assert removed(opened("[1]"), (0,)).text == "[]"
    assert removed(opened("[\n  1,\n]"), (0,)).text == "[\n]"
    filled = inserted(opened('{\n  "a": {}\n}'), ("a", "b"), {"c": 1}).text
    assert filled == '{\n  "a": {\n    "b": {"c": 1}\n  }\n}'
    kept = inserted(opened('{\n  "a": { // why\n  }\n}'), ("a", "b"), True).text
    assert said(kept) == {"a": {"b": True}}
    assert "// why" in kept


def test_line_ends_and_indentation_are_the_files_own() -> None:
    text = '{\r\n\t"a": [\r\n\t\t1\r\n\t]\r\n}'
    assert inserted(opened(text), ("a", 1), 2).text == '{\r\n\t"a": [\r\n\t\t1,\r\n\t\t2\r\n\t]\r\n}'
    assert inserted(opened(text), ("b",), 2).text == '{\r\n\t"a": [\r\n\t\t1\r\n\t],\r\n\t"b": 2\r\n}'
    assert unit_of(text) == "\t"


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', "{", "{\r}"])
def test_what_is_not_safe_is_not_opened(text: str) -> None:
    with pytest.raises(PatchRefused):
        opened(text)


@pytest.mark.parametrize("act", [
    lambda draft: replaced(draft, ("nowhere",), 1), lambda draft: removed(draft, ("flat", 9)),
    lambda draft: inserted(draft, ("flat", "key"), 1), lambda draft: ordered(draft, ("flat",), [0, 0, 1]),
    lambda draft: ordered(draft, ("single",), [0])])
def test_what_is_not_there_is_refused(act: Callable[[Draft], Draft]) -> None:
    with pytest.raises(PatchRefused):
        act(opened(TEXT))


small = st.one_of(st.text(max_size=4), st.integers(0, 99), st.booleans(), st.dictionaries(st.text("abé", max_size=2),
                                                                                         st.integers(0, 9), max_size=2))
boxes = st.dictionaries(st.text("abc中", min_size=1, max_size=3), st.lists(small, min_size=1, max_size=4), min_size=1,
                        max_size=3)


@settings(max_examples=200, deadline=None)
@given(st.data(), boxes)
def test_any_edit_of_any_text_is_as_meant_and_taken_back(data: st.DataObject, value: dict[str, list[Any]]) -> None:
    text = data.draw(written(value))
    key = data.draw(st.sampled_from(sorted(value)))
    at = data.draw(st.integers(0, len(value[key]) - 1))
    new = data.draw(st.one_of(small, st.lists(small, max_size=2)))
    listed = list(value[key])
    order = data.draw(st.permutations(range(len(listed))))
    draft = opened(text)
    for after, meant in (
        (replaced(draft, (key, at), new), [*listed[:at], new, *listed[at + 1:]]),
        (removed(draft, (key, at)), [*listed[:at], *listed[at + 1:]]),
        (inserted(draft, (key, at), new), [*listed[:at], new, *listed[at:]]),
        (inserted(draft, (key, len(listed)), new), [*listed, new]),
        (ordered(draft, (key,), order), [listed[one] for one in order]),
    ):
        assert said(after.text) == {**value, key: meant}
        assert after.taken_back() == text
