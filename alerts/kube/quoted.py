"""A string in quotes, as YAML and JSON write it: what it says, where each character of it stands, how more is written.
Pure. `config.yaml: "model_list:\\n- …"` is what `kubectl get -o yaml` and many tools make of a config.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from alerts.gateway import PatchRefused
from alerts.surgery.text import Splice, newline_of

KEY: Final = r"(?:\"[^\"\n]+\"|'[^'\n]+'|[^\s#\"'{}\[\],&*!|>%@`:-][^\s#:\"']*)"
# only what may hold a file: a line end, an object or a list, or a string that goes on below
_START: Final = re.compile(r"(?m):[ \t]*(?:\"(?=[^\"\n]*(?:\\[n\"]|\\?\r?$|[{\[]))|'(?=[^'\n]*(?:\r?$|[{\[])))")
_BEFORE: Final = re.compile(rf"(?:^|.*[\s{{,\[])(?P<key>{KEY})[ \t]*")
_LONGEST: Final = 200       # of what stands before a colon, as far as a key is sought in it
_FOLD: Final = r"[ \t]*\r?\n(?:[ \t]*\r?\n)*[ \t]*"
_DOUBLE: Final = re.compile(
    r"\\(?:u(?P<pair>[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})|(?P<cut>\r?\n(?:[ \t]*\r?\n)*[ \t]*)"
    rf"|(?P<one>[^xuU]))|(?P<fold>{_FOLD})|(?P<plain>[^\"\\])|(?P<end>\")")
_SINGLE: Final = re.compile(rf"(?P<one>'')|(?P<fold>{_FOLD})|(?P<plain>[^'])|(?P<end>')")
_ESCAPED: Final = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b", "N": "\x85",
    "_": "\xa0", "L": "\u2028", "P": "\u2029", '"': '"', "/": "/", "\\": "\\", " ": " ", "\t": "\t", "''": "'"}


@dataclass(frozen=True, slots=True)
class Quoted:
    """A string at [start, end) of a text, quotes included. `ends[n]`: where its first n characters end in the text."""

    key: str
    start: int
    end: int
    said: str
    ends: tuple[int, ...]


def strings(text: str) -> Iterator[Quoted]:
    """The values in quotes of `key: "…"`, in block style, flow style or JSON, that may hold a file of their own."""
    past, line, remark = 0, -1, False
    for found in _START.finditer(text):
        at = found.start()
        if at < past:
            continue
        if line < 0 or text.find("\n", line, at) >= 0:
            line = text.rfind("\n", 0, at) + 1
            remark = "#" in text[line:at].partition('"')[0]
        key = None if remark else _BEFORE.fullmatch(text[max(line, at - _LONGEST):at].removeprefix("\ufeff"))
        one = _read(text, found.end() - 1, key["key"].strip("\"'")) if key else None
        if one is not None:
            past = one.end
            yield one


def written(text: str, one: Quoted, first: int, last: int, new: str) -> Splice:
    """The cut of `text` by which characters [first, last) of the string become `new`. Raises PatchRefused."""
    if text[one.start] == '"':
        return Splice(one.ends[first], one.ends[last], json.dumps(new, ensure_ascii=False)[1:-1])
    if re.search(r"\n[ \t]|[ \t]\n", new):
        raise PatchRefused(f"{one.key} is in single quotes, which cannot say this; write it as a block ({one.key}: |)")
    line = text[text.rfind("\n", 0, one.start) + 1:one.start]
    room = newline_of(text) * 2 + " " * (len(line) - len(line.lstrip(" -")) + 2)
    return Splice(one.ends[first], one.ends[last], new.replace("'", "''").replace("\n", room))


def _read(text: str, start: int, key: str) -> Quoted | None:
    """None for a string that does not end, or whose escapes are none of YAML's."""
    tokens = _DOUBLE if text[start] == '"' else _SINGLE
    said, ends, at = list[str](), [start + 1], start + 1
    while (found := tokens.match(text, at)) is not None:
        at = found.end()
        if found.lastgroup == "end":
            return Quoted(key, start, at, "".join(said), tuple(ends))
        piece = _says(found)
        if piece is None:
            return None
        said += piece
        ends += [at] if len(piece) == 1 else _lines(found)
    return None


def _lines(found: re.Match[str]) -> list[int]:
    """Where each line end ends that a fold over several lines says: of n the first says none."""
    breaks = [found.start() + at + 1 for at, letter in enumerate(found.group()) if letter == "\n"]
    return [*breaks[1:-1], *([found.end()] if breaks[1:] else [])]


def _says(found: re.Match[str]) -> str | None:
    kind, body = found.lastgroup, found.group(found.lastgroup or 0)
    if kind == "plain":
        return body
    if kind == "one":
        return _ESCAPED.get(body)
    if kind in ("fold", "cut"):
        return "\n" * (body.count("\n") - 1) or (" " if kind == "fold" else "")
    if kind == "pair":
        return str(json.loads(f'"{found.group()}"'))
    number = int(body, 16)
    return chr(number) if number <= 0x10FFFF else None
