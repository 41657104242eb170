"""Network: three steps, the first that fails is the reading."""

from datetime import timedelta

import pytest
from builders import SLOT, a_provider, a_target, an_occasion
from playbook import play

from probes.kinds.network import Kind
from probes.model import Certificate, DnsCall, Exchange, Failure, Phases, Surface, Target, TcpCall, TlsCall
from probes.outcome import NETWORK, Outcome

NAMED = Exchange(phases=Phases(dns_s=0.01), addresses=("203.0.113.7",))
OPENED = Exchange(phases=Phases(tcp_s=0.02))


def shaken(days: float = 60) -> Exchange:
    leaf = Certificate("CN=api.acme.test", "CN=Test CA", SLOT + timedelta(days=days), ("api.acme.test",), "ab" * 32)
    return Exchange(phases=Phases(tcp_s=0.02, tls_s=0.03), certificate=leaf)


def at(url: str) -> Target:
    return a_target(a_provider(surfaces=(Surface("x", url, "openai"),)), keyed=False)


def test_all_three_steps_are_timed():
    played = play(Kind().steps(a_target(keyed=False), an_occasion()), [NAMED, OPENED, shaken()])
    assert [type(call) for call in played.calls] == [DnsCall, TcpCall, TlsCall]
    figures = played.reading.figures
    assert played.reading.outcome is Outcome.OK
    assert (figures.dns_s, figures.tcp_s, figures.tls_s) == (0.01, 0.02, 0.03)
    assert figures.total_s == pytest.approx(0.06)
    assert figures.extra["cert_days"] == pytest.approx(60)


def test_a_certificate_about_to_end_is_degraded():
    reading = play(Kind().steps(a_target(), an_occasion()), [NAMED, OPENED, shaken(0.5)]).reading
    assert reading.outcome is Outcome.DEGRADED
    assert "0.5 days" in reading.reason


@pytest.mark.parametrize(
    ("failure", "before"),
    [
        (Failure.DNS_NXDOMAIN, []), (Failure.DNS_TIMEOUT, []),
        (Failure.TCP_TIMEOUT, [NAMED]), (Failure.TCP_REFUSED, [NAMED]),
        (Failure.TLS_RESET, [NAMED, OPENED]), (Failure.TLS_TIMEOUT, [NAMED, OPENED]),
    ],
)
def test_the_first_failure_is_named_and_ends_the_probe(failure, before):
    broken = Exchange(failure=failure, detail="ECONNRESET")
    reading = play(Kind().steps(a_target(), an_occasion()), [*before, broken]).reading
    assert reading.outcome in NETWORK | {Outcome.PROVIDER_OUTAGE}
    assert failure in reading.reason
    assert "ECONNRESET" in reading.reason
    assert reading.figures.extra["failure"] == failure
    assert reading.exchanges[0].failure is failure


def test_a_timeout_counts_as_at_least_its_deadline():
    broken = Exchange(failure=Failure.TCP_TIMEOUT)
    assert play(Kind().steps(a_target(), an_occasion()), [NAMED, broken]).reading.figures.total_s == 8.0


def test_an_address_is_not_looked_up_and_plain_http_has_no_certificate():
    played = play(Kind().steps(at("http://127.0.0.1:11434/v1"), an_occasion()), [OPENED])
    assert played.calls == (TcpCall("127.0.0.1", 11434, deadline_s=8.0),)
    assert played.reading.outcome is Outcome.OK
