"""Where tables and values stand in a TOML text, so that only their bytes are cut. Pure; tomllib says what they mean."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from alerts.gateway import PatchRefused

_PART: Final = re.compile(r"""[ \t]*(?:"((?:\\.|[^"\\\n])*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))[ \t]*(\.?)""")
_HEADER: Final = re.compile(r"[ \t]*\[(\[?)(.+?)\]\]?[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z)")
_PIECE: Final = re.compile(
    r'''"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\''''
    r'''|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\#[^\n]*|[\[\]{}\n]|[^"'\#\[\]{}\n]+''', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """`key = value`. `path` with the tables it stands in; `start` and `end` are the value's, `first` and `after` the
    lines'.
    """

    path: tuple[str, ...]
    start: int
    end: int
    first: int
    after: int


@dataclass(frozen=True, slots=True)
class Table:
    """`[header]` and what follows it, up to the line after its last entry."""

    path: tuple[str, ...]
    first: int
    after: int
    entries: tuple[Entry, ...]
    header_end: int


@lru_cache(maxsize=4)
def load(text: str) -> dict[str, Any]:
    """Raises PatchRefused for what is no TOML."""
    try:
        return tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PatchRefused(f"not readable as TOML ({error}); mend it first") from None


def tables(text: str) -> tuple[Table, ...]:
    """All tables in their order; what stands before the first header has the path (). The text must be TOML."""
    made: list[Table] = []
    at = start = 1 if text.startswith("\ufeff") else 0
    path: tuple[str, ...] = ()
    header_end, entries = at, list[Entry]()
    while at < len(text):
        header = _HEADER.match(text, at)
        if header:
            made.append(_table(path, start, header_end, entries))
            path, start, header_end, entries = _keys(header.group(2)), at, header.end(), []
            at = header.end()
            continue
        entry = _entry(text, at, path)
        if entry:
            entries.append(entry)
        at = entry.after if entry else _line_after(text, at)
    return (*made, _table(path, start, header_end, entries))


def _table(path: tuple[str, ...], first: int, header_end: int, entries: Sequence[Entry]) -> Table:
    return Table(path, first, entries[-1].after if entries else header_end, tuple(entries), header_end)


def _entry(text: str, at: int, path: tuple[str, ...]) -> Entry | None:
    keys, place = list[str](), at
    while found := _PART.match(text, place):
        keys.append(next(part for part in found.groups()[:3] if part is not None))
        place = found.end()
        if not found.group(4):
            break
    equals = re.compile(r"[ \t]*=[ \t]*").match(text, place)
    if not keys or not equals:
        return None
    end = _value_end(text, equals.end())
    return Entry((*path, *keys), equals.end(), end, at, _line_after(text, end))


def _value_end(text: str, at: int) -> int:
    """Behind the value that begins here: a string, an array over many lines, a word."""
    depth = 0
    end = at
    while found := _PIECE.match(text, at):
        piece, at = found.group(0), found.end()
        depth += (piece in "[{") - (piece in "]}") if len(piece) == 1 else 0
        if depth <= 0 and (piece == "\n" or piece.startswith("#")):
            break
        if not piece.isspace():
            end = at if piece.endswith(('"', "'", "]", "}")) else at - (len(piece) - len(piece.rstrip()))
    return end


def _keys(dotted: str) -> tuple[str, ...]:
    return tuple(next(part for part in found.groups()[:3] if part is not None) for found in _PART.finditer(dotted))


def _line_after(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def entry_at(found: Sequence[Table], path: Sequence[str]) -> Entry | None:
    """The one entry of a path; None where it is missing or stands in an inline table."""
    return next((entry for table in found for entry in table.entries if entry.path == tuple(path)), None)


def key_text(name: str) -> str:
    """A key as TOML writes it."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def value_text(word: str, like: str = '"') -> str:
    """A string in the quotes of the value it stands for."""
    return f"'{word}'" if like.startswith("'") and not like.startswith("'''") and "'" not in word else _quoted(word)


def array_text(present: str, wanted: Sequence[str], newline: str) -> str:
    """An array of strings with other members or in another order; layout, quotes and comments stay."""
    if "\n" not in present:
        own = {_plain(part): part for part in re.findall(r'"(?:\\.|[^"\\])*"|\'[^\']*\'', present)}
        pad = " " if re.match(r"\[ \S", present) else ""
        return f"[{pad}{', '.join(own.get(word, _quoted(word)) for word in wanted)}{pad}]"
    lines = present.split("\n")
    element = re.compile(r"""([ \t]*)("(?:\\.|[^"\\])*"|'[^']*')[ \t]*(,?)([ \t]*(?:\#[^\r]*)?)(\r?)$""")
    chunks, before, indent, comma = dict[str, str](), list[str](), "  ", ","
    for line in lines[1:-1]:
        found = element.match(line)
        if not found:
            if line.strip() and not line.strip().startswith("#"):
                raise PatchRefused("a list over several lines cannot be edited as it is; write one name a line")
            before.append(f"{line}\n")
            continue
        indent, comma = found.group(1), found.group(3)
        kept = f"{indent}{found.group(2)}\0{found.group(4)}{found.group(5)}\n"
        chunks[_plain(found.group(2))] = "".join(before) + kept
        before = []
    if lines[0].strip() != "[" or lines[-1].strip() != "]":
        raise PatchRefused("a list is written over several lines in a way that cannot be edited; write it in one line")
    body = [chunks.get(word, f"{indent}{_quoted(word)}\0{newline}") for word in wanted]
    ends = [","] * (len(body) - 1) + [comma]
    return "".join((f"{lines[0]}\n", *(one.replace("\0", end) for one, end in zip(body, ends, strict=True)), *before,
                    lines[-1]))


def _plain(quoted: str) -> str:
    word = tomllib.loads(f"x = {quoted}")["x"]
    return str(word)


def within(found: Sequence[Table], path: Sequence[str]) -> Iterator[Table]:
    """The table of a path and those below it."""
    yield from (table for table in found if table.path[:len(path)] == tuple(path))


def table_lines(path: Sequence[str], body: Mapping[str, Any]) -> list[str]:
    """A table as text, its inner tables inline. Raises PatchRefused for what cannot be written so."""
    lines = [f"[{'.'.join(map(key_text, path))}]"]
    return [*lines, *(f"{key_text(key)} = {_inline(value)}" for key, value in body.items())]


def _inline(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if re.search(r"[\x00-\x1f\x7f]", value):
            raise PatchRefused("a provider has text with control characters; copy its table by hand")
        return value_text(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key_text(key)} = {_inline(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, int | float):
        return repr(value)
    raise PatchRefused("a provider has a date in it; copy its table by hand")
