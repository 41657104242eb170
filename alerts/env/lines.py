"""The lines of a .env file: variables, what is commented out, and where each value stands. Pure.

As python-dotenv 1.x, dotenv (npm) 16 and Docker Compose 2 read it: `export`, spaces around `=`, single, double and
back quotes over several lines, ` #` comments, and that the last of two lines wins.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from alerts.gateway import PatchRefused
from alerts.surgery.text import Splice, line_end, newline_of

_NAME: Final = r"(?P<export>export[ \t]+)?(?P<name>[A-Za-z_][\w.-]*)[ \t]*=[ \t]*"
_ACTIVE: Final = re.compile(rf"[ \t]*{_NAME}")
_COMMENTED: Final = re.compile(rf"[ \t]*(?:\#|;)+[ \t]*{_NAME}")
_QUOTED: Final = re.compile(
    r"""(?P<q>["'`])(?P<body>(?:\\.|(?!(?P=q)).)*)(?P=q)(?=[ \t]*(?:\#[^\n]*)?(?:\r?\n|\Z))""", re.DOTALL)
_QUOTES: Final = frozenset("\"'`")
_REMARK: Final = re.compile(r"\s+#")
_REFERENCE: Final = re.compile(r"\$\{([A-Za-z_]\w*)(?::?-([^}]*))?\}|\$([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class Line:
    """One variable. `start` and `end` are the value's with its quotes, `first` and `after` the line's (all of its
    lines); `value` is as written within the quotes.
    """

    name: str
    value: str
    quote: str
    start: int
    end: int
    first: int
    after: int
    export: bool = False
    commented: bool = False
    remark: str = ""            # the comment after the value


@dataclass(frozen=True, slots=True)
class EnvFile:
    """A file, read: its variables in order, those that are commented out, and every other line."""

    text: str
    lines: tuple[Line, ...]
    commented: tuple[Line, ...]
    others: tuple[str, ...]

    def last(self, name: str) -> Line:
        """The line that counts. Raises KeyError."""
        return {line.name: line for line in self.lines}[name]

    def values(self) -> dict[str, str]:
        """What each variable is, references within the file resolved as they stand at that line."""
        said: dict[str, str] = {}
        for line in self.lines:
            said[line.name] = line.value if line.quote == "'" else resolved(line.value, said)
        return said

    def parsed(self) -> list[tuple[str, str]]:
        """All that a reader of the file gets, in order: for comparing."""
        return [(line.name, line.value) for line in self.lines]

    def reference(self, name: str) -> str:
        """The variable whose value this one takes over whole, followed to its end; its own name where it is none."""
        last = {line.name: line for line in self.lines}
        seen: set[str] = set()
        while name in last and name not in seen:
            seen.add(name)
            found = _REFERENCE.fullmatch(last[name].value)
            if not found or last[name].quote == "'":
                break
            name = found.group(1) or found.group(3)
        return name


def resolved(value: str, said: Mapping[str, str]) -> str:
    """With `${NAME}`, `$NAME` and `${NAME:-else}` of the file filled in; what is of the outside stays as written."""
    def fill(found: re.Match[str]) -> str:
        name = found.group(1) or found.group(3)
        return said.get(name) or found.group(2) or found.group(0)
    return _REFERENCE.sub(fill, value)


@lru_cache(maxsize=4)
def read(text: str) -> EnvFile:
    """Raises PatchRefused where there is no variable in it."""
    newline_of(text)
    lines, commented, others = [], [], []
    at = 1 if text.startswith("\ufeff") else 0
    while at < len(text):
        line = _line(text, at, _ACTIVE, commented=False)
        off = None if line else _line(text, at, _COMMENTED, commented=True)
        if line:
            lines.append(line)
        elif off and " " not in off.value:      # prose with an equals sign is prose
            commented.append(off)
        after = (line.after if line else 0) or _after(text, at)
        if line is None:
            others.append(text[at:after])
        at = after
    if not lines:
        raise PatchRefused("no NAME=value line: is this a .env file?")
    return EnvFile(text, tuple(lines), tuple(commented), tuple(others))


def _line(text: str, at: int, pattern: re.Pattern[str], *, commented: bool) -> Line | None:
    head = pattern.match(text, at)
    if not head or "\n" in head.group(0):
        return None
    export, end_of_line = bool(head.group("export")), _after(text, at)
    quoted = _QUOTED.match(text, head.end()) if text[head.end():head.end() + 1] in _QUOTES else None
    if quoted and not (commented and "\n" in quoted.group(0)):
        after = _after(text, quoted.end())
        remark = text[quoted.end():after].strip().lstrip("#").strip()
        return Line(
            head.group("name"), quoted.group("body"), quoted.group("q"), quoted.start(), quoted.end(), at, after,
            export, commented, remark)
    rest = text[head.end():end_of_line].rstrip("\r\n")
    value = "" if rest.startswith("#") else _REMARK.split(rest, maxsplit=1)[0].rstrip()
    start = head.end() if value else at + re.search(r"=", text[at:head.end()]).end()  # type: ignore[union-attr]
    remark = rest[len(value):].strip().lstrip("#").strip()
    return Line(head.group("name"), value, "", start, start + len(value), at, end_of_line, export, commented, remark)


def _after(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


# --- edits ----------------------------------------------------------------------------------------------------------

@dataclass(frozen=True, slots=True)
class Edit:
    """A variable's new value. `after`: a new line after that one overrides it, as the last of two lines wins."""

    name: str
    value: str
    at: int                     # index of the line that is rewritten, or after which the new one stands
    after: bool = False


def meant(file: EnvFile, edits: Sequence[Edit]) -> list[tuple[str, str]]:
    """What `EnvFile.parsed` is to say after the edits."""
    said: list[tuple[str, str]] = []
    for at, line in enumerate(file.lines):
        new = next((edit.value for edit in edits if edit.at == at and not edit.after), line.value)
        said.append((line.name, new))
        said += [(edit.name, edit.value) for edit in edits if edit.at == at and edit.after]
    return said


def cuts(file: EnvFile, edits: Sequence[Edit], note: str) -> list[Splice]:
    """The cuts, with the note beside the first of them – where no value has a comment beside it, on a line above: not
    every reader takes one off (docker run --env-file, systemd, `export $(xargs < .env)`).
    """
    newline = newline_of(file.text)
    made: list[Splice] = []
    first = min(edits, key=lambda edit: (edit.at, edit.after))
    beside = any(line.remark and file.text[line.end:line.after].lstrip().startswith("#") for line in file.lines)
    for at, line in enumerate(file.lines):
        here = [edit for edit in edits if edit.at == at]
        quote = line.quote
        made += [Splice(line.start, line.end, f"{quote}{edit.value}{quote}") for edit in here if not edit.after]
        if first in here and not first.after:
            at_end = line_end(file.text, line.end)
            made.append(Splice(at_end, at_end, f" # {note}") if beside else Splice(
                line.first, line.first, f"# {note}{newline}"))
        added = [f"{'export ' if line.export else ''}{edit.name}={edit.value}" for edit in here if edit.after]
        if added:
            added = [f"# {note}", *added] if first in here and first.after else added
            ended = file.text[:line.after].endswith("\n")
            block = newline.join(added)
            made.append(Splice(line.after, line.after, f"{block}{newline}" if ended else f"{newline}{block}"))
    return made


def noted(file: EnvFile, mark: str) -> bool:
    """Whether a comment line begins with this mark of ownership."""
    return any(other.strip().lstrip("#").strip().startswith(mark) for other in file.others)


def twice(file: EnvFile) -> Iterator[Line]:
    """Lines that a later one overrides."""
    last = {line.name: line for line in file.lines}
    yield from (line for line in file.lines if last[line.name] is not line)
