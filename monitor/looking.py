"""A look at a running gateway: does it do what the change in its file means? The asking is here, the judging is pure.

Only paths that change nothing and reach no vendor, and one small request where the config allows it.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from alerts.branch import Branch
from alerts.channel import DeliveryError
from alerts.gateway import Holder, PatchRefused
from alerts.landing import digest
from alerts.observer import Observer, Seen, Side, Took, Written
from alerts.post import ask_json, secret
from alerts.surgery.merging import Conflict
from monitor.changes import Life
from monitor.errors import UserError
from monitor.formats import format_named
from monitor.plugins import load_plugin
from monitor.proposing import Place, Running
from monitor.reverting import way_back

FAILED_TWICE: Final = 2         # one request in a hundred fails anywhere, and the way back leads to who shut us out


def observer_of(kind: str) -> Observer | None:
    """By the format's name. None: nobody knows yet how to look at such a gateway."""
    try:
        found: Any = load_plugin("alerts.observers", kind, "Observer")
    except UserError:
        return None
    made: Observer = found()
    return made


async def look(place: Place, life: Life) -> Took:
    """What the running gateway says of a change that is in its file."""
    running = place.running
    if running is None:
        return Took(None, "the config does not say where the gateway runs")
    try:
        kind, written = await asyncio.to_thread(written_of, place, life)
        observer = observer_of(kind)
        if observer is None:
            return Took(None, f"nobody knows how to look at a running {kind}")
        if waits := await asyncio.to_thread(_unmerged, place, life):
            found = await asked(replace(running, canary=False), observer, written)
            return found if found.took is not None else Took(False, waits)
        return await asked(running, observer, written)
    except DeliveryError as error:
        return Took(None, error.reason)
    except (PatchRefused, Conflict) as error:
        return Took(None, f"the file is not to be compared with the change: {error}")


def _unmerged(place: Place, life: Life) -> str:
    """That the branch of a change is not merged, '' where it is or needs not be. Until then a canary would only go to
    who shut us out. Raises PatchRefused, DeliveryError.
    """
    landing = place.landing
    if not isinstance(landing, Branch) or digest(landing.read()) != life.drawn.base_sha256:
        return ""
    return f"vendorwatch/{life.id} is not merged into {landing.base} of {landing.file.parent}"


async def asked(running: Running, observer: Observer, written: Written) -> Took:
    """What is read; then the canary, unless it would only go to who shut us out. Raises DeliveryError for a key that is
    not there.
    """
    base = running.admin_url or ("" if observer.apart else running.url)
    keyed = {} if observer.apart else _keyed(running, observer, running.key_env)     # an admin port takes no key
    paths = observer.reads(written) if base else ()
    seen = {path: await _ask("GET", base.rstrip("/") + path, None, keyed) for path in paths}
    found = observer.loaded(written, seen)
    if found.took is False or not running.canary:
        return found
    question = observer.canary(written)
    if question is None:
        return found if found.took else Took(None, f"{found.because}; {written.change.workload} cannot be asked for")
    keyed = _keyed(running, observer, running.canary_key_env or running.key_env, canary=True)
    path, body = question
    for _ in range(FAILED_TWICE):
        found = observer.judge(written, seen, await _ask("POST", running.url.rstrip("/") + path, body, keyed))
        if not found.failing:
            break
    return found


def _keyed(running: Running, observer: Observer, key_env: str, *, canary: bool = False) -> Mapping[str, str]:
    """The headers of the config, and the key in the one that this gateway takes it in."""
    if not key_env:
        return running.headers
    bearer = observer.key_header == "Authorization" and (running.bearer or canary)
    return {**running.headers, observer.key_header: f"Bearer {secret(key_env)}" if bearer else secret(key_env)}


def written_of(place: Place, life: Life) -> tuple[str, Written]:
    """The name of the format, and the change with the texts before and after it as they are now. Raises PatchRefused,
    Conflict, DeliveryError.
    """
    text = place.read()
    before = text if digest(text) == life.drawn.base_sha256 else way_back(life, text, place)[0]
    after = place.rendered(life.change, before).patched if before == text else text
    kind = place.running.kind if place.running else ""
    if isinstance(place.gateway, Holder):
        kind, before, after = _inside(place.gateway, before, after)
        place = replace(place, gateway=format_named(kind)[1])
    was, now = (Side(one, place.gateway.inventory(one)) for one in (before, after))
    return kind, Written(place.aimed(life.change, before), was, now, life.drawn.calls)


def _inside(holder: Holder, before: str, after: str) -> tuple[str, str, str]:
    """The one file inside that the change is in: its format's name, and both texts. Raises PatchRefused."""
    changed = [(kind, was, now) for (kind, was), (_, now) in zip(
        holder.inside(before), holder.inside(after), strict=False) if was != now]
    if len(changed) != 1:
        raise PatchRefused(f"it holds {len(changed)} configs that have changed; each is another gateway's")
    return changed[0]


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
