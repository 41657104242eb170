"""Loopback receivers for alerts: an HTTP server that answers on a script, aiosmtpd mail servers, one sample alert."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from alerts.model import Alert, Occasion, Severity

AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


def an_alert(**changed: Any) -> Alert:
    """A geo-block with everything said; any field may be changed."""
    said: dict[str, Any] = {
        "incident": "inc-7", "occasion": Occasion.OPENED, "severity": Severity.CRITICAL, "cause": "region_restricted",
        "at": AT, "since": AT - timedelta(minutes=12), "provider": "anthropic", "provider_name": "Claude",
        "regions": ("cn-shanghai", "cn-beijing"), "models": ("claude-opus-4-8",), "account": "team-a",
        "confidence": 0.97, "because": "403 <unsupported_country> & others answer", "touches": ("smart",),
        "proposed": "--- a/config.yaml\n+++ b/config.yaml\n@@ -1 +1 @@\n-smart: <claude>\n+smart: qwen\n",
        "run": ("vendorwatch incident show 7", "vendorwatch incident ack 7"),
    }
    return Alert(**(said | changed))


@dataclass
class Asked:
    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return {name: values[0] for name, values in parse_qs(self.raw.decode()).items()}
        return json.loads(self.raw)


@dataclass
class HttpSink:
    """`answers` are used up one a request: (status, headers, body); then 200 with `usual`."""

    url: str
    usual: bytes = b"ok"
    asked: list[Asked] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)

    def answer(self, status: int, body: object = b"", **headers: str) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.append((status, {name.replace("_", "-"): value for name, value in headers.items()}, raw))


@contextmanager
def http_sink(usual: object = b"ok") -> Iterator[HttpSink]:
    sink = HttpSink("", usual if isinstance(usual, bytes) else json.dumps(usual).encode())

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            sink.asked.append(Asked(self.path, {k.lower(): v for k, v in self.headers.items()}, raw))
            status, headers, body = sink.answers.pop(0) if sink.answers else (200, {}, sink.usual)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    sink.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class MailSink:
    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    rcpt_answers: list[str] = field(default_factory=list)
    data_answers: list[str] = field(default_factory=list)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, _: object) -> str:
        answer = self.rcpt_answers.pop(0) if self.rcpt_answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data_answers:
            return self.data_answers.pop(0)
        mail = message_from_bytes(envelope.content or b"", policy=default)  # type: ignore[arg-type]
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@contextmanager
def mail_sink(
    *, starttls: ssl.SSLContext | None = None, smtps: ssl.SSLContext | None = None, password: str = ""
) -> Iterator[MailSink]:
    sink = MailSink(free_port())

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and data.login == b"me" and data.password == password.encode()
        return AuthResult(success=good, handled=False) if not good else AuthResult(success=True)

    options: dict[str, Any] = {"tls_context": starttls, "require_starttls": True} if starttls else {}
    if password:
        options |= {"authenticator": check, "auth_required": True, "auth_require_tls": starttls is not None}
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port, ssl_context=smtps, **options)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
