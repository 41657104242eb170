"""The Channel protocol: render is pure, deliver is the one try. Adding a channel is one file in alerts/channels.

The file exports one class `Channel`, a frozen dataclass whose fields are its options; secret options are names of
environment variables and end in `_env` (law 7).
"""

from typing import Protocol

from alerts.model import Alert, Message, Receipt


class DeliveryError(Exception):
    """A delivery that failed. `permanent`: trying again will not help; `retry_after_s`: the other side's wish."""

    def __init__(self, reason: str, *, permanent: bool = False, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.retry_after_s = retry_after_s


class Channel(Protocol):
    def render(self, alert: Alert) -> Message:
        """Pure: what would be sent."""
        ...

    async def deliver(self, message: Message, earlier: Receipt | None = None) -> Receipt:
        """Send it. `earlier` is the receipt of the incident's first message. Raises DeliveryError."""
        ...
