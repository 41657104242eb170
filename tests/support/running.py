"""The real `vendorwatch run` as a process of its own; only its clock is faster than ours."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from monitor.store.asking import ask

PATIENCE_S = 60.0
TREE = Path(__file__).resolve().parents[2]
_RUN = """
import functools, sys
import monitor.clock
monitor.clock.Clock = functools.partial(monitor.clock.Clock, rate=float(sys.argv.pop(1)))
from monitor.cli import main
main()
"""


@dataclass
class Running:
    """A daemon and its home: what it says lands in a file there, its database is where the config or default says."""

    process: "subprocess.Popen[bytes]"
    home: Path
    database: str
    begins: int = 0      # what a life before has said is before this byte

    @property
    def said(self) -> str:
        return (self.home / "said").read_bytes()[self.begins:].decode()

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in ask(self.database, statement, None).rows]

    def wait(self, what: str, ready: Callable[[], object]) -> None:
        """Until `ready` is true. A daemon that ends before is a failure, and so is one that never gets there."""
        until = time.monotonic() + PATIENCE_S
        while not ready():
            assert self.process.poll() is None, f"ended with {self.process.returncode} before {what}:\n{self.said}"
            assert time.monotonic() < until, f"never: {what}\n{self.said}"
            time.sleep(0.02)

    def stop(self) -> int:
        """SIGTERM, drain, the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait(PATIENCE_S)


@contextmanager
def running(home: Path, *words: str, rate: float = 60.0, environ: Mapping[str, str] | None = None,
            prefix: Sequence[str] = (), database: str = "") -> Iterator[Running]:
    """`vendorwatch run WORDS` at home in `home`; killed at the end of the block if it still runs."""
    command = [*prefix, sys.executable, "-c", _RUN, str(rate), "run", *words]
    default = home / ".local/state/vendorwatch/vendorwatch.db"
    with (home / "said").open("ab") as out:
        begins = out.tell()
        process = subprocess.Popen(command, env=surroundings(home, environ), cwd=home, stdout=out, stderr=out)
    one = Running(process, home, database or f"sqlite:///{default}", begins)
    try:
        one.wait("ready", lambda: "event=ready" in one.said or '"event": "ready"' in one.said)
        yield one
    finally:
        if process.poll() is None:
            one.kill()


def surroundings(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of somebody who has nothing but a home. The code is this tree's, whatever is installed."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONWARNINGS": "error", "PYTHONPATH": str(TREE),
            **(more or {})}


def vendorwatch(home: Path, *words: str, environ: Mapping[str, str] | None = None,
                prefix: Sequence[str] = ()) -> "subprocess.CompletedProcess[str]":
    """One command, to its end."""
    return subprocess.run(
        [*prefix, sys.executable, "-m", "monitor.cli", *words], env=surroundings(home, environ), cwd=home, text=True,
        timeout=60, capture_output=True, check=False,
    )
