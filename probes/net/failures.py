"""Names for what went wrong: from errno, verify code and the stage reached; never from an error's text."""

import errno
import socket
import ssl

import h11

from probes.model import Failure
from probes.net.record import Record, Stage


class ProxyRefusedError(Exception):
    """The vantage's proxy said no, or something that is not its protocol. `failure`: what its answer says."""

    def __init__(self, detail: str, failure: Failure = Failure.PROXY) -> None:
        super().__init__(detail)
        self.failure = failure


class NoRoomError(OSError):
    """Our own machine could not make the socket, bind it or read its own files."""


class EndedEarlyError(ConnectionError):
    """The other side closed where its turn had come."""


_LOCAL = frozenset({
    errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL, errno.EADDRINUSE, errno.EACCES,
    errno.EPERM, errno.EAFNOSUPPORT, errno.ENETDOWN,
})
_UNREACHABLE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EINVAL, errno.EHOSTDOWN, errno.ENOPROTOOPT})
_TIMEOUTS = {
    Stage.START: Failure.LOCAL, Stage.DNS: Failure.DNS_TIMEOUT, Stage.TCP: Failure.TCP_TIMEOUT,
    Stage.PROXY: Failure.PROXY, Stage.TUNNEL: Failure.TCP_TIMEOUT, Stage.TLS: Failure.TLS_TIMEOUT,
    Stage.HTTP: Failure.HTTP_TIMEOUT,
}
_BREAKS = {
    Stage.START: Failure.LOCAL, Stage.DNS: Failure.DNS_TEMPORARY, Stage.TCP: Failure.TCP_RESET,
    Stage.PROXY: Failure.PROXY, Stage.TUNNEL: Failure.PROXY, Stage.TLS: Failure.TLS_RESET,
    Stage.HTTP: Failure.HTTP_RESET,
}
_EXPIRED, _WRONG_HOST = frozenset({9, 10}), frozenset({62, 63, 64})     # X509_V_ERR_*
_NO_SUCH_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})

NETWORK_ERRORS = (OSError, ProxyRefusedError, h11.ProtocolError)


def name_failure(error: BaseException, record: Record) -> tuple[Failure, str]:
    """What to call an error, and a short detail for people: the errno's or the verify code's name."""
    for cause in _causes(error):
        named = _name_one(cause, record)
        if named is not None:
            return named
    return _BREAKS[record.stage], type(error).__name__


def name_deadline(stage: Stage) -> Failure:
    """What a deadline that struck at this stage is called."""
    return _TIMEOUTS[stage]


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what is behind it; an exception group's members too."""
    found: list[BaseException] = []
    queue: list[BaseException | None] = [error]
    while queue:
        one = queue.pop(0)
        if one is None or one in found:
            continue
        found.append(one)
        queue.append(one.__cause__ or (None if one.__suppress_context__ else one.__context__))
        if isinstance(one, BaseExceptionGroup):
            queue.extend(one.exceptions)
    return found


def _name_one(error: BaseException, record: Record) -> tuple[Failure, str] | None:
    if isinstance(error, OSError):
        return _name_system(error, record)
    if isinstance(error, ProxyRefusedError):
        return error.failure, str(error)
    if isinstance(error, h11.LocalProtocolError):
        return Failure.LOCAL, "the request cannot be written"
    if isinstance(error, h11.RemoteProtocolError):
        return (Failure.HTTP_RESET, "closed early") if record.ended else (Failure.HTTP_PROTOCOL, "not HTTP/1.1")
    return None


def _name_system(error: OSError, record: Record) -> tuple[Failure, str] | None:
    match error:
        case NoRoomError():
            return Failure.LOCAL, f"{_errno_name(error)} {error.strerror or ''}".strip()
        case socket.gaierror():
            return _name_dns(error, record)
        case ssl.SSLError():
            return _name_tls(error, record)
    return _name_os(error, record)


def _name_dns(error: socket.gaierror, record: Record) -> tuple[Failure, str]:
    names = (name for name in dir(socket) if name.startswith("EAI_"))
    label = next((name for name in names if getattr(socket, name) == error.errno), "")
    if record.stage is Stage.PROXY:
        return Failure.PROXY, f"the proxy's name: {label}"
    if error.errno in _NO_SUCH_NAME:
        return Failure.DNS_NXDOMAIN, label
    local = error.errno in {socket.EAI_MEMORY, getattr(socket, "EAI_SYSTEM", None)}
    return (Failure.LOCAL if local else Failure.DNS_TEMPORARY), label


def _name_tls(error: ssl.SSLError, record: Record) -> tuple[Failure, str]:
    reason = str(getattr(error, "reason", None) or type(error).__name__)
    if record.stage in {Stage.PROXY, Stage.TUNNEL}:
        return Failure.PROXY, f"TLS to the proxy: {reason}"
    if isinstance(error, ssl.SSLCertVerificationError):
        detail = f"verify code {error.verify_code}: {error.verify_message}"
        if error.verify_code in _EXPIRED:
            return Failure.TLS_CERT_EXPIRED, detail
        wrong = error.verify_code in _WRONG_HOST
        return (Failure.TLS_CERT_WRONG_HOST if wrong else Failure.TLS_CERT_UNTRUSTED), detail
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError):
        return _BREAKS[record.stage], "closed"
    failure = Failure.TLS_OTHER if record.stage is Stage.TLS else _BREAKS[record.stage]
    return failure, reason


def _name_os(error: OSError, record: Record) -> tuple[Failure, str] | None:
    code = error.errno
    if isinstance(error, TimeoutError) or code == errno.ETIMEDOUT:
        return _TIMEOUTS[record.stage], _errno_name(error)
    if code is None and not isinstance(error, ConnectionError):
        return None
    if record.stage is not Stage.PROXY and code in _LOCAL:
        return Failure.LOCAL, _errno_name(error)
    if record.stage is Stage.TCP:
        if code == errno.ECONNREFUSED:
            return Failure.TCP_REFUSED, _errno_name(error)
        if code in _UNREACHABLE:
            return Failure.TCP_UNREACHABLE, _errno_name(error)
    return _BREAKS[record.stage], _errno_name(error)


def _errno_name(error: OSError) -> str:
    if error.errno is None:
        return "closed" if isinstance(error, EndedEarlyError) else type(error).__name__
    return errno.errorcode.get(error.errno, str(error.errno))
