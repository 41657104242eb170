"""What deciding would lean on at this moment, from the rows: for commands that look without acting."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from monitor.known import Deciding, Known, KnownWorkload, Policy
from monitor.memory import Memory
from monitor.model import Incident
from monitor.proof import failed_proofs, standing_proofs
from monitor.proving import KIND
from monitor.readiness import Seen
from monitor.rule import moment, stamp
from monitor.track import Track

if TYPE_CHECKING:
    from monitor.store.base import Store


# of whether its API answers now: a handshake, its status page, what is asked too seldom
TELL_NOTHING = frozenset({"network", "notices", "pages", KIND})
# the most telling first: an answer of a model, a list for whoever has a key; after them the knock of a stranger
TELLING = (frozenset({"completion", "quality"}), frozenset({"models"}))


def green_of(memory: Memory, provider: str, t: float) -> dict[str, datetime]:
    """Regions that a vendor answers now, with when that was seen, by the most telling of what it is asked there: whose
    models do not answer is not green for its door being open. Where refusal is expected nothing is proven.
    """
    asked: dict[str, list[Track]] = {}
    vendor = memory.vendors.get(provider)
    for track in vendor.fresh(t) if vendor else ():
        if track.stream.kind not in TELL_NOTHING:
            asked.setdefault(track.stream.region, []).append(track)
    good = {region: [track.last for track in _telling(tracks) if track.outcome == "ok"]
            for region, tracks in asked.items()}
    return {region: moment(max(seen)) for region, seen in good.items() if seen}


def _telling(tracks: list[Track]) -> list[Track]:
    for kinds in TELLING:
        if found := [track for track in tracks if track.stream.kind in kinds]:
            return found
    return tracks


def takers_of(memory: Memory, workloads: Iterable[KnownWorkload], t: float) -> dict[str, dict[str, datetime]]:
    """`green_of` of every vendor that is a fallback of one of these workloads."""
    providers = dict.fromkeys(one.provider for workload in workloads for one in workload.fallbacks)
    return {provider: green_of(memory, provider, t) for provider in providers}


def deciding_now(store: "Store", policy: Policy, known: Known, now: datetime) -> Deciding:
    """What stands, and who could take over, as a daemon would know it after its latest batch. Raises StoreError."""
    from monitor.judging import remembered

    return deciding_by(remembered(store, policy, known).memory, store, known, now)


def deciding_by(memory: Memory, store: "Store", known: Known, now: datetime) -> Deciding:
    """As `deciding_now`, by a memory at hand; what stands is the rows' to say. Raises StoreError."""
    return deciding_of(memory, tuple(store.incidents()), known, stamp(now))


def deciding_of(memory: Memory, standing: tuple[Incident, ...], known: Known, t: float) -> Deciding:
    """As `deciding_now`, of values alone."""
    return Deciding(known, standing, takers_of(memory, known.workloads, t), standing_proofs(memory.proofs, t),
                    failed_proofs(memory.proofs))


def seen_now(store: "Store", policy: Policy, known: Known, now: datetime) -> Seen:
    """What the table of readiness is made of, as the judge's latest batch left it. Raises StoreError."""
    from monitor.judging import remembered

    memory, t = remembered(store, policy, known).memory, stamp(now)
    return Seen(known, memory.proofs, takers_of(memory, known.workloads, t), t)
