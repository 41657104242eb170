"""Alerts in WeCom (企业微信), by a group robot."""

from dataclasses import dataclass
from typing import Final

from alerts import wording
from alerts.model import Alert, Message, Receipt
from alerts.post import Reply, failed_code, post_json, secret

_LIMIT: Final = 2048        # bytes of a text message; more is refused
_TRANSIENT: Final = frozenset({-1, 45009, 45033, 42009})     # busy, or more than 20 messages a minute


@dataclass(frozen=True, slots=True)
class Channel:
    """Posts text by a group robot of WeCom. Its limit of 2,048 bytes leaves room for the facts, seldom for a diff.

    Options:
      url_env       name of the variable that holds the robot's webhook URL (its key is in it)
      language, timezone   en or zh; zone the times are shown in
    """

    url_env: str
    language: str = "en"
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        wording.check_voice(self.language, self.timezone)

    def render(self, alert: Alert) -> Message:
        """Pure: plain text, so that nothing is read as markup."""
        said = wording.message(alert, self.language, self.timezone)
        text = wording.clip(f"{said.subject}\n\n{said.text}", _LIMIT, in_bytes=True)
        return Message(said.subject, said.text, {"msgtype": "text", "text": {"content": text}}, said.thread, said.key)

    async def deliver(self, message: Message, earlier: Receipt | None = None) -> Receipt:
        """Raises DeliveryError, also where WeCom answers 200 with a code in the body."""
        del earlier     # robots cannot answer in a thread
        await post_json(secret(self.url_env), message.body, read_reply=_read)
        return Receipt(reference=message.thread)


def _read(reply: Reply) -> None:
    code = reply.field("errcode")
    if code != 0 or isinstance(code, bool):
        raise failed_code("WeCom", code, reply.field("errmsg"), _TRANSIENT)
