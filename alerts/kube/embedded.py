"""A gateway's file inside another file: found, taken out as text of its own, and put back. Pure.

In a ConfigMap it is a block (`config.yaml: |`) or a string in quotes, in Helm values a mapping (`proxy_config:`), in a
start script what is between `<<EOF` and `EOF`, and where a container's environment is written, its names are. No more
than lines and strings is read of the outer file: what cannot be parsed (a Helm template) or is not ours (the Deployment
beside it) stays as it is, byte for byte.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Final

from alerts.kube.quoted import KEY, Quoted, strings, written
from alerts.surgery.envpairs import LISTED_PAIR, PAIR, as_dotenv, bare, listed_line, once, pair_line
from alerts.surgery.text import Splice, common, lines_of

_BLOCK: Final = re.compile(
    rf"^(?P<lead>\ufeff? *(?:- +)*)(?P<key>{KEY}) *: *(?P<mark>\|[-+]?[1-9]?[-+]?) *(?:#.*)?\r?$")
_ITEM: Final = re.compile(r"^(?P<lead> *(?:- +)*)- +(?P<mark>\|[-+]?[1-9]?[-+]?) *(?:#.*)?\r?$")
_HEREDOC: Final = re.compile(
    r"(?m)^[^#\n]*?(?:>\s*(?P<file>[^\s<>]+)\s*)?<<-?[ ]*(['\"]?)(?P<end>\w+)\2[ ]*(?:>\s*(?P<to>\S+)\s*)?$")
_FOLDED: Final = re.compile(rf"^\ufeff?(?P<lead> *(?:- +)*)(?P<key>{KEY}) *: *(?P<mark>>[-+0-9]*)")
_TOP_KEY: Final = re.compile(rf"^\ufeff?(?P<lead>)(?P<key>{KEY}) *:(?= |\r?$)")
_PLAIN_KEY: Final = re.compile(rf"^(?P<lead> +)(?P<key>{KEY}) *:(?= |\r?$)")
_KUBECTLS: Final = "kubectl.kubernetes.io/last-applied-configuration"     # its own copy of all that stands beside
BLOCK, MAPPING, PAIRS, LISTED, QUOTED = "block", "mapping", "pairs", "listed", "quoted"
ENVIRONMENT: Final = frozenset({PAIRS, LISTED})


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines [first, last) of a text that are a file of their own, [start, end) in characters; of a string in quotes,
    those that it stands in. `name` is the key path as far as lines tell it.
    """

    name: str
    kind: str
    first: int
    last: int
    indent: int
    text: str           # without its indentation, line ends as in the file
    start: int = 0
    end: int = 0


def pieces(text: str, fits: Callable[[str], bool], heads: Sequence[str] = ()) -> tuple[Piece, ...]:
    """Every block, mapping and run of environment pairs that `fits`. `heads`: keys a mapping must have to be asked."""
    lines = lines_of(text)
    starts, quoted = [0, *accumulate(map(len, lines))], list(strings(text))
    several = [one for one in quoted if "\n" in text[one.start:one.end]]      # in them is no line of the file's
    found = [replace(piece, start=starts[piece.first], end=starts[piece.last])
             for piece in _candidates(lines, frozenset(heads)) if fits(piece.text)]
    found = [piece for piece in found if not any(one.start < piece.start < one.end for one in several)]
    found += [_quoted(text, lines, one) for one in quoted if one.key != _KUBECTLS and fits(one.said)]
    return tuple(sorted((one for one in found if not any(_within(one, other) for other in found)),
                        key=lambda piece: piece.start))


def is_script(text: str) -> bool:
    """Whether it writes a file by `<<EOF`: then what looks like a config in it is inside that."""
    return "<<" in text and _HEREDOC.search(text) is not None


def closed(text: str, fits: Callable[[str], bool]) -> str:
    """The key of a folded string that holds such a file, a form that is not edited, or ''."""
    lines = lines_of(text)
    for at, line in enumerate(lines):
        found = _FOLDED.match(line)
        body = _block(lines, at, len(found["lead"]), "", found["mark"]) if found else None
        if found and body is not None and fits(body.text):
            return found["key"]
    return ""


def put(text: str, piece: Piece, new: str) -> list[Splice]:
    """The cuts of the outer text that make the piece say `new`; lines that stay are untouched. Raises PatchRefused."""
    if piece.kind == QUOTED:
        return _put_quoted(text, piece, new)
    lines = lines_of(text)
    starts = [0, *accumulate(map(len, lines))]
    old, after = lines_of(piece.text), lines_of("".join(once(lines_of(new))) if piece.kind in ENVIRONMENT else new)
    back = {PAIRS: pair_line, LISTED: listed_line}.get(piece.kind, _indented)
    cuts = []
    first, last = common(old, after)
    old, after, first = old[first:len(old) - last], after[first:len(after) - last], piece.first + first
    for tag, low, high, new_low, new_high in SequenceMatcher(None, old, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        was = lines[first + low:first + high]
        fresh = "".join(back(" " * piece.indent, line, was) for line in after[new_low:new_high])
        cuts.append(Splice(starts[first + low], starts[first + high], fresh))
    return cuts


def _put_quoted(text: str, piece: Piece, new: str) -> list[Splice]:
    one = next(found for found in strings(text) if found.start == piece.start)
    old, after = lines_of(piece.text), lines_of(new)
    starts, cuts = [0, *accumulate(map(len, old))], []
    for tag, low, high, new_low, new_high in SequenceMatcher(None, old, after, autojunk=False).get_opcodes():
        if tag != "equal":
            was, fresh = "".join(old[low:high]), "".join(after[new_low:new_high])
            first, last = common(was, fresh)
            cuts.append(written(text, one, starts[low] + first, starts[high] - last, fresh[first:len(fresh) - last]))
    return cuts


def meaning(piece: Piece, text: str) -> str:
    """What the piece's text says, to be compared: of environment pairs the values, however they are quoted."""
    return "".join(map(bare, once(lines_of(text)))) if piece.kind in ENVIRONMENT else text


# --- finding ---------------------------------------------------------------------------------------------------------

def _candidates(lines: list[str], heads: frozenset[str]) -> Iterator[Piece]:
    at, parents = 0, list[tuple[int, str]]()
    while at < len(lines):
        line = lines[at]
        piece = _unnamed(lines, at, ".".join(name for _, name in parents))
        if piece is not None:
            yield piece
            at = piece.last
            continue
        block = _BLOCK.match(line.rstrip("\n"))
        named = block or _PLAIN_KEY.match(line) or _TOP_KEY.match(line)
        if named is None:
            at += 1
            continue
        column = len(named["lead"].lstrip("\ufeff"))
        parents = [parent for parent in parents if parent[0] < column]
        path = ".".join((*(name for _, name in parents), named["key"].strip("\"'")))
        piece = _block(lines, at, column, path, block["mark"]) if block else _mapping(lines, at, column, parents, heads)
        if piece is not None and not path.endswith(_KUBECTLS):
            yield piece
        if block is None:
            parents.append((column, named["key"].strip("\"'")))
        at = piece.last if piece is not None else _past(lines, at, column)


def _quoted(text: str, lines: list[str], one: Quoted) -> Piece:
    first, last = text.count("\n", 0, one.start), text.count("\n", 0, one.end - 1) + 1
    return Piece(".".join((*_above(lines, first), one.key)), QUOTED, first, last, 0, one.said, one.start, one.end)


def _above(lines: list[str], at: int) -> list[str]:
    """The keys of the lines that a line stands under."""
    path, column = list[str](), len(lines[at]) - len(lines[at].lstrip(" "))
    for line in reversed(lines[:at]):
        room = len(line) - len(line.lstrip(" \ufeff"))
        found = re.match(rf" *\ufeff?(?:- +)?({KEY}) *:", line)
        if found and room < column:
            path.insert(0, found.group(1).strip("\"'"))
            column = room
        if not column:
            break
    return path


def _unnamed(lines: list[str], at: int, path: str) -> Piece | None:
    """A block that is an entry of a list (a container's script), and what a script writes into a file."""
    item = _ITEM.match(lines[at].rstrip("\n"))
    if item is not None:
        return _block(lines, at, len(item["lead"]), f"{path}[]", item["mark"])
    if LISTED_PAIR.match(lines[at]):
        return _listed(lines, at, path)
    script = _HEREDOC.match(lines[at])
    if script is None:
        return None
    last = next((n for n in range(at + 1, len(lines)) if lines[n].strip() == script["end"]), at)
    body = [line for line in lines[at + 1:last] if line.strip()]
    if not body:
        return None
    indent = min(len(line) - len(line.lstrip(" ")) for line in body)
    name = script["file"] or script["to"] or script["end"]
    return Piece(name, BLOCK, at + 1, last, indent, _dedented(lines[at + 1:last], indent))


def _past(lines: list[str], at: int, column: int) -> int:
    """The next line to look at: past a string that is folded, for what looks like keys in it is none."""
    found = _FOLDED.match(lines[at])
    folded = _block(lines, at, column, "", found["mark"]) if found else None
    return folded.last if folded is not None else at + 1


def _block(lines: list[str], at: int, column: int, path: str, mark: str) -> Piece | None:
    """The lines of a literal block: all that are blank or deeper than its key."""
    first = at + 1
    body = next((line for line in lines[first:] if line.strip()), "")
    digit = re.search(r"[1-9]", mark)
    indent = column + int(digit.group()) if digit else len(body) - len(body.lstrip(" "))
    if indent <= column:
        return None
    last = _end(lines, first, lambda line: line.startswith(" " * indent))
    while "+" not in mark and last > first and not lines[last - 1].strip():
        last -= 1
    return Piece(path, BLOCK, first, last, indent, _dedented(lines[first:last], indent)) if last > first else None


def _mapping(lines: list[str], at: int, column: int, parents: list[tuple[int, str]], heads: frozenset[str],
             ) -> Piece | None:
    """A mapping that is a whole file: from its first key on, comments above it included."""
    line = lines[at]
    pair = PAIR.match(line)
    key = line.strip().partition(":")[0].strip("\"' ")
    if column == 0 or not parents or not (pair or key in heads):
        return None
    deep = " " * column
    first = at
    while first and (lines[first - 1].startswith(deep) or not lines[first - 1].strip()
                     or lines[first - 1].lstrip().startswith("#")):
        first -= 1
    last = _end(lines, at, lambda one: one.startswith(deep) or one.lstrip().startswith("#"))
    while last > at and not lines[last - 1].startswith(deep):
        last -= 1
    while first < at and not lines[first].startswith(deep):
        first += 1
    if lines[first].startswith(f"{deep}- "):
        return None
    if key in heads:
        return Piece(_path(parents), MAPPING, first, last, column, _dedented(lines[first:last], column))
    return _pairs(lines, first, last, column, _path(parents))


def _pairs(lines: list[str], first: int, last: int, column: int, path: str) -> Piece | None:
    """Upper-case keys with plain values, as a container's environment has them: read as `NAME=value`."""
    deep = " " * column
    if not all(PAIR.match(line) or not line.strip() or line.lstrip().startswith("#") for line in lines[first:last]):
        return None
    if any(line.startswith(f"{deep} ") and line.strip() and not line.lstrip().startswith("#")
           for line in lines[first:last]):
        return None
    return Piece(path, PAIRS, first, last, column, "".join(map(as_dotenv, lines[first:last])))


def _listed(lines: list[str], at: int, path: str) -> Piece:
    """`- NAME=value`, as compose files have an environment; entries of another form stay as they are."""
    dash = lines[at][:lines[at].index("-") + 1]
    last = _end(lines, at, lambda line: line.startswith(f"{dash} ") or line.lstrip().startswith("#"))
    while not lines[last - 1].startswith(dash):
        last -= 1
    first = at
    while first and lines[first - 1].lstrip().startswith("#"):      # what is said of the first entry
        first -= 1
    text = "".join(map(as_dotenv, lines[first:last]))
    return Piece(path, LISTED, first, last, len(dash) - 1, text)


def _within(one: Piece, other: Piece) -> bool:
    return one is not other and other.start <= one.start and one.end <= other.end


def _end(lines: list[str], first: int, inside: Callable[[str], bool]) -> int:
    last = first
    while last < len(lines) and (not lines[last].strip() or inside(lines[last])):
        last += 1
    return last


def _path(parents: list[tuple[int, str]]) -> str:
    return ".".join(name for _, name in parents)


# --- in and out ------------------------------------------------------------------------------------------------------

def _dedented(lines: Sequence[str], indent: int) -> str:
    """Comments and blank lines may stand further left than the rest."""
    return "".join(line[min(indent, len(line) - len(line.lstrip(" "))):] for line in lines)


def _indented(room: str, line: str, _was: Sequence[str]) -> str:
    return f"{room}{line}" if line.strip() else line
