"""Alerts to any address of your own, as signed JSON."""

import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import Final

from alerts import wording
from alerts.model import Alert, Message, Receipt
from alerts.post import encode, post_json, secret

_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Channel:
    """POSTs JSON to one URL, signed so that the receiver knows who wrote it.

    `X-Vendorwatch-Signature: t=<unix seconds>,v1=<hex>` is the HMAC-SHA256 of `<t>.<body>` under the shared secret;
    `Idempotency-Key` is the same for every try of one alert.

    Options:
      url_env       name of the variable that holds the URL
      secret_env    name of the variable that holds the shared secret; unsigned without
      ca_file       certificates to trust instead of the usual ones
      language, timezone   en or zh; zone the times are shown in
    """

    url_env: str
    secret_env: str = ""
    ca_file: str = ""
    language: str = "en"
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        wording.check_voice(self.language, self.timezone)

    def render(self, alert: Alert) -> Message:
        """Pure: every field of the alert for machines, `headline` and `text` for people. Times are ISO 8601, UTC."""
        said = wording.message(alert, self.language, self.timezone)
        body = {"version": _VERSION, "headline": said.subject, "text": said.text, "key": said.key, **_fields(alert)}
        return Message(said.subject, said.text, body, said.thread, said.key)

    async def deliver(self, message: Message, earlier: Receipt | None = None) -> Receipt:
        """Raises DeliveryError."""
        del earlier     # the body names the incident
        url = secret(self.url_env)
        content = encode(message.body)
        headers = {"Idempotency-Key": hashlib.sha256(message.key.encode()).hexdigest()}
        hidden: tuple[str, ...] = ()
        if self.secret_env:
            shared = secret(self.secret_env)
            headers["X-Vendorwatch-Signature"] = sign(shared, content, int(time.time()))
            hidden = (shared,)
        reply = await post_json(url, content, headers=headers, secrets=hidden, ca_file=self.ca_file)
        return Receipt(reference=message.thread, detail=str(reply.status))


def sign(shared: str, content: bytes, at: int) -> str:
    """The signature header of a body sent at a unix time."""
    mark = hmac.new(shared.encode(), f"{at}.".encode() + content, hashlib.sha256).hexdigest()
    return f"t={at},v1={mark}"


def _fields(alert: Alert) -> dict[str, object]:
    moments = {name: getattr(alert, name) for name in ("at", "since", "ended")}
    return {
        "incident": alert.incident, "occasion": str(alert.occasion), "severity": str(alert.severity),
        "cause": alert.cause, "provider": alert.provider, "provider_name": alert.provider_name,
        "regions": list(alert.regions), "models": list(alert.models), "account": alert.account,
        "confidence": alert.confidence, "because": alert.because, "touches": list(alert.touches),
        "proposed": alert.proposed, "run": list(alert.run), "late": alert.late, "extra": dict(alert.extra),
        **{name: at.isoformat() if at else None for name, at in moments.items()},
    }
