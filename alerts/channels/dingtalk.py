"""Alerts in DingTalk, by a custom robot."""

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from alerts import wording
from alerts.model import Alert, Message, Receipt
from alerts.post import Reply, failed_code, post_json, secret

_LIMIT: Final = 15_000      # the whole body may have 20,000 bytes; escapes need room
_TRANSIENT: Final = frozenset({-1, 130101, 410100, 430104, 90018, 33001})     # busy, or more than 20 messages a minute


@dataclass(frozen=True, slots=True)
class Channel:
    """Posts text by a custom robot of DingTalk, signed if the robot asks for it.

    A robot that asks for a keyword instead needs one that every alert holds: vendorwatch is in all of them.

    Options:
      url_env       name of the variable that holds the robot's webhook URL
      secret_env    name of the variable that holds the signing secret (SEC…), if signing is on
      language, timezone   en or zh; zone the times are shown in
    """

    url_env: str
    secret_env: str = ""
    language: str = "en"
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        wording.check_voice(self.language, self.timezone)

    def render(self, alert: Alert) -> Message:
        """Pure: plain text, so that nothing is read as markup."""
        said = wording.message(alert, self.language, self.timezone)
        text = wording.clip(f"[vendorwatch] {said.subject}\n\n{said.text}", _LIMIT, in_bytes=True)
        return Message(said.subject, said.text, {"msgtype": "text", "text": {"content": text}}, said.thread, said.key)

    async def deliver(self, message: Message, earlier: Receipt | None = None) -> Receipt:
        """Raises DeliveryError, also where DingTalk answers 200 with a code in the body."""
        del earlier     # robots cannot answer in a thread
        url = secret(self.url_env)
        hidden: tuple[str, ...] = ()
        if self.secret_env:
            shared, now_ms = secret(self.secret_env), round(time.time() * 1000)
            mark = sign(shared, now_ms)
            url += ("&" if "?" in url else "?") + urlencode({"timestamp": now_ms, "sign": mark})
            hidden = (shared, mark)
        await post_json(url, message.body, secrets=hidden, read_reply=_read)
        return Receipt(reference=message.thread)


def sign(shared: str, at_ms: int) -> str:
    """DingTalk's signature, before URL encoding."""
    mark = hmac.new(shared.encode(), f"{at_ms}\n{shared}".encode(), hashlib.sha256)
    return base64.b64encode(mark.digest()).decode()


def _read(reply: Reply) -> None:
    code = reply.field("errcode")
    if code != 0 or isinstance(code, bool):
        raise failed_code("DingTalk", code, reply.field("errmsg"), _TRANSIENT)
