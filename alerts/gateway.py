"""The Gateway protocol: text in, text out. Adding a config format is one file in alerts/gateways, class `Gateway`."""

from collections.abc import Sequence
from typing import Protocol

from alerts.model import Inventory, Patch, Problem, RoutingChange


class PatchRefused(Exception):
    """The text cannot be patched safely. The message says why and what to do."""


class Gateway(Protocol):
    def inventory(self, text: str) -> Inventory:
        """What the config serves. Raises PatchRefused for text that is not such a config."""
        ...

    def render(self, change: RoutingChange, text: str, path: str = "") -> Patch:
        """Pure, minimal, idempotent, byte-exactly reversible. Raises PatchRefused."""
        ...

    def lint(self, text: str) -> Sequence[Problem]:
        """Faults of the config itself, those included that the gateway lets pass."""
        ...
