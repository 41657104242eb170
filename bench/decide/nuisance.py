"""Drawing what goes wrong without an event: episodes as effects, from a seed, over the whole history."""

import math
from collections.abc import Callable, Iterator
from random import Random

from bench.decide.effects import PAID, Effect, Where
from bench.decide.params import DAY, Nuisance, Params

NETWORK = ("network_timeout", "network_timeout", "network_timeout", "network_blocked", "network_dns")
SERVER = (500, 502, 503, 504)


def day_wave(t: float, shift_h: float = 0.0) -> float:
    """-1 at 03:00, 1 at 15:00, in the clock that runs `shift_h` ahead of UTC."""
    return -math.cos(2 * math.pi * ((t / 3600 + shift_h - 3) % 24) / 24)


def arrivals(dice: Random, per_day: float, days: float, wave: float) -> Iterator[float]:
    """Poisson, thinned to follow the day."""
    rate, t = per_day * (1 + wave) / DAY, 0.0
    while rate > 0:
        t += dice.expovariate(rate)
        if t >= days * DAY:
            return
        if dice.random() * (1 + wave) < 1 + wave * day_wave(t):
            yield t


def lasting(dice: Random, mean_s: float, shape: float) -> float:
    """Exponential, or Pareto with the same mean."""
    if not shape:
        return dice.expovariate(1 / mean_s)
    return mean_s * (shape - 1) / shape * dice.paretovariate(shape)


def burst_s(dice: Random, mean: float) -> float:
    """One to three minutes evenly, or a geometric number of them."""
    if not mean:
        return 60.0 * dice.randint(1, 3)
    return 60.0 * (1 + int(math.log(1 - dice.random()) / math.log(1 - 1 / mean)))


def drawn(params: Params, seed: object, days: float) -> list[Effect]:
    """All nuisance of a history; each place draws from its own dice, so that one more vendor changes nothing else."""
    of, found = params.nuisance, []
    for region in params.regions:
        found += _local(of, Random(f"{seed}|local|{region}"), days, region)
        for provider in params.providers:
            found += _path(of, Random(f"{seed}|path|{region}|{provider}"), days, Where((provider,), (region,)))
    for provider in params.providers:
        found += _blips(of, Random(f"{seed}|blip|{provider}"), days, Where((provider,)))
    return found


def _episodes(of: Nuisance, dice: Random, per_day: float, days: float,
              length: Callable[[], float]) -> Iterator[tuple[int, int]]:
    for t in arrivals(dice, per_day * of.scale, days, of.diurnal):
        yield int(t), int(t + length()) + 1


def _local(of: Nuisance, dice: Random, days: float, region: str) -> Iterator[Effect]:
    for start, end in _episodes(of, dice, of.local_per_day, days, lambda: lasting(dice, of.local_mean_s, of.pareto)):
        outcome = "network_dns" if dice.random() < 0.3 else "network_timeout"
        yield Effect(start, end, Where(regions=(region,)), 0, outcome)


def _path(of: Nuisance, dice: Random, days: float, where: Where) -> Iterator[Effect]:
    for start, end in _episodes(of, dice, of.path_per_day, days, lambda: lasting(dice, of.path_mean_s, of.pareto)):
        yield Effect(start, end, where, 1, dice.choice(NETWORK))
    for start, end in _episodes(of, dice, of.bursts_per_day, days, lambda: burst_s(dice, of.burst_mean)):
        if dice.random() < 0.4:
            yield Effect(start, end, where, 2, "provider_outage", dice.choice(SERVER))
        else:
            yield Effect(start, end, where, 1, dice.choice(NETWORK))


def _blips(of: Nuisance, dice: Random, days: float, where: Where) -> Iterator[Effect]:
    for start, end in _episodes(of, dice, of.blips_per_day, days, lambda: lasting(dice, of.blip_mean_s, of.pareto)):
        kind = dice.random()
        if kind < of.blip_timeouts:
            yield Effect(start, end, where, 2, "network_timeout")
        elif kind > 0.9:
            yield Effect(start, end, Where(where.providers, kinds=PAID), 2, "overloaded", 529)
        else:
            yield Effect(start, end, where, 2, "provider_outage", dice.choice(SERVER))


def silences(params: Params, seed: object, days: float) -> dict[str, list[tuple[int, int]]]:
    """When a region's agent says nothing at all."""
    of, found = params.nuisance, {}
    for region in params.regions:
        dice = Random(f"{seed}|silent|{region}")
        some = [(int(t), int(t + dice.expovariate(1 / of.silent_mean_s)) + 1)
                for t in arrivals(dice, of.silent_per_day, days, 0.0)]
        some += [(int(a * DAY), int(b * DAY)) for name, a, b in params.silent_now if name == region]
        found[region] = sorted(some)
    return found
