"""Could every workload lose its vendor tonight? Its routes, which of them are proven, and what stops if one is gone.

Pure: proofs and answers are handed in, from the judge's memory live as from the database afterwards.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from monitor.known import Fallback, Known, KnownWorkload
from monitor.permits import refusal
from monitor.proof import Proof
from monitor.rule import moment

PRIMARY = "primary"


class State(StrEnum):
    """What is known of a route from a region."""

    PRIMARY = "primary"              # in use: what can be said of it is its vendor's incidents
    READY = "ready"
    WAITING = "waiting"              # its first proof is not due yet
    NEVER = "never probed"
    FAILED = "failed"
    STALE = "stale"
    NOT_ALLOWED = "not allowed"


WORKS = frozenset({State.PRIMARY, State.READY})


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to judge by. `green`: by vendor, the regions it answers now."""

    known: Known
    proofs: Mapping[str, Proof] = field(default_factory=dict)
    green: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)
    t: float = 0.0

    def regions(self, workload: KnownWorkload) -> tuple[str, ...]:
        """Where it runs; unsaid, everywhere we stand."""
        return workload.regions or tuple(dict.fromkeys(check.region for check in self.known.checks))

    def name(self, provider: str) -> str:
        return self.known.names.get(provider, provider)


@dataclass(frozen=True, slots=True)
class Line:
    """One route of a workload, from one region. `because`: why it is not ready, or what worked."""

    workload: str
    route: str
    vendor: str
    jurisdiction: str
    weights: str
    region: str
    state: State
    proven_at: datetime | None = None
    score: float | None = None
    features: tuple[str, ...] = ()
    because: str = ""


def lines_of(workload: KnownWorkload, seen: Seen) -> Iterator[Line]:
    """The table: the primary, then the fallbacks in their order, each from every region where the workload runs."""
    for region in seen.regions(workload):
        yield Line(workload.name, ", ".join(workload.leaves_routes) or workload.primary, workload.primary,
                   workload.jurisdiction, workload.weights, region, State.PRIMARY)
        for fallback in workload.fallbacks:
            yield _line(workload, fallback, region, seen)


def _line(workload: KnownWorkload, fallback: Fallback, region: str, seen: Seen) -> Line:
    keys = fallback.proofs.get(region, ())
    proofs = [seen.proofs[key] for key in keys if key in seen.proofs]
    state, because = _state(workload, fallback, region, seen)
    whole = bool(keys) and len(proofs) == len(keys) and all(one.passed_at for one in proofs)
    answered = seen.green.get(fallback.provider, {}).get(region) if state is State.READY or not keys else None
    return Line(
        workload.name, fallback.route, fallback.provider, fallback.jurisdiction, fallback.weights, region, state,
        moment(min(one.passed_at for one in proofs)) if whole else answered,
        min((one.score for one in proofs if one.seen_at), default=None), workload.needs, because,
    )


def _state(workload: KnownWorkload, fallback: Fallback, region: str, seen: Seen) -> tuple[State, str]:
    if refused := refusal(fallback, workload):
        return State.NOT_ALLOWED, refused
    answers = not workload.needs and region in seen.green.get(fallback.provider, {})     # all that a patch asks of it
    if keys := fallback.proofs.get(region, ()):
        worst = max((_proven(seen.proofs.get(key), seen.t) for key in keys), key=lambda one: _WORSE.index(one[0]))
        if worst[0] is not State.WAITING or not answers:
            return worst
    if answers:
        return State.READY, "it answers"
    if workload.needs and not workload.embedding:
        return State.NEVER, f"no account of {seen.name(fallback.provider)} can be asked from {region}"
    return State.NEVER, f"{seen.name(fallback.provider)} has not been seen to answer from {region}"


_WORSE = (State.READY, State.WAITING, State.STALE, State.NEVER, State.FAILED)


def _proven(proof: Proof | None, t: float) -> tuple[State, str]:
    if proof is None or not proof.seen_at:
        late = proof is None or proof.missed(t)
        return (State.NEVER, "no probe of it has been answered yet") if late else (State.WAITING, "not due yet")
    if proof.stands(t):
        return State.READY, proof.reason
    if proof.seen_at > proof.passed_at:
        return State.FAILED, proof.reason
    return State.STALE, f"it has last passed at {moment(proof.passed_at):%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Loss:
    """What it means if a vendor, or all of a jurisdiction, is gone tomorrow. `share`: of the workload's routes.

    `remains`: the first route that works then, by region; a region that is not there has none: it stops.
    """

    workload: str
    what: str                            # vendor | jurisdiction
    name: str
    share: float
    in_use: bool                         # whether the traffic of today goes there
    remains: Mapping[str, str]
    stops: tuple[str, ...]               # regions


def losses_of(workload: KnownWorkload, lines: Sequence[Line]) -> Iterator[Loss]:
    """For each vendor and each jurisdiction that it stands on, the primary's first."""
    usable = [line for line in lines if line.state is not State.NOT_ALLOWED]
    regions = list(dict.fromkeys(line.region for line in lines))
    for what, key in (("vendor", "vendor"), ("jurisdiction", "jurisdiction")):
        for name in dict.fromkeys(getattr(line, key) for line in usable):
            left = [line for line in usable if getattr(line, key) != name]
            works = {region: next((line.route for line in left if line.region == region and line.state in WORKS), "")
                     for region in regions}
            primary = workload.primary if what == "vendor" else workload.jurisdiction
            yield Loss(workload.name, what, name or "our own", 1 - len(left) / len(usable), name == primary,
                       {region: route for region, route in works.items() if route},
                       tuple(region for region, route in works.items() if not route))


def in_words(loss: Loss, seen: Seen) -> str:
    """A loss as a sentence."""
    name = seen.name(loss.name) if loss.what == "vendor" else loss.name
    used = ", with the traffic of today" if loss.in_use else ""
    left = "; ".join(f"{region}: {route} remains" for region, route in loss.remains.items())
    stops = f"it STOPS in {', '.join(loss.stops)}" if loss.stops else ""
    return f"if {name} is gone: {loss.share:.0%} of the routes go{used}; {'; '.join(filter(None, (stops, left)))}"


def concentration(lines: Sequence[Line], key: str) -> float | None:
    """How much hangs on one: the sum of squared shares of `vendor` or `jurisdiction` among the routes, 1: all on one.
    None: it has no route.
    """
    routes = {(line.route, line.vendor): getattr(line, key) for line in lines if line.state is not State.NOT_ALLOWED}
    held = list(routes.values())
    return sum((held.count(one) / len(held)) ** 2 for one in set(held)) if held else None
