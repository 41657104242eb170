"""Alerts in Feishu (Lark), by a custom robot."""

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import Final

from alerts import wording
from alerts.model import Alert, Message, Occasion, Receipt, Severity
from alerts.post import Reply, failed_code, post_json, secret

_LIMIT: Final = 15_000      # the whole body may have 20 kB; escapes need room
_TRANSIENT: Final = frozenset({11232, 11233, 99991400, 9999, 1000004, 1000005})    # rate limits and busy servers
_COLOURS: Final = {Severity.INFO: "blue", Severity.WARNING: "orange", Severity.CRITICAL: "red"}


@dataclass(frozen=True, slots=True)
class Channel:
    """Posts a card by a custom robot of Feishu or Lark, signed if the robot asks for it.

    Options:
      url_env       name of the variable that holds the robot's webhook URL
      secret_env    name of the variable that holds the signing secret, if signing is on
      language, timezone   en or zh; zone the times are shown in
    """

    url_env: str
    secret_env: str = ""
    language: str = "en"
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        wording.check_voice(self.language, self.timezone)

    def render(self, alert: Alert) -> Message:
        """Pure: a card with a coloured headline; plain text inside, so that nothing is read as markup."""
        said = wording.message(alert, self.language, self.timezone)
        colour = "green" if alert.occasion is Occasion.RECOVERED else _COLOURS[alert.severity]
        text = {"tag": "plain_text", "content": wording.clip(said.text, _LIMIT, in_bytes=True)}
        card = {
            "config": {"wide_screen_mode": True},
            "header": {"template": colour, "title": {"tag": "plain_text", "content": said.subject}},
            "elements": [{"tag": "div", "text": text}],
        }
        return Message(said.subject, said.text, {"msg_type": "interactive", "card": card}, said.thread, said.key)

    async def deliver(self, message: Message, earlier: Receipt | None = None) -> Receipt:
        """Raises DeliveryError, also where Feishu answers 200 with a code in the body."""
        del earlier     # robots cannot answer in a thread
        url = secret(self.url_env)
        body = dict(message.body) if isinstance(message.body, dict) else {}
        hidden: tuple[str, ...] = ()
        if self.secret_env:
            shared, now = secret(self.secret_env), int(time.time())
            body |= {"timestamp": str(now), "sign": sign(shared, now)}
            hidden = (shared, str(body["sign"]))
        await post_json(url, body, secrets=hidden, read_reply=_read)
        return Receipt(reference=message.thread)


def sign(shared: str, at: int) -> str:
    """Feishu's signature: the text is the HMAC's *key*, the message is empty."""
    return base64.b64encode(hmac.new(f"{at}\n{shared}".encode(), b"", hashlib.sha256).digest()).decode()


def _read(reply: Reply) -> None:
    code, said = reply.field("code", "StatusCode"), reply.field("msg", "StatusMessage")
    if code != 0 or isinstance(code, bool):
        raise failed_code("Feishu", code, said, _TRANSIENT)

