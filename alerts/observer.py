"""The Observer protocol: what a running gateway says of a change, from what it answers. Pure; who asks is elsewhere.

Adding a gateway is one file in alerts/observers, named as its format, class `Observer`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from alerts.model import RoutingChange


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


class Observer(Protocol):
    reads: tuple[str, ...]                  # paths to GET: they change nothing and reach no vendor

    def canary(self, workload: str) -> tuple[str, Mapping[str, object]]:
        """Path and body of one small request (POST) whose answer names who gave it."""
        ...

    def judge(self, change: RoutingChange, seen: Mapping[str, Seen], canary: Seen | None) -> Took:
        """`seen` by path; `change` aimed at the file that was written; `canary`: None where none was sent."""
        ...
