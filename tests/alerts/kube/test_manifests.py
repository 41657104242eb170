"""Documents of a manifest, and edits of their fields."""

import pytest

from alerts.gateway import PatchRefused
from alerts.kube.manifests import (
    documents,
    edited,
    has_kind,
    line_in,
    place_of,
    put_entry,
    put_field,
    put_first,
    said,
    valued,
    walk,
)
from alerts.model import RoutingChange, Strength
from alerts.surgery.draft import Draft
from alerts.surgery.text import splice
from alerts.surgery.yamlnodes import child, compose, plain

TEXT = (
    "# head\n---\nkind: A\nmetadata: {name: x}\n--- # next\n{{ no yaml\n"
    "---\nkind: B\nrefs:\n  - name: a\n  - {name: b}\n"
)
CHANGE = RoutingChange("vw-1", "w", "v", (), "t", Strength.EXCLUDE, "c", "b")


def test_each_document_is_read_alone_and_only_those_of_the_kinds() -> None:
    first, second = documents(TEXT, {"A", "B"})
    assert (first.kind, first.name, first.namespace) == ("A", "x", "")
    assert TEXT[second.start:].startswith("---\nkind: B")
    assert line_in(TEXT, second, walk(second.root, "refs", 1) or second.root) == 11
    assert [one.kind for one in documents(TEXT, {"B"})] == ["B"]
    assert has_kind(TEXT, "B")
    assert not has_kind(TEXT, "C")


def test_a_marker_inside_a_block_is_indented_and_begins_nothing() -> None:
    (only,) = documents("kind: A\ntext: |\n  ---\n  kind: B\n", {"A", "B"})
    assert only.kind == "A"


def test_a_document_that_cannot_be_read_is_named_by_its_line_in_the_file() -> None:
    with pytest.raises(PatchRefused, match="line 4"):
        documents("a: 1\n---\nkind: [A\nkind: A\n: x", {"A"})


@pytest.mark.parametrize(("at", "key", "value", "after"), [
    (0, "weight", 0, "  - name: a\n    weight: 0\n"),
    (1, "weight", 0, "  - {name: b, weight: 0}\n"),
    (0, "name", "c: d", '  - name: "c: d"\n'),
    (1, "name", "c", "  - {name: c}\n"),
])
def test_fields(at: int, key: str, value: str | int, after: str) -> None:
    (document,) = documents(TEXT, {"B"})
    entry = walk(document.root, "refs", at)
    assert entry is not None
    text, back = splice(document.text, put_field(place_of(document, CHANGE), entry, key, value))
    assert after in text
    assert splice(text, back)[0] == document.text


def test_a_field_at_the_end_of_a_file_without_newline() -> None:
    (document,) = documents("kind: B\nrefs:\n- name: a", {"B"})
    entry = walk(document.root, "refs", 0)
    assert entry is not None
    cuts = put_field(place_of(document, CHANGE), entry, "weight", 0)
    assert splice(document.text, cuts)[0].endswith("a\n  weight: 0")


def test_a_first_entry_in_both_styles() -> None:
    (document,) = documents("kind: B\nrefs:\n  -   name: a\nflow: [{name: a}]\n", {"B"})
    place, fields = place_of(document, CHANGE), [("name", "c"), ("model", "qwen:3")]
    block = put_first(place, walk(document.root, "refs"), fields)
    assert '  -   name: c\n      model: "qwen:3"\n  -   name: a' in splice(document.text, block)[0]
    flow = put_first(place, walk(document.root, "flow"), fields)
    assert 'flow: [{name: c, model: "qwen:3"}, {name: a}]' in splice(document.text, flow)[0]


@pytest.mark.parametrize("text", ["kind: B\nrefs: &a [1]\n", "kind: B\nb: &a [1]\nrefs: *a\n"])
def test_no_step_over_an_anchor(text: str) -> None:
    (document,) = documents(text, {"B"})
    with pytest.raises(PatchRefused, match="anchor"):
        walk(document.root, "refs", 0)


def test_a_draft_of_one_document_says_all_the_others_too() -> None:
    draft = Draft(TEXT, said(lambda text: documents(text, {"A", "B"})))
    second = documents(TEXT, {"A", "B"})[1]
    entry = walk(second.root, "refs", 0)
    assert entry is not None
    cuts = put_field(place_of(second, CHANGE), entry, "name", "z")
    wrong = plain(second.root)
    with pytest.raises(PatchRefused, match="something else"):
        edited(draft, second, cuts, {**wrong, "more": 1})
    with pytest.raises(PatchRefused, match="no plain value"):
        put_field(place_of(second, CHANGE), second.root, "refs", "x", after="kind")


@pytest.mark.parametrize(("mapping", "after"), [
    ("{}", "{'gpt-*': q}"), ("{a: b}", "{'gpt-*': q, a: b}"), ("\n  # c\n  a: b", "\n  # c\n  'gpt-*': q\n  a: b"),
])
def test_a_first_entry_of_a_mapping(mapping: str, after: str) -> None:
    (document,) = documents(f"kind: B\nm: {mapping}\n", {"B"})
    cuts = put_entry(place_of(document, CHANGE), walk(document.root, "m"), "gpt-*", "qwen")
    assert splice(document.text, cuts)[0] == f"kind: B\nm: {after}\n".replace("'gpt-*': q", '"gpt-*": qwen')


def test_values_as_json_has_them() -> None:
    node = child(compose("v: {a: 1, b: x, c: true, d: 1.5, e: null, f: ['2'], g: 0x10}"), "v")
    assert valued(plain(node)) == {"a": 1, "b": "x", "c": True, "d": 1.5, "e": None, "f": ["2"], "g": 16}
