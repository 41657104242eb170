"""The Gateway protocol: text in, text out. Adding a config format is one file in alerts/gateways, class `Gateway`."""

from collections.abc import Sequence
from typing import ClassVar, Protocol, runtime_checkable

from alerts.model import Inventory, Patch, Problem, Route, RoutingChange


class PatchRefused(Exception):
    """The text cannot be patched safely. The message says why and what to do."""


class RouteUnknown(PatchRefused):
    """What is to take over is nothing in the text, as far as its word says: it may be meant in another way."""


class Gateway(Protocol):
    """One format. tests/contracts/test_gateways.py holds every one of them to what is said here."""

    names: ClassVar[tuple[str, ...]]        # what people call it besides the file's name

    def fits(self, text: str) -> bool:
        """Whether this looks like such a config, by its keys. Never raises; cheap."""
        ...

    def inventory(self, text: str) -> Inventory:
        """What the config serves. Raises PatchRefused for text that is not such a config."""
        ...

    def render(self, change: RoutingChange, text: str, path: str = "") -> Patch:
        """Pure, minimal, idempotent, byte-exactly reversible. Raises PatchRefused.

        A route leaves if `leaving(change, route)`. What is moved already gives an empty diff; a workload that neither
        leads to what leaves nor to what takes over is refused, and so is a target that is missing or itself leaves.
        """
        ...

    def lint(self, text: str) -> Sequence[Problem]:
        """Faults of the config itself, those included that the gateway lets pass."""
        ...


@runtime_checkable
class Holder(Protocol):
    """A format whose files hold those of others."""

    def inside(self, text: str) -> Sequence[tuple[str, str]]:
        """The files inside: the name of each one's format, and its text. Raises PatchRefused."""
        ...


def leaving(change: RoutingChange, route: Route) -> bool:
    """Whether a route is one of those that leave: by its key, or by a name where the change names no keys."""
    return bool({route.key, route.name, *route.also} & set(change.leaves_routes))
