"""A running Envoy AI Gateway: the backends that Envoy itself has for the workload's rule, by its admin port; and the
model that an answer names. Names of localities from Envoy Gateway's source (2026-08); Envoy's part seen on 1.40.

`/clusters` of the admin port is read only where `admin_url` says where that is. No header of an answer names a backend.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from alerts.answered import ByAnswer, Who, by_answer, model_in, rows_at, text_at
from alerts.model import Route, Strength
from alerts.observer import Seen, Took, Written

_CLUSTERS: Final = "/clusters?format=json"
_KEY: Final = re.compile(r"\d+/(.+)\.rules\.(\d+)\.backendRefs\.(\d+)")
_REGION: Final = re.compile(r"httproute/[^/]+/(.+)/rule/(\d+)/backend/(\d+)")
Place = tuple[str, ...]         # route's name, number of its rule, number of its backendRef


@dataclass(frozen=True, slots=True)
class Observer(ByAnswer):
    apart: ClassVar[bool] = True

    def reads(self, written: Written) -> tuple[str, ...]:
        del written
        return (_CLUSTERS,)

    def loaded(self, written: Written, seen: Mapping[str, Seen]) -> Took:
        """Who is the first choice in every rule concerned, and whether who leaves is still there."""
        if _CLUSTERS not in seen:
            return Took(None, "say `admin_url`, the address of Envoy's admin port")
        said, leaves = seen[_CLUSTERS], set(written.change.leaves_routes)
        there = dict(_hosts(said.body))
        routes = [(_place(one), one) for one in (*written.was, *written.now)]
        rules = {place[:2] for place, _ in routes}
        lowest = {rule: min((at for place, at in there.items() if place[:2] == rule), default=-1) for rule in rules}
        if not rules or -1 in lowest.values():
            return Took(None, said.failed or "Envoy shows no backends under the names of this route")
        for place, route in routes:
            first = there.get(place) == lowest[place[:2]]
            if route.key in leaves and (first or (
                    place in there and written.change.strength is Strength.EXCLUDE)):
                return Took(False, f"Envoy still has {route.name} for {written.change.workload}")
        name = next((one.name for place, one in routes if there.get(place) == lowest[place[:2]]), "")
        return Took(True, f"Envoy has {name} as the first backend of {written.change.workload}") if name else Took(
            None, "the first backend that Envoy has is none of this file")

    def judge(self, written: Written, seen: Mapping[str, Seen], canary: Seen) -> Took:
        return by_answer(written, self.loaded(written, seen), canary, Who(model=model_in(canary)))


def _place(route: Route) -> Place:
    found = _KEY.fullmatch(route.key)
    return found.groups() if found else ("", "", "")


def _hosts(body: Any) -> Iterator[tuple[Place, int]]:
    """The priority of each backend that has an endpoint; Envoy Gateway leaves those of weight 0 out."""
    for cluster in rows_at(body, "cluster_statuses"):
        for host in rows_at(cluster, "host_statuses"):
            found = _REGION.fullmatch(text_at(host, "locality", "region"))
            priority = host.get("priority", 0) if found else None
            if found and isinstance(priority, int):
                yield found.groups(), priority
