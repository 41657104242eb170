"""What deciding would lean on at this moment, from the rows: for commands that look without acting."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from monitor.known import Deciding, Known, KnownWorkload, Policy
from monitor.memory import Memory
from monitor.proof import standing_proofs
from monitor.proving import KIND
from monitor.readiness import Seen
from monitor.rule import moment, stamp

if TYPE_CHECKING:
    from monitor.store.base import Store


# of whether its API answers now: a handshake, its status page, what is asked too seldom
TELL_NOTHING = frozenset({"network", "notices", "pages", KIND})


def green_of(memory: Memory, provider: str, t: float) -> dict[str, datetime]:
    """Regions that a vendor answers now, with when that was seen. Where refusal is expected nothing is proven."""
    seen: dict[str, float] = {}
    vendor = memory.vendors.get(provider)
    for track in vendor.fresh(t) if vendor else ():
        if track.outcome == "ok" and track.stream.kind not in TELL_NOTHING:
            seen[track.stream.region] = max(track.last, seen.get(track.stream.region, 0.0))
    return {region: moment(at) for region, at in seen.items()}


def takers_of(memory: Memory, workloads: Iterable[KnownWorkload], t: float) -> dict[str, dict[str, datetime]]:
    """`green_of` of every vendor that is a fallback of one of these workloads."""
    return {one.provider: green_of(memory, one.provider, t) for workload in workloads for one in workload.fallbacks}


def deciding_now(store: "Store", policy: Policy, known: Known, now: datetime) -> Deciding:
    """What stands, and who could take over, as a daemon would know it after its latest batch. Raises StoreError."""
    from monitor.judging import remembered

    return deciding_by(remembered(store, policy, known).memory, store, known, now)


def deciding_by(memory: Memory, store: "Store", known: Known, now: datetime) -> Deciding:
    """As `deciding_now`, by a memory at hand; what stands is the rows' to say. Raises StoreError."""
    green = takers_of(memory, known.workloads, stamp(now))
    return Deciding(known, tuple(store.incidents()), green, standing_proofs(memory.proofs, stamp(now)))


def seen_now(store: "Store", policy: Policy, known: Known, now: datetime) -> Seen:
    """What the table of readiness is made of, as the judge's latest batch left it. Raises StoreError."""
    from monitor.judging import remembered

    memory, t = remembered(store, policy, known).memory, stamp(now)
    return Seen(known, memory.proofs, takers_of(memory, known.workloads, t), t)
