"""What the JSON formats read alike: names of variables, what a word means, faults of the text itself. Pure.

Some of these configs have no public name for what they serve (Portkey's, OpenRouter's, Claude Code's). A workload is
then called by the model in use, by the name the config has in its file, by the file's own name, or by one of the words
that people say for "whatever this is".
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import PurePath
from typing import Final, TypeVar

from alerts.gateway import PatchRefused
from alerts.model import Problem, Route, Severity
from alerts.surgery.jsonnodes import Node, beyond_strict, commented, duplicates, line_of, parse

Read = TypeVar("Read")
ALL: Final = frozenset({"all", "*", "any", "everything"})
WHATEVER: Final = frozenset({
    *ALL, "default", "main", "primary", "config", "chat", "smart", "app", "llm", "model", "models", "gateway",
    "routing"})
_AROUND: Final = re.compile(r"\s*([,/])\s*")
_VARIABLE: Final = re.compile(
    r"""(?x) \s* (?: \$\{ (?:env[:.])? ([A-Za-z_]\w*) (?: :?[-?=] [^}]* )? \} | \$ ([A-Za-z_]\w*)
    | \{\{ \s* (?:env\.|\.Env\.|secrets?\.)? ([A-Za-z_]\w*) \s* \}\} | env[.:] ([A-Za-z_]\w*)
    | os\.environ/ ([A-Za-z_]\w*) | process\.env\. ([A-Za-z_]\w*) | % ([A-Za-z_]\w*) %
    | \{env:([A-Za-z_]\w*)\} ) \s*""")


def variable(value: str) -> str:
    """The name of the variable that a value stands for: $NAME, ${NAME}, env.NAME … '' where it is none."""
    found = _VARIABLE.fullmatch(value)
    return next((name for name in found.groups() if name), "") if found else ""


def same(one: str, other: str) -> bool:
    """Whether two names are meant alike: in whatever case, and with or without blanks around a comma or slash."""
    return _flat(one) == _flat(other)


def called(word: str, routes: Iterable[Route]) -> list[Route]:
    """The routes a word names: by their key or name, else by another name they go by, the first kind that any has."""
    found, wanted = list(routes), _flat(word)
    for names in (lambda one: (one.key,), lambda one: (one.name,), lambda one: one.also):
        hit = [one for one in found if any(_flat(name) == wanted for name in names(one) if name)]
        if hit:
            return hit
    return []


def known(routes: Iterable[Route], limit: int = 8) -> str:
    """Names to choose from, for a refusal."""
    names = list(dict.fromkeys(one.name for one in routes))
    return ", ".join(names[:limit]) + (" …" if len(names) > limit else "") if names else "none"


def stem(path: str) -> str:
    """What a file is called, without its ending: a config's name where it has no other."""
    return PurePath(path).name.partition(".")[0] if path else ""


def says_whatever(word: str, path: str = "") -> bool:
    """Whether a word means the one thing that a file of this name is about."""
    return _flat(word) in WHATEVER or (path != "" and same(word, stem(path)))


def vetted(text: str, strict: bool) -> tuple[Node | None, Sequence[Problem]]:
    """The text's root, and the faults of the text as JSON: `strict` where the program takes no comments."""
    try:
        root = parse(text)
    except PatchRefused as error:
        return None, (Problem("line 1", str(error), Severity.CRITICAL),)
    return root, tuple(_textual(text, root, strict))


def linted(text: str, read: Callable[[str], Read], *, strict: bool) -> tuple[Read | None, Sequence[Problem]]:
    """What a format reads in a text, and the faults of the text itself; None where it cannot be read at all."""
    root, found = vetted(text, strict)
    if root is None:
        return None, found
    try:
        return read(text), found
    except PatchRefused as error:
        return None, (*found, Problem("line 1", str(error), Severity.CRITICAL))


def note_for(text: str, note: str) -> str:
    """The ownership comment where the file has comments; none where a strict reader may have to take it."""
    return note if commented(text) else ""


def at_line(text: str, node: Node) -> str:
    return f"line {line_of(text, node.start)}"


def _textual(text: str, root: Node, strict: bool) -> Iterator[Problem]:
    beyond = beyond_strict(text) if strict else None
    if beyond:
        yield Problem(f"line {beyond[0]}", f"strict JSON parsers stop here ({beyond[1]}): no comments, trailing commas "
                      "or single quotes", Severity.WARNING)
    for at, key in duplicates(root):
        yield Problem(f"line {line_of(text, at)}", f"{key} stands twice in one object; the last one counts")


@lru_cache(maxsize=8192)
def _flat(word: str) -> str:
    parts = word.split()
    return _AROUND.sub(r"\1", word.strip()).casefold() if len(parts) > 1 else "".join(parts).casefold()
