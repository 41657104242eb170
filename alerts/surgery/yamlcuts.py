"""Where to cut a YAML text so that one key or one list entry changes, and nothing else. Pure.

Every edit brings its note, a comment on a line of its own above it, so that an edit left behind can be found. Places
where a cut could reach further than it seems to (anchors, merge keys, tabs, structures of the wrong kind) are refused.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from alerts.gateway import PatchRefused
from alerts.surgery.text import Splice, holds_secret, line_after, line_end, line_start, newline_of, takes_remark
from alerts.surgery.yamlnodes import child, is_empty, is_flow, is_shared, items, key_of, quoted, scalar

_NONE: Final[Mapping[int, str]] = {}


@dataclass(frozen=True, slots=True)
class Place:
    """A text, its root node, and the note that goes with every edit of it."""

    text: str
    root: MappingNode
    note: str


def span(node: Node) -> tuple[int, int]:
    return int(node.start_mark.index), int(node.end_mark.index)


def safe_child(node: Node | None, *path: str) -> Node | None:
    """The node under a path; refuses to step over an anchor, an alias or a merge key."""
    for name in path:
        if is_shared(node):
            raise PatchRefused(f"{name} hangs on an anchor or a merge key; write it out first")
        node = child(node, name)
    if is_shared(node):
        raise PatchRefused(f"{'.'.join(path)} is an anchor or uses one; write it out first")
    return node


def note_above(place: Place, at: int) -> Splice:
    """The note on a line of its own above the line of `at`, indented like it."""
    start = line_start(place.text, at)
    indent = re.match(r"[ ]*", place.text[start:])
    line = f"{indent.group() if indent else ''}{place.note}{newline_of(place.text)}"
    return Splice(start, start, "" if place.text[:start].endswith(line) else line)     # one note for two edits


def note_beside(place: Place, at: int) -> Splice:
    """The note at the end of the line of `at`, after what is said there; above it where that line goes on."""
    start, end = line_start(place.text, at), line_end(place.text, at)
    if place.text[start:end].endswith(place.note):
        return Splice(end, end, "")                 # one note for two edits of a line
    rest = place.text[at:end]
    if not takes_remark(rest):
        return note_above(place, at)
    return Splice(end, end, place.note if rest[-1:].isspace() else f"  {place.note}")


def replace_name(place: Place, node: Node, name: str) -> list[Splice]:
    """A scalar on one line replaced by another, in the same quotes where these will do."""
    start, end = span(node)
    if not isinstance(node, ScalarNode) or "\n" in place.text[start:end]:
        raise PatchRefused(f"line {node.start_mark.line + 1} is not a name on one line; change it by hand")
    mark = place.text[start] if place.text[start] in "'\"" and quoted(name) == name else ""
    return [note_beside(place, end), Splice(start, end, f"{mark}{name}{mark}" if mark else quoted(name))]


def insert(place: Place, path: Sequence[str], leaf: str, *, listed: bool = False) -> list[Splice]:
    """A new `leaf` under a path of keys, as its parent's first child; `listed`: the last key is an entry of a list."""
    node: Node | None = place.root
    owner: Node | None = None
    depth = 0
    while depth < len(path) - 1:
        below = safe_child(node, path[depth])
        key = key_of(node, path[depth])
        if key is None:
            break
        owner, node, depth = key, below, depth + 1
    _check_kind(node, wants_list=listed and depth == len(path) - 1, name=path[depth - 1] if depth else "the config")
    rest = tuple(map(quoted, path[depth:]))
    if owner is None and not is_flow(place.root):
        return _at_end(place, _line(rest, leaf, listed))
    if node is not None and is_flow(node):
        start = span(node)[0] + 1
        comma = ", " if node.value else ""
        return [Splice(start, start, _flow(rest, leaf, listed) + comma), note_beside(place, start)]
    assert owner is not None        # the root is there, and no flow
    if node is None or is_empty(node):
        return _under_empty(place, owner, node, _line(rest, leaf, listed))
    return _before_first(place, owner, node, _line(rest, leaf, listed))


def change_list(
    place: Place, key: Node, value: Node | None, keep: Sequence[int], added: Sequence[str],
    swapped: Mapping[int, str] = _NONE,
) -> list[Splice]:
    """The list under `key` with only the entries `keep`, other names for those `swapped`, and `added` at its end."""
    if not isinstance(value, SequenceNode):
        raise PatchRefused(f"line {key.start_mark.line + 1}: {scalar(key)} is no list of names; change it by hand")
    note = note_beside(place, span(value if is_flow(value) else key)[1])
    if is_flow(value):
        kept = [
            quoted(swapped[at]) if at in swapped else place.text[slice(*span(value.value[at]))].strip() for at in keep]
        return [_flow_list(place.text, value, kept, added), note]
    renamed = [replace_name(place, value.value[at], name)[1] for at, name in swapped.items()]
    return [*renamed, *_block_list(place.text, key, value, keep, added), note]


def _check_kind(node: Node | None, *, wants_list: bool, name: str) -> None:
    kind = SequenceNode if wants_list else MappingNode
    if not is_empty(node) and not isinstance(node, kind):
        wanted = "a list" if wants_list else "a mapping"
        raise PatchRefused(f"{name} is not {wanted}; mend it first")


def _line(path: Sequence[str], leaf: str, listed: bool) -> str:
    """All of it on one line, which the note shares: what comes goes as one."""
    if len(path) == 1:
        return f"{'- ' if listed else ''}{path[0]}: {leaf}"
    return _flow(path, leaf, listed)


def _flow(path: Sequence[str], leaf: str, listed: bool) -> str:
    said = f"{path[-1]}: {leaf}"
    said = f"{{{said}}}" if listed else said
    for at, name in enumerate(reversed(path[:-1])):
        said = f"{name}: [{said}]" if listed and at == 0 else f"{name}: {{{said}}}"
    return said


def _at_end(place: Place, line: str) -> list[Splice]:
    text, end = place.text, newline_of(place.text)
    room = " " * int(place.root.start_mark.column) if not text.startswith("\ufeff") else ""
    body = f"{room}{line}  {place.note}"
    if not text.endswith("\n") and place.root.value and holds_secret(text[line_start(text, len(text)):]):
        at = _above_last(place)         # the line would get an end, and so be shown as changed
        return [Splice(at, at, f"{body}{end}")]
    return [Splice(len(text), len(text), f"{body}{end}" if text.endswith("\n") else f"{end}{body}")]


def _above_last(place: Place) -> int:
    """The start of the last key's line, or of the comments right above it."""
    at = line_start(place.text, span(place.root.value[-1][0])[0])
    while at and place.text[line_start(place.text, at - 1):at].lstrip().startswith("#"):
        at = line_start(place.text, at - 1)
    return at or len(place.text) - len(place.text.lstrip("\ufeff"))


def _under_empty(place: Place, owner: Node, node: Node | None, line: str) -> list[Splice]:
    text, end = place.text, newline_of(place.text)
    room = " " * (_column(text, owner) + 2)
    at = line_after(text, span(owner)[1])
    body = f"{room}{line}  {place.note}"
    cuts = [Splice(at, at, f"{body}{end}" if text[at - 1:at] == "\n" else f"{end}{body}")]
    if node is not None and span(node)[0] < span(node)[1]:      # written as null or ~
        cuts.insert(0, Splice(*span(node), ""))
    return cuts


def _before_first(place: Place, owner: Node, node: Node, line: str) -> list[Splice]:
    """Straight under the owner's line, so that a comment stays with the entry it stands above."""
    text, end = place.text, newline_of(place.text)
    room = text[line_start(text, span(node)[0]):span(node)[0]]
    if room.strip(" "):
        raise PatchRefused(f"line {node.start_mark.line + 1} is indented in a way not handled; use spaces")
    at = line_after(text, span(owner)[1])
    return [Splice(at, at, f"{room}{line}  {place.note}{end}")]


def _column(text: str, node: Node) -> int:
    start = span(node)[0]
    before = text[line_start(text, start):start]
    if before.strip(" "):
        raise PatchRefused(f"line {node.start_mark.line + 1} is written in a way not handled; one key a line, please")
    return len(before)


def _flow_list(text: str, value: Node, kept: Sequence[str], added: Sequence[str]) -> Splice:
    start, end = span(value)
    if "#" in text[start:end]:
        raise PatchRefused(f"the list in line {value.start_mark.line + 1} holds comments; change it by hand")
    return Splice(start, end, f"[{', '.join((*kept, *map(quoted, added)))}]")


def _block_list(text: str, key: Node, value: Node, keep: Sequence[int], added: Sequence[str]) -> list[Splice]:
    lines = [_own_line(text, item) for item in items(value)]
    first = span(value)[0]
    dash = text[line_start(text, first):first] + "- "
    cuts = [Splice(*line, "") for at, line in enumerate(lines) if at not in keep]
    if added:
        end, last = newline_of(text), lines[-1][1]
        body = end.join(f"{dash}{quoted(name)}" for name in added)
        cuts.append(Splice(last, last, f"{body}{end}" if text[last - 1] == "\n" else f"{end}{body}"))
    elif not keep:
        colon = re.match(r"[ ]*:", text[span(key)[1]:])
        at = span(key)[1] + (colon.end() if colon else 0)
        cuts.insert(0, Splice(at, at, " []"))
    return cuts


def _own_line(text: str, item: Node) -> tuple[int, int]:
    """The line an entry has to itself; refused where it shares one or needs several."""
    start, end = span(item)
    first, after = line_start(text, start), line_after(text, max(start, end - 1))
    alone = re.fullmatch(r" *- +", text[first:start]) and re.fullmatch(r"[ ]*(#.*)?\r?\n?", text[end:after])
    if not isinstance(item, ScalarNode) or not alone or "\n" in text[start:end] or is_shared(item):
        raise PatchRefused(f"the list entry in line {item.start_mark.line + 1} is not a plain name on its line")
    return first, after
