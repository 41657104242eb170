"""Memory and start of the real daemon, 1,000 checks, beside bare imports; `--help` beside bare python.

`vendorwatch run` is started as a user would, against a TLS stand-in in this process. CPU is the kernel's count for the
daemon, all threads, from the first byte of python to the moment the stand-in holds the first probe's request: config,
catalogue, database, the checks' registration and the trust store are in it. Memory is resident size after every check
has been carried out once and judged. The yardstick is counted to the end of its imports, without its teardown. A first
round is not counted: it leaves compiled files behind, as an installation does.
"""

import asyncio
import os
import resource
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from probes.sim.certs import issue

ROUNDS = 7
REGIONS, VENDORS = 25, 40
EVERY_S = 20
COUNTED = "; import time; print(time.process_time())"
BARE = "import apscheduler.schedulers.asyncio, httpx, sqlalchemy" + COUNTED
COMMAND = (sys.executable, "-m", "monitor.cli")
BODY = b'{"object": "list", "data": [{"id": "stand-in", "object": "model"}]}'
ENVIRON = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY)


def write_config(home: Path, port: int, ca_file: Path) -> Path:
    """25 regions times 40 endpoints of one keyless question each, and no vendor of the world."""
    off = "{" + ", ".join(f"{kind}: {{enabled: false}}" for kind in ("completion", "quality", "models")) + "}"
    lines = [f"database: {home}/footprint.db", "controls: []", "vendors: {openai: {enabled: false}}", "regions:"]
    lines += [f"  region-{n}: {{}}" for n in range(REGIONS)]
    lines += ["endpoints:"]
    for n in range(VENDORS):
        lines += [f"  - name: vendor-{n}", f"    base_url: https://localhost:{port}/v{n}", f"    ca_file: {ca_file}",
                  f"    checks: {{reachability: {{every: {EVERY_S}s}}, {off[1:]}"]
    path = home / "footprint.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path


class StandIn:
    """Lists a model to whoever asks, over TLS; counts requests and says when the first has arrived."""

    def __init__(self) -> None:
        self.asked, self.first = 0, asyncio.Event()

    async def open(self, context: ssl.SSLContext) -> int:
        """The port."""
        self._server = await asyncio.start_server(self._talk, "localhost", 0, ssl=context, backlog=1024)
        return int(self._server.sockets[0].getsockname()[1])

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.asked += 1
                self.first.set()
                writer.write(ANSWER)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            writer.transport.abort()


def cpu_of(pid: int) -> float:
    """CPU seconds of another process so far, all threads: the clock that clock_getcpuclockid(3) names."""
    return time.clock_gettime((~pid << 3) | 2)


def rss_of(pid: int) -> float:
    """MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


async def house(full_turn: bool) -> tuple[float, float]:
    """CPU seconds to the first probe; MiB when every check has been made once (0 unless `full_turn`)."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        certs, stand_in = issue(("localhost",), home), StandIn()
        config = str(write_config(home, await stand_in.open(certs.context), certs.ca_file))
        subprocess.run((*COMMAND, "status", "-c", config), check=True, capture_output=True, env=ENVIRON)
        daemon = await asyncio.create_subprocess_exec(
            *COMMAND, "run", "-c", config, cwd=home, env=ENVIRON, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        try:
            await asyncio.wait_for(stand_in.first.wait(), 60)
            cpu, rss = cpu_of(daemon.pid), 0.0
            if full_turn:
                await asyncio.sleep(EVERY_S + 5)
                assert stand_in.asked >= REGIONS * VENDORS, stand_in.asked
                rss = rss_of(daemon.pid)
        finally:
            daemon.kill()
            await daemon.wait()
        return cpu, rss


def python(*words: str) -> float:
    """What the program prints: its own CPU seconds."""
    done = subprocess.run((sys.executable, *words), check=True, capture_output=True, text=True, env=ENVIRON)
    return float(done.stdout)


def whole(*words: str) -> float:
    """CPU seconds of a program from beginning to end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, check=True, capture_output=True, env=ENVIRON)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """0 if every goal is met."""
    starts, helps, bares, rss = [], [], [], 0.0
    asyncio.run(house(full_turn=False))
    for turn in range(ROUNDS):
        bares.append(python("-c", BARE))
        cpu, rss = asyncio.run(house(full_turn=turn == ROUNDS - 1))
        starts.append(cpu / bares[-1])
        helps.append(whole(*COMMAND, "--help") / whole(sys.executable, "-c", "pass"))
    start, quick, bare = statistics.median(starts), statistics.median(helps), statistics.median(bares)
    print(f"footprint  1,000 checks headless, n={ROUNDS}: {rss:.1f} MiB (goal 60), {start:.2f}x CPU of bare imports "
          f"({bare:.3f} s) to the first probe (goal 1.6), --help {quick:.1f}x bare python (goal 10)")
    return int(rss > 60 or start > 1.6 or quick > 10)


if __name__ == "__main__":
    raise SystemExit(main())
