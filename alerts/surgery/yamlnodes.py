"""YAML as nodes with positions: read by ruamel.yaml, never written by it. Pure.

A dump would change dozens of lines for a change of one; so nodes only say *where* to cut. Scalars are compared as (tag,
text), which needs no construction and so cannot fail on a date that is none. The parser in C is a fifth of the pure
one's time and gives the same nodes at the same places, but for anchors, which are seen in the text. The last few texts
are kept read: planning parses the same text several times, and nobody changes a node.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

from ruamel.yaml import YAML
from ruamel.yaml.cyaml import CSafeLoader
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from alerts.gateway import PatchRefused

STR: Final = "tag:yaml.org,2002:str"
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_NOT_TEXT: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})   # YAML 1.1's words too
_BREAKS: Final = re.compile("[\x85\u2028\u2029]")
_ANCHOR: Final = re.compile(r"&(\S+)")
_DEEP: Final = 10_000        # brackets and dashes that could each be a level: C has no recursion limit to catch it


@dataclass(frozen=True, slots=True)
class _Mark:
    """A place as the parser in C counts it, set right where the text begins with a byte-order mark."""

    index: int
    line: int
    column: int


@lru_cache(maxsize=4)
def compose(text: str) -> MappingNode:
    """The root mapping. Raises PatchRefused for everything else, with the line."""
    if _BREAKS.search(text):
        raise PatchRefused("the file has unusual line separators (NEL, U+2028); remove them first")
    try:
        root = _read_in_c(text) or _read_in_python(text)
    except MarkedYAMLError as error:
        where = f" (line {error.problem_mark.line + 1})" if error.problem_mark else ""
        raise PatchRefused(f"the file is not one YAML document{where}: {error.problem or error.context}") from None
    except (YAMLError, ValueError, RecursionError, AssertionError, LookupError, TypeError, AttributeError) as error:
        raise PatchRefused(f"the file cannot be read as YAML ({type(error).__name__}); mend it first") from None
    if not isinstance(root, MappingNode):
        raise PatchRefused("the file is no mapping of keys; is it the gateway's config?")
    try:
        _check_depth(root, text)
    except RecursionError:
        raise PatchRefused("the file is nested too deeply to be a config") from None
    return root


def entries(node: Node | None) -> Iterator[tuple[Node, Node]]:
    """(key, value) of a mapping; nothing for any other node."""
    if isinstance(node, MappingNode):
        yield from node.value


def items(node: Node | None) -> list[Node]:
    return list(node.value) if isinstance(node, SequenceNode) else []


def child(node: Node | None, *path: str) -> Node | None:
    """The value under a path of keys, or None. What a merge key (`<<: *base`) brings counts, but its own first."""
    for name in path:
        if not isinstance(node, MappingNode):
            return None
        for key, value in node.value:
            if key.value == name:
                node = value
                break
        else:
            node = _merged(node, name)
    return node


def _merged(node: Node | None, name: str) -> Node | None:
    for key, value in entries(node):
        if key.value == "<<":
            for base in items(value) or [value]:        # one mapping, or a list of which the first has the say
                found = child(base, name)
                if found is not None:
                    return found
    return None


def key_of(node: Node | None, name: str) -> Node | None:
    return next((key for key, _ in entries(node) if scalar(key) == name), None)


def scalar(node: Node | None) -> str | None:
    return cast(str, node.value) if isinstance(node, ScalarNode) else None


def is_empty(node: Node | None) -> bool:
    """Written as nothing, or as null."""
    return node is None or (isinstance(node, ScalarNode) and tag_of(node).endswith(":null"))


def is_flow(node: Node) -> bool:
    return bool(getattr(node, "flow_style", False))


def line_of(node: Node) -> int:
    return int(node.start_mark.line) + 1


def plain(node: Node | None) -> Any:
    """The node as a value: mappings as dicts, sequences as lists, scalars as (tag, text)."""
    if isinstance(node, ScalarNode):
        tag = tag_of(node)
        return None if tag.endswith(":null") else (tag, node.value)
    if isinstance(node, MappingNode):
        return {plain(key) if isinstance(key, ScalarNode) else repr(plain(key)): plain(value)
                for key, value in node.value}
    return [plain(item) for item in node.value] if isinstance(node, SequenceNode) else None


@lru_cache(maxsize=4)
def said(text: str) -> Any:
    """What a text says, as `plain` gives it: to be compared, not to be changed. Raises PatchRefused as `compose`."""
    return plain(compose(text))


def tag_of(node: Node) -> str:
    """Its tag in full. The property of ruamel.yaml decodes a URI letter by letter at each call."""
    tag = node.ctag
    plainly = tag is not None and tag.handle is None and tag.suffix is not None and "%" not in tag.suffix
    return str(tag.suffix) if plainly else str(node.tag)


def duplicates(node: Node | None, path: str = "") -> Iterator[tuple[int, str]]:
    """(line, key path) of keys that stand twice in one mapping: loaders silently take the last."""
    seen: set[object] = set()
    for key, value in entries(node):
        name = scalar(key) or "?"
        mark = (tag_of(key), name)
        if mark in seen and name != "<<":
            yield line_of(key), f"{path}.{name}" if path else name
        seen.add(mark)
        if not isinstance(value, ScalarNode):
            yield from duplicates(value, f"{path}.{name}" if path else name)
    for index, item in enumerate(items(node)):
        if not isinstance(item, ScalarNode):
            yield from duplicates(item, f"{path}[{index}]")


def is_shared(node: Node | None) -> bool:
    """Whether an anchor or a merge key makes an edit here change another place too."""
    if node is None:
        return False
    return bool(getattr(node, "anchor", None)) or any(scalar(key) == "<<" for key, _ in entries(node))


def quoted(name: str) -> str:
    """A name as it may stand in YAML 1.1 and 1.2."""
    if _PLAIN.fullmatch(name) and name.lower() not in _NOT_TEXT:
        return name
    return json.dumps(name, ensure_ascii=False)


def _read_in_python(text: str) -> Node | None:
    reader = YAML(typ="safe", pure=True)
    reader.composer.warn_double_anchors = False     # the later one counts; a warning on stderr helps nobody
    return cast("Node | None", reader.compose(text))


def _read_in_c(text: str) -> Node | None:
    """As `YAML(typ="safe").compose` does, at half the cost: that one asks for the YAML version at every scalar.

    None where the pure parser must say: it takes tabs less lightly (as LiteLLM's does), and has a recursion limit.
    """
    if "\t" in text or sum(map(text.count, ("[", "{", "- -", "? ?"))) > _DEEP:
        return None
    try:
        return cast("Node | None", CSafeLoader(text).get_single_node())
    except YAMLError:
        return None


def _check_depth(root: Node, text: str) -> None:
    """Refuse a node that holds itself, the few lines that unfold into billions, and keys that no loader takes.

    On the way each node is given what the parser in C leaves out.
    """
    count, open_nodes = 0, set[int]()
    anchors = "&" in text
    shift = int(text.startswith("\ufeff") and not isinstance(root.start_mark, StringMark))

    def visit(node: Node) -> None:
        nonlocal count
        count += 1
        if id(node) in open_nodes or count > 200_000 or len(open_nodes) > 100:
            raise PatchRefused("the file refers to itself or is too large to be a config")
        if anchors or shift:
            _complete(node, text, shift)
        if isinstance(node, ScalarNode):
            return
        open_nodes.add(id(node))
        for part in node.value:
            if isinstance(part, tuple):
                if not isinstance(part[0], ScalarNode):
                    raise PatchRefused(f"a key in line {line_of(part[0])} is no plain word; mend it first")
                visit(part[0])
                visit(part[1])
            else:
                visit(part)
        open_nodes.discard(id(node))

    visit(root)


def _complete(node: Node, text: str, shift: int) -> None:
    """Its anchor, and its place counted with the byte-order mark."""
    if shift and not isinstance(node.start_mark, _Mark):
        for name in ("start_mark", "end_mark"):
            mark = getattr(node, name)
            setattr(node, name, _Mark(mark.index + shift, mark.line, mark.column))
    start = node.start_mark.index
    if text[start:start + 1] == "&":
        found = _ANCHOR.match(text, start)
        node.anchor = found.group(1) if found else None
