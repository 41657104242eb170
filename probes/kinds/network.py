"""Can the vendor be reached underneath HTTP? Name, connection, certificate: each timed, each failure named."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from probes.model import DnsCall, Exchange, Figures, Occasion, Reading, Target, TcpCall, TlsCall
from probes.outcome import Outcome
from probes.probe import Steps
from probes.reading import measure_phases, note, read_verdict


@dataclass(frozen=True, slots=True)
class Kind:
    """Resolves the name, opens a TCP connection, makes a TLS handshake and reads the certificate.

    Sends no request, shows no key, and works for control hosts too. The first step that fails is the reading. A
    certificate that ends within `cert_warn_days` is *degraded*.
    """

    deadline_s: float = 8.0
    cert_warn_days: float = 1.0

    def steps(self, target: Target, occasion: Occasion) -> Steps:
        """DNS (unless the host is an address), TCP, TLS (unless plain http)."""
        parts = urlsplit(target.surface.base_url)
        host = parts.hostname or ""
        secure = parts.scheme != "http"
        port = parts.port or (443 if secure else 80)
        figures = Figures()
        if not _is_address(host):
            named = yield DnsCall(host, deadline_s=self.deadline_s)
            figures = replace(figures, dns_s=named.phases.dns_s)
            if named.failure is not None:
                return _read_failure(target, named, figures)
            figures = note(figures, {"addresses": ",".join(sorted(named.addresses)[:8])})
        opened = yield TcpCall(host, port, deadline_s=self.deadline_s)
        figures = replace(figures, tcp_s=opened.phases.tcp_s)
        if opened.failure is not None:
            return _read_failure(target, opened, figures)
        if not secure:
            return Reading(Outcome.OK, "name and connection are well", _total(figures), clock=opened.clock)
        shaken = yield TlsCall(host, port, deadline_s=self.deadline_s, ca_file=target.provider.ca_file)
        figures = replace(figures, tls_s=shaken.phases.tls_s)
        figures = note(figures, _describe_certificate(shaken, occasion))
        if shaken.failure is not None:
            return _read_failure(target, shaken, figures)
        return self._read_certificate(shaken, _total(figures))

    def _read_certificate(self, exchange: Exchange, figures: Figures) -> Reading:
        days = figures.extra.get("cert_days")
        if isinstance(days, float) and days < self.cert_warn_days:
            reason = f"the certificate ends in {days:.1f} days"
            return Reading(Outcome.DEGRADED, reason, figures, clock=exchange.clock, exchanges=(exchange,))
        return Reading(Outcome.OK, "name, connection and certificate are well", figures, clock=exchange.clock)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _total(figures: Figures) -> Figures:
    known = [part for part in (figures.dns_s, figures.tcp_s, figures.tls_s) if part is not None]
    return replace(figures, total_s=sum(known) if known else None)


def _describe_certificate(exchange: Exchange, occasion: Occasion) -> Mapping[str, float | str]:
    certificate = exchange.certificate
    if certificate is None:
        return {}
    days = (certificate.not_after - occasion.slot).total_seconds() / 86400
    return {"cert_days": days, "cert_issuer": certificate.issuer[:200], "cert_sha256": certificate.sha256}


def _read_failure(target: Target, exchange: Exchange, figures: Figures) -> Reading:
    """Classification gives the outcome; the stage and the errno are what a person wants to read."""
    spent = measure_phases(exchange).total_s
    sofar = _total(figures)
    total = max(sofar.total_s or 0.0, spent or 0.0) or None
    reading = read_verdict(target, exchange, replace(sofar, total_s=total))
    name = str(exchange.failure)
    detail = f" ({exchange.detail[:200]})" if exchange.detail else ""
    figures = note(reading.figures, {"failure": name})
    return replace(reading, figures=figures, reason=f"{name}{detail}: {reading.reason}"[:500])
