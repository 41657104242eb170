"""Whose doing it is: naive Bayes over role and class of outcome, with every mechanism a hypothesis of its own.

Roles: what fails here, the vendor's other streams here (kin), the vendor elsewhere, neutral hosts here, other vendors
here, and over how many of the regions asked it spreads. The tables are data (causes.json) with an id that is stored
with the verdict; the mechanisms of a cause are added up at the end, never blended. What is in no table weighs a little
everywhere (`floor`): an unknown answer never vetoes.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from monitor.model import Cause

MOST_OF_A_ROLE = 6         # so many answers of a role count at the most: the rest only says the same again
UNWITNESSED = 0.6          # from one region alone, or with nothing neutral beside: no more than "unreachable from here"
NETWORK_CLASSES = frozenset({"dns", "cut", "late"})


@dataclass(frozen=True, slots=True)
class Seen:
    """Counts of classes by role. `spread`: few, most or all of the regions asked; '' where only one is."""

    roles: Mapping[str, Mapping[str, float]]
    spread: str = ""
    witnessed: bool = True              # a neutral host, or other vendors, answer from where it fails


@dataclass(frozen=True, slots=True)
class Reading:
    """The likeliest cause, how likely, and what each hypothesis came to (log likelihoods, for `--why`)."""

    cause: Cause
    confidence: float
    mechanism: str
    table: str
    posterior: Mapping[str, float] = field(default_factory=dict)


@cache
def tables() -> Mapping[str, Any]:
    """causes.json."""
    found: Mapping[str, Any] = json.loads(files("monitor").joinpath("causes.json").read_text(encoding="utf-8"))
    return found


def class_of(outcome: str) -> str:
    """The class that the tables know an outcome by."""
    return str(tables()["classes"].get(outcome, "other"))


def attribute(seen: Seen) -> Reading:
    """The posterior over causes."""
    table = tables()
    logs = {h["id"]: _log_likelihood(h, seen, table) for h in table["hypotheses"]}
    top = max(logs.values())
    weights = {name: math.exp(log - top) for name, log in logs.items()}
    total = sum(weights.values())
    posterior = {name: weight / total for name, weight in weights.items()}
    causes: dict[Cause, float] = {}
    for h in table["hypotheses"]:
        cause = Cause(h["cause"])
        causes[cause] = causes.get(cause, 0.0) + posterior[h["id"]]
    # whether it is our own network is the place's to say; here it only makes everything else less sure
    cause = max((one for one in causes if one is not Cause.OWN_NETWORK), key=lambda one: causes[one])
    mechanism = max((h["id"] for h in table["hypotheses"] if h["cause"] == cause), key=lambda name: posterior[name])
    kept = {name: round(share, 4) for name, share in posterior.items() if share >= 5e-4}
    return _capped(Reading(cause, causes[cause], mechanism, str(table["id"]), kept), seen)


def _capped(reading: Reading, seen: Seen) -> Reading:
    """Silence seen from one region alone cannot be told apart: it is unreachable from here, and no more is known."""
    here = seen.roles.get("here", {})
    silent = sum(count for name, count in here.items() if name in NETWORK_CLASSES)
    if not silent or (not seen.spread and 2 * silent < sum(here.values())):
        return reading       # it says itself, more often than not, what is wrong
    if not seen.spread:
        return Reading(Cause.UNKNOWN, min(UNWITNESSED, reading.confidence), reading.mechanism, reading.table,
                       reading.posterior)
    if not seen.witnessed:
        return Reading(reading.cause, min(UNWITNESSED, reading.confidence), reading.mechanism, reading.table,
                       reading.posterior)
    return reading


class _Logs(dict[str, float]):
    """Of every class, the logarithm of its chance under one hypothesis in one role: asked for a million times."""

    def __init__(self, known: Mapping[str, float], role: str) -> None:
        super().__init__()
        self._known, self._role = known, role

    def __missing__(self, name: str) -> float:
        table = tables()
        floor = float(table["floor"])
        # what a vendor says in so many words is not said of anything else
        least = table["spoken"] if self._role == "here" and name in table["plain"] else floor / 3
        found = self[name] = math.log((1 - floor) * self._known.get(name, 0.0) + least)
        return found


@cache
def _logs(hypothesis: str, role: str) -> _Logs:
    return _Logs(next(h for h in tables()["hypotheses"] if h["id"] == hypothesis).get(role, {}), role)


def _log_likelihood(hypothesis: Mapping[str, Any], seen: Seen, table: Mapping[str, Any]) -> float:
    floor, temper = float(table["floor"]), float(table["temper"])
    log = math.log(hypothesis["prior"])
    for role, counts in seen.roles.items():
        logs = _logs(hypothesis["id"], role)
        total = sum(counts.values())
        scale = min(1.0, MOST_OF_A_ROLE / total) if total else 0.0
        for name, count in counts.items():
            log += temper * scale * count * logs[name]
    if seen.spread:
        log += math.log((1 - floor) * hypothesis["spread"].get(seen.spread, 0.0) + floor / 3)
    return log
