"""Taking an edit back out of a text that a person has edited since: a three-way merge by spans. Pure.

An edit that was left in a text is known by its spans: where each stands, what it says, and what stood there before.
Spans go by whole lines. What a person changed elsewhere stays as it is; where both meet, nothing is merged and the
conflict says which lines.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from alerts.surgery.text import common, holds_secret, lines_of

_HIDDEN: Final = "(a line with a secret)"


@dataclass(frozen=True, slots=True)
class Span:
    """text[start:end], which says `was`, is to say `new`."""

    start: int
    end: int
    was: str
    new: str


class Conflict(Exception):
    """Both have changed the same place. `lines`: which of the text as it is now, each with what it says."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("; ".join(self.lines))


def spans_between(text: str, target: str) -> tuple[Span, ...]:
    """What turns `text` into `target`, in order; none where they are the same."""
    old, new = lines_of(text), lines_of(target)
    first, last = common(old, new)
    middle = old[first:len(old) - last], new[first:len(new) - last]
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    return tuple(
        Span(starts[first + a], starts[first + b], "".join(middle[0][a:b]), "".join(middle[1][c:d]))
        for tag, a, b, c, d in SequenceMatcher(None, *middle).get_opcodes() if tag != "equal"
    )


def carried_out(text: str, spans: Sequence[Span]) -> str:
    """The text after all spans. Raises Conflict where it does not say what they expect."""
    parts: list[str] = []
    at = 0
    for span in spans:
        if text[span.start:span.end] != span.was or span.start < at:
            raise Conflict([_at(text, span.start, span.end, "is not what was left here")])
        parts += [text[at:span.start], span.new]
        at = span.end
    return "".join((*parts, text[at:]))


def inverse(spans: Sequence[Span]) -> tuple[Span, ...]:
    """What takes them back, of the text after them."""
    back, shift = [], 0
    for span in spans:
        start = span.start + shift
        back.append(Span(start, start + len(span.new), span.new, span.was))
        shift += len(span.new) - len(span.was)
    return tuple(back)


def merged(ours: Sequence[Span], left: str, now: str) -> str:
    """`now` with our spans carried out, which were of `left`: the text as we left it. Raises Conflict."""
    theirs = list(_placed(spans_between(left, now)))
    meeting = [(span, where) for one in ours for span, where in theirs if _meet(one, span)]
    if meeting:
        raise Conflict([_at(now, where, where + len(span.new), "was changed since, where the patch stands")
                        for span, where in dict(meeting).items()])
    moved = []
    for one in ours:
        shift = sum(len(span.new) - len(span.was) for span, _ in theirs if span.end <= one.start)
        moved.append(Span(one.start + shift, one.end + shift, one.was, one.new))
    return carried_out(now, moved)


def anchored(ours: Sequence[Span], now: str) -> str:
    """As `merged` where nobody knows how the text was left: each span is looked for by what it says, and must stand in
    the text once. Raises Conflict.
    """
    found = []
    for one in ours:
        lines = lines_of(now)
        wanted = lines_of(one.was)
        places = [at for at in range(len(lines)) if wanted and lines[at:at + len(wanted)] == wanted]
        if len(places) != 1:
            said = (wanted or lines_of(one.new) or [""])[-1].strip()
            raise Conflict([f"the patch's lines ({said!r}) stand {len(places) or 'no'} times in the text"])
        start = sum(map(len, lines[:places[0]]))
        found.append(Span(start, start + len(one.was), one.was, one.new))
    return carried_out(now, sorted(found, key=lambda span: span.start))


def _placed(theirs: Sequence[Span]) -> Iterator[tuple[Span, int]]:
    """Each with where its new text stands now."""
    shift = 0
    for span in theirs:
        yield span, span.start + shift
        shift += len(span.new) - len(span.was)


def _meet(ours: Span, theirs: Span) -> bool:
    """Whether they change the same lines; or touch, unless what touches is a neighbour on the same level: a child of
    what we made would be left without its parent.
    """
    if theirs.end < ours.start or ours.end < theirs.start:
        return False
    apart = theirs.end == ours.start or theirs.start == ours.end
    return not (apart and ours.was and _level(ours.was) == _level(theirs.new or theirs.was, first=True))


def _level(text: str, *, first: bool = False) -> int:
    """The least indentation of its lines, or that of its first."""
    found = [len(line) - len(line.lstrip(" \t")) for line in text.split("\n") if line.strip()]
    if not found:
        return -1
    return found[0] if first else min(found)


def _at(text: str, start: int, end: int, what: str) -> str:
    first = text.count("\n", 0, start) + 1
    last = max(first, text.count("\n", 0, end) + (0 if end > start and text[end - 1:end] == "\n" else 1))
    said = text[start:end].strip().partition("\n")[0]
    said = _HIDDEN if holds_secret(said) else said[:80]     # it goes into a row and an alert (law 7)
    where = f"line {first}" if first == last else f"lines {first}-{last}"
    return f"{where} {what}" + (f": {said}" if said else "")
