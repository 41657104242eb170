"""How the log looks: one line an event on stderr, key=value or JSON, the same fields in both; secrets scrubbed (law 7).

A call writes `log.warning("not delivered channel=%s", name)`: words first, then key=value pairs. In JSON the pairs
become members of their own.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

ROOT = "vendorwatch"
SHORTEST_SECRET = 6       # shorter values would blank out ordinary words

_PAIR = re.compile(r"\s([a-z_]+)=('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\S+)")


class Scrubber:
    """Replaces the values of secrets by their names, longest first."""

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        held = {value: name for name, value in (secrets or {}).items() if len(value) >= SHORTEST_SECRET}
        self._names = dict(sorted(held.items(), key=lambda item: -len(item[0])))

    def __call__(self, text: str) -> str:
        for value, name in self._names.items():
            if value in text:
                text = text.replace(value, f"[{name}]")
        return text


def fields(record: logging.LogRecord) -> dict[str, str]:
    """time, level, room, event, then the pairs of the message; `error` where an exception came with it."""
    message = record.getMessage().replace("\n", " ⏎ ")
    pairs = {match[1]: match[2].strip("'\"") for match in _PAIR.finditer(message)}
    words = _PAIR.sub("", message).strip()
    out = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "room": record.name.removeprefix(f"{ROOT}."),
        "event": words,
    }
    if record.exc_info and record.exc_info[1] is not None:
        out["error"] = repr(record.exc_info[1])
    return out | {key: value for key, value in pairs.items() if key not in out}


def as_pairs(values: Mapping[str, str]) -> str:
    """key=value, quoted where a value has spaces, quotes or is empty."""
    def quote(value: str) -> str:
        return value if re.fullmatch(r"[^\s\"=]+", value) else json.dumps(value, ensure_ascii=False)

    return " ".join(f"{key}={quote(value)}" for key, value in values.items())


class Line(logging.Formatter):
    """One event, one line."""

    def __init__(self, form: str, scrub: Scrubber) -> None:
        super().__init__()
        self._form, self._scrub = form, scrub

    def format(self, record: logging.LogRecord) -> str:
        values = {key: self._scrub(value) for key, value in fields(record).items()}
        return json.dumps(values, ensure_ascii=False) if self._form == "json" else as_pairs(values)


def begin(form: str = "kv", level: str = "info", secrets: Mapping[str, str] | None = None,
          out: TextIO | None = None) -> None:
    """Send the log of the whole house to stderr. `form`: kv | json."""
    stream = logging.StreamHandler(out or sys.stderr)
    stream.setFormatter(Line(form, Scrubber(secrets)))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(stream)
    root.setLevel(logging.WARNING)        # other people's libraries speak only when something is wrong
    logging.getLogger(ROOT).setLevel(level.upper())
