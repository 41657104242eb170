"""JSON as nodes: exact spans, every dialect, and a clear refusal for what is none."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonlaws import JUNK, said, written

from alerts.gateway import PatchRefused
from alerts.surgery.jsonnodes import (
    MAX_DEPTH,
    Number,
    beyond_strict,
    child,
    commented,
    duplicates,
    elements,
    figure,
    line_of,
    member_of,
    parse,
    plain,
    string,
    walk,
)

JSON5 = "\ufeff{ // one\n  a: 'it\\'s', \"b\": [+1, .5, 0xFF, -Infinity,], $c: {d: null,}, /* x */ e: true,\n}\n"
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4)),
    max_leaves=12)


def test_json5_is_read_with_its_spans() -> None:
    root = parse(JSON5)
    assert plain(root) == {
        "a": "it's", "b": [Number("+1"), Number(".5"), Number("0xFF"), Number("-Infinity")], "$c": {"d": None},
        "e": True}
    node = child(root, "b", 2)
    assert node is not None
    assert JSON5[node.start:node.end] == "0xFF"
    assert [figure(one) for one in elements(root, "b")] == [1.0, 0.5, 255.0, float("-inf")]
    member = member_of(root, "e")
    assert member is not None
    assert JSON5[member.start] == "e"
    assert JSON5[member.comma] == ","
    assert line_of(JSON5, member.start) == 2


def test_what_is_not_there_is_none_or_empty() -> None:
    root = parse('{"a": [1, "2", "x"]}')
    assert child(root, "a", 9) is None
    assert child(root, "b", "c") is None
    assert child(root, 0) is None
    assert string(root, "a") == ""
    assert elements(root, "b") == ()
    assert [figure(one) for one in elements(root, "a")] == [1.0, 2.0, None]
    assert figure(None) is None


def test_one_and_true_and_one_point_nought_are_three_things() -> None:
    assert len({repr(plain(parse(text))) for text in ("1", "1.0", "true", '"1"')}) == 4


def test_duplicates_are_told_and_the_last_counts() -> None:
    text = '{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}'
    assert [(key, text[at:at + 3]) for at, key in duplicates(parse(text))] == [("a", '"a"'), ("c", '"c"')]
    assert string(parse('{"a": "1", "a": "2"}'), "a") == "2"


def test_escapes_and_signs_of_two_halves() -> None:
    assert plain(parse(r'"\ud83d\ude00\n\x41\q\u0042"')) == "😀\nAqB"
    assert plain(parse('"\\\r\nb"')) == "b"
    assert "\ufffd" in plain(parse(r'"\ud83d"'))


def test_where_strict_parsers_stop_and_whether_there_are_comments() -> None:
    assert beyond_strict('\ufeff{"a": 1}') is None
    assert beyond_strict('{"a": 1,\n}') is not None
    assert commented('{"a": "//x", "b": \'/*\'}') is False
    assert commented('{"a": 1} // x') is True


@pytest.mark.parametrize("text", [
    "", " ", "{", "[1 2]", '{"a" 1}', '{"a": }', "{a: b}", "[1,,2]", '"a\nb"', "1 2", "nul", "/* x", "01a", "{1: 2}",
    "[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2), "[" * 90_000, "truely"])
def test_what_is_no_json_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(PatchRefused, match="not JSON: line"):
        parse(text)


@settings(max_examples=150, deadline=None)
@given(JUNK)
def test_junk_is_refused_or_read(text: str) -> None:
    try:
        root = parse(text)
    except PatchRefused:
        return
    assert root.end <= len(text)


@settings(max_examples=150, deadline=None)
@given(st.data(), values)
def test_it_reads_what_others_wrote(data: st.DataObject, value: object) -> None:
    text = data.draw(written(value))
    assert said(text) == value
    for _, node in walk(parse(text)):
        if node.kind == "number":
            json.loads(text[node.start:node.end])
