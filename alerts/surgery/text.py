"""Small cuts in a text that is someone else's: splices, how to take them back, and the diff people read. Pure.

Everything outside a cut stays byte for byte as it was: comments, quotes, indentation, line ends, a byte-order mark.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from alerts.gateway import PatchRefused

# what stands for a key without being one: a reference, a variable's NAME, a placeholder of a public example
_STANDS_FOR: Final = r"""(?: os\.environ/ | sk-? (?![\w-]) | \$ | \{\{ | \{env: | env[.:] | process\.env | % | < | \[
    | [a-z0-9]{0,6} \*{2,} | x{3,} | \.{3} | … | [a-z][a-z0-9]* (?: [_-][a-z0-9]+ )* [_-] key (?![\w-])
    | (?:[a-z0-9]+[-_]){0,3} (?: \*{2,} | x{3,} | \.{3} | … | your | <) | your
    | (?-i: [A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+ (?![\w-]) )
    | __ | (?: sk- )? (?: any(?:[-_]api[-_]key)? | anything | change[-_]?me | demo | disabled | dummy | empty | fake
        | key | lm-?studio | local | mask | mock | n/?a | none | no[-_]?key(?:[-_]required)? | not[-_]?needed | ollama
        | placeholder | test | unused ) (?![\w-]) )"""
_SECRET: Final = re.compile(
    rf"""(?ix) (?: (?<![\w-]) (?! ["']? virtual_?key)
        (?! ["']? [\w-]* tokens ["']? \s* [:=] \s* ["']? \d+ ["']? (?: [\s,}}\]] | $ ) )
        ["']? [\w-]* (?:key|token|secret|password|passwd|credential)s? ["']?
        \s* (?: = | : (?!\?) ) [-+]?+     # ${{NAME:-default}} and ${{NAME:?what is missing}} of shells
        \s* (?! \s* (?: ["']? {_STANDS_FOR} | null | ~ | \#  | \{{ | \}} | \[ | true | false
          | \d[\d.]* (?:e-?\d+)? (?: [\s,}}\]] | $ ) | ["'] \s* ["'] | $ ) ) \S )
    | \b sk-(?! {_STANDS_FOR} ) [A-Za-z0-9_-]{{8,}} | :// [^/\s:@]+ : [^@\s/]+ @ | \b bearer \s+ [A-Za-z0-9._-]{{12,}}
    | _url ["']? \s* : \s* ["']? [a-z+]+ :// [^/\s:@]* : [^@\s]+ @"""
)


_ENDING: Final = re.compile(r"(?:\r?\n)?\Z")
_WHOLE: Final = re.compile(r"""(?:[^"'#]|(?<!\s)#|"(?:[^"\\]|\\.)*"|'[^']*')*""")
_HUNK: Final = re.compile(r"(?<= )([-+])(\d+)")


@dataclass(frozen=True, slots=True)
class Splice:
    """Replace text[start:end] by `new`."""

    start: int
    end: int
    new: str


def splice(text: str, cuts: Sequence[Splice]) -> tuple[str, tuple[Splice, ...]]:
    """The text after all cuts (which must not overlap), and the cuts that take it back."""
    parts: list[str] = []
    back: list[Splice] = []
    at = shift = 0
    for cut in sorted(cuts, key=lambda cut: (cut.start, cut.end)):
        if cut.start < at or cut.end > len(text):
            raise PatchRefused("two edits fall on the same place; change this file by hand")
        parts += [text[at:cut.start], cut.new]
        back.append(Splice(cut.start + shift, cut.start + shift + len(cut.new), text[cut.start:cut.end]))
        shift += len(cut.new) - (cut.end - cut.start)
        at = cut.end
    return "".join((*parts, text[at:])), tuple(back)


def decoded(raw: bytes, name: object) -> str:
    """The text of a file's bytes, byte-order mark and line ends included. Raises PatchRefused, with what to do."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PatchRefused(f"{name} is not UTF-8 text (byte {error.start}); save it as UTF-8 first") from error


def newline_of(text: str) -> str:
    """The line end this text uses. Raises PatchRefused where it is not one of the usual two."""
    if re.search(r"\r(?!\n)", text):
        raise PatchRefused("the file has lone carriage returns as line ends; save it with LF or CRLF first")
    return "\r\n" if "\r\n" in text else "\n"


def line_start(text: str, at: int) -> int:
    start = text.rfind("\n", 0, at) + 1
    return 1 if start == 0 and text.startswith("\ufeff") else start


def line_after(text: str, at: int) -> int:
    """Where the line after the one of `at` begins; the end of the text if there is none."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def line_end(text: str, at: int) -> int:
    """Where the line of `at` ends: before its line end."""
    after = line_after(text, at)
    return after - len(_ENDING.search(text[max(at, after - 2):after]).group())  # type: ignore[union-attr]


def takes_remark(rest: str) -> bool:
    """Whether a comment may follow the rest of a line: no quote is open there, and no word goes on in the next line."""
    found = _WHOLE.match(rest)
    said = found.group().rstrip() if found else ""
    left = rest[found.end():] if found else rest
    return left[:1] in ("", "#") and (not said or said[-1] in "]},:\"'")


def lines_of(text: str) -> list[str]:
    """With their ends. Only \\n ends a line: str.splitlines would also cut at form feeds and U+2028."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def common(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many lines two texts begin with alike, and end with alike: what differs is looked for between."""
    most = min(len(old), len(new))
    first = next((at for at in range(most) if old[at] != new[at]), most)
    last = next((at for at in range(most - first) if old[-1 - at] != new[-1 - at]), most - first)
    return first, last


def unified(before: str, after: str, path: str, hidden: Sequence[str] = (), context: int = 3) -> str:
    """A diff that `git apply` and `patch` take. It shows fewer lines around where one of them holds a literal secret.

    `hidden`: secrets known from the file itself; `context`: lines around, at the most. Raises PatchRefused if even the
    changed lines hold a secret.
    """
    if before == after:
        return ""
    for around in range(context, -1, -1):
        diff = _diff(before, after, path, around)
        if not holds_secret(diff) and not any(secret in diff for secret in hidden):
            return diff
    where = _secret_line(_diff(before, after, path, 0), hidden)
    raise PatchRefused(
        f"a changed line{where} holds a literal secret; keep it in the environment and name its variable here")


def _secret_line(diff: str, hidden: Sequence[str]) -> str:
    """` (line 7)`, as the file of before counts, for the first such line of a diff with nothing around; else ''."""
    at = 0
    for line in diff.split("\n")[2:]:
        if line.startswith("@@"):
            at = int(line.split()[1].lstrip("-").partition(",")[0])
        elif holds_secret(line) or any(secret in line for secret in hidden):
            return f" (line {at})"
        else:
            at += not line.startswith("+")
    return ""


def holds_secret(text: str) -> bool:
    """Whether a line looks like a key written out instead of named, also one of a text that stands in quotes."""
    lines = (part for line in text.splitlines() for part in line.replace('\\"', '"').split("\\n"))
    return any(_SECRET.search(line.lstrip("+- ")) for line in lines)


def _diff(before: str, after: str, path: str, context: int) -> str:
    old, new = lines_of(before), lines_of(after)
    first, last = common(old, new)
    first, last = max(0, first - context), max(0, last - context)
    old, new = old[first:len(old) - last], new[first:len(new) - last]
    name = path.lstrip("/") or "config.yaml"    # as git writes a path: a//etc/… is none that it takes
    lines = difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", n=context)
    shifted = (_HUNK.sub(lambda found: f"{found[1]}{int(found[2]) + first}", line) if line.startswith("@@") else line
               for line in lines)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in shifted)
