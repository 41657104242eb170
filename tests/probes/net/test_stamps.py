"""Kernel stamps: what they say, and what happens where there are none."""

import socket
import time

import pytest

from probes.net import stamps
from probes.net.record import Record, Stage


def test_offset_turns_wall_clock_into_monotonic() -> None:
    assert abs(time.time_ns() - stamps.measure_offset() - time.monotonic_ns()) < 50_000_000


@pytest.mark.skipif(not stamps.kernel_stamps_work(), reason="this kernel does not stamp")
def test_a_stamp_is_the_arrival_not_the_reading() -> None:
    near = socket.socket()
    listener = socket.create_server(("127.0.0.1", 0))
    with near, listener:
        near.connect(listener.getsockname())
        far, _ = listener.accept()
        with far:
            stamps.switch_on(near)
            before = time.time_ns()
            far.send(b"x")
            time.sleep(0.05)      # we are late on purpose
            _, ancillary, _, _ = near.recvmsg(1, stamps.ANCILLARY_BYTES)
            stamp = stamps.read_stamp(ancillary)
            assert stamp is not None
            assert before - 1_000_000 <= stamp <= before + 40_000_000
            rtt = stamps.read_connect_time(near)
            assert rtt is not None
            assert 0 < rtt < 0.1


def test_no_stamp_is_none() -> None:
    assert stamps.read_stamp([]) is None
    assert stamps.read_stamp([(socket.SOL_SOCKET, 1, b"")]) is None


@pytest.mark.parametrize("stamp", [None, 5, time.time_ns() + 10**12])
def test_a_stamp_that_cannot_be_true_is_not_used(stamp: int | None) -> None:
    record = Record(kernel=True, stage=Stage.HTTP)
    moment = record.settle_arrival(stamp)
    assert abs(moment - time.monotonic_ns()) < 50_000_000
    assert record.clock == "user"
