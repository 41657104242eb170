"""What a drill needs of a gateway: its own config led to stand-in vendors, and the program started on loopback.

Adding one is one file in monitor/rigs, named as the format, class `Rig`. Nothing here knows a key or reaches anything
but 127.0.0.1.
"""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

DRILL_KEY = "sk-drill-0000"     # what stand-ins are shown: no key of anybody's
READY_S = 120.0                 # a proxy of some hundred packages takes its time on two cores


class RigFailed(Exception):
    """The gateway did not start. The message says why, with its last words."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a route leads in a drill: a stand-in's base URL, and the dialect it speaks there."""

    base_url: str
    dialect: str
    vendor: str


class Rig(Protocol):
    """A way to run one format's gateway."""

    label: ClassVar[str]        # the program, as a person knows it

    def missing(self) -> str:
        """What must be installed first; '' where it can start."""
        ...

    def adapted(self, text: str, places: Mapping[str, Place]) -> str:
        """The same routing with every route led to its stand-in, by the route's key. Pure; need not be minimal."""
        ...

    def asked_as(self, text: str, workload: str) -> str:
        """What a client writes as `model` to ask for the workload."""
        ...

    def running(self, text: str, folder: Path) -> AbstractAsyncContextManager[str]:
        """Start it with this config, wait until it answers, yield the URL that takes chat completions; then stop it.

        Raises RigFailed.
        """
        ...


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def written(text: str, folder: Path, suffix: str) -> Path:
    """The config as a new file: a gateway may still be reading the one before."""
    file = folder / f"gateway-{len(list(folder.glob(f'gateway-*{suffix}')))}{suffix}"
    file.write_text(text, encoding="utf-8")
    return file


@dataclass(frozen=True, slots=True)
class Started:
    """A program that was started, and the file that its words land in."""

    child: asyncio.subprocess.Process
    said: Path

    def words(self) -> str:
        return self.said.read_text(encoding="utf-8", errors="replace")

    def last_words(self) -> str:
        return " | ".join(self.words().strip().splitlines()[-3:]) or "none"

    def check(self) -> None:
        """Raises RigFailed where it has ended."""
        if self.child.returncode is not None:
            raise RigFailed(f"it ended with {self.child.returncode}; its last words: {self.last_words()}")


@asynccontextmanager
async def program(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> AsyncIterator[Started]:
    """A program of its own process group; ended with all its children."""
    said = folder / f"{free_port()}.log"
    with said.open("wb") as log:
        child = await asyncio.create_subprocess_exec(
            *command, stdout=log, stderr=asyncio.subprocess.STDOUT, cwd=folder, env=dict(environment),
            start_new_session=True)
        try:
            yield Started(child, said)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGTERM)
            try:
                await asyncio.wait_for(child.wait(), 10)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                await child.wait()


async def listening(port: int, started: Started, within_s: float = READY_S) -> None:
    """Wait until something accepts on the port. Raises RigFailed with the program's last words."""
    ends = asyncio.get_running_loop().time() + within_s
    while asyncio.get_running_loop().time() < ends:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        started.check()
        await asyncio.sleep(0.1)
    raise RigFailed(f"it did not answer within {within_s:.0f} s; its last words: {started.last_words()}")

