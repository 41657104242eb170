"""The Observer protocol: what a running gateway says of a change, from what it answers. Pure; who asks is elsewhere.

Adding a gateway is one file in alerts/observers, named as its format, class `Observer`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from alerts.model import ApiCall, Inventory, Route, RoutingChange


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer of the gateway; `failed`: why there is none. `headers` by lower-case name; `body` as JSON, or None."""

    status: int = 0
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Took:
    """Whether the running gateway does what the change means; None: it cannot be told. `failing`: it does, and requests
    fail by it: better taken back.
    """

    took: bool | None
    because: str
    failing: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """A config before the change or after it: its text, and what it serves."""

    text: str = ""
    inventory: Inventory = field(default_factory=Inventory)

    def serving(self, workload: str) -> tuple[Route, ...]:
        """The routes that calls for the workload may reach, first choice first; () where the text does not say."""
        by_key = {route.key: route for route in self.inventory.routes}
        return tuple(by_key[key] for key in self.inventory.workloads.get(workload, ()) if key in by_key)

    def called(self, word: str) -> tuple[Route, ...]:
        """The routes that go by this name."""
        return tuple(route for route in self.inventory.routes
                     if word in (route.name, route.key, route.model, f"{route.prefix}/{route.model}", *route.also))


@dataclass(frozen=True, slots=True)
class Written:
    """A change as it was written: aimed at the text before. `calls`: the same through an admin API."""

    change: RoutingChange
    before: Side = field(default_factory=Side)
    after: Side = field(default_factory=Side)
    calls: tuple[ApiCall, ...] = ()

    @property
    def was(self) -> tuple[Route, ...]:
        """Who may answer while the change is not live."""
        leave = set(self.change.leaves_routes)
        return self.before.serving(self.change.workload) or tuple(
            route for route in self.before.inventory.routes if route.key in leave)

    @property
    def now(self) -> tuple[Route, ...]:
        """Who may answer once it is; a name that the new text knows no more leads to who takes over."""
        word = self.change.takes_over
        return self.after.serving(self.change.workload) or self.after.serving(word) or self.after.called(word)


class Observer(Protocol):
    key_header: ClassVar[str]               # the header that key_env's value goes in; "Authorization" is the usual one
    apart: ClassVar[bool]                   # what it reads is on a port of its own: asked only where the config says it

    def reads(self, written: Written) -> tuple[str, ...]:
        """Paths to GET: they change nothing, cost nothing and reach no vendor."""
        ...

    def loaded(self, written: Written, seen: Mapping[str, Seen]) -> Took:
        """By what was read alone, `seen` by path. None where that does not tell; False spares the canary, which would
        only go to who shut us out.
        """
        ...

    def canary(self, written: Written) -> tuple[str, Mapping[str, object]] | None:
        """Path and body of one small request (POST) that a client of the workload could send."""
        ...

    def judge(self, written: Written, seen: Mapping[str, Seen], canary: Seen) -> Took:
        """By the canary's answer too."""
        ...
