"""What a wire dialect must be able to say and read: the values, the protocol, and how one is found.

A dialect is a file in probes/wire that exports a class called `Dialect`; its file name is the name a surface gives.
Pure: a dialect builds calls and reads exchanges, it never sends anything.
"""

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Protocol, cast

from probes.model import Exchange, Header, HttpCall, Secret, Target

Json = dict[str, Any]
USER_AGENT = "vendorwatch (vendor-risk probe)"


@dataclass(frozen=True, slots=True)
class Tool:
    """A function offered to the model; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function the model asked for; `arguments` is the JSON text as it came. `id`: in a history, its name there."""

    name: str
    arguments: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """What came after the prompt: a model called a function, after some thinking, and was told what came of it.

    `origin` is the dialect it was said in, `signature` what its vendor vouches for the thinking with.
    """

    call: ToolCall
    result: str                  # JSON text
    text: str = ""
    thinking: str = ""
    signature: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Minted:
    """What the vendors of a dialect put on a tool call and on the thinking before it."""

    call_id: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing asked of a model, in no vendor's words. `turns`: what has been said and done since the prompt."""

    prompt: str
    max_tokens: int = 64
    tools: tuple[Tool, ...] = ()
    stream: bool = True
    json_mode: bool = False
    deadline_s: float = 60.0
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelList:
    """The ids a vendor lists, in its order; end dates and bare 'deprecated' marks where its API states them."""

    ids: tuple[str, ...]
    retires_on: Mapping[str, date] = field(default_factory=dict)
    deprecated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said, and when. Times are seconds since the call started; None means never.

    `complete` is false where the stream ended without a finish. `error` is the vendor's own error text (JSON where it
    was JSON) when one came in place of, or in the middle of, an answer. `tokens_hidden` were billed but never streamed.
    """

    text: str = ""
    thinking: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_hidden: int = 0
    estimated: bool = False
    first_token_at_s: float | None = None
    last_token_at_s: float | None = None
    token_events: int = 0
    complete: bool = False
    served_model: str | None = None
    error: str | None = None


class Dialect(Protocol):
    """One wire format. Methods never raise for what a vendor may send."""

    def list_models(self, target: Target) -> HttpCall:
        """The free question: which models are there?"""
        ...

    def chat(
        self, target: Target, model: str, question: Question, without: frozenset[str] = frozenset()
    ) -> HttpCall:
        """One question to a model; `without` names the options this server is known not to take."""
        ...

    def read_models(self, exchange: Exchange) -> ModelList | None:
        """The list, or None where the answer holds none."""
        ...

    def read_answer(self, exchange: Exchange) -> Answer:
        """The answer, from a stream or from one JSON body, whole or broken."""
        ...

    def blame(self, exchange: Exchange) -> str | None:
        """The option that a 400 complains of, in `without`'s words; None where it is something else."""
        ...

    def mint(self, order: int) -> Minted:
        """As this dialect's vendors mark their tool calls and thinking, for a history that another is to carry on."""
        ...


def find_dialect(name: str) -> Dialect:
    """The dialect of that file name. The folder is the registry."""
    if not name.isidentifier():
        raise ModuleNotFoundError(f"no dialect called {name!r}")
    return cast(Dialect, importlib.import_module(f"probes.wire.{name}").Dialect())


def join_url(base: str, path: str) -> str:
    """`path` under `base`; an absolute path of its own (the catalogue's exception) is taken as it is."""
    if path.startswith(("https://", "http://")):
        return path
    return f"{base.rstrip('/')}/{path.lstrip('/')}"


def build_headers(target: Target, *fixed: tuple[str, str]) -> tuple[Header, ...]:
    """Fixed headers, the catalogue's extras over them, and the key's *name* where there is an account."""
    auth = target.provider.auth
    plain = {"user-agent": USER_AGENT, **dict(fixed)}
    plain.update({name.lower(): value for name, value in auth.extra})
    headers: list[Header] = list(plain.items())
    if target.account is not None:
        account = target.account
        secret = Secret(env=account.key_env, host=account.host, region=account.region, prefix=auth.prefix)
        headers.append((auth.header.lower(), secret))
    return tuple(headers)


def build_get(target: Target, path: str, *fixed: tuple[str, str]) -> HttpCall:
    """A GET for a small JSON document."""
    url = join_url(target.surface.base_url, target.surface.models_path or path)
    headers = build_headers(target, ("accept", "application/json"), *fixed)
    return HttpCall("GET", url, headers, max_bytes=4_000_000, ca_file=target.provider.ca_file)


def build_post(target: Target, url: str, body: Json, question: Question, *fixed: tuple[str, str]) -> HttpCall:
    """A POST of a JSON body; the deadline is the question's."""
    accept = "text/event-stream" if question.stream else "application/json"
    headers = build_headers(target, ("content-type", "application/json"), ("accept", accept), *fixed)
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return HttpCall("POST", url, headers, data, deadline_s=question.deadline_s, ca_file=target.provider.ca_file)


def merge(body: Json, more: object) -> Json:
    """`body` with the catalogue's additions; a value of None takes a field out."""
    if not isinstance(more, Mapping):
        return body
    merged = {**body, **{str(key): value for key, value in more.items()}}
    return {key: value for key, value in merged.items() if value is not None}


def parse_json(data: bytes | str) -> Any:
    """The JSON value, or None. Some vendors put blank lines before it, or a byte-order mark."""
    try:
        text = data.decode("utf-8-sig", errors="replace") if isinstance(data, bytes) else data
        return json.loads(text.strip())
    except (ValueError, RecursionError):
        return None


def as_dict(value: object) -> Json:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """The value if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    """The value if it is a string, else nothing."""
    return value if isinstance(value, str) else ""


def as_count(value: object) -> int | None:
    """The value if it is a number that can count something."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < 10**12 else None


def as_date(value: object) -> date | None:
    """A day from an ISO text (date or time) or an epoch number of seconds."""
    try:
        if isinstance(value, str) and value:
            return date.fromisoformat(value[:10])
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 10**8:
            return datetime.fromtimestamp(value, tz=UTC).date()
    except (ValueError, OverflowError, OSError):
        return None
    return None
