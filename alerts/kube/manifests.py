"""Kubernetes manifests: the documents of a file as nodes with positions, and edits of their fields. Pure.

A `---` at the start of a line always begins a document, so that each is read alone: what stands beside ours may be of
any kind, or a template that is no YAML.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from alerts.gateway import PatchRefused
from alerts.model import RoutingChange
from alerts.surgery.draft import Draft, note_of
from alerts.surgery.text import Splice, line_after, line_start, newline_of
from alerts.surgery.yamlcuts import Place, note_beside, span
from alerts.surgery.yamlnodes import STR, child, compose, duplicates, is_flow, is_shared, plain, quoted, scalar

INT: Final = "tag:yaml.org,2002:int"
_START: Final = re.compile(r"(?m)^---(?=\s|$)")
_KIND: Final = re.compile(r"(?m)^\ufeff?[\"']?kind[\"']?[ ]*:[ ]*[\"']?(\w+)")


@dataclass(frozen=True, slots=True)
class Document:
    """One document: which of those read, where its text starts, and its nodes (positions count from there)."""

    at: int
    start: int
    text: str
    root: MappingNode

    @property
    def kind(self) -> str:
        return scalar(child(self.root, "kind")) or ""

    @property
    def name(self) -> str:
        return scalar(child(self.root, "metadata", "name")) or ""

    @property
    def namespace(self) -> str:
        return scalar(child(self.root, "metadata", "namespace")) or ""


def has_kind(text: str, kind: str) -> bool:
    return kind in text and any(found.group(1) == kind for found in _KIND.finditer(text))


def documents(text: str, kinds: Iterable[str]) -> tuple[Document, ...]:
    """Those of some kinds. Raises PatchRefused if one of them cannot be read, with its line in the file."""
    wanted, found = frozenset(kinds), list[Document]()
    starts = [0, *(mark.start() for mark in _START.finditer(text) if mark.start()), len(text)]
    for start, end in pairwise(starts):
        part = text[start:end]
        kind = _KIND.search(part)
        if kind is None or kind.group(1) not in wanted:
            continue
        try:
            found.append(Document(len(found), start, part, _composed(part)))
        except PatchRefused as error:
            raise PatchRefused(_moved(str(error), text.count("\n", 0, start))) from None
    return tuple(found)


@lru_cache(maxsize=1024)    # an edit reads the whole file several times; most of its documents stay as they are
def _composed(part: str) -> MappingNode:
    return compose(part)


@lru_cache(maxsize=1024)
def value_in(part: str) -> Any:
    """What a document says, as `plain` gives it: to be compared, not to be changed."""
    return plain(_composed(part))


def line_in(text: str, document: Document, node: Node) -> int:
    """The line of a node in the whole file, 1 for the first."""
    return text.count("\n", 0, document.start) + int(node.start_mark.line) + 1


def said(find: Callable[[str], Sequence[Document]]) -> Callable[[str], Any]:
    """How a Draft reads a text: the documents found in it as values, and all that stands between them as it is."""

    def parse(text: str) -> Any:
        found = find(text)
        parts, at = list[str](), 0
        for document in found:
            parts.append(text[at:document.start])
            at = document.start + len(document.text)
        rest = "\0".join((*parts, text[at:]))
        return [rest, *(value_in(document.text) for document in found)]

    return parse


def edited(draft: Draft, document: Document, cuts: Sequence[Splice], intended: Any) -> Draft:
    """One edit of one document of the draft's text as it is now; `intended`: what it must say after it."""
    values = draft.parse(draft.text)
    values[document.at + 1] = intended
    return draft.edited([Splice(cut.start + document.start, cut.end + document.start, cut.new) for cut in cuts], values)


def place_of(document: Document, change: RoutingChange) -> Place:
    """Where to cut. Raises PatchRefused for a document in which a key stands twice."""
    twice = next(duplicates(document.root), None)
    if twice:
        raise PatchRefused(f"{twice[1]} stands twice in {document.kind} {document.name}; remove one of them first")
    newline_of(document.text)
    return Place(document.text, document.root, f"# {note_of(change)}")


def walk(node: Node | None, *path: str | int) -> Node | None:
    """The node under keys and indices; refuses to step over an anchor, an alias or a merge key."""
    for step in path:
        if is_shared(node):
            raise PatchRefused(f"{step} hangs on an anchor or a merge key; write it out first")
        if isinstance(step, int):
            node = node.value[step] if isinstance(node, SequenceNode) and step < len(node.value) else None
        else:
            node = child(node, step)
    if is_shared(node):
        raise PatchRefused(f"{'.'.join(map(str, path))} is an anchor or uses one; write it out first")
    return node


def put_field(place: Place, node: Node, key: str, value: str | int, after: str = "name") -> list[Splice]:
    """A scalar field replaced, or put in below `after`. An int is written bare, a name as YAML wants it."""
    present, beside = child(node, key), child(node, after)
    if present is not None:
        return [Splice(*_one_line(place, present), _written(place, present, value))]
    if beside is None:
        raise PatchRefused(f"line {node.start_mark.line + 1} has no {after}; mend it first")
    end = _one_line(place, beside)[1]
    if is_flow(node):
        return [Splice(end, end, f", {key}: {_plain(value)}")]
    return [line_below(place, end, " " * int(node.start_mark.column) + f"{key}: {_plain(value)}")]


def put_entry(place: Place, mapping: Node | None, key: str, value: str) -> list[Splice]:
    """A new first entry of a mapping."""
    if not isinstance(mapping, MappingNode) or is_shared(mapping):
        raise PatchRefused(f"there is no mapping to put {key} into; write it first")
    said_so = f"{_plain(key)}: {_plain(value)}"
    if is_flow(mapping):
        start = span(mapping)[0] + 1
        return [Splice(start, start, f"{said_so}{', ' if mapping.value else ''}")]
    first = span(mapping.value[0][0])[0]
    start = line_start(place.text, first)
    if place.text[start:first].strip(" "):
        raise PatchRefused(f"line {mapping.start_mark.line + 1} shares a line with another key; give it its own")
    return [Splice(start, start, f"{place.text[start:first]}{said_so}{newline_of(place.text)}")]


def line_below(place: Place, at: int, line: str) -> Splice:
    """A whole line below the one of `at`."""
    below, end = line_after(place.text, at), newline_of(place.text)
    return Splice(below, below, f"{line}{end}" if place.text[below - 1:below] == "\n" else f"{end}{line}")


def put_first(place: Place, sequence: Node | None, fields: Sequence[tuple[str, str]]) -> list[Splice]:
    """A mapping as the first entry of a sequence."""
    if not isinstance(sequence, SequenceNode) or not sequence.value:
        raise PatchRefused("there is no list to add to; write it first")
    written = [f"{key}: {_plain(value)}" for key, value in fields]
    start = span(sequence.value[0])[0]
    if is_flow(sequence):
        return [Splice(start, start, f"{{{', '.join(written)}}}, ")]
    first = line_start(place.text, start)
    dash = place.text[first:start]
    if not re.fullmatch(r" *- +", dash):
        raise PatchRefused(f"the list in line {sequence.start_mark.line + 1} is written in a way not handled")
    rows = (f"{dash if at == 0 else ' ' * len(dash)}{row}{newline_of(place.text)}" for at, row in enumerate(written))
    return [Splice(first, first, "".join(rows))]


def noted(place: Place, cuts: Sequence[Splice]) -> list[Splice]:
    """The cuts, and the note at the end of the line that the first of them writes."""
    first = cuts[0]
    line, end, more = first.new.partition(newline_of(place.text))
    if end and line:
        return [Splice(first.start, first.end, f"{line}  {place.note}{end}{more}"),
                *(cut for cut in cuts if cut is not first)]
    return [*cuts, note_beside(place, first.end)]


def valued(value: Any) -> Any:
    """A node's plain value as JSON has it."""
    if isinstance(value, dict):
        return {str(key[1] if isinstance(key, tuple) else key): valued(one) for key, one in value.items()}
    if isinstance(value, list):
        return [valued(one) for one in value]
    if not isinstance(value, tuple):
        return value
    tag, text = value
    if tag == INT:
        try:
            return int(text.replace("_", ""), 0) if not re.fullmatch(r"[-+]?0\d+", text) else int(text, 8)
        except ValueError:
            return text
    if tag.endswith(":bool"):
        return text.lower() in ("true", "yes", "on")
    return float(text) if tag.endswith(":float") and re.fullmatch(r"[-+.\deE]+", text) else text


def key_in(table: Any, name: str) -> Any:
    """The key of a plain mapping that reads `name`; a new one where there is none."""
    return next((key for key in table if isinstance(key, tuple) and key[1] == name), (STR, name))


def _one_line(place: Place, node: Node) -> tuple[int, int]:
    start, end = span(node)
    if not isinstance(node, ScalarNode) or "\n" in place.text[start:end] or is_shared(node):
        raise PatchRefused(f"line {node.start_mark.line + 1} is no plain value on one line; change it by hand")
    return start, end


def _written(place: Place, present: Node, value: str | int) -> str:
    mark = place.text[span(present)[0]]
    if isinstance(value, str) and mark in "'\"" and quoted(value) == value:
        return f"{mark}{value}{mark}"
    return _plain(value)


def _plain(value: str | int) -> str:
    return str(value) if isinstance(value, int) else quoted(value)


def _moved(message: str, lines: int) -> str:
    return re.sub(r"\(line (\d+)\)", lambda found: f"(line {int(found.group(1)) + lines})", message)
