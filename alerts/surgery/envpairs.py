"""Variables of a container as YAML has them, read as lines of a .env file and written back. Pure.

`NAME: value` (a ConfigMap's data, a compose file's environment) and `- NAME=value` (the same as a list). In a .env file
the last line of a name wins; in YAML each stands once.
"""

import json
import re
from collections.abc import Sequence
from typing import Final

from alerts.gateway import PatchRefused

PAIR: Final = re.compile(
    r"^ +(?P<name>[A-Z][A-Z0-9_]*)(?P<colon> *: *)(?P<value>[^\r\n]*?)(?P<rest>\s+#[^\r\n]*)?(?P<end>\r?\n?)$")
LISTED_PAIR: Final = re.compile(
    r"^ *- +(?P<mark>['\"]?)(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>[^\r\n]*?)(?P=mark)"
    r"(?P<rest>\s+#[^\r\n]*)?(?P<end>\r?\n?)$")
_ASSIGNED: Final = re.compile(r" *([A-Za-z_]\w*)=")
_SIMPLE: Final = re.compile(r"[A-Za-z_/][A-Za-z0-9_./:-]*|\$\{\w+\}")
_NOT_TEXT: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})   # a ConfigMap wants text
_UNSAFE: Final = re.compile(r": |:$| #|^[\s'\"&*!|>%@`{\[]|\s$")


def as_dotenv(line: str) -> str:
    """A line of YAML as one of a .env file; comments and what is neither keep their text."""
    found = PAIR.match(line) or LISTED_PAIR.match(line)
    if found is None:
        return line.lstrip(" ") if not line.strip() or line.lstrip().startswith("#") else f"# yaml:{line}"
    return f"{found['name']}={found['value']}{found['rest'] or ''}{found['end']}"


def pair_line(room: str, line: str, was: Sequence[str]) -> str:
    """`NAME=value` as `NAME: value` again, in the quotes the line had."""
    if not line.strip() or line.lstrip().startswith("#"):
        return f"{room}{line}" if line.strip() else line
    name, said, end = _parts(line)
    present = next((found for one in was if (found := PAIR.match(one)) and found["name"] == name), None)
    value, gap, comment = _split_comment(said)
    mark = present["value"][:1] if present is not None and present["value"][:1] in ("'", '"') else ""
    plain = unquoted(value)
    if mark == "'" and "'" not in plain:
        written = f"'{plain}'"
    elif mark or not _SIMPLE.fullmatch(plain) or plain.endswith(":") or plain.lower() in _NOT_TEXT:
        written = json.dumps(plain, ensure_ascii=False)
    else:
        written = plain
    colon = present["colon"] if present is not None else ": "
    return f"{room}{name}{colon}{written}{gap}{comment}{end}"


def listed_line(room: str, line: str, was: Sequence[str]) -> str:
    """`NAME=value` as an entry of a list again, in the quotes the entry had."""
    if line.startswith("# yaml:"):
        return line.removeprefix("# yaml:")
    if not line.strip() or line.lstrip().startswith("#"):
        return f"{room}{line}" if line.strip() else line
    name, said, end = _parts(line)
    present = next((found for one in was if (found := LISTED_PAIR.match(one)) and found["name"] == name), None)
    value, gap, comment = _split_comment(said)
    entry = f"{name}={unquoted(value)}"
    mark = present["mark"] if present is not None else ""
    if mark == "'" and "'" not in entry:
        entry = f"'{entry}'"
    elif mark or _UNSAFE.search(entry):
        entry = json.dumps(entry, ensure_ascii=False)
    return f"{room}- {entry}{gap}{comment}{end}"


def once(lines: Sequence[str]) -> list[str]:
    """Each name once, in the place of its first line, as its last line says."""
    names = [found.group(1) if (found := _ASSIGNED.match(line)) else "" for line in lines]
    last = {name: line for name, line in zip(names, lines, strict=True) if name}
    return [
        last[name] if name else line
        for at, (name, line) in enumerate(zip(names, lines, strict=True)) if not name or name not in names[:at]]


def bare(line: str) -> str:
    """A line of a .env file without quotes, to be compared."""
    found = _ASSIGNED.match(line)
    if found is None:
        return line
    value, gap, comment = _split_comment(line[found.end():].rstrip("\r\n"))
    return f"{found.group(1)}={unquoted(value)}{gap}{comment}\n"


def unquoted(said: str) -> str:
    """The value of a YAML or .env string on one line."""
    if said[:1] == '"':
        try:
            return str(json.loads(said))
        except ValueError:      # it goes on in the next line
            return said.strip('"\\').replace("\\n", "\n")
    return said[1:-1].replace("''", "'") if said[:1] == "'" and said[-1:] == "'" else said


def _parts(line: str) -> tuple[str, str, str]:
    """Name, value and line end; the value of a last line may lack one."""
    name, _, said = line.partition("=")
    body = said.rstrip("\r\n")
    return name.strip(), body, said[len(body):]


def _split_comment(body: str) -> tuple[str, str, str]:
    found = re.match(r"""^(?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|.*?)(?P<gap>\s*)(?P<comment>(?<=\s)#.*)?$""", body)
    if found is None:
        raise PatchRefused("a value of the environment is written in a way not handled; change it by hand")
    return found["value"], found["gap"], found["comment"] or ""
