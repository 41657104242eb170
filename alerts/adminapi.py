"""A gateway that keeps its routes in a database: the same move through its admin API, and the export beside it.

The export (the config's `file`) is what a change is rendered for. It is written before anything is sent, and on the way
back after all was: whenever a process dies, a gateway that was told anything is one whose export says so, and the
change can be taken back. Before either every value is read and compared; a call that fails takes those before it back.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from alerts.channel import DeliveryError
from alerts.gateway import PatchRefused
from alerts.inplace import InPlace
from alerts.landing import Label, digest
from alerts.model import ApiCall
from alerts.post import Reply, ask_json, scrub, secret

_FAILED: Final = 300


class _Stuck(DeliveryError):
    """Something was sent, and stays."""


@dataclass(frozen=True, slots=True)
class AdminApi:
    """`key_env`: the variable that holds the token; `bearer`: whether the word goes before it (one-api has none).
    `headers`: more of them, in the open: `New-Api-User: "1"`.
    """

    file: Path
    url: str
    key_env: str = ""
    bearer: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def locked(self) -> Iterator[None]:
        with InPlace(self.file).locked():
            yield

    def read(self) -> str:
        return InPlace(self.file).read()

    def put(self, text: str, base_sha256: str, label: Label) -> Mapping[str, object]:
        """Raises PatchRefused where a value is not what it was, DeliveryError where a call failed."""
        calls = _turned(label.calls) if label.back else label.calls
        if not calls:
            raise PatchRefused("this format has no calls of an admin API; say outlet: file")
        old = self.read()
        if digest(old) not in (base_sha256, digest(text)):
            raise PatchRefused(f"{self.file} has changed since; nothing was sent")
        todo = asyncio.run(self._left_to_do(calls))
        if label.back:
            asyncio.run(self._carried_out(todo))
            return {**self._written(text, base_sha256, label, todo), "calls": len(todo)}
        said = InPlace(self.file).put(text, base_sha256, label)
        try:
            asyncio.run(self._carried_out(todo))
        except _Stuck:
            raise                       # the export stays as it is: what was sent can be taken back by it
        except DeliveryError:
            InPlace(self.file).put(old, digest(text), replace(label, back=True))
            raise
        return {**said, "calls": len(todo)}

    def _written(self, text: str, base_sha256: str, label: Label, sent: Sequence[ApiCall]) -> Mapping[str, object]:
        try:
            return InPlace(self.file).put(text, base_sha256, label)
        except (PatchRefused, DeliveryError) as failure:
            raise asyncio.run(self._taken_back(sent, _said(failure))) from failure

    def landed(self, label: Label) -> str:
        return InPlace(self.file).landed(label)

    def left(self, label: Label, base_sha256: str) -> str | None:
        return InPlace(self.file).left(label, base_sha256)

    def forget(self, label: Label) -> None:
        InPlace(self.file).forget(label)

    async def _left_to_do(self, calls: Sequence[ApiCall]) -> Sequence[ApiCall]:
        """Not those that say what is so already. Raises PatchRefused, DeliveryError."""
        return [call for call in calls if not await self._is_so(call)]

    async def _carried_out(self, todo: Sequence[ApiCall]) -> None:
        """All of them, or none. Raises DeliveryError."""
        for number, call in enumerate(todo, 1):
            try:
                await self._ask(call.method, call.path, call.body)
                if not await self._took(call):
                    reason = f"{call.method} {call.path} was answered with success, and the value is not what was sent"
                    raise DeliveryError(reason, permanent=True)
            except (DeliveryError, PatchRefused) as failure:    # it too: nobody knows whether it was carried out
                raise await self._taken_back(todo[:number], _said(failure)) from failure

    async def _took(self, call: ApiCall) -> bool:
        """Whether the value is now what was sent: some APIs take an empty field for one that was not said."""
        return not call.read or _holds(await self._value(call), call.body)

    async def _is_so(self, call: ApiCall) -> bool:
        """Whether nothing is left to do. Raises PatchRefused where the value is neither the old one nor the new one."""
        if not call.read:
            return False
        now = await self._value(call)
        if _holds(now, call.body):
            return True
        if not _holds(now, call.before):
            other = ", ".join(name for name, value in call.before.items() if now.get(name) != value)
            raise PatchRefused(f"{call.read}: {other} has changed since; nothing was sent. Export anew")
        return False

    async def _value(self, call: ApiCall) -> Mapping[str, object]:
        said = _json(await self._ask("GET", call.read, None))
        inner = said.get("data")
        return inner if isinstance(inner, dict) else said

    async def _taken_back(self, sent: Sequence[ApiCall], why: str) -> DeliveryError:
        """Each of them, and looked at; the last one sent may never have been carried out."""
        for call in _turned(sent):
            try:
                if call.read and _holds(await self._value(call), call.body):
                    continue
                await self._ask(call.method, call.path, call.body)
                stuck = "" if await self._took(call) else "it is not what it was"
            except (DeliveryError, PatchRefused) as again:
                stuck = _said(again)
            if stuck:
                return _Stuck(f"{why}; and {call.path} could not be taken back: {stuck}", permanent=True)
        return DeliveryError(f"{why}; what was sent was taken back", permanent=True)

    async def _ask(self, method: str, path: str, body: object) -> Reply:
        """The key becomes its value here. Raises DeliveryError for a failure, also one that is answered with 200."""
        key = secret(self.key_env) if self.key_env else ""
        keyed = {"Authorization": f"Bearer {key}" if self.bearer else key} if key else {}
        reply = await ask_json(method, self.url.rstrip("/") + path, body, {**self.headers, **keyed})
        if reply.status >= _FAILED or reply.field("success") is False:
            said = scrub(str(reply.field("message") or reply.text), (key,))
            raise DeliveryError(f"{method} {path} was answered {reply.status}: {said}", permanent=True)
        return reply


def _said(failure: DeliveryError | PatchRefused) -> str:
    return failure.reason if isinstance(failure, DeliveryError) else str(failure)


def _turned(calls: Sequence[ApiCall]) -> tuple[ApiCall, ...]:
    """What takes them back, the last one first."""
    return tuple(replace(call, body=call.inverse, before=call.body, inverse=call.body) for call in reversed(calls))


def _holds(now: Mapping[str, object], wanted: Mapping[str, object]) -> bool:
    return all(now.get(name) == value for name, value in wanted.items())


def _json(reply: Reply) -> dict[str, object]:
    try:
        said = json.loads(reply.text)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise PatchRefused("the gateway's answer is no JSON object; is this its admin API?")
    return said
