"""The one HTTP delivery, and the one place of this room where a secret's name becomes its value (law 7).

A reply is either taken, or it becomes a DeliveryError that says whether trying again would help. An address of an
incoming webhook is itself a secret: errors name the host, never the rest of it.
"""

import asyncio
import json
import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx

from alerts.channel import DeliveryError

DEADLINE_S: Final = 10.0
_MAX_REPLY: Final = 64 * 1024
_MAX_ANSWER: Final = 4 * 1024 * 1024        # a gateway that lists all it serves
_TRY_AGAIN: Final = frozenset({408, 409, 423, 425, 429})
_HIDDEN: Final = "[secret]"
_NOWHERE: Final = "the address"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the other side answered with 2xx; `text` is at most 64 KiB."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)      # by lower-case name

    def field(self, *names: str) -> object:
        """The first of these keys that the JSON object has; None if it is no such object."""
        try:
            read = json.loads(self.text)
        except ValueError:
            return None
        return next((read[name] for name in names if name in read), None) if isinstance(read, dict) else None


def secret(name: str) -> str:
    """The value of an environment variable. Raises a permanent DeliveryError that names the variable."""
    value = os.environ.get(name, "").strip() if name else ""
    if not value:
        raise DeliveryError(f"environment variable {name or '(no name given)'} is not set", permanent=True)
    return value


def encode(body: object) -> bytes:
    """The bytes that go out, so that what is signed is what is sent."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


async def post_json(
    url: str,
    body: object,
    *,
    headers: Mapping[str, str] | None = None,
    secrets: tuple[str, ...] = (),
    read_reply: Callable[[Reply], None] | None = None,
    ca_file: str = "",
) -> Reply:
    """POST `body` (JSON-able, or bytes already encoded) within ten seconds of wall time.

    `read_reply` raises DeliveryError for services that answer 200 to a failure. `secrets` are hidden from errors, as
    is every part of the URL but its host. Raises DeliveryError only.
    """
    hidden = (*secrets, *_secret_parts(url))
    status, replied, said = await _answered(("POST", url), body, headers or {}, ca_file, _MAX_REPLY)
    _judge(status, replied, scrub(said, hidden), _host(url))
    reply = Reply(status, said)
    if read_reply is not None:
        _read(read_reply, reply, hidden)
    return reply


async def ask_json(method: str, url: str, body: object = None, headers: Mapping[str, str] | None = None) -> Reply:
    """One question to an API that is the user's own, whatever it answers: a status above 299 is an answer too.

    Raises DeliveryError where there is no answer within ten seconds.
    """
    content = b"" if body is None else body
    status, replied, said = await _answered((method, url), content, headers or {}, "", _MAX_ANSWER)
    return Reply(status, said, {name.lower(): value for name, value in replied.items()})


async def _answered(what: tuple[str, str], body: object, headers: Mapping[str, str], ca_file: str,
                    most: int) -> tuple[int, httpx.Headers, str]:
    """`what`: method and URL. Raises DeliveryError, whose words hold neither the address nor a header."""
    url = what[1]
    content = body if isinstance(body, bytes) else encode(body)
    sent = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "vendorwatch", **headers}
    if not url.startswith(("https://", "http://")) or _host(url) == _NOWHERE:
        raise DeliveryError("the webhook address is not valid (no https://host/…)", permanent=True) from None
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await _send(what, content, sent, ca_file, most)
    except TimeoutError:
        raise DeliveryError(f"no answer from {_host(url)} within {DEADLINE_S:g} s") from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError, ValueError) as error:
        # their texts quote the address or the header, so only their names are told; `from None` for the same reason
        raise DeliveryError(f"the webhook address or a header is not valid ({_name(error)})", permanent=True) from None
    except ssl.SSLError as error:
        raise DeliveryError(f"ca_file cannot be used ({_name(error)})", permanent=True) from None
    except (httpx.HTTPError, OSError) as error:
        raise DeliveryError(f"could not reach {_host(url)} ({_name(error)})") from None


def scrub(said: str, secrets: tuple[str, ...]) -> str:
    """`said` in one short line, without any of `secrets`."""
    for word in sorted(set(secrets), key=len, reverse=True):
        if len(word) >= 4:
            said = said.replace(word, _HIDDEN)
    return " ".join(said.split())[:200]


def failed_code(channel: str, code: object, said: object, transient: frozenset[int]) -> DeliveryError:
    """The error of a service that says so in its body: `transient` are the codes that pass by themselves."""
    known = code if isinstance(code, int) else None
    passing = known in transient
    reason = f"{channel} answered {code if known is not None else 'something unreadable'}: {str(said or '')[:160]}"
    return DeliveryError(reason.rstrip(": "), permanent=not passing, retry_after_s=60.0 if passing else None)


async def _send(what: tuple[str, str], content: bytes, headers: Mapping[str, str], ca_file: str,
                most: int) -> tuple[int, httpx.Headers, str]:
    context = ssl.create_default_context(cafile=ca_file or None)
    async with (
        httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=DEADLINE_S, verify=context) as client,
        client.stream(*what, content=content, headers=dict(headers)) as response,
    ):
        taken = bytearray()
        async for chunk in response.aiter_bytes():
            taken += chunk
            if len(taken) >= most:
                break
        return response.status_code, response.headers, bytes(taken[:most]).decode(errors="replace")


def _judge(status: int, headers: httpx.Headers, said: str, host: str) -> None:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    permanent = status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _TRY_AGAIN
    wait = None if permanent else retry_after(headers.get("retry-after", ""), datetime.now(UTC))
    raise DeliveryError(f"{host} answered {status}: {said}".rstrip(": "), permanent=permanent, retry_after_s=wait)


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds from a Retry-After header, in either of its two forms; None if it says nothing that can be read."""
    if value.strip().isdecimal():
        return float(value.strip())
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def _read(read_reply: Callable[[Reply], None], reply: Reply, hidden: tuple[str, ...]) -> None:
    try:
        read_reply(reply)
    except DeliveryError as error:
        reason = scrub(error.reason, hidden)
        raise DeliveryError(reason, permanent=error.permanent, retry_after_s=error.retry_after_s) from None


def _secret_parts(url: str) -> tuple[str, ...]:
    try:
        parts = urlsplit(url)
        user, password = parts.username, parts.password
    except ValueError:
        return (url,)
    steps = tuple(step for step in parts.path.split("/") if len(step) >= 8)
    asked = tuple(value for _, value in parse_qsl(parts.query))
    plain = (url, parts.path, parts.query, user or "", password or "", *steps, *asked)
    return (*plain, *(unquote(word) for word in plain))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or _NOWHERE
    except ValueError:
        return _NOWHERE


def _name(error: BaseException) -> str:
    """The innermost cause's class: ConnectError alone does not tell a refused port from a bad certificate."""
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__ or error
    return type(error).__name__
