"""The notes of a call: whose clock they name, and which byte is the first."""

import time

from probes.net.record import Record, Stage


def test_the_clock_is_the_kernels_only_if_it_stamped_everything() -> None:
    record = Record(kernel=True)
    assert record.clock == "user"
    record.settle_arrival(time.time_ns())
    assert record.clock == "kernel"
    record.settle_arrival(None)
    assert record.clock == "user"


def test_the_first_byte_is_the_answers_not_the_handshakes() -> None:
    record = Record(kernel=False, stage=Stage.TLS)
    record.note_data(5)
    record.stage = Stage.HTTP
    record.note_data(6)
    record.note_data(7)
    assert (record.first_ns, record.arrived_ns) == (6, 7)
