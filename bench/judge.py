"""What deciding costs: a clean sample, a failing one, and the state of 500 streams."""

import sys
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bench._table import Line, say
from monitor.judge import Judge
from monitor.known import Known, Policy
from monitor.model import Sample
from monitor.standing import Standing

START = datetime(2026, 3, 1, tzinfo=UTC)
VENDORS, REGIONS = 33, 5
MINUTES = 60


def main() -> int:
    streams = list(_streams())
    tracemalloc.start()
    judge = Judge()
    standing = Standing(judge.memory, [], Policy(), Known())
    _feed(judge, standing, streams, range(MINUTES))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    stored = sum(len(key) + len(text) for key, text in judge.memory.dump())
    clean_s = _feed(judge, standing, streams, range(MINUTES, 2 * MINUTES))
    failing = [replace(one, outcome="provider_outage", status=503) if one.provider == "v0" else one for one in streams]
    some = sum(one.outcome != "ok" for one in failing)
    mixed_s = _feed(judge, standing, failing, range(2 * MINUTES, 3 * MINUTES))
    clean_us = clean_s / (len(streams) * MINUTES) * 1e6
    failing_us = max(0.0, mixed_s - clean_s) / (some * MINUTES) * 1e6 + clean_us
    say(Line("a clean sample judged, latency and all", f"{clean_us:.1f} us", "<= 10 us", clean_us <= 10))
    say(Line("a sample of a vendor that is down, its incident with it", f"{failing_us:.0f} us", "-", None))
    say(Line(f"memory of {len(streams)} streams", f"{held / 1e6:.1f} MB", "<= 20 MB", held <= 20e6))
    say(Line(f"stored state of {len(streams)} streams", f"{stored / 1e6:.2f} MB", "<= 20 MB", stored <= 20e6))
    return 0


def _streams() -> Iterator[Sample]:
    for region in range(REGIONS):
        for host in range(2):
            yield _sample("control", f"host{host}", region, None, control=True)
        for vendor in range(VENDORS):
            yield _sample("reachability", f"v{vendor}", region, None)
            yield _sample("network", f"v{vendor}", region, None)
            yield _sample("completion", f"v{vendor}", region, "main")


def _sample(kind: str, provider: str, region: int, account: str | None, *, control: bool = False) -> Sample:
    return Sample(1, START, kind, provider, f"r{region}", "ok", account=account, control=control, status=200,
                  total_s=0.3, check_key=f"{kind}/{provider}/{region}")


def _feed(judge: Judge, standing: Standing, streams: list[Sample], minutes: range) -> float:
    """CPU seconds of judging them all once a minute."""
    rows = [replace(one, seq=minute, slot=START + timedelta(minutes=minute, seconds=n % 60),
                    total_s=0.25 + (minute * 7919 + n * 104729) % 100 / 1000)
            for minute in minutes for n, one in enumerate(streams)]
    rows.sort(key=lambda row: (row.slot, not row.control))
    began = time.process_time()
    for row in rows:
        judge.take(row, standing)
    return time.process_time() - began


if __name__ == "__main__":
    sys.exit(main())
