"""A world: parameters and a seed. Any stream can be asked at any second, and always says the same.

`python -m bench.decide.worlds --world NAME --seed N --days D > FILE` writes a history in the file form of
`vendorwatch replay`; `--truth FILE` writes what really happened.
"""

import argparse
import json
import math
import sys
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench.decide import dice
from bench.decide.effects import PAID, Effect, Stream, segments
from bench.decide.named import NAMED
from bench.decide.nuisance import NETWORK, day_wave, drawn, silences
from bench.decide.params import DAY, Params
from bench.decide.planned import Truth, planned
from bench.decide.weather import Weather

Record = dict[str, Any]
STRAYS = (("geo_restricted", 403), ("bot_challenge", 403), ("unknown", 418), ("bad_request", 400),
          ("content_filtered", 400), ("probe_error", None))
KEYLESS_STATUS = {"reachability": 401, "control": 200}      # a vendor that asks for a key has answered
_ORDER = {"control": 0, "network": 1, "reachability": 2, "completion": 3, "quality": 4}


class World:
    """`events`: dense (all kinds, hours apart), quiet (real outages alone), mixed (a few), edges (see planned.py)."""

    def __init__(self, params: Params, seed: int, days: float, events: str = "dense") -> None:
        self.params, self.seed, self.days, self.events = params, seed, days, events
        self.begin = datetime.fromisoformat(params.begins)
        self._zones = dict(zip(params.regions, map(ZoneInfo, params.zones), strict=False))
        self.name = f"{params.name}/{events}"
        own = f"{params.name}|{seed}"      # the same seed is another history in another world
        nuisance = drawn(params, own, days)
        self.truth, happenings = planned(params, own, days, events)
        self.nuisance = nuisance
        self._effects: list[Effect] = nuisance + happenings
        self._silent = silences(params, own, days)
        self._weather = {stream: Weather(params, stream, seed) for stream in self.streams}
        self._lies: dict[Stream, tuple[int, list[int], list[tuple[Effect, ...]]]] = {}
        self.first_seen: dict[int, int] = {}      # event -> second of the first record that it touched
        self.seen: dict[int, int] = {}            # event -> how many records it touched
        self._stamp = (-1, "")

    @classmethod
    def named(cls, name: str, seed: int, days: float = 90, events: str = "dense") -> "World":
        return cls(NAMED[name], seed, days, events)

    @cached_property
    def streams(self) -> tuple[Stream, ...]:
        """All that can be asked, controls first."""
        of, found = self.params, []
        for region in of.regions:
            found += [Stream("control", host, region) for host in of.controls]
            found += [Stream("control", host, home) for host, home in of.domestic
                      if home == region and host not in of.providers]
            for provider in of.providers:
                found.append(Stream("reachability", provider, region))
                for account, model in of.keyed:
                    if of.keyed_at_home and self._home(account) != region:
                        continue
                    found.append(Stream("completion", provider, region, account, model))
                    if of.quality_items and account == of.keyed[0][0]:
                        found.append(Stream("quality", provider, region, account, model))
        return tuple(sorted(found, key=lambda one: _ORDER[one.kind]))

    def _home(self, account: str) -> str:
        accounts = sorted({name for name, _ in self.params.keyed})
        return self.params.regions[accounts.index(account) % len(self.params.regions)]

    # -- asking

    def ask(self, stream: Stream, t: int) -> Record | None:
        """What is measured on a stream at second t; None if its region is silent."""
        if self.silent(stream.region, t):
            return None
        lies = self._lies.get(stream)
        if lies is None:
            lies = self._lies[stream] = self._lying(stream)
        of, cuts, sets = lies
        rolled = dice.bits(of, t)
        outcome, status, slow, passes = self._effect(sets[bisect_right(cuts, t) - 1], t, of)
        if not outcome:
            outcome, status = self._single(stream, t, rolled)
        record: Record = {"slot": self.slot(t, stream.region), "kind": stream.kind, "provider": stream.provider,
                          "model": stream.model, "region": stream.region, "account": stream.account,
                          "outcome": outcome, "status": status}
        self._weather[stream].figures(record, t, rolled, slow, passes)
        return record

    def silent(self, region: str, t: int) -> bool:
        some = self._silent[region]
        at = bisect_right(some, (t, math.inf)) - 1
        return at >= 0 and t < some[at][1]

    def slot(self, t: int, region: str = "") -> str:
        """Second t as ISO 8601, in the region's own time if the world has zones."""
        zone = self._zones.get(region)
        if zone is not None:
            return (self.begin + timedelta(seconds=t)).astimezone(zone).isoformat()
        if self._stamp[0] != t:
            self._stamp = (t, (self.begin + timedelta(seconds=t)).strftime("%Y-%m-%dT%H:%M:%SZ"))
        return self._stamp[1]

    def second(self, slot: str) -> int:
        """The second of a slot: the way back."""
        return round((datetime.fromisoformat(slot) - self.begin).total_seconds())

    def _lying(self, stream: Stream) -> tuple[int, list[int], list[tuple[Effect, ...]]]:
        domestic = (stream.provider, stream.region) in self.params.domestic
        mine = [one for one in self._effects if one.where.touches(stream, domestic)]
        return dice.key(self.seed, *stream), *segments(mine)

    def _effect(self, effects: tuple[Effect, ...], t: int, of: int) -> tuple[str, int | None, float, float | None]:
        slow, passes = 1.0, None
        for one in effects:
            if not one.on(t, of):
                continue
            if one.event >= 0:
                self.first_seen[one.event] = min(t, self.first_seen.get(one.event, t))
                self.seen[one.event] = self.seen.get(one.event, 0) + 1
            if one.outcome:
                return one.outcome, one.status, 1.0, None
            slow *= one.slow
            passes = one.passes if passes is None else passes
        return "", None, slow, passes

    def _single(self, stream: Stream, t: int, rolled: int) -> tuple[str, int | None]:
        """Noise of a single call: a failure, a 429, a stray."""
        of, u = self.params.nuisance, (rolled >> 32) * 2.0 ** -32
        good = KEYLESS_STATUS.get(stream.kind, 200)
        if u >= 0.02:      # nearly always: nothing below is as common as that
            return "ok", good
        wave = 1 + of.diurnal * day_wave(t)
        u -= of.noise * of.scale * wave
        if u < 0:
            which = rolled & 15
            return ("provider_outage", 503) if which < 5 and stream.kind != "control" else (NETWORK[which % 5], None)
        if stream.kind in PAID:
            u -= of.throttled * (1 + day_wave(t))
            if u < 0:
                return "rate_limited", 429
        if stream.kind != "control":
            for outcome, status in STRAYS:
                u -= of.stray
                if u < 0:
                    return outcome, status
        return "ok", good

    # -- the history at base pace

    def every_s(self, stream: Stream, t: int) -> int:
        later = self.params.every_later_s
        pace = later if later and t >= self.days * DAY / 2 else self.params.every_s
        return pace.get(stream.kind, self.params.every_s[stream.kind])

    def phase_s(self, stream: Stream) -> int:
        return 0 if self.params.aligned else dice.key("phase", *stream) % self.params.every_s[stream.kind]

    def slots(self, stream: Stream, day: int) -> Iterator[int]:
        """The seconds of one day at which a stream is due."""
        every, of = self.every_s(stream, day * DAY), dice.key("missed", self.seed, *stream)
        first = day * DAY + self.phase_s(stream) % every
        missed = self.params.nuisance.missed
        for t in range(first, min((day + 1) * DAY, int(self.days * DAY)), every):
            if dice.unit(of, t) >= missed:
                yield t

    def next_slot(self, stream: Stream, after: int) -> int:
        """The first second after `after` at which a stream is due, missed or not."""
        every = self.every_s(stream, (after + 1) // DAY * DAY)
        return after + every - (after - self.phase_s(stream)) % every

    def missed(self, stream: Stream, t: int) -> bool:
        return dice.unit(dice.key("missed", self.seed, *stream), t) < self.params.nuisance.missed

    def due(self) -> Iterator[tuple[int, Stream]]:
        """All that is due, by slot, controls first."""
        streams = self.streams
        for day in range(math.ceil(self.days)):
            rows = [(t, n) for n, stream in enumerate(streams) for t in self.slots(stream, day)]
            rows.sort()
            for t, n in rows:
                yield t, streams[n]

    def history(self) -> Iterator[Record]:
        for t, stream in self.due():
            record = self.ask(stream, t)
            if record is not None:
                yield record


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", choices=sorted(NAMED), default="base")
    parser.add_argument("--events", choices=("dense", "quiet", "mixed", "edges"), default="dense")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=float, default=90)
    parser.add_argument("--truth", type=Path)
    chosen = parser.parse_args()
    world = World.named(chosen.world, chosen.seed, chosen.days, chosen.events)
    encode = json.JSONEncoder().encode
    sys.stdout.writelines(encode(record) + "\n" for record in world.history())
    if chosen.truth:
        chosen.truth.write_text("".join(encode(as_json(world, one)) + "\n" for one in world.truth), encoding="utf-8")
    return 0


def as_json(world: World, event: Truth) -> Record:
    """A true event as a line: with when it could first be seen, and in how many records."""
    return asdict(event) | {"started": world.slot(event.start), "ended": world.slot(event.end),
                            "first_seen": world.first_seen.get(event.number), "seen": world.seen.get(event.number, 0)}


if __name__ == "__main__":
    sys.exit(main())
