"""The way to our own engine: over a history as a file, and live, where it may ask for more."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from bench.decide.effects import Stream
from bench.decide.peers import RULES, Peer, timed
from bench.decide.worlds import World
from monitor.known import Known, KnownCheck
from monitor.model import Sample, Watch
from monitor.replay import Replay

Record = dict[str, Any]
REPLAY = (sys.executable, "-c", "from monitor.cli import main; main()", "replay")


class Live(Protocol):
    """What the adaptive loop (live.py) asks of an engine. Seconds count from the world's begin."""

    def take(self, record: Record) -> None:
        """One measurement, in the dict of the file form."""

    def wishes(self, now: int) -> Mapping[Stream, int]:
        """Streams to be asked at this pace from now on, seconds; all others go back to their base pace.

        Asked after every measurement: while nothing is suspected it must cost nothing (an empty mapping).
        """

    def incidents(self) -> list[Record]:
        """All so far, in the form that `vendorwatch replay` prints."""


@cache
def can_replay() -> bool:
    """Whether this house has `vendorwatch replay`."""
    return subprocess.run([*REPLAY, "--help"], capture_output=True, check=False).returncode == 0


def replay(records: Iterable[Record]) -> list[Record]:
    """`vendorwatch replay` over a history."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "history.jsonl")
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)
        return replay_file(path)


def replay_file(path: Path) -> list[Record]:
    """The same over one that is a file already. RuntimeError if the command fails."""
    ran = subprocess.run([*REPLAY, str(path), "--json"], capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"replay broke off: {ran.stderr[-2000:]}")
    return [json.loads(line) for line in ran.stdout.splitlines() if line.strip()]


class Ours:
    """Our judge, asked as the daemon asks it: its watches on keyless checks are the wishes."""

    def __init__(self, world: World) -> None:
        self._begin = world.begin.timestamp()
        self._every = {stream: float(world.params.every_s[stream.kind]) for stream in world.streams}
        self._streams = {_key(stream): stream for stream in world.streams}
        checks = tuple(KnownCheck(_key(one), one.provider, one.region, one.account, one.account is not None,
                                  control=one.kind == "control") for one in world.streams)
        self._replay = Replay(known=Known(checks=checks))
        self._watches: dict[str, Watch] = {}
        self._seq = 0

    def take(self, record: Record) -> None:
        self._seq += 1
        stream = Stream(*(record[name] for name in ("kind", "provider", "region", "account", "model")))
        sample = self._sample(record, stream)
        for action in self._replay.take(sample):
            if isinstance(action, Watch):
                self._watches[action.key] = action

    def _sample(self, record: Record, stream: Stream) -> Sample:
        read = record.get
        return Sample(self._seq, datetime.fromisoformat(record["slot"]), stream.kind, stream.provider, stream.region,
                      record["outcome"], account=stream.account, model=stream.model, control=stream.kind == "control",
                      every_s=self._every[stream], status=read("status"), total_s=read("total_s"),
                      ttft_s=read("ttft_s"), items=read("items"), passed=read("passed"), score=read("score"),
                      check_key=_key(stream))

    def wishes(self, now: int) -> Mapping[Stream, int]:
        if not self._watches:
            return {}
        at = self._begin + now
        self._watches = {key: one for key, one in self._watches.items()
                         if one.until is not None and one.until.timestamp() > at}
        return {self._streams[check]: int(one.every.total_seconds()) for one in self._watches.values()
                if one.every is not None for check in one.check_keys}

    def incidents(self) -> list[Record]:
        return [dict(row) for row in self._replay.results()]


def _key(stream: Stream) -> str:
    return "|".join(str(part) for part in stream)


def live(world: World) -> Live:
    """Our engine with nothing learned yet."""
    return Ours(world)


class FixedPace:
    """A peer's rule behind the live interface: it wishes for nothing."""

    def __init__(self, name: str = "Gatus N=3") -> None:
        self._peer = Peer(RULES[name])

    def take(self, record: Record) -> None:
        for one, t in timed((record,)):
            self._peer.take(one, t)

    def wishes(self, now: int) -> Mapping[Stream, int]:
        return {}

    def incidents(self) -> list[Record]:
        return self._peer.incidents
