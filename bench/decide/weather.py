"""How long an answer takes and how many items it gets right: the figures of a record."""

import math
from array import array
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bench.decide import dice
from bench.decide.effects import Stream
from bench.decide.nuisance import day_wave
from bench.decide.params import DAY, Params

MEDIAN_S = {"control": 0.08, "reachability": 0.25, "completion": 0.5, "quality": 1.5}
QUICK = {"network_blocked": 0.4, "network_dns": 0.6}      # of the usual time; a time-out takes all of it


class Weather:
    """One stream's usual figures. The slow part of a latency lasts a minute, so that calls 5 s apart resemble."""

    def __init__(self, params: Params, stream: Stream, seed: int) -> None:
        self._of, self._stream = params, stream
        self._key = dice.key("weather", seed, *stream)
        far = 1 + (dice.key(stream.provider, stream.region) % 100) / 60      # a place's distance, 1 to 2.7
        self._log = math.log(MEDIAN_S[stream.kind] * far)
        self._timeout_s = params.timeout_s[stream.kind]
        self._begin = datetime.fromisoformat(params.begins)
        self._zone = ZoneInfo(params.zones[params.regions.index(stream.region)]) if params.zones else None
        self._day, self._walk = -1, array("f")
        self._wave = (-1, 0.0)

    def figures(self, record: dict[str, object], t: int, rolled: int, slow: float, passes: float | None) -> None:
        """Put total_s, ttft_s, items and passed into a record, whatever its outcome allows."""
        kind, outcome = self._stream.kind, record["outcome"]
        if outcome == "network_timeout":
            record["total_s"] = self._timeout_s
            return
        usual = self._usual_s(t, rolled) * slow
        if outcome != "ok":
            record["total_s"] = round(usual * QUICK.get(str(outcome), 0.7), 4)
            return
        if kind != "completion":
            record["total_s"] = round(min(usual, self._timeout_s), 4)
        else:
            record["total_s"] = round(min(usual * (1.6 + (rolled & 255) / 1000), self._timeout_s), 4)
            record["ttft_s"] = round(min(usual, self._timeout_s), 4)
        if kind == "quality":
            record["items"] = self._of.quality_items
            record["passed"] = self._passed(t, self._of.quality_base if passes is None else passes)

    def _usual_s(self, t: int, rolled: int) -> float:
        of = self._of.latency
        z = dice.NORMALS[rolled >> 16 & 4095]
        if of.rho:
            z = 0.5 * z + 0.866 * self._slow(t)
        block = t - t % 600      # the wave stands for ten minutes, whoever asks first
        if self._wave[0] != block:
            self._wave = (block, math.log1p(of.diurnal * day_wave(block, self._ahead_h(block))))
        seconds = math.exp(self._log + of.sigma * z + self._wave[1])
        u = (rolled & 0xFFFF) / 65536
        if u < of.spike:
            seconds *= 3 * ((u + 1e-5) / of.spike) ** (-1 / of.spike_shape)
        return seconds

    def _ahead_h(self, t: int) -> float:
        """How far the region's clock is ahead of UTC at t."""
        if self._zone is None:
            return 0.0
        ahead = (self._begin + timedelta(seconds=t)).astimezone(self._zone).utcoffset()
        return ahead.total_seconds() / 3600 if ahead else 0.0

    def _slow(self, t: int) -> float:
        """AR(1) from minute to minute, a day at a time."""
        day, second = divmod(t, DAY)
        if day != self._day:
            rho, roll = self._of.latency.rho / 0.75, Random(self._key + day).gauss      # 0.75: its share of the whole
            rest, z = math.sqrt(1 - rho * rho), 0.0
            walk = array("f")
            for _ in range(DAY // 60):
                z = rho * z + rest * roll(0.0, 1.0)
                walk.append(z)
            self._day, self._walk = day, walk
        return self._walk[second // 60]

    def _passed(self, t: int, share: float) -> int:
        return sum(dice.unit(self._key + n, t) < share for n in range(self._of.quality_items))
