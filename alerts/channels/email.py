"""Alerts by e-mail: text and HTML, one thread an incident."""

import asyncio
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from hashlib import sha256
from typing import Final

from alerts import wording
from alerts.channel import DeliveryError
from alerts.model import Alert, Message, Receipt
from alerts.post import DEADLINE_S, scrub, secret

_PORTS: Final = {"starttls": 587, "smtps": 465, "plain": 25}
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_WALL_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Channel:
    """Sends mail through an SMTP server. Later mails of an incident answer its first one, so readers see one thread.

    Options:
      host, port      the server; port 0 means the usual one of `security`
      sender          From address
      recipients      To addresses
      security        starttls (587), smtps (465) or plain (25; a server on this machine only)
      user            login name, if the server wants one
      password_env    name of the variable that holds the password
      ca_file         certificates to trust instead of the system's
      language, timezone   en or zh; zone the times are shown in
    """

    host: str = "localhost"
    sender: str = "vendorwatch@localhost"
    recipients: Sequence[str] = ()
    port: int = 0
    security: str = "starttls"
    user: str = ""
    password_env: str = ""
    ca_file: str = ""
    language: str = "en"
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        wording.check_voice(self.language, self.timezone)
        if self.security not in _PORTS:
            raise ValueError(f"security: {self.security!r} is not known; use starttls, smtps or plain")
        if self.security == "plain" and self.host not in _LOOPBACK:
            raise ValueError("security: plain is for a server on this machine; use starttls or smtps")
        if isinstance(self.recipients, str):
            raise ValueError("recipients: give a list of addresses")   # a str is a sequence too
        if not self.recipients:
            raise ValueError("recipients: is missing; give at least one address")
        for written in (self.sender, *self.recipients):
            if "@" not in parseaddr(written)[1]:
                raise ValueError(f"{written!r} is not a mail address")

    def render(self, alert: Alert) -> Message:
        """Pure: `body` is the HTML part."""
        page = wording.html(alert, self.language, self.timezone)
        return wording.message(alert, self.language, self.timezone, {"html": page})

    async def deliver(self, message: Message, earlier: Receipt | None = None) -> Receipt:
        """Raises DeliveryError: 4xx replies and lost connections may be tried again, 5xx may not."""
        if not self.recipients:
            raise DeliveryError("recipients: nobody to write to", permanent=True)
        password = secret(self.password_env) if self.password_env else ""
        mail = self._compose(message, earlier)
        try:
            async with asyncio.timeout(_WALL_S):
                refused = await asyncio.to_thread(self._send, mail, password)
        except TimeoutError:
            raise DeliveryError(f"no answer from {self.host} in time") from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise _failure(error, self.host, password) from None
        detail = "refused: " + ", ".join(sorted(refused)) if refused else ""
        return Receipt(reference=(earlier.reference if earlier else "") or str(mail["Message-ID"]), detail=detail)

    def _compose(self, message: Message, earlier: Receipt | None) -> EmailMessage:
        """Message-IDs are hashes of incident and key: a mail sent twice after a crash is seen as one."""
        mail = EmailMessage(policy=SMTP)
        first = (earlier.reference if earlier else "") or self._id(message.thread or message.key)
        mail["Subject"] = f"[vendorwatch] {' '.join(message.subject.split())}"
        mail["From"] = _address(self.sender)
        mail["To"] = [_address(written) for written in self.recipients]
        mail["Date"] = formatdate(usegmt=True)
        mail["Auto-Submitted"] = "auto-generated"
        mail["Message-ID"] = self._id(message.key) if earlier else first
        if earlier:
            mail["In-Reply-To"] = first
            mail["References"] = first
        mail.set_content(message.text)
        page = message.body.get("html") if isinstance(message.body, dict) else None
        if page:
            mail.add_alternative(page, subtype="html")
        return mail

    def _id(self, key: str) -> str:
        domain = parseaddr(self.sender)[1].partition("@")[2]
        return f"<{sha256(key.encode()).hexdigest()[:32]}@{domain}>"

    def _send(self, mail: EmailMessage, password: str) -> dict[str, tuple[int, bytes]]:
        context = ssl.create_default_context(cafile=self.ca_file or None)
        port = self.port or _PORTS[self.security]
        if self.security == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, port, timeout=DEADLINE_S, context=context)
        else:
            server = smtplib.SMTP(self.host, port, timeout=DEADLINE_S)
        with server:
            if self.security == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, password)
            return server.send_message(mail)


def _address(written: str) -> Address:
    name, plain = parseaddr(written)
    return Address(display_name=name, addr_spec=plain)


def _failure(error: Exception, host: str, password: str) -> DeliveryError:
    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _ in error.recipients.values()]
            said = f"{host} refused every recipient ({', '.join(map(str, codes))})"
            return DeliveryError(said, permanent=all(code >= 500 for code in codes))
        case smtplib.SMTPResponseException():
            text = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else ""
            said = scrub(f"{host} answered {error.smtp_code}: {text}", (password,))
            return DeliveryError(said, permanent=error.smtp_code >= 500)
        case smtplib.SMTPNotSupportedError():
            return DeliveryError(f"{host} offers no STARTTLS or no login; check `security`", permanent=True)
        case smtplib.SMTPServerDisconnected():
            return DeliveryError(f"{host} closed the connection")
        case ssl.SSLCertVerificationError():
            return DeliveryError(f"certificate of {host} is not trusted; set ca_file if it is yours", permanent=True)
        case smtplib.SMTPException() | ValueError():
            return DeliveryError(f"mail to {host} failed ({type(error).__name__})", permanent=True)
        case _:
            return DeliveryError(f"could not reach {host} ({type(error).__name__})")
