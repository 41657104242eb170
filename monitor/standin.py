"""A stand-in gateway: routes as a config says, by its inventory. For drills where the real program is not installed.

It keeps no vendor out and knows no cooldown: it asks a workload's routes in order, then those of its fallbacks, and
gives back the first good answer or the last bad one. What a real gateway does beyond that, only a real one shows.
"""

import asyncio
import contextlib
import http.client
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from alerts.gateway import Gateway
from alerts.model import Inventory
from monitor.rig import DRILL_KEY, Place

GOOD = 200


def order(inventory: Inventory, workload: str) -> list[str]:
    """The keys of the routes asked for a workload, first choice first, each once. Pure."""
    return list(dict.fromkeys(_keys(inventory, workload, frozenset())))


def _keys(inventory: Inventory, name: str, seen: frozenset[str]) -> Iterator[str]:
    if name in seen:
        return
    yield from inventory.workloads.get(name, ())
    for fallback in inventory.fallbacks.get(name, inventory.fallbacks.get("*", ())):
        yield from _keys(inventory, fallback, seen | {name})


@dataclass(frozen=True)
class StandInRig:
    """The stand-in gateway for one format."""

    gateway: Gateway
    label: ClassVar[str] = "a stand-in gateway that routes as the file says"

    def missing(self) -> str:
        return ""

    def adapted(self, text: str, places: Mapping[str, Place]) -> str:
        """Its routes as JSON: nothing else of the config matters to it."""
        found = self.gateway.inventory(text)
        return json.dumps({
            name: [[places[key].base_url, places[key].dialect, _model(found, key)]
                   for key in order(found, name) if key in places]
            for name in found.workloads})

    def asked_as(self, text: str, workload: str) -> str:
        del text
        return workload

    @asynccontextmanager
    async def running(self, text: str, folder: Path) -> AsyncIterator[str]:
        del folder
        table = json.loads(text)
        server = await asyncio.start_server(lambda *pair: _meet(table, *pair), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            yield f"http://127.0.0.1:{port}/v1/chat/completions"
        finally:
            server.close()


def _model(inventory: Inventory, key: str) -> str:
    return next((route.model for route in inventory.routes if route.key == key), "") or "model"


async def _meet(table: Mapping[str, list[list[str]]], reader: asyncio.StreamReader,
                writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next((int(line.partition(":")[2]) for line in head.split("\r\n")
                       if line.startswith("content-length:")), 0)
        asked = json.loads(await reader.readexactly(length))
        status, body = await asyncio.to_thread(_served, table.get(str(asked.get("model")), []), asked)
        writer.write(f"HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
                     "connection: close\r\n\r\n".encode() + body)
        await writer.drain()
    writer.close()


def _served(routes: list[list[str]], asked: Mapping[str, object]) -> tuple[int, bytes]:
    status, body = 404, b'{"error": {"message": "no route serves this model"}}'
    for base, dialect, model in routes:
        try:
            status, body = _asked(base, dialect, {**asked, "model": model})
        except OSError as error:
            status, body = 502, json.dumps({"error": {"message": f"{type(error).__name__}"}}).encode()
        if status == GOOD:
            break
    return status, body


def _asked(base: str, dialect: str, body: Mapping[str, object]) -> tuple[int, bytes]:
    place = urlsplit(base)
    path, headers = ("/messages", {"x-api-key": DRILL_KEY}) if dialect == "anthropic" else \
        ("/chat/completions", {"Authorization": f"Bearer {DRILL_KEY}"})
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    try:
        connection.request("POST", place.path + path, json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
