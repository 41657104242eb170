"""Edits of a JSON text by pointer: replace, insert, remove, reorder – and where to cut for it. Pure.

Each edit is one step of a draft: cut, parsed again, compared. What is inserted takes the file's own indentation, commas
and quotes; what is moved keeps its bytes, the comments beside it included.
"""

import copy
import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from alerts.gateway import PatchRefused
from alerts.surgery.draft import Draft
from alerts.surgery.jsonnodes import Member, Node, Path, child, duplicates, line_of, parse, plain, said
from alerts.surgery.text import Splice, line_after, line_start, newline_of

_AFTER: Final = re.compile(r"[^\S\n\r]*(?://[^\n\r]*|/\*[^\n\r]*?\*/[^\S\n\r]*)?(?=\r?\n|\Z)")


def opened(text: str) -> Draft:
    """A draft of a JSON text. Raises PatchRefused for what is none, or has a key twice."""
    newline_of(text)
    twice = next(duplicates(parse(text)), None)
    if twice:
        raise PatchRefused(f"{twice[1]} stands twice (line {line_of(text, twice[0])}); remove one of them first")
    return Draft(text, said)


def replaced(draft: Draft, path: Path, value: Any, note: str = "") -> Draft:
    """Another value at a path. `note`: an ownership comment beside it, for files that have comments."""
    _, member = _found(draft, path)
    node = member.node
    quote = draft.text[node.start]
    new = _quoted(value, quote) if isinstance(value, str) and quote in "\"'" else json.dumps(value, ensure_ascii=False)
    cuts = [Splice(node.start, node.end, new), *_noted(draft.text, member, note)]

    def meant(home: Any) -> None:
        home[path[-1]] = _as_read(value)

    return _edited(draft, cuts, path[:-1], meant)


def inserted(draft: Draft, path: Path, value: Any, note: str = "") -> Draft:
    """A new member or element at a path: an object's goes last, an array's before what has its index now."""
    box = _box(draft, path)
    key = path[-1]
    at = len(box.members) if isinstance(key, str) else key
    cuts = _insert_cuts(draft.text, box, at, key if isinstance(key, str) else None, value)
    if note:
        cuts[-1] = _with_note(cuts[-1], note)

    def meant(home: Any) -> None:
        if isinstance(key, str):
            home[key] = _as_read(value)
        else:
            home.insert(key, _as_read(value))

    return _edited(draft, cuts, path[:-1], meant)


def removed(draft: Draft, path: Path) -> Draft:
    """Without the member or element at a path, and the line it had for itself. Comments on lines of their own stay."""
    box, member = _found(draft, path)
    at = box.members.index(member)

    def meant(home: Any) -> None:
        del home[path[-1]]

    return _edited(draft, _remove_cuts(draft.text, box, at), path[:-1], meant)


def ordered(draft: Draft, path: Path, order: Sequence[int]) -> Draft:
    """An array's elements in another order (`order`: the old index of each), with the comments beside them."""
    box = child(parse(draft.text), *path)
    if box is None or sorted(order) != list(range(len(box.members))):
        raise PatchRefused(f"{said_path(path)} is no list that can be put in order; change it by hand")
    if list(order) == list(range(len(order))):
        return draft
    apart = all(_own_lines(draft.text, box, at) for at in range(len(order)))
    spans = [_chunk(draft.text, box, at, apart=apart) for at in range(len(order))]
    cuts = []
    for at, source in enumerate(order):
        if at != source:
            for (start, end), (begin, finish) in zip(spans[at], spans[source], strict=True):
                cuts.append(Splice(start, end, draft.text[begin:finish]))

    def meant(home: Any) -> None:
        home[:] = [home[one] for one in order]

    return _edited(draft, [cut for cut in cuts if draft.text[cut.start:cut.end] != cut.new], path, meant)


def said_path(path: Path) -> str:
    return ".".join(map(str, path)) or "the file"


# --- where to cut ----------------------------------------------------------------------------------------------------


def _edited(draft: Draft, cuts: Sequence[Splice], home: Path, meant: Callable[[Any], None]) -> Draft:
    return draft.edited(cuts, _changed(draft.parse(draft.text), home, meant))


def _changed(value: Any, home: Path, meant: Callable[[Any], None]) -> Any:
    """A value in which what stands at `home` has changed; what is not on the way there is shared."""
    value = copy.copy(value)
    if home:
        value[home[0]] = _changed(value[home[0]], home[1:], meant)
    else:
        meant(value)
    return value


def _as_read(value: Any) -> Any:
    return plain(parse(json.dumps(value)))


def _box(draft: Draft, path: Path) -> Node:
    box = child(parse(draft.text), *path[:-1])
    kind = "object" if isinstance(path[-1], str) else "array"
    if box is None or box.kind != kind:
        raise PatchRefused(f"{said_path(path[:-1])} is no {kind}; mend it first")
    return box


def _found(draft: Draft, path: Path) -> tuple[Node, Member]:
    box, key = _box(draft, path), path[-1]
    for at, member in enumerate(box.members):
        if key in (member.key, at) and isinstance(key, str) == (box.kind == "object"):
            return box, member
    raise PatchRefused(f"{said_path(path)} is not there; the file has changed")


def _quoted(value: str, quote: str) -> str:
    said = json.dumps(value, ensure_ascii=False)
    if quote == '"':
        return said
    return "'" + said[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


def _behind(member: Member) -> int:
    return member.node.end if member.comma < 0 else member.comma + 1


def _noted(text: str, member: Member, note: str) -> list[Splice]:
    """At the line's end where nothing else stands there, else right behind the value."""
    if not note:
        return []
    rest = text[_behind(member):line_after(text, _behind(member))].rstrip("\r\n")
    if not rest.strip() and "\n" in text[_behind(member):]:
        return [Splice(_behind(member), _behind(member), f" // {note}")]
    return [Splice(member.node.end, member.node.end, f" /* {note} */")]


def _with_note(cut: Splice, note: str) -> Splice:
    """A comment at the end of the line that is inserted; where it gets no line of its own, in front of it."""
    body = cut.new.lstrip()
    lead = cut.new[:len(cut.new) - len(body)]
    line, end, rest = body.partition("\r\n" if "\r\n" in body else "\n")
    if end:
        return Splice(cut.start, cut.end, f"{lead}{line} // {note}{end}{rest}")
    return Splice(cut.start, cut.end, f"{lead}/* {note} */ {body}")


def _own_lines(text: str, box: Node, at: int) -> bool:
    """Whether an element begins its line and nothing but a comment follows it there."""
    member = box.members[at]
    lead = text[line_start(text, member.start):member.start]
    return not lead.strip() and line_start(text, member.start) > box.start and (
        _AFTER.match(text, _behind(member)) is not None)


def _chunk(text: str, box: Node, at: int, *, apart: bool) -> tuple[tuple[int, int], tuple[int, int]]:
    """What moves with an element: (the comment lines above and itself), (the comment behind its comma). `apart`: each
    has lines of its own.
    """
    member = box.members[at]
    if not apart:
        return (member.start, member.node.end), (member.node.end, member.node.end)
    above = box.start if at == 0 else _behind(box.members[at - 1])
    behind = _AFTER.match(text, _behind(member))
    tail = behind.end() if behind else _behind(member)
    return (line_after(text, above), member.node.end), (_behind(member), tail)


def _remove_cuts(text: str, box: Node, at: int) -> list[Splice]:
    member, last = box.members[at], at == len(box.members) - 1
    cuts = []
    if _own_lines(text, box, at):
        cuts.append(Splice(line_start(text, member.start), line_after(text, _behind(member)), ""))
        if last and at and member.comma < 0:
            comma = box.members[at - 1].comma
            cuts.append(Splice(comma, comma + 1, ""))
    elif not last:
        cuts.append(Splice(member.start, box.members[at + 1].start, ""))
    elif at:
        before = box.members[at - 1].comma
        cuts.append(Splice(before, member.node.end, ""))
    else:
        cuts.append(Splice(member.start, _behind(member), ""))
    return cuts


def _insert_cuts(text: str, box: Node, at: int, key: str | None, value: Any) -> list[Splice]:
    end = newline_of(text)
    if not box.members:
        return [_into_empty(text, box, key, value)]
    first = box.members[0]
    indent = text[line_start(text, first.start):first.start]
    if _own_lines(text, box, 0) and not indent.strip():
        new = indent + _shown(key, value)
        if at == 0:
            top = line_after(text, box.start)           # before the comments above what is first now
            return [Splice(top, top, f"{new},{end}")]
        before = box.members[at - 1]
        after = line_after(text, _behind(before))
        if _own_lines(text, box, at - 1) and after < box.end and text[after - 1] == "\n":
            comma = [] if before.comma >= 0 else [Splice(before.node.end, before.node.end, ",")]
            tail = "" if at == len(box.members) and before.comma < 0 else ","
            return [*comma, Splice(after, after, f"{new}{tail}{end}")]
    new = _shown(key, value)
    if at < len(box.members):
        return [Splice(box.members[at].start, box.members[at].start, f"{new}, ")]
    return [Splice(box.members[-1].node.end, box.members[-1].node.end, f", {new}")]


def _into_empty(text: str, box: Node, key: str | None, value: Any) -> Splice:
    end = newline_of(text)
    home = re.match(r"[^\S\n\r]*", text[line_start(text, box.start):])
    outer = home.group() if home else ""
    inside = text[box.start + 1:box.end - 1]
    if "\n" not in text.strip() or (key is None and not isinstance(value, dict)):
        return Splice(box.start + 1, box.start + 1, _shown(key, value))
    indent = outer + unit_of(text)
    new = end + indent + _shown(key, value)
    if inside.strip():                                  # a comment: it stays below
        return Splice(box.start + 1, box.start + 1, new)
    return Splice(box.start + 1, box.end - 1, f"{new}{end}{outer}")


def unit_of(text: str) -> str:
    """One step of indentation in this text: its first indented line's."""
    found = re.search(r"(?m)^([ \t]+)[\"'\w{\[]", text)
    return found.group(1) if found else "  "


def _shown(key: str | None, value: Any) -> str:
    """On one line: what is inserted is read as one thing, and taken out as one."""
    said = json.dumps(value, ensure_ascii=False)
    return said if key is None else f"{json.dumps(key, ensure_ascii=False)}: {said}"
