"""Whom we trust: one shared TLS context per set of private CAs (making one costs 30 ms); reading certificates.

The public store is the system's and certifi's. SSL_CERT_FILE and its like are not read: a variable left over in a
shell must not decide whether a vendor's certificate is good.
"""

import hashlib
import re
import ssl
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import certifi

from probes.model import Certificate
from probes.net.failures import NoRoomError

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")


def trust(*ca_files: str | None) -> ssl.SSLContext:
    """The context that trusts the public store and these files. Raises NoRoomError where a file cannot be read."""
    return _build(tuple(sorted({name for name in ca_files if name})))


@lru_cache(maxsize=32)
def _build(ca_files: tuple[str, ...]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    paths = ssl.get_default_verify_paths()
    if rest := _beyond_certifi(Path(paths.openssl_cafile)):
        context.load_verify_locations(cadata=rest)
    if Path(paths.openssl_capath).is_dir():
        context.load_verify_locations(capath=paths.openssl_capath)
    for name in ca_files:
        try:
            context.load_verify_locations(cafile=name)
        except OSError as error:      # ssl.SSLError is one too: a file without certificates
            raise NoRoomError(error.errno or 0, f"CA file {name}") from error
    context.set_alpn_protocols(["http/1.1"])
    return context


def _beyond_certifi(file: Path) -> str:
    """The system's certificates that certifi lacks: most are the same, and to decode one takes OpenSSL 0.15 ms."""
    if not file.is_file():
        return ""
    known = set(_certificates(Path(certifi.where())))
    return "\n".join(one for one in _certificates(file) if one not in known)


def _certificates(file: Path) -> list[str]:
    return _PEM.findall(file.read_text(encoding="latin-1"))      # names in comments may be written in anything


def read_certificate(session: ssl.SSLObject) -> Certificate | None:
    """The leaf certificate of a finished handshake."""
    der = session.getpeercert(binary_form=True)
    return _read_der(der, _Peer(session)) if der else None


class _Peer:
    """Stands beside the bytes in the cache's key without being part of it: decoding is done once per certificate."""

    def __init__(self, session: ssl.SSLObject) -> None:
        self.session: ssl.SSLObject | None = session

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Peer)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=256)
def _read_der(der: bytes, peer: _Peer) -> Certificate:
    fields: dict[str, Any] = dict(peer.session.getpeercert() or {}) if peer.session else {}
    peer.session = None      # the cache keeps this object: not the connection with it
    return Certificate(
        subject=_write_name(fields.get("subject", ())),
        issuer=_write_name(fields.get("issuer", ())),
        not_after=datetime.fromtimestamp(ssl.cert_time_to_seconds(str(fields["notAfter"])), UTC),
        names=tuple(str(value) for _, value in fields.get("subjectAltName", ())),
        sha256=hashlib.sha256(der).hexdigest(),
    )


def _write_name(name: object) -> str:
    parts: list[str] = []
    for rdn in name if isinstance(name, tuple) else ():
        parts.extend(f"{key}={value}" for key, value in rdn)
    return ", ".join(parts)
