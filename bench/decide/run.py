"""The tables: ours beside the peers' rules and the oracle, world by world.

`python -m bench decide` runs a short selection (BENCH_DECIDE_WORLDS, _SEEDS, _DAYS change it);
`python -m bench.decide.run --worlds all --seeds 3 --days 90 --jobs 2` is the whole of it. Each world gives two kinds
of history: quiet ones (real outages alone), which false pages are counted in, and dense ones for delays and causes.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from bench.decide import engine
from bench.decide.goals import say_goals
from bench.decide.live import Loop
from bench.decide.named import NAMED
from bench.decide.oracle import Oracle, oracle
from bench.decide.peers import RULES, Peer, timed
from bench.decide.score import Tally, score
from bench.decide.tables import say_causes, say_delays, say_oracle, say_rates
from bench.decide.worlds import World

OURS, LIVE = "ours", "ours, adaptive"
KINDS_OF_HISTORY = ("quiet", "dense")


class Spec(NamedTuple):
    """One history."""

    world: str
    seed: int
    days: float
    events: str


def judged(spec: Spec) -> tuple[Spec, dict[str, Tally]]:
    """One history read by everybody."""
    world = World.named(*spec)
    peers = {name: Peer(make) for name, make in RULES.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "history.jsonl")
        with path.open("w", encoding="utf-8") as file:
            write = file.write if engine.can_replay() else None
            for record, t in timed(_written(world, write)):
                for peer in peers.values():
                    peer.take(record, t)
        ours = engine.replay_file(path) if write else None
    tallies = {name: score(world, peer.incidents) for name, peer in peers.items()}
    if ours is not None:
        tallies[OURS] = score(world, ours)
    return spec, tallies | _adaptive(spec)


def _written(world: World, write: Callable[[str], object] | None) -> Iterator[dict[str, Any]]:
    encode = json.JSONEncoder().encode
    for record in world.history():
        if write:
            write(encode(record) + "\n")
        yield record


def _adaptive(spec: Spec) -> dict[str, Tally]:
    world = World.named(*spec)
    one = engine.live(world)
    asked = Loop(world, one).run()
    print(f"   {spec}: {asked.tokens_a_day(spec.days):.0f} tokens a vendor and day; beyond the base pace "
          f"{dict(asked.extra)}", file=sys.stderr)
    return {LIVE: score(world, one.incidents())}


Pools = dict[tuple[str, str], dict[str, Tally]]      # (world, kind of history) -> who -> what came of it


def pooled(specs: Sequence[Spec], jobs: int = 1) -> Pools:
    """All histories of a world together."""
    found: Pools = {}
    for spec, tallies in _each(specs, jobs):
        print(f"   read {spec.world}/{spec.events}, seed {spec.seed}", file=sys.stderr, flush=True)
        pool = found.setdefault((spec.world, spec.events), {})
        for who, tally in tallies.items():
            pool.setdefault(who, Tally()).join(tally)
    return found


def _each(specs: Sequence[Spec], jobs: int) -> Iterator[tuple[Spec, dict[str, Tally]]]:
    if jobs < 2:
        yield from map(judged, specs)
        return
    with ProcessPoolExecutor(jobs) as workers:
        yield from workers.map(judged, specs)


def tables(worlds: Iterable[str], seeds: int, days: float, jobs: int = 1) -> int:
    """Print everything and say the goals."""
    worlds = list(worlds)
    specs = [Spec(world, seed, days, events) for world in worlds for events in KINDS_OF_HISTORY
             for seed in range(1, seeds + 1)]
    pools = pooled(specs, jobs)
    for world in worlds:
        quiet, dense = (pools[world, events] for events in KINDS_OF_HISTORY)
        best = oracles(world)
        print(f"\n-- world {world}: {seeds} quiet and {seeds} dense histories of {days:g} days")
        say_rates(quiet)
        say_delays(dense)
        say_oracle(dense, best)
        for who in (OURS, LIVE):
            if who in dense:
                say_causes(who, dense[who])
        say_goals(world, quiet, dense, best)
    return 0


def oracles(world: str) -> dict[float, Oracle]:
    return {share: oracle(world, share) for share in (1.0, 0.5, 0.2)}


def main() -> int:
    """As a bench: one world, short histories."""
    told = os.environ.get
    return tables(told("BENCH_DECIDE_WORLDS", "base").split(), int(told("BENCH_DECIDE_SEEDS", "1")),
                  float(told("BENCH_DECIDE_DAYS", "45")))


def command() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", nargs="+", default=["base"])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--days", type=float, default=90)
    parser.add_argument("--jobs", type=int, default=1)
    chosen = parser.parse_args()
    worlds = list(NAMED) if chosen.worlds == ["all"] else chosen.worlds
    return tables(worlds, chosen.seeds, chosen.days, chosen.jobs)


if __name__ == "__main__":
    sys.exit(command())
