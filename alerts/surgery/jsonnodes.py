"""JSON as nodes with positions: also with comments, and JSON5 (trailing commas, bare keys, single quotes). Pure.

No library of the registries gives typed nodes with exact spans for all three, so this one is written small. Numbers are
kept as written, so that 1, 1.0 and true stay three things when a text is compared with what was meant.
"""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

from alerts.gateway import PatchRefused

MAX_DEPTH: Final = 100
_BLANK: Final = re.compile(r"(?:[\s\ufeff]+|//[^\n\r\u2028\u2029]*|/\*.*?\*/)*", re.DOTALL)
_STRING: Final = re.compile(r'"(?:[^"\\\n\r]|\\(?:\r\n|.))*"|' r"'(?:[^'\\\n\r]|\\(?:\r\n|.))*'", re.DOTALL)
# the usual member, in one step: its key, a text, and its comma or its box's end
_KEYED: Final = re.compile(r'"([^"\\\n\r]*)": ?"([^"\\\n\r]*)"(?:(,)\s*|\s*(?=\}))')
_KEY: Final = re.compile(r'"([^"\\\n\r]*)": ?')
_BARE: Final = re.compile(r'()"([^"\\\n\r]*)"(?:(,)\s*|\s*(?=\]))')
_NO_BLANK: Final = frozenset('"\',:{}[]')        # nothing blank and no comment begins so
_REMARK: Final = re.compile(rf"{_STRING.pattern}|(//|/\*)", re.DOTALL)
_NUMBER: Final = re.compile(
    r"[+-]?(?:Infinity|NaN|0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?![\w$])")
_WORD: Final = re.compile(r"(?:[$_]|[^\W\d])[\w$]*")
_STRINGS: Final = (("string", _STRING),)
_OTHERS: Final = (("number", _NUMBER), ("word", _WORD))
_WORDS: Final = {"true": True, "false": False, "null": None}
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_ESCAPES: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0",
                   "\n": "", "\r\n": "", "\r": "", "\u2028": "", "\u2029": ""}

Path = tuple[str | int, ...]


class Number(NamedTuple):
    """A number as it is written."""

    raw: str


class Node(NamedTuple):
    """A value and where it stands: text[start:end]. `kind`: object, array, string, number or word."""

    kind: str
    start: int
    end: int
    value: Any = None
    members: tuple["Member", ...] = ()


class Member(NamedTuple):
    """One member of an object or element of an array: from its key on, and the comma behind it (-1: none)."""

    start: int
    node: Node
    key: str = ""
    comma: int = -1


@lru_cache(maxsize=8)       # one edit asks for the same text several times
def parse(text: str) -> Node:
    """The whole text as one value. Raises PatchRefused with the line at fault."""
    reader = _Reader(text)
    root, at = reader.value(reader.blank(0), 0)
    at = reader.blank(at)
    if at != len(text):
        raise reader.refused(at, "something stands behind the value")
    return root


def line_of(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def child(node: Node | None, *path: str | int) -> Node | None:
    """The node under a path of keys and indices, or None."""
    for step in path:
        if node is None:
            return None
        if isinstance(step, int):
            inside = node.kind == "array" and 0 <= step < len(node.members)
            node = node.members[step].node if inside else None
        else:
            member = member_of(node, step)
            node = member.node if member else None
    return node


def member_of(node: Node | None, key: str) -> Member | None:
    """An object's member by its key, the last where it stands twice: so every parser reads it."""
    if node is None or node.kind != "object":
        return None
    found: Member
    for found in reversed(node.members):
        if found.key == key:
            return found
    return None


def string(node: Node | None, *path: str | int) -> str:
    """The text under a path; '' where there is none or it is no string."""
    found = child(node, *path)
    return found.value if found is not None and found.kind == "string" else ""


def elements(node: Node | None, *path: str | int) -> tuple[Node, ...]:
    """The elements of an array under a path; () where there is none."""
    found = child(node, *path)
    return tuple(one.node for one in found.members) if found is not None and found.kind == "array" else ()


def figure(node: Node | None) -> float | None:
    """A number's value, also where people wrote it as a string."""
    raw = node.value.raw if node is not None and node.kind == "number" else string(node)
    try:
        return float(int(raw, 16)) if raw.lower().lstrip("+-").startswith("0x") else float(raw)
    except (ValueError, OverflowError):
        return None


def walk(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every node with its path, parents first."""
    yield path, node
    for index, member in enumerate(node.members):
        yield from walk(member.node, (*path, member.key if node.kind == "object" else index))


@lru_cache(maxsize=8)
def said(text: str) -> Any:
    """What a text says, as `plain` gives it: to be compared, not to be changed. Raises PatchRefused as `parse`."""
    return plain(parse(text))


def plain(node: Node) -> Any:
    """As dicts, lists, texts, Numbers, booleans and None."""
    if node.kind == "object":
        return {one.key: plain(one.node) for one in node.members}
    return [plain(one.node) for one in node.members] if node.kind == "array" else node.value


def duplicates(root: Node) -> Iterator[tuple[int, str]]:
    """(position, key) of every key that its object has already."""
    for _, node in walk(root):
        seen: set[str] = set()
        for one in node.members if node.kind == "object" else ():
            if one.key in seen:
                yield one.start, one.key
            seen.add(one.key)


def commented(text: str) -> bool:
    """Whether the text (which parses) has comments: then one more is welcome."""
    return any(found.group(1) for found in _REMARK.finditer(text))


def beyond_strict(text: str) -> tuple[int, str] | None:
    """(line, what) where a strict JSON parser stops; for text that parses here."""
    try:
        json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        return error.lineno, error.msg
    except (ValueError, RecursionError) as error:
        return 1, str(error)
    return None


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text

    def refused(self, at: int, what: str) -> PatchRefused:
        return PatchRefused(f"not JSON: line {line_of(self.text, at)}: {what}; mend it first")

    def blank(self, at: int) -> int:
        if self.text[at:at + 1] in _NO_BLANK:
            return at
        found = _BLANK.match(self.text, at)
        return found.end() if found else at

    def value(self, at: int, depth: int) -> tuple[Node, int]:
        if depth > MAX_DEPTH:
            raise self.refused(at, f"more than {MAX_DEPTH} levels deep")
        sign = self.text[at:at + 1]
        if sign and sign in "{[":
            return self.box(at, depth)
        for kind, pattern in _STRINGS if sign and sign in "\"'" else _OTHERS:
            found = pattern.match(self.text, at)
            if found and (kind != "word" or found.group() in _WORDS):
                return Node(kind, at, found.end(), _scalar(kind, found.group())), found.end()
        raise self.refused(at, "a value is missing" if not sign or sign in "}],:" else "this is no value")

    def box(self, start: int, depth: int) -> tuple[Node, int]:
        keyed = self.text[start] == "{"
        close = "}" if keyed else "]"
        pattern = _KEYED if keyed else _BARE
        members: list[Member] = []
        at = self.blank(start + 1)
        while not self.text.startswith(close, at):
            if members and members[-1].comma < 0:
                raise self.refused(at, f"a comma or {close} is missing")
            usual = pattern.match(self.text, at)
            if usual is None:
                member, at = self.member(at, depth, keyed=keyed)
                members.append(member)
                continue
            first, last = usual.span(2)
            node = Node("string", first - 1, last + 1, usual[2])
            members.append(Member(at, node, usual[1], usual.start(3)))      # -1 where there is none
            at = self.blank(usual.end())
        return Node("object" if keyed else "array", start, at + 1, None, tuple(members)), at + 1

    def member(self, begin: int, depth: int, *, keyed: bool) -> tuple[Member, int]:
        key, at = self.key(begin) if keyed else ("", begin)
        node, at = self.value(at, depth + 1)
        at = self.blank(at)
        comma = at if self.text.startswith(",", at) else -1
        return Member(begin, node, key, comma), at if comma < 0 else self.blank(at + 1)

    def key(self, at: int) -> tuple[str, int]:
        usual = _KEY.match(self.text, at)
        if usual:
            return usual[1], self.blank(usual.end())
        found = _STRING.match(self.text, at) or _WORD.match(self.text, at)
        if found is None:
            raise self.refused(at, "a key is missing")
        said = found.group()
        colon = self.blank(found.end())
        if not self.text.startswith(":", colon):
            raise self.refused(colon, "a colon is missing")
        return _unescaped(said[1:-1]) if said[0] in "\"'" else said, self.blank(colon + 1)


def _scalar(kind: str, raw: str) -> Any:
    if kind == "string":
        return _unescaped(raw[1:-1])
    return Number(raw) if kind == "number" else _WORDS[raw]


def _unescaped(raw: str) -> str:
    if "\\" not in raw:
        return raw

    def said(found: re.Match[str]) -> str:
        wide, narrow, sign = found.groups()
        return chr(int(wide or narrow, 16)) if wide or narrow else _ESCAPES.get(sign, sign)

    # two halves of one sign are joined; a lone half is no text that could be written out again
    return _ESCAPE.sub(said, raw).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
