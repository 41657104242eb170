"""A change as an observer is told of it: aimed, rendered, both texts with what they serve."""

import json

from alerts.model import RoutingChange, Strength
from alerts.observer import Seen, Side, Took, Written
from monitor.catalogue import load_catalogue
from monitor.formats import aimed, format_named

Judged = tuple[bool | None, bool]


def written(kind: str, text: str, workload: str, takes_over: str, strength: Strength = Strength.EXCLUDE) -> Written:
    """Away from anthropic."""
    gateway = format_named(kind)[1]
    change = RoutingChange("vw-1", workload, "anthropic", (), takes_over, strength, "region_restricted", "403")
    change = aimed(change, gateway, text, load_catalogue())
    patch = gateway.render(change, text)
    assert patch.diff
    before, after = (Side(one, gateway.inventory(one)) for one in (text, patch.patched))
    return Written(change, before, after, patch.calls)


def answer(model: str = "", status: int = 200, headers: dict[str, str] | None = None, **more: object) -> Seen:
    return Seen(status, {**({"model": model} if model else {}), **more}, headers or {})


def judged(took: Took) -> Judged:
    assert took.because
    return took.took, took.failing


def refused(message: str, status: int = 502, **more: object) -> Seen:
    return Seen(status, {"error": {"message": message}, **more})


def as_text(config: object) -> str:
    return json.dumps(config, indent=1)
