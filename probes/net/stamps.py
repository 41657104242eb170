"""When bytes really arrived: the kernel's own receive stamps and its round-trip figure.

A busy event loop reads late, and a user-space timer then blames the vendor for our own lag. Linux notes the moment a
packet came in and hands it over with `recvmsg` (SO_TIMESTAMPING); everything else about time is here too, so that
the rest of the room speaks in nanoseconds of one monotonic clock.
"""

import atexit
import socket
import struct
import time
from functools import lru_cache

_SO_TIMESTAMPING = 37          # not in Python's socket module; the same number on every common Linux architecture
_SOFTWARE_RECEIVE = 8 | 16     # SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE
_STAMP = struct.Struct("@qq")
ANCILLARY_BYTES = socket.CMSG_SPACE(48) if hasattr(socket, "CMSG_SPACE") else 0
_RTT_AT, _RETRANSMITS_AT, _TCP_INFO_BYTES = 68, 100, 104

Ancillary = list[tuple[int, int, bytes]]


def switch_on(sock: socket.socket) -> None:
    """Ask the kernel to stamp what this socket receives. Raises OSError where it cannot."""
    sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPING, _SOFTWARE_RECEIVE)


def read_stamp(ancillary: Ancillary) -> int | None:
    """The receive stamp in nanoseconds of the wall clock, if the kernel sent one."""
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPING and len(data) >= _STAMP.size:
            seconds, nanoseconds = _STAMP.unpack_from(data)
            if seconds:
                return int(seconds) * 1_000_000_000 + int(nanoseconds)
    return None


def measure_offset() -> int:
    """Wall clock minus monotonic clock, in nanoseconds: the tightest of three readings, as we may be interrupted."""
    best: tuple[int, int] | None = None
    for _ in range(3):
        before = time.monotonic_ns()
        wall = time.time_ns()
        after = time.monotonic_ns()
        if best is None or after - before < best[0]:
            best = (after - before, wall - (before + after) // 2)
    assert best is not None
    return best[1]


def read_connect_time(sock: socket.socket) -> float | None:
    """The SYN's round trip as the kernel saw it, in seconds; None where unknown or where the SYN was sent again.

    After a retransmission the kernel's figure leaves the waiting out, which would hide a lossy path.
    """
    if not hasattr(socket, "TCP_INFO"):
        return None
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
    except OSError:
        return None
    if len(info) < _TCP_INFO_BYTES:
        return None
    rtt_us, retransmits = (int.from_bytes(info[at : at + 4], "little") for at in (_RTT_AT, _RETRANSMITS_AT))
    return rtt_us / 1e6 if rtt_us and not retransmits else None


def _try_stamps(patience_s: float) -> bool:
    """Send bytes over loopback until one comes back stamped."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        with socket.create_connection(listener.getsockname(), timeout=patience_s) as near:
            far, _ = listener.accept()
            with far:
                switch_on(near)
                return _receives_stamped(near, far, time.monotonic() + patience_s)


def _receives_stamped(near: socket.socket, far: socket.socket, until: float) -> bool:
    while time.monotonic() < until:
        before = time.time_ns()
        far.send(b"?")
        _, ancillary, _, _ = near.recvmsg(1, ANCILLARY_BYTES)
        stamp = read_stamp(ancillary)
        if stamp is not None and before - 1_000_000 <= stamp <= time.time_ns() + 1_000_000:
            return True
        time.sleep(0.001)
    return False


@lru_cache(maxsize=1)
def kernel_stamps_work(patience_s: float = 0.1) -> bool:
    """Whether this machine stamps received TCP data: tried once, on loopback.

    A socket with stamps on is kept open for the life of the process: the kernel switches its stamping on lazily with
    the first such socket and off with the last, and packets in between would come without a stamp.
    """
    if not ANCILLARY_BYTES or not hasattr(socket.socket, "recvmsg"):
        return False
    keeper: socket.socket | None = None
    try:
        keeper = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        switch_on(keeper)
        works = _try_stamps(patience_s)
    except OSError:
        works = False
    if keeper is not None:
        if works:
            atexit.register(keeper.close)
        else:
            keeper.close()
    return works
