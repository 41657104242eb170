"""Alerts through Apprise: a hundred more services, as an extra."""

import asyncio
from dataclasses import dataclass
from typing import Final

from alerts import wording
from alerts.channel import DeliveryError
from alerts.model import Alert, Message, Occasion, Receipt, Severity
from alerts.post import secret

_WALL_S: Final = 30.0
_KINDS: Final = {Severity.INFO: "info", Severity.WARNING: "warning", Severity.CRITICAL: "failure"}


@dataclass(frozen=True, slots=True)
class Channel:
    """Sends through Apprise (pip install 'vendorwatch[apprise]'): Telegram, Teams, PagerDuty, Pushover and many more.

    Apprise tells only *that* a service failed, so failures are tried again.

    Options:
      url_env       name of the variable that holds the Apprise URL (several, separated by spaces)
      language, timezone   en or zh; zone the times are shown in
    """

    url_env: str
    language: str = "en"
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        wording.check_voice(self.language, self.timezone)

    def render(self, alert: Alert) -> Message:
        """Pure: `body` is Apprise's kind of message."""
        kind = "success" if alert.occasion is Occasion.RECOVERED else _KINDS[alert.severity]
        return wording.message(alert, self.language, self.timezone, {"notify_type": kind})

    async def deliver(self, message: Message, earlier: Receipt | None = None) -> Receipt:
        """Raises DeliveryError; permanent where Apprise is not installed or does not know the URL."""
        del earlier     # Apprise has no threads
        urls = secret(self.url_env).split()
        kind = str(message.body.get("notify_type", "info")) if isinstance(message.body, dict) else "info"
        try:
            async with asyncio.timeout(_WALL_S):
                sent = await asyncio.to_thread(_notify, urls, message, kind)
        except TimeoutError:
            raise DeliveryError("Apprise did not finish in time") from None
        except ImportError:
            raise DeliveryError("Apprise is missing: pip install 'vendorwatch[apprise]'", permanent=True) from None
        except (OSError, ValueError, TypeError) as error:
            raise DeliveryError(f"Apprise failed ({type(error).__name__})") from None
        if sent is None:
            raise DeliveryError(f"Apprise does not know the URL in {self.url_env}", permanent=True)
        if not sent:
            raise DeliveryError("a service behind Apprise did not take the message")
        return Receipt(reference=message.thread)


def _notify(urls: list[str], message: Message, kind: str) -> bool | None:
    from apprise import Apprise, NotifyFormat

    sender = Apprise()
    if not all(sender.add(url) for url in urls):
        return None
    text = NotifyFormat.TEXT
    return bool(sender.notify(body=message.text, title=message.subject, notify_type=kind, body_format=text))
