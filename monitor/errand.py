"""Errand payloads: an Alert or a RoutingChange as JSON text and back. Pure; times are ISO 8601 in UTC.

Unknown keys are ignored on reading, so that a daemon can be rolled back while its outbox is full.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from alerts.model import Alert, Occasion, RoutingChange, Severity, Strength

_TIMES = frozenset({"at", "since", "ended", "proven_at", "created_at", "expires_at"})
_TUPLES = frozenset({"regions", "models", "touches", "run", "leaves_routes", "proven_from", "evidence"})
_ENUMS: Mapping[str, type[StrEnum]] = {"occasion": Occasion, "severity": Severity, "strength": Strength}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong in an errand")


def _dump(value: Alert | RoutingChange, **more: str) -> str:
    return json.dumps(asdict(value) | more, default=_plain, ensure_ascii=False, separators=(",", ":"))


def _value(name: str, raw: Any) -> Any:
    if raw is None:
        return None
    if name in _TIMES:
        return datetime.fromisoformat(raw)
    if name in _TUPLES:
        return tuple(raw)
    return _ENUMS[name](raw) if name in _ENUMS else raw


def _known(text: str, shape: type[Alert] | type[RoutingChange]) -> dict[str, Any]:
    raw = json.loads(text)
    return {item.name: _value(item.name, raw[item.name]) for item in fields(shape) if item.name in raw}


def alert_to_json(alert: Alert) -> str:
    return _dump(alert)


def alert_from_json(text: str) -> Alert:
    return Alert(**_known(text, Alert))


def change_to_json(change: RoutingChange, mode: str = "propose") -> str:
    """`mode` (observe, propose, approve, auto) rides along: `mode_of` reads it back."""
    return _dump(change, mode=mode)


def mode_of(text: str) -> str:
    """The mode a Reroute was queued in."""
    return str(json.loads(text).get("mode", "propose"))


def change_named(text: str) -> str:
    """The id of a Reroute's change, '' where it has none."""
    return str(json.loads(text).get("id", ""))


def change_from_json(text: str) -> RoutingChange:
    return RoutingChange(**_known(text, RoutingChange))
