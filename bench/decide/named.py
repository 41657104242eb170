"""The named worlds. One trains on some and is judged on all; what differs is written here and nowhere else."""

from dataclasses import replace

from bench.decide.params import Latency, Nuisance, Params

_PACE = {"control": 60, "reachability": 60, "completion": 300, "quality": 3600}
BASE = Params("base")      # detection.md's rates, three vendors in three regions
TRAIN = (
    BASE,
    replace(BASE, name="calm", nuisance=Nuisance(scale=0.3)),
    replace(BASE, name="busy", nuisance=Nuisance(scale=3.0)),
    replace(BASE, name="bursty", nuisance=Nuisance(bursts_per_day=7.2)),      # 1 % of the time, in 1-3 probes
    replace(BASE, name="paid60", keyed=(("main", "m1"),), every_s=_PACE | {"completion": 60}),      # a keyed 60 s base
    replace(BASE, name="models15", every_s=_PACE | {"reachability": 15}),      # a free 15 s base: list-models
    replace(BASE, name="aligned", aligned=True, latency=Latency(diurnal=0.35)),
)
TEST = (
    replace(BASE, name="geometric", nuisance=Nuisance(bursts_per_day=2.9, burst_mean=5.0)),      # 1 %, mean five probes
    replace(BASE, name="heavy", nuisance=Nuisance(pareto=1.6)),
    replace(BASE, name="diurnal", nuisance=Nuisance(scale=1.5, diurnal=0.9, throttled=0.004),
            latency=Latency(diurnal=0.35, rho=0.4)),
    replace(BASE, name="sparse", every_s=_PACE | {"control": 300, "reachability": 300, "completion": 900}),
    replace(BASE, name="dst", begins="2026-02-12T00:00:00+00:00",      # 8 and 29 March: clocks change twice
            zones=("Europe/Berlin", "America/New_York", "Asia/Shanghai"),
            nuisance=Nuisance(diurnal=0.8), latency=Latency(diurnal=0.35)),
    replace(BASE, name="uneven", every_later_s=_PACE | {"control": 120, "reachability": 180, "completion": 600},
            keyed_at_home=True, nuisance=Nuisance(silent_per_day=0.2, missed=0.02),
            silent_now=(("us-1", 50.0, 52.5),)),
    replace(BASE, name="wild", nuisance=Nuisance(scale=2.5, pareto=1.7, diurnal=0.8, bursts_per_day=2.0, burst_mean=4.0,
                                                 throttled=0.002), latency=Latency(diurnal=0.35, rho=0.4, spike=0.02)),
    replace(BASE, name="lone", regions=("eu-1",), domestic=()),      # no control region
)
NAMED = {world.name: world for world in (*TRAIN, *TEST)}
