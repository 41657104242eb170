"""A look at a running gateway: does it do what the change in its file means? The asking is here, the judging is pure.

Only paths that change nothing and reach no vendor, and one small request where the config allows it.
"""

import json
from collections.abc import Mapping
from typing import Any

from alerts.channel import DeliveryError
from alerts.observer import Observer, Seen, Took
from alerts.post import ask_json, secret
from monitor.changes import Life
from monitor.errors import UserError
from monitor.plugins import load_plugin
from monitor.proposing import Running


def observer_of(running: Running) -> Observer | None:
    """None: nobody knows yet how to look at such a gateway."""
    try:
        kind: Any = load_plugin("alerts.observers", running.kind, "Observer")
    except UserError:
        return None
    made: Observer = kind()
    return made


async def look(running: Running, life: Life) -> Took:
    """What the running gateway says of a change that is in its file."""
    observer = observer_of(running)
    if observer is None:
        return Took(None, f"nobody knows how to look at a running {running.kind}")
    try:
        headers = {"Authorization": f"Bearer {secret(running.key_env)}"} if running.key_env else {}
    except DeliveryError as error:
        return Took(None, error.reason)
    base = running.url.rstrip("/")
    seen = {path: await _ask("GET", base + path, None, headers) for path in observer.reads}
    canary = None
    if running.canary:
        path, body = observer.canary(life.change.workload)
        canary = await _ask("POST", base + path, body, headers)
    return observer.judge(life.change, seen, canary)


async def _ask(method: str, url: str, body: object, headers: Mapping[str, str]) -> Seen:
    try:
        reply = await ask_json(method, url, body, headers)
    except DeliveryError as error:
        return Seen(failed=error.reason)
    try:
        said = json.loads(reply.text)
    except ValueError:
        said = None
    return Seen(reply.status, said, reply.headers)
