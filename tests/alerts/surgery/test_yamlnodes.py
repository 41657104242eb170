"""Nodes with positions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from alerts.gateway import PatchRefused
from alerts.surgery.yamlnodes import STR, child, compose, duplicates, is_shared, items, plain, quoted, scalar


@given(st.text(max_size=40))
def test_a_quoted_name_reads_back_as_text_or_the_yaml_is_refused(name: str) -> None:
    try:
        root = compose(f"a: {quoted(name)}")
    except PatchRefused:
        return
    assert plain(child(root, "a")) == (STR, name)


@pytest.mark.parametrize("name", ["no", "Yes", "on", "null", "~", "1.5", "- a", "a: b", "# c", "", "*x", "中文", "y"])
def test_names_that_yaml_would_read_otherwise_are_quoted(name: str) -> None:
    assert quoted(name).startswith('"')
    assert YAML(typ="safe", pure=True).load(f"a: {quoted(name)}") == {"a": name}


def test_positions_count_characters_also_after_a_mark_and_crlf() -> None:
    text = "\ufeff中: 😀\r\nb: 'x'\r\n"
    node = child(compose(text), "b")
    assert node is not None
    assert text[node.start_mark.index:node.end_mark.index] == "'x'"
    assert scalar(node) == "x"


def test_duplicates_are_found_at_every_depth_with_their_path() -> None:
    assert list(duplicates(compose("a:\n  - {x: 1, x: 2}\nb: 1\nb: 2\n"))) == [(2, "a[0].x"), (4, "b")]


def test_anchors_and_merges_are_shared() -> None:
    root = compose("a: &x {k: 1}\nb: *x\nc: {<<: *x}\nd: {k: 1}\ne: [1]\n")
    assert [is_shared(child(root, name)) for name in "abcd"] == [True, True, True, False]
    assert len(items(child(root, "e"))) == 1


@pytest.mark.parametrize("text", ["", "[1]", "a: [", "a: 1\n---\nb: 2\n", "a: &x [*x]", "a\u2028: 1", "\x00",
                                  "a:\n  - :{b: 1, c: {d: 2}}\n", "? [1, 2]\n: 3\n"])
def test_what_is_no_config_is_refused(text: str) -> None:
    with pytest.raises(PatchRefused):
        compose(text)


def test_merge_keys_are_seen_through_the_own_key_first() -> None:
    root = compose("a: &a {x: 1, y: {z: 2}}\nb: &b {x: 3, w: 4}\nc: {<<: [*a, *b], x: 5}\nd:\n  <<: *b\n")
    assert [scalar(child(root, "c", name)) for name in ("x", "w")] == ["5", "4"]
    assert scalar(child(root, "c", "y", "z")) == "2"
    assert scalar(child(root, "d", "x")) == "3"
    assert child(root, "d", "nothing") is None
    assert list(duplicates(compose("a: &a {}\nb: {<<: *a, <<: *a}\n"))) == []


def test_an_anchor_may_be_used_again_and_is_seen_where_it_stands() -> None:
    root = compose("a: &x 1\nb: &x {c: 2}\nd: [&y e, f]\n")
    assert [bool(is_shared(child(root, name))) for name in "abd"] == [True, True, False]
    assert [is_shared(item) for item in items(child(root, "d"))] == [True, False]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_long_text_is_read_in_c_and_counted_in_characters(mark: str) -> None:
    text = mark + "".join(f"k{at}: 'é😀' # 中\n" for at in range(50))
    node = child(compose(text), "k49")
    assert node is not None
    assert text[node.start_mark.index:node.end_mark.index] == "'é😀'"
    assert (node.start_mark.line, node.start_mark.column) == (49, 5)
    assert compose(text) is compose(text)
