"""Secrets that must not be found again: how they may be spelled, who gives them back, and where to look for them."""

import base64
import json
import re
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from lab import Witness

from probes.sim.bodies import Answer
from probes.sim.server import Ask
from probes.sim.speech import Speech, speak
from probes.sim.world import Behaviour

WINDOW = 12     # so many characters of a secret in a row are too many


def spellings(value: str) -> set[str]:
    """Every form in which a vendor may write a key: plain, in a URL, in JSON, in hex, in base64 alone or in a text."""
    inner = json.dumps(value)[1:-1]
    forms = {value, quote(value, safe=""), quote(value), quote_plus(value), quote(value, safe="").lower(), inner,
             inner.replace("/", "\\/"), value.encode().hex()}
    for login in (value, f"u:{value}", f":{value}!", f"user:{value}"):
        mixed = base64.b64encode(login.encode())
        forms |= {mixed.decode(), base64.urlsafe_b64encode(login.encode()).decode()}
    return forms


def traces(value: str) -> set[str]:
    """What gives a secret away: its spellings, base64 whatever stands around it, and pieces long enough to matter."""
    forms = {form for form in spellings(value) if not form.endswith("=")}
    for shift in range(3):
        mixed = base64.b64encode(b"." * shift + value.encode())[4:-4].decode()
        forms |= {mixed, mixed.replace("+", "-").replace("/", "_")}
    return forms | {value[at:at + WINDOW] for at in range(len(value) - WINDOW + 1)}


def found_in(text: str, secrets: Mapping[str, str]) -> list[tuple[str, str]]:
    """Name and form of every secret in the text."""
    return [(name, form) for name, value in secrets.items() for form in traces(value) if form in text]


def everything_in(database: Path) -> str:
    """Every cell of every table as text, packed evidence unpacked, and the bytes of the files themselves."""
    parts = [path.read_bytes().decode("latin-1") for path in sorted(database.parent.glob(f"{database.name}*"))]
    connection = sqlite3.connect(database)
    try:
        named = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
        for (table,) in named:
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                parts.extend(_text(cell) for cell in row if isinstance(cell, str | bytes))
    finally:
        connection.close()
    return "\n".join(parts)


def _text(cell: str | bytes) -> str:
    if isinstance(cell, str):
        return cell
    try:
        return zlib.decompress(cell).decode("utf-8", "replace")
    except zlib.error:
        return cell.decode("latin-1")


class Parrot(Witness):
    """A vendor that gives back whatever secret it was shown, in every spelling, in every place an answer has."""

    def _answer(self, ask: Ask, behaviour: Behaviour) -> Answer | Speech:
        super()._answer(ask, behaviour)
        shown = ask.key or ask.headers.get("x-tenant-secret", "")
        if not shown or self.neutral:
            return super()._answer(ask, behaviour)
        tell = getattr(self, f"_{self.provider}", None)
        answer: Answer | Speech = tell(shown, ask) if tell else self._refuse(shown, 500, "server_error")
        return answer

    def _refuse(self, shown: str, status: int, code: str) -> Answer:
        words = f"Incorrect API key provided: {' '.join(sorted(spellings(shown)))} and {_login(shown)}."
        body = {"error": {"message": words, "type": "invalid_request_error", "param": shown, "code": code}}
        return Answer(status, json.dumps(body).encode(), (("content-type", "application/json"), *_headers(shown)))

    def _openai(self, shown: str, ask: Ask) -> Answer:
        return self._refuse(shown, 401, "account_deactivated")

    def _anthropic(self, shown: str, ask: Ask) -> Answer:
        where = f"https://elsewhere.test/login?key={quote(shown, safe='')}&again={shown}"
        return Answer(302, f"<a href='{where}'>".encode(), (("location", where), *_headers(shown)))

    def _gemini(self, shown: str, ask: Ask) -> Answer:
        """A list whose models are called like the key."""
        names = [f"models/{form}" for form in sorted(spellings(shown)) if '"' not in form]
        return Answer(200, json.dumps({"models": [{"name": name} for name in names]}).encode(), _headers(shown))

    def _deepseek(self, shown: str, ask: Ask) -> Answer | Speech:
        """A stream that says the key, is served by a model of that name, and breaks off with an error that has it."""
        if ask.path.endswith("/models"):
            return speak("openai", ask.path, ask.body, (shown,))
        chunk = {"id": shown, "object": "chat.completion.chunk", "created": 1, "model": shown, "choices": [
            {"index": 0, "delta": {"role": "assistant", "content": shown}, "finish_reason": None}]}
        error = {"error": {"message": f"upstream said: {_login(shown)} {shown}", "code": shown}}
        return Speech(tuple(f"data: {json.dumps(event)}\n\n".encode() for event in (chunk, error)))


def _headers(shown: str) -> tuple[tuple[str, str], ...]:
    return (("x-echo", shown), ("x-echo-url", quote(shown, safe="")), ("www-authenticate", f"Basic {_login(shown)}"),
            ("x-model-deprecation-timestamp", shown))


def _login(shown: str) -> str:
    return base64.b64encode(f"user:{shown}".encode()).decode()


def texts(folder: Path, leave_out: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Every file below the folder but those a person wrote secrets into."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in leave_out and not re.search(r"\.db(-\w+)?$", path.name):
            yield path.name, path.read_bytes().decode("latin-1")
