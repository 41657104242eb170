"""The daemon's life: hold the database, start, serve signals, reload, drain, stop. Tells systemd by hand.

SIGTERM and SIGINT drain; SIGHUP reloads, and what does not load leaves the old running untouched and says so.
"""

import asyncio
import fcntl
import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import IO, Protocol

from monitor.errors import UserError

log = logging.getLogger("vendorwatch.daemon")


class Served(Protocol):
    """What the daemon runs; monitor.app.App is the real one."""

    async def start(self) -> None: ...
    async def drain(self) -> None: ...
    def alive(self) -> bool:
        """Whether it still ticks: what the watchdog is told."""


@dataclass(frozen=True, slots=True)
class Systemd:
    """The notify protocol: datagrams to $NOTIFY_SOCKET. Without one, every word goes nowhere."""

    address: str = ""
    watchdog_s: float = 0.0

    @classmethod
    def of(cls, environ: "dict[str, str] | os._Environ[str]") -> "Systemd":
        """From NOTIFY_SOCKET and WATCHDOG_USEC; the latter only if it is meant for this process."""
        usec, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
        ours = not pid or pid == str(os.getpid())
        return cls(environ.get("NOTIFY_SOCKET", ""), int(usec) / 1e6 if ours and usec.isdigit() else 0.0)

    def say(self, *words: str) -> None:
        """Send the words, e.g. READY=1. A deaf socket is no reason to stop measuring."""
        if not self.address:
            return
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.setblocking(False)
                out.sendto("\n".join(words).encode(), address)
        except OSError as error:
            log.warning("systemd does not listen error=%s", error)


class Lock:
    """One daemon per database on this machine. Freed by the kernel, so a killed daemon leaves nothing behind.

    The file holds a name drawn once: who has the lock may have every lease of that name, its earlier holders are dead.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def take(self) -> str:
        """The name to lease by. Raises UserError if another process holds it, or the folder cannot be written."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("a+")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return f"{socket.gethostname()}:{self._name(self._file)}"
        except BlockingIOError:
            self.free()
            raise UserError(
                f"another vendorwatch daemon of this machine runs on this database (it holds {self._path}); "
                "stop it first, or give this one a database of its own"
            ) from None
        except OSError as error:
            raise UserError(f"{self._path}: cannot be written ({error.strerror}); mend its folder's rights") from error

    @staticmethod
    def _name(file: IO[str]) -> str:
        file.seek(0)
        name = file.read().strip()
        if not name:
            name = token_hex(8)
            file.write(f"{name}\n")
            file.flush()
        return name

    def free(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class Daemon:
    """Runs one app until told to stop. `reload` builds the new settings and puts them in, or raises UserError."""

    def __init__(self, app: Served, systemd: Systemd, reload: Callable[[], None]) -> None:
        self._app, self._systemd, self._reload = app, systemd, reload
        self._until = asyncio.Event()

    def stop(self) -> None:
        """Begin to drain."""
        self._until.set()

    async def serve(self) -> None:
        """Start, run, drain. Raises UserError where it cannot start."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self.renew)
        await self._app.start()
        gc.freeze()                  # what is there now stays: no pause ever to walk it again
        gc.set_threshold(700)
        self._systemd.say("READY=1", "STATUS=measuring")
        log.info("ready pid=%d", os.getpid())
        try:
            await self._wait()
        finally:
            self._systemd.say("STOPPING=1")
            log.info("draining")
            await self._app.drain()
            log.info("stopped")

    async def _wait(self) -> None:
        """Until told to stop; meanwhile the watchdog hears of us as long as the app ticks."""
        pause = self._systemd.watchdog_s / 3 or None
        while not self._until.is_set():
            if pause and self._app.alive():
                self._systemd.say("WATCHDOG=1")
            try:
                async with asyncio.timeout(pause):
                    await self._until.wait()
            except TimeoutError:
                continue

    def renew(self) -> None:
        """Reload the config; on an error keep the old one and say so."""
        self._systemd.say("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            self._reload()
        except UserError as error:
            for problem in error.problems:
                log.error("not reloaded, the old config stays problem=%r", problem)
        else:
            log.info("reloaded")
        self._systemd.say("READY=1")
