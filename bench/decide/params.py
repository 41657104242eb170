"""What a world is made of, as numbers. Rates are a day, durations seconds, unless said otherwise."""

from dataclasses import dataclass, field

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Nuisance:
    """What goes wrong though nothing happened: a page about it is a false page (score.py says what is grey)."""

    scale: float = 1.0                  # of all rates below
    local_per_day: float = 4.0          # a region's own uplink: every host fails
    local_mean_s: float = 45.0
    blips_per_day: float = 3.0          # a vendor, from everywhere
    blip_mean_s: float = 60.0
    blip_timeouts: float = 0.3          # of the blips; the others are 5xx
    path_per_day: float = 0.7           # one region to one vendor
    path_mean_s: float = 30.0
    noise: float = 0.002                # of single calls
    bursts_per_day: float = 0.0         # region x vendor, counted in probes of a minute
    burst_mean: float = 0.0             # geometric with this mean; 0: one to three, evenly
    pareto: float = 0.0                 # shape of all durations, their means kept; 0: exponential
    diurnal: float = 0.0                # amplitude of all rates over the day, 0..1
    throttled: float = 0.0005           # 429 of keyed calls on average, at their peak twice that
    stray: float = 0.000005             # each of the single stray outcomes
    outages_per_day: float = 0.25       # real ones, a vendor's: events that must be found
    outage_median_s: float = 4_200.0
    outage_sigma: float = 1.15          # lognormal; fits 77/172/321 min at q50/75/90
    silent_per_day: float = 0.03        # a region's agent says nothing
    silent_mean_s: float = 10_800.0
    missed: float = 0.001               # of scheduled samples


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds: lognormal body, Pareto spikes, a wave over the day, AR(1) from minute to minute."""

    sigma: float = 0.25
    spike: float = 0.01
    spike_shape: float = 1.5
    diurnal: float = 0.1
    rho: float = 0.0


@dataclass(frozen=True, slots=True)
class Params:
    """A world; with a seed it is one history."""

    name: str
    providers: tuple[str, ...] = ("aster", "borea", "cygna")
    regions: tuple[str, ...] = ("eu-1", "us-1", "cn-1")
    domestic: tuple[tuple[str, str], ...] = (("cygna", "cn-1"), ("control-cn", "cn-1"))
    controls: tuple[str, ...] = ("control-1", "control-2")          # seen from every region
    keyed: tuple[tuple[str, str], ...] = (("main", "m1"), ("main", "m2"), ("second", "m1"))
    keyed_at_home: bool = False         # an account is used from one region alone
    quality_items: int = 8              # a sample; 0: no quality streams
    quality_base: float = 0.95
    every_s: dict[str, int] = field(default_factory=lambda: {
        "control": 60, "reachability": 60, "completion": 300, "quality": 3600})
    every_later_s: dict[str, int] = field(default_factory=dict)      # from the middle on
    aligned: bool = False               # all at the same slot, instead of spread
    silent_now: tuple[tuple[str, float, float], ...] = ()            # region, from day, to day
    begins: str = "2026-01-05T00:00:00+00:00"
    zones: tuple[str, ...] = ()         # of the regions: slots and days follow them; else all is UTC
    nuisance: Nuisance = Nuisance()
    latency: Latency = Latency()
    timeout_s: dict[str, float] = field(default_factory=lambda: {
        "control": 5.0, "reachability": 10.0, "completion": 30.0, "quality": 60.0})
