"""Plays a probe's conversation against a script: what was asked is kept, what comes back is given."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from probes.model import Call, Exchange, Reading
from probes.probe import Steps

Reply = Exchange | Callable[[Any], Exchange]


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it: the calls that were made, and the conclusion."""

    calls: tuple[Call, ...]
    reading: Reading


def play(steps: Steps, script: Iterable[Reply]) -> Played:
    """Carry out `steps`, answering each call with the next line of the script. Too short a script is an error."""
    calls: list[Call] = []
    lines = iter(script)
    reading: object = None
    try:
        call = next(steps)
        while True:
            calls.append(call)
            try:
                line = next(lines)
            except StopIteration:
                raise AssertionError(f"the script ends before call {len(calls)}: {call}") from None
            exchange = line if isinstance(line, Exchange) else line(call)
            call = steps.send(replace(exchange, call=call))
    except StopIteration as end:
        reading = end.value
    assert isinstance(reading, Reading)
    left = sum(1 for _ in lines) if isinstance(script, (list, tuple)) else 0
    assert not left, f"{left} lines of the script were never asked for"
    return Played(tuple(calls), reading)
