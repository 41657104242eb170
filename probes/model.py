"""The values that observing is made of: calls and what came of them (vendors and places: probes/vendor.py). Frozen.

Nothing here does I/O. Secrets are names (law 7): a header may hold a `Secret`, never a key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from probes.outcome import Outcome
from probes.vendor import (
    Account,
    Auth,
    Model,
    Provider,
    StatusSource,
    Surface,
    Target,
    Vantage,
    Zone,
)

__all__ = [
    "Account",
    "Auth",
    "Call",
    "Certificate",
    "Chunk",
    "DnsCall",
    "Exchange",
    "Failure",
    "Figures",
    "Header",
    "HttpCall",
    "Model",
    "Occasion",
    "Phases",
    "Provider",
    "Reading",
    "Secret",
    "StatusSource",
    "Surface",
    "Target",
    "TcpCall",
    "TlsCall",
    "Vantage",
    "Zone",
]


@dataclass(frozen=True, slots=True)
class Secret:
    """The name of a secret in a header's value. Resolved in probes/run.py, for its own host and region only."""

    env: str
    host: str
    region: str
    prefix: str = ""


Header = tuple[str, "str | Secret"]


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One HTTP request. `fresh`: over a new connection, so that the phases mean something."""

    method: str
    url: str
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    deadline_s: float = 15.0
    max_bytes: int = 1_000_000
    max_events: int = 20_000
    fresh: bool = True
    ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class DnsCall:
    """Resolve a name, as the vantage would."""

    host: str
    deadline_s: float = 5.0


@dataclass(frozen=True, slots=True)
class TcpCall:
    """Open and close a TCP connection."""

    host: str
    port: int = 443
    deadline_s: float = 5.0


@dataclass(frozen=True, slots=True)
class TlsCall:
    """TCP and TLS handshake; the certificate is read, nothing is sent."""

    host: str
    port: int = 443
    deadline_s: float = 8.0
    ca_file: str | None = None


Call = HttpCall | DnsCall | TcpCall | TlsCall


class Failure(StrEnum):
    """Where and how a call failed before a whole answer was there: stage, then what.
    Named from errno, never from text.
    """

    DNS_NXDOMAIN = "dns_nxdomain"
    DNS_TEMPORARY = "dns_temporary"          # SERVFAIL, REFUSED, no server answers
    DNS_TIMEOUT = "dns_timeout"
    DNS_BOGUS = "dns_bogus"                  # a sinkhole or private address for a public name
    TCP_REFUSED = "tcp_refused"
    TCP_RESET = "tcp_reset"
    TCP_TIMEOUT = "tcp_timeout"
    TCP_UNREACHABLE = "tcp_unreachable"
    TLS_RESET = "tls_reset"                  # reset or closed during the handshake
    TLS_TIMEOUT = "tls_timeout"
    TLS_CERT_EXPIRED = "tls_cert_expired"
    TLS_CERT_WRONG_HOST = "tls_cert_wrong_host"
    TLS_CERT_UNTRUSTED = "tls_cert_untrusted"
    TLS_OTHER = "tls_other"
    HTTP_RESET = "http_reset"                # reset or closed after the handshake, before the whole answer
    HTTP_TIMEOUT = "http_timeout"            # nothing, or not all, until the deadline
    HTTP_PROTOCOL = "http_protocol"
    PROXY = "proxy"                          # the vantage's own proxy refused or failed
    TOO_LARGE = "too_large"                  # our byte or event cap
    WITHHELD = "withheld"                    # a secret may not go to this host or from this region, or is not set
    LOCAL = "local"                          # our own machine: no file handles, no source address …


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes of the body and when they arrived, in seconds since the call started."""

    at_s: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Certificate:
    """The server's leaf certificate. `sha256` is of its DER bytes, hex."""

    subject: str
    issuer: str
    not_after: datetime
    names: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class Phases:
    """How long each phase took, in seconds; None where it was not reached. `first_byte_s` runs from the
    request sent.
    """

    dns_s: float | None = None
    tcp_s: float | None = None
    tls_s: float | None = None
    sent_s: float | None = None         # offset from the call's start at which the request had been sent
    first_byte_s: float | None = None
    total_s: float | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came of a call: the answer, or the part of it that came, or the failure. Redacted before it leaves run.py.

    `clock` says who stamped the arrival of bytes: 'kernel' or 'user'. `body` joins the chunks.
    `exception` is other people's text, read by `explain` alone.
    """

    call: Call | None = None
    started_at: datetime | None = None
    phases: Phases = Phases()
    clock: str = "user"
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    chunks: tuple[Chunk, ...] = ()
    failure: Failure | None = None
    detail: str = ""                     # errno name, TLS verify code, … for people
    addresses: tuple[str, ...] = ()      # what DNS said
    peer: str | None = None
    certificate: Certificate | None = None
    exception: str | None = None

    @property
    def body(self) -> bytes:
        """All bytes that arrived."""
        return b"".join(chunk.data for chunk in self.chunks)

    def header(self, name: str) -> str | None:
        """First value of a header, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured. Seconds, tokens, USD; None means not measured, never zero. `extra`: what a kind adds."""

    dns_s: float | None = None
    tcp_s: float | None = None
    tls_s: float | None = None
    first_byte_s: float | None = None
    ttft_s: float | None = None
    total_s: float | None = None
    tokens_per_s: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_usd: float | None = None
    score: float | None = None          # quality: share of items passed, 0 to 1
    items: int | None = None
    passed: int | None = None
    extra: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a probe makes of its exchanges. `rule` names the classification rule; `memory` is handed to the
    next occasion.
    """

    outcome: Outcome
    reason: str
    figures: Figures = Figures()
    status: int | None = None
    clock: str = "user"
    rule: str = ""
    confidence: float = 1.0
    model: str | None = None             # the model that was really asked
    exchanges: tuple[Exchange, ...] = ()
    memory: Mapping[str, str] | None = None   # None: leave as it was


@dataclass(frozen=True, slots=True)
class Occasion:
    """One run of a probe:
    when it was meant to run, the seed of everything drawn, the probe's own notes of last time.
    """

    slot: datetime
    seed: int
    memory: Mapping[str, str] = field(default_factory=dict)
    region: str = ""
