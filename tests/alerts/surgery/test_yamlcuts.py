"""Where to cut: each form a parent may have, and the forms that are refused."""

import pytest

from alerts.gateway import PatchRefused
from alerts.surgery.text import splice
from alerts.surgery.yamlcuts import Place, change_list, insert, replace_name, safe_child
from alerts.surgery.yamlnodes import STR, child, compose, key_of, plain


def inserted(text: str, *path: str, listed: bool = False) -> str:
    return splice(text, insert(Place(text, compose(text), "# mine"), path, "v", listed=listed))[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x: 1\n", "x: 1\na: {b: v}  # mine\n"),
        ("x: 1", "x: 1\na: {b: v}  # mine"),
        ("x: 1\n# of y\n# too\ny:\n  key: s3cret", "x: 1\na: {b: v}  # mine\n# of y\n# too\ny:\n  key: s3cret"),
        ("\ufeffy:\r\n  key: s3cret", "\ufeffa: {b: v}  # mine\r\ny:\r\n  key: s3cret"),
        ("a:\n   # c\n   d: 1\n", "a:\n   b: v  # mine\n   # c\n   d: 1\n"),
        ("a: # c\nx: 1\n", "a: # c\n  b: v  # mine\nx: 1\n"),
        ("a: {}\n", "a: {b: v}  # mine\n"),
        ("a: {d: 1}\r\n", "a: {b: v, d: 1}  # mine\r\n"),
        ("a: null\n", "a: \n  b: v  # mine\n"),
    ],
)
def test_a_key_becomes_the_first_child(before: str, after: str) -> None:
    assert inserted(before, "a", "b") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\n- c: 1\n", "a:\n- b: v  # mine\n- c: 1\n"),
        ("a: []\n", "a: [{b: v}]  # mine\n"),
        ("x: 1\n", "x: 1\na: [{b: v}]  # mine\n"),
    ],
)
def test_an_entry_becomes_the_first_of_its_list(before: str, after: str) -> None:
    assert inserted(before, "a", "b", listed=True) == after


@pytest.mark.parametrize("text", ["a: 5\n", "a: &x {d: 1}\n", "a: [1]\n", "x: &x {d: 1}\na: {<<: *x}\n"])
def test_parents_of_another_kind_or_shared_are_refused(text: str) -> None:
    with pytest.raises(PatchRefused):
        inserted(text, "a", "b")


def test_a_name_keeps_its_quotes() -> None:
    text = "a:\n  b: 'x' # c\n"
    node = safe_child(compose(text), "a", "b")
    assert node is not None
    assert splice(text, replace_name(Place(text, compose(text), "# m"), node, "z"))[0] == "a:\n  b: 'z' # c  # m\n"


@pytest.mark.parametrize(("before", "after"), [
    ("a: {b: x, c: 'y # z'} # c\n", "a: {b: z, c: 'y # z'} # c  # m\n"),
    ("a: {b: x,\n  c: 1}\n", "a: {b: z,  # m\n  c: 1}\n"),
    ("a: {b: x, c: one\n  two}\n", "# m\na: {b: z, c: one\n  two}\n"),
    ('a: {b: x, c: "one\n  two"}\n', '# m\na: {b: z, c: "one\n  two"}\n'),
    ("a: {b: x, c: it's}\r\n", "# m\r\na: {b: z, c: it's}\r\n"),
    ("a:\n  b: x", "a:\n  b: z  # m"),
    ("a:\n  b: x  # m\n", "a:\n  b: z  # m\n"),
])
def test_the_note_is_beside_where_nothing_of_the_line_goes_on(before: str, after: str) -> None:
    root = compose(before)
    node = safe_child(root, "a", "b")
    assert node is not None
    said = splice(before, replace_name(Place(before, root, "# m"), node, "z"))[0]
    assert said == after
    assert plain(child(compose(said), "a")) == {**plain(child(root, "a")), (STR, "b"): (STR, "z")}


@pytest.mark.parametrize(
    ("before", "keep", "added", "after"),
    [
        ("a:\n  - x\n  - y # c\n", (1,), ("z",), "a:  # m\n  - y # c\n  - z\n"),
        ("a:\n  - x\n", (), (), "a: []  # m\n"),
        ("a:\n  - x", (0,), ("no",), 'a:  # m\n  - x\n  - "no"'),
        ("a: ['x', y]\n", (0,), ("z",), "a: ['x', z]  # m\n"),
    ],
)
def test_lists(before: str, keep: tuple[int, ...], added: tuple[str, ...], after: str) -> None:
    root = compose(before)
    key = key_of(root, "a")
    assert key is not None
    assert splice(before, change_list(Place(before, root, "# m"), key, child(root, "a"), keep, added))[0] == after


@pytest.mark.parametrize(
    "text", ["a: x\n", "a: [x, # c\n  y]\n", "a:\n  - {m: x}\n", "a:\n  - &q x\n", "a:\n  - |\n    x\n"]
)
def test_lists_in_forms_not_handled_are_refused(text: str) -> None:
    root = compose(text)
    key = key_of(root, "a")
    assert key is not None
    with pytest.raises(PatchRefused):
        change_list(Place(text, root, "# m"), key, child(root, "a"), (), ())
