"""What several benches stand on: an HTTPS server in a process of its own, and Debian's blackbox_exporter.

The server is another process so that its CPU is not ours. It tells in its answer when it sent it, on the monotonic
clock; a request for /N also leaves the same moment of the wall clock in `Place.sent_ns[N]`.
"""

import asyncio
import json
import multiprocessing
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, MutableSequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import trustme

NAME = "bench.test"
PACKAGE = "prometheus-blackbox-exporter"
INSTALL = f"apt-get install {PACKAGE}"
_STAMPS = 4096
_START = re.compile(rb"responseStart=(\S+?)\.(\d+)Z")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server listens, whom to trust for it, and when it sent the answer to /N (wall clock, ns)."""

    port: int
    ca_file: str
    sent_ns: MutableSequence[int]


def _serve(
    context: ssl.SSLContext, port: "multiprocessing.Queue[int]", sent_ns: MutableSequence[int], delay_s: float
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                number = int(head.split(b" ", 2)[1].strip(b"/") or b"0")
                if delay_s:
                    await asyncio.sleep(delay_s)
                # the stamps are the last thing before the bytes are encrypted and sent
                sent_ns[number] = time.time_ns()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n%020d" % time.monotonic_ns())
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.transport.abort()

    async def main() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context, backlog=1024)
        port.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


@contextmanager
def serving(delay_s: float = 0.0) -> Iterator[Place]:
    """The server, answering `delay_s` after each request."""
    ca = trustme.CA(key_type=trustme.KeyType.ECDSA)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(NAME, key_type=trustme.KeyType.ECDSA).configure_cert(context)
    fork = multiprocessing.get_context("fork")
    port: multiprocessing.Queue[int] = fork.Queue()
    sent_ns: MutableSequence[int] = fork.Array("q", _STAMPS, lock=False)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        ca_file = str(Path(folder) / "ca.pem")
        ca.cert_pem.write_to_path(ca_file)
        server = fork.Process(target=_serve, args=(context, port, sent_ns, delay_s), daemon=True)
        server.start()
        try:
            yield Place(port.get(timeout=10), ca_file, sent_ns)
        finally:
            server.terminate()
            server.join()


class Blackbox:
    """A running blackbox_exporter that probes the server once a request."""

    def __init__(self, pid: int, port: int, place: Place) -> None:
        self._clock = ~pid << 3 | 2      # Linux's clock of all the CPU time of another process
        self._port = port
        self._place = place

    def cpu_s(self) -> float:
        """CPU seconds it has used so far, in all its threads."""
        return time.clock_gettime(self._clock)

    async def probe(self, number: int = 0, *, debug: bool = False) -> bytes:
        """Its report of one probe of /`number`. A failed probe is an AssertionError."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        target = f"https://127.0.0.1:{self._place.port}/{number}"
        query = f"/probe?module=bench&target={target}{'&debug=true' if debug else ''}"
        writer.write(f"GET {query} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n".encode())
        report = await reader.read()
        writer.transport.abort()
        assert b"probe_success 1" in report, report.decode()
        return report

    async def first_byte_error_ms(self, number: int) -> float:
        """How far its own stamp of the first byte lies from the server's send."""
        found = _START.search(await self.probe(number, debug=True))
        assert found is not None
        seconds = datetime.fromisoformat(found[1].decode()).replace(tzinfo=UTC).timestamp()
        seen_ns = int(seconds) * 1_000_000_000 + int(found[2].ljust(9, b"0"))
        return abs(seen_ns - self._place.sent_ns[number]) / 1e6


@contextmanager
def blackbox(place: Place) -> Iterator[Blackbox | None]:
    """The yardstick, running; None (and a word about it) where it is not to be had."""
    program = _find_blackbox()
    if program is None:
        sys.stdout.write(f"{PACKAGE}: not compared; to compare: {INSTALL}\n")
        yield None
        return
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    http = {"tls_config": {"ca_file": place.ca_file, "server_name": NAME}, "preferred_ip_protocol": "ip4"}
    config = Path(place.ca_file).with_name("blackbox.yml")
    config.write_text(json.dumps({"modules": {"bench": {"prober": "http", "timeout": "30s", "http": http}}}))
    command = [program, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield Blackbox(running.pid, port, place)
    finally:
        running.terminate()
        running.wait(10)


def _wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"{PACKAGE} does not listen")


def _find_blackbox() -> str | None:
    """The program: on the path, unpacked by an earlier run, or fetched now."""
    folder = Path(sys.prefix) / "yardsticks"
    unpacked = folder / "usr" / "bin" / PACKAGE
    return shutil.which(PACKAGE) or (str(unpacked) if unpacked.exists() or _fetch(folder) else None)


def _fetch(folder: Path) -> bool:
    """Debian's package unpacked into the virtual environment: no root needed, no service started."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        return False
    sys.stdout.write(f"installing the yardstick {PACKAGE} into {folder} (apt-get download, dpkg -x)\n")
    sys.stdout.flush()
    folder.mkdir(exist_ok=True)
    if not _runs(folder, "apt-get", "download", PACKAGE) and os.geteuid() == 0:
        _runs(folder, "apt-get", "update")
        _runs(folder, "apt-get", "download", PACKAGE)
    package = next(folder.glob(f"{PACKAGE}_*.deb"), None)
    return package is not None and _runs(folder, "dpkg", "-x", str(package), ".")


def _runs(folder: Path, *words: str) -> bool:
    return subprocess.run(words, cwd=folder, capture_output=True, check=False).returncode == 0
