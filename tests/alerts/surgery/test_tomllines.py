"""Where things stand in a TOML text: what is found there is what tomllib reads there."""

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.gateway import PatchRefused
from alerts.surgery.tomllines import array_text, entry_at, load, table_lines, tables, within

TEXT = '''\ufefftop = 1 # c
[a."b.c"]   # header
x = "q # no" # yes
y = [ # first
  "one", # 1
  'two',
]
dotted.key = { z = "]" }
z = """
[not.a.table]
x = 1
"""
[[a.list]]
[a."b.c".d]
last = 2026-01-01
'''


def test_what_stands_where() -> None:
    found = tables(TEXT)
    assert [table.path for table in found] == [(), ("a", "b.c"), ("a", "list"), ("a", "b.c", "d")]
    config = load(TEXT)
    for path in (("top",), ("a", "b.c", "x"), ("a", "b.c", "y"), ("a", "b.c", "dotted", "key"), ("a", "b.c", "z")):
        entry = entry_at(found, path)
        assert entry is not None
        value: Any = config
        for step in path:
            value = value[step]
        assert tomllib.loads(f"v = {TEXT[entry.start:entry.end]}")["v"] == value
    assert [table.path[-1] for table in within(found, ("a", "b.c"))] == ["b.c", "d"]


@pytest.mark.parametrize(("present", "wanted", "after"), [
    ('["a", \'b\']', ["b", "c"], "['b', \"c\"]"),
    ('[ "a" ]', ["a", "b"], '[ "a", "b" ]'),
    ('[\n  "a", # x\n  "b"\n]', ["b", "a"], '[\n  "b",\n  "a" # x\n]'),
    ('[\n  "a",\n  # of b\n  "b",\n]', ["b"], '[\n  # of b\n  "b",\n]'),
])
def test_arrays_keep_their_layout(present: str, wanted: list[str], after: str) -> None:
    assert array_text(present, wanted, "\n") == after


def test_an_array_that_cannot_be_edited() -> None:
    with pytest.raises(PatchRefused):
        array_text('["a",\n"b", "c"]', ["c"], "\n")


VALUES = st.one_of(
    st.text("ab\"'\\#]ü", max_size=6), st.integers(), st.booleans(), st.lists(st.text("ab", max_size=2), max_size=3))


@given(st.dictionaries(st.text("ab. \"'\\é", max_size=5), VALUES, max_size=4))
@settings(max_examples=40, deadline=None)
def test_a_table_is_written_as_it_is_read(body: dict[str, Any]) -> None:
    assert tomllib.loads("\n".join(table_lines(("x", "y.z"), body))) == {"x": {"y.z": body}}


@pytest.mark.parametrize("junk", ["[", "a = ", "a = 1\na = 2"])
def test_junk(junk: str) -> None:
    with pytest.raises(PatchRefused):
        load(junk)
