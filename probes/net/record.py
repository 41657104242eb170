"""The notes of one call, taken where things happen: stage, stamps, addresses. Times are monotonic nanoseconds."""

import time
from dataclasses import dataclass, field
from enum import StrEnum

from probes.model import Certificate
from probes.net.stamps import measure_offset


class Stage(StrEnum):
    """How far a call has come; a failure is named after the stage it met."""

    START = "start"
    DNS = "dns"
    TCP = "tcp"
    PROXY = "proxy"        # reaching the vantage's proxy and agreeing with it
    TUNNEL = "tunnel"      # the proxy is on its way to the destination
    TLS = "tls"
    HTTP = "http"


@dataclass(slots=True)
class Record:
    """What one call has seen so far. Mutable on purpose: it outlives a deadline that cuts the call short."""

    kernel: bool
    started_ns: int = field(default_factory=time.monotonic_ns)
    offset_ns: int = field(default_factory=measure_offset)
    stage: Stage = Stage.START
    addresses: tuple[str, ...] = ()
    pinned: bool = False
    peer: str | None = None
    dns_s: float | None = None
    tcp_s: float | None = None
    tls_s: float | None = None
    certificate: Certificate | None = None
    sent_ns: int | None = None
    arrived_ns: int | None = None      # of the bytes handed over last
    first_ns: int | None = None
    kernel_stamped: bool = False       # at least one arrival that the kernel stamped
    user_stamped: bool = False         # at least one arrival that only our own clock saw
    ended: bool = False                # the other side closed

    def since_start(self, moment_ns: int) -> float:
        """Seconds since the call started."""
        return max(0, moment_ns - self.started_ns) / 1e9

    def settle_arrival(self, stamp_ns: int | None) -> int:
        """The monotonic moment of an arrival: the kernel's, unless it has none or the wall clock was set meanwhile."""
        now = time.monotonic_ns()
        if stamp_ns is not None:
            moment = stamp_ns - self.offset_ns
            if self.started_ns - 1_000_000 <= moment <= now + 1_000_000:
                self.kernel_stamped = True
                return moment
        self.user_stamped = True
        return now

    def note_data(self, moment_ns: int) -> None:
        """Bytes of the answer were handed over; the first ones are the first byte."""
        self.arrived_ns = moment_ns
        if self.first_ns is None and self.stage is Stage.HTTP:
            self.first_ns = moment_ns

    @property
    def clock(self) -> str:
        """Who stamped: 'kernel' only if every arrival has a kernel stamp."""
        return "kernel" if self.kernel_stamped and not self.user_stamped else "user"
