"""Memory and start, headless, with 1,000 checks, against bare imports; `--help` against bare python."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile

ROUNDS = 5
BARE = "import apscheduler.schedulers.asyncio, httpx, sqlalchemy"
HOUSE = """
import asyncio, os, sys
from dataclasses import replace
from pathlib import Path
from monitor.app import compose
from monitor.clock import Clock
from monitor.setup import read_setup
from probes.model import Reading
from probes.outcome import Outcome

class Quiet:
    async def observe(self, steps, vantage):
        first.set()
        return Reading(Outcome.OK, "")

async def main():
    global first
    first = asyncio.Event()
    setup = read_setup(None, os.environ)
    base = setup.checks[0]
    checks = tuple(replace(base, key=f"{base.key}#{n}") for n in range(1000))
    app = compose(replace(setup, checks=checks), os.environ, Clock())
    app.cycle._observer = Quiet()
    await app.start()
    await first.wait()
    print(sum(os.times()[:2]), flush=True)
    await asyncio.sleep(float(sys.argv[1]))
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            print(int(line.split()[1]) / 1024, flush=True)
    os._exit(0)

asyncio.run(main())
"""


def cpu_of(*words: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def house(stay_s: float) -> tuple[float, float]:
    """CPU seconds to the first probe; MiB after `stay_s`."""
    with tempfile.TemporaryDirectory() as home:
        subprocess.run([sys.executable, "-m", "monitor.cli", "status"], env={**os.environ, "HOME": home}, check=True,
                       capture_output=True, cwd=home)     # the database is there: making it is no part of a start
        done = subprocess.run([sys.executable, "-c", HOUSE, str(stay_s)], env={**os.environ, "HOME": home}, text=True,
                              check=True, capture_output=True, cwd=home)
    cpu, rss = done.stdout.split()
    return float(cpu), float(rss)


def main() -> int:
    """0 if every goal is met."""
    starts, helps, rss = [], [], 0.0
    for turn in range(ROUNDS):
        bare = cpu_of(sys.executable, "-c", BARE)
        cpu, rss = house(20.0 if turn == ROUNDS - 1 else 0.0)
        starts.append(cpu / bare)
        helps.append(cpu_of(sys.executable, "-m", "monitor.cli", "--help") / cpu_of(sys.executable, "-c", "pass"))
    start, quick = statistics.median(starts), statistics.median(helps)
    print(f"footprint  1,000 checks headless, n={ROUNDS}: {rss:.1f} MiB (goal 60), {start:.2f}x CPU of bare imports to "
          f"the first probe (goal 1.6), --help {quick:.1f}x bare python (goal 10)")
    return int(rss > 60 or start > 1.6 or quick > 10)


if __name__ == "__main__":
    raise SystemExit(main())
