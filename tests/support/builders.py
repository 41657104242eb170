"""Short ways to make the values that most tests need. Everything has a default; what a test is about, it names."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.model import Check, Measurement
from probes.model import (
    Account,
    Auth,
    Chunk,
    Exchange,
    Failure,
    Figures,
    Model,
    Occasion,
    Phases,
    Provider,
    Reading,
    Surface,
    Target,
    Vantage,
    Zone,
)
from probes.outcome import Outcome

SLOT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def an_exchange(
    status: int | None = 200,
    body: bytes | str | dict[str, Any] | list[Any] = b"",
    *,
    headers: Mapping[str, str] | None = None,
    failure: Failure | None = None,
    chunks: Iterable[tuple[float, bytes]] | None = None,
    sent_s: float = 0.05,
    detail: str = "",
    **more: Any,
) -> Exchange:
    """An answer (JSON where the body is an object or a list), or a failure (then without a status)."""
    if isinstance(body, (dict, list)):
        body, headers = json.dumps(body), {"content-type": "application/json", **(headers or {})}
    data = body.encode() if isinstance(body, str) else body
    parts = tuple(Chunk(at, part) for at, part in chunks) if chunks is not None else ()
    if chunks is None and data:
        parts = (Chunk(0.2, data),)
    last = parts[-1].at_s if parts else 0.2
    first = parts[0].at_s - sent_s if parts else None
    more.setdefault("phases", Phases(0.01, 0.02, 0.02, sent_s, first, last))
    return Exchange(
        status=None if failure and not parts else status, headers=tuple((headers or {}).items()), chunks=parts,
        failure=failure, detail=detail, **more,
    )


def a_stream(*events: Mapping[str, Any] | str, done: bool = True, step: float = 0.1, **more: Any) -> Exchange:
    """A 200 stream: one `data:` event a chunk, the first at 0.2 s, the others `step` apart."""
    texts = [event if isinstance(event, str) else json.dumps(event) for event in events]
    lines = [f"data: {text}\n\n".encode() for text in texts + (["[DONE]"] if done else [])]
    more.setdefault("headers", {"content-type": "text/event-stream"})
    return an_exchange(200, chunks=[(0.2 + step * order, line) for order, line in enumerate(lines)], **more)


def a_provider(id: str = "acme", dialect: str = "openai", **more: Any) -> Provider:  # noqa: A002
    """A vendor with one surface, two probe models and prices."""
    defaults: dict[str, Any] = {
        "name": id.title(),
        "surfaces": (Surface("international", f"https://api.{id}.test/v1", dialect),),
        "auth": Auth(key_envs=(f"{id.upper()}_API_KEY",)),
        "probe_models": (Model(f"{id}-small", 1.0, 2.0), Model(f"{id}-older", 1.0, 2.0)),
    }
    return Provider(id=id, **{**defaults, **more})


def a_target(
    provider: Provider | str = "acme", *, keyed: bool = True, model: str | None = None, region: str = "eu", **more: Any
) -> Target:
    """A target on the vendor's first surface; keyed unless said otherwise."""
    vendor = a_provider(provider, **more) if isinstance(provider, str) else provider
    surface = vendor.surfaces[0]
    account = None
    if keyed:
        host = surface.base_url.split("/")[2].split(":")[0]
        account = Account("main", f"{vendor.id.upper()}_API_KEY", host, region)
    return Target(vendor, surface, account, model)


def an_occasion(seed: int = 7, region: str = "eu", slot: datetime = SLOT, **memory: str) -> Occasion:
    """One run of a probe; keyword arguments are its notes of last time."""
    return Occasion(slot=slot, seed=seed, memory=memory, region=region)


def a_vantage(region: str = "eu", zone: Zone = Zone.GLOBAL, **more: Any) -> Vantage:
    """A direct way out of a region."""
    return Vantage(name=more.pop("name", f"{region}-direct"), region=region, zone=zone, **more)


def a_measurement(
    outcome: Outcome = Outcome.OK,
    *,
    target: Target | None = None,
    vantage: Vantage | None = None,
    kind: str = "reachability",
    slot: datetime = SLOT,
    **more: Any,
) -> Measurement:
    """A stored row: of a check made up from its target and vantage. Further arguments go to the Reading."""
    target, vantage = target or a_target(), vantage or a_vantage()
    check = Check(f"{kind}/{target.key}/{vantage.name}", kind, target, vantage, timedelta(minutes=1))
    more.setdefault("figures", Figures(total_s=0.3))
    reading = Reading(outcome, more.pop("reason", f"made up: {outcome}"), **more)
    return Measurement(check, slot, slot, 0.0, reading)
