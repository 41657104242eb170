"""Alerts on this terminal."""

import sys
from dataclasses import dataclass

from alerts import wording
from alerts.channel import DeliveryError
from alerts.model import Alert, Message, Receipt


@dataclass(frozen=True, slots=True)
class Channel:
    """Prints alerts on standard error, where logs go; standard output stays free for what was asked for.

    Options:
      language   en or zh
      timezone   zone the times are shown in, such as Asia/Shanghai
    """

    language: str = "en"
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        wording.check_voice(self.language, self.timezone)

    def render(self, alert: Alert) -> Message:
        """Pure: the headline, and under it what is known."""
        return wording.message(alert, self.language, self.timezone)

    async def deliver(self, message: Message, earlier: Receipt | None = None) -> Receipt:
        """Raises DeliveryError if standard error cannot be written to."""
        del earlier  # a terminal has no threads
        lines = (f"  {line}".rstrip() for line in message.text.splitlines())
        try:
            sys.stderr.write("\n".join((f"=== {message.subject}", *lines)) + "\n")
            sys.stderr.flush()
        except (OSError, ValueError, UnicodeError) as error:
            raise DeliveryError(f"standard error cannot be written to ({type(error).__name__})") from None
        return Receipt(reference=message.key)
