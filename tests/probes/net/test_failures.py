"""Failures are named from errno, verify code and stage: the text may say anything."""

import errno
import socket
import ssl

import h11
import httpcore
import pytest

from probes.model import Failure
from probes.net.failures import EndedEarlyError, NoRoomError, ProxyRefusedError, name_deadline, name_failure
from probes.net.record import Record, Stage


def named(error: BaseException, stage: Stage, *, ended: bool = False) -> Failure:
    return name_failure(error, Record(kernel=False, stage=stage, ended=ended))[0]


def os_error(code: int) -> OSError:
    return OSError(code, "certificate has expired, connection refused, name not known")


@pytest.mark.parametrize(("error", "stage", "failure"), [
    (socket.gaierror(socket.EAI_NONAME, ""), Stage.DNS, Failure.DNS_NXDOMAIN),
    (socket.gaierror(socket.EAI_AGAIN, ""), Stage.DNS, Failure.DNS_TEMPORARY),
    (socket.gaierror(socket.EAI_FAIL, ""), Stage.DNS, Failure.DNS_TEMPORARY),
    (socket.gaierror(socket.EAI_NONAME, ""), Stage.PROXY, Failure.PROXY),
    (os_error(errno.ECONNREFUSED), Stage.TCP, Failure.TCP_REFUSED),
    (os_error(errno.ECONNRESET), Stage.TCP, Failure.TCP_RESET),
    (os_error(errno.ETIMEDOUT), Stage.TCP, Failure.TCP_TIMEOUT),
    (os_error(errno.ENETUNREACH), Stage.TCP, Failure.TCP_UNREACHABLE),
    (os_error(errno.EHOSTUNREACH), Stage.TCP, Failure.TCP_UNREACHABLE),
    (os_error(errno.EINVAL), Stage.TCP, Failure.TCP_UNREACHABLE),
    (os_error(errno.EMFILE), Stage.TCP, Failure.LOCAL),
    (NoRoomError(errno.EADDRNOTAVAIL, ""), Stage.PROXY, Failure.LOCAL),
    (os_error(errno.ECONNREFUSED), Stage.PROXY, Failure.PROXY),
    (os_error(errno.ECONNRESET), Stage.TLS, Failure.TLS_RESET),
    (EndedEarlyError(), Stage.TLS, Failure.TLS_RESET),
    (ssl.SSLEOFError(), Stage.TLS, Failure.TLS_RESET),
    (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]"), Stage.TLS, Failure.TLS_OTHER),
    (os_error(errno.ECONNRESET), Stage.HTTP, Failure.HTTP_RESET),
    (os_error(errno.EPIPE), Stage.HTTP, Failure.HTTP_RESET),
    (os_error(errno.ETIMEDOUT), Stage.HTTP, Failure.HTTP_TIMEOUT),
    (h11.RemoteProtocolError("illegal status line"), Stage.HTTP, Failure.HTTP_PROTOCOL),
    (ProxyRefusedError("no"), Stage.TUNNEL, Failure.PROXY),
])  # fmt: skip
def test_names(error: BaseException, stage: Stage, failure: Failure) -> None:
    assert named(error, stage) is failure


@pytest.mark.parametrize(("code", "failure"), [
    (10, Failure.TLS_CERT_EXPIRED), (62, Failure.TLS_CERT_WRONG_HOST), (64, Failure.TLS_CERT_WRONG_HOST),
    (18, Failure.TLS_CERT_UNTRUSTED), (20, Failure.TLS_CERT_UNTRUSTED),
])  # fmt: skip
def test_certificates(code: int, failure: Failure) -> None:
    error = ssl.SSLCertVerificationError(1, "text that misleads: certificate has expired")
    error.verify_code, error.verify_message = code, "?"
    assert named(error, Stage.TLS) is failure


def test_an_early_end_is_a_reset_not_a_protocol_error() -> None:
    assert named(h11.RemoteProtocolError("illegal status line"), Stage.HTTP, ended=True) is Failure.HTTP_RESET


def test_the_cause_is_found_behind_other_peoples_wrappers() -> None:
    outer = httpcore.ConnectError("All connection attempts failed")
    outer.__cause__ = ExceptionGroup("", [os_error(errno.ECONNREFUSED)])
    assert named(outer, Stage.TCP) is Failure.TCP_REFUSED


@pytest.mark.parametrize(("stage", "failure"), [
    (Stage.DNS, Failure.DNS_TIMEOUT), (Stage.TCP, Failure.TCP_TIMEOUT), (Stage.TLS, Failure.TLS_TIMEOUT),
    (Stage.HTTP, Failure.HTTP_TIMEOUT), (Stage.PROXY, Failure.PROXY), (Stage.TUNNEL, Failure.TCP_TIMEOUT),
])  # fmt: skip
def test_deadlines_are_named_after_the_stage(stage: Stage, failure: Failure) -> None:
    assert name_deadline(stage) is failure
