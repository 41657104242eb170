"""The typed list of what can be injected: what it does to streams, and which causes are right for it.

RIGHT is the one table of what counts as right: the first cause is the one we would say, the others are as good because
the evidence cannot tell them apart (a reset is interference, and may be a vendor's restriction carried out as one).
"""

from collections.abc import Callable
from dataclasses import dataclass

from bench.decide.effects import PAID, Effect, Where

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and when one event is to happen; `regions` in the order in which they are touched."""

    start: int
    end: int
    provider: str
    regions: tuple[str, ...]
    account: str
    model: str
    event: int


@dataclass(frozen=True, slots=True)
class Kind:
    """`places`: one, several, all (regions), account, model, own. `long_s`: from, to. `must`: silence is a miss."""

    name: str
    right: tuple[str, ...]
    places: str
    long_s: tuple[int, int]
    make: Callable[[Scene], list[Effect]]
    must: bool = True
    pieces: bool = False      # staged: an incident a region is as right as one


def _fails(outcome: str, status: int | None, rank: int, **how: object) -> Callable[[Scene], list[Effect]]:
    kinds = how.pop("kinds", None)
    only = how.pop("only", "")

    def make(scene: Scene) -> list[Effect]:
        where = Where((scene.provider,), scene.regions, scene.account if only == "account" else None,
                      scene.model if only == "model" else None, kinds)      # type: ignore[arg-type]
        return [Effect(scene.start, scene.end, where, rank, outcome, status, event=scene.event,
                       salt=scene.event, **how)]      # type: ignore[arg-type]
    return make


def _staged(scene: Scene) -> list[Effect]:
    step = min(40 * MINUTE, (scene.end - scene.start) // (len(scene.regions) + 1))
    return [Effect(scene.start + n * step, scene.end, Where((scene.provider,), (region,)), 2, "geo_restricted", 403,
                   event=scene.event) for n, region in enumerate(scene.regions)]


def _own(outcome: str, abroad: bool = False) -> Callable[[Scene], list[Effect]]:
    def make(scene: Scene) -> list[Effect]:
        return [Effect(scene.start, scene.end, Where(regions=scene.regions, abroad=abroad), 0, outcome,
                       event=scene.event)]
    return make


def _overload(scene: Scene) -> list[Effect]:
    where = Where((scene.provider,), scene.regions, kinds=PAID)
    return [Effect(scene.start, scene.end, where, 2, "overloaded", 529, 0.7, event=scene.event, salt=scene.event),
            Effect(scene.start, scene.end, where, 9, slow=2.0, event=scene.event)]


def _plain(**how: object) -> Callable[[Scene], list[Effect]]:
    return _fails("", None, 9, **how)


_STAGES = {"timeout": "network_timeout", "reset": "network_blocked", "dns": "network_dns"}
_SILENT = {"timeout": ("regional_path", "network_interference", "region_restricted"),
           "reset": ("network_interference", "region_restricted", "regional_path"),
           "dns": ("network_interference", "regional_path", "region_restricted")}
_LONG = {100: (HOUR, 2 * HOUR), 50: (HOUR, 2 * HOUR), 20: (4 * HOUR, 6 * HOUR)}
_OUTAGE = ("provider_outage", "provider_overloaded")
_REFUSED = (HOUR, 3 * HOUR)

KINDS = {kind.name: kind for kind in (
    Kind("geo_one", ("region_restricted",), "one", _REFUSED, _fails("geo_restricted", 403, 2)),
    Kind("geo_several", ("region_restricted",), "several", _REFUSED, _fails("geo_restricted", 403, 2)),
    Kind("geo_staged", ("region_restricted",), "several", (2 * HOUR, 4 * HOUR), _staged, pieces=True),
    Kind("ban_one", ("account_restricted",), "account", _REFUSED,
         _fails("account_restricted", 403, 3, kinds=PAID, only="account")),
    Kind("ban_all", ("account_restricted",), "all", _REFUSED, _fails("account_restricted", 403, 3, kinds=PAID)),
    Kind("auth", ("auth_failed", "account_restricted"), "account", _REFUSED,
         _fails("auth_failed", 401, 3, kinds=PAID, only="account")),
    Kind("billing", ("billing",), "account", _REFUSED,
         _fails("quota_exhausted", 402, 3, kinds=PAID, only="account")),
    Kind("rate_limit", ("rate_limited",), "account", _REFUSED,
         _fails("rate_limited", 429, 3, share=0.9, kinds=PAID, only="account")),
    *(Kind(f"block_{stage}_{share}", _SILENT[stage], "one", _LONG[share],
           _fails(outcome, None, 1, share=share / 100)) for stage, outcome in _STAGES.items() for share in _LONG),
    Kind("outage_5xx", _OUTAGE, "all", _REFUSED, _fails("provider_outage", 503, 2)),
    Kind("outage_timeout", _OUTAGE, "all", _REFUSED, _fails("network_timeout", None, 2)),
    Kind("outage_partial", _OUTAGE, "all", (2 * HOUR, 3 * HOUR), _fails("provider_outage", 500, 2, share=0.3)),
    Kind("outage_here", (*_OUTAGE, "regional_path"), "one", _REFUSED, _fails("provider_outage", 502, 2)),
    Kind("outage_real", _OUTAGE, "all", (0, 0), _fails("provider_outage", 503, 2)),      # drawn with the nuisance
    Kind("overload", ("provider_overloaded", "provider_outage"), "all", (2 * HOUR, 3 * HOUR), _overload),
    Kind("retired", ("model_retired",), "model", (3 * HOUR, 6 * HOUR),
         _fails("model_unavailable", 404, 4, kinds=PAID, only="model")),
    Kind("own_cut", ("own_network",), "own", (30 * MINUTE, 90 * MINUTE), _own("network_timeout")),
    Kind("own_cut_all", ("own_network",), "own_all", (30 * MINUTE, 90 * MINUTE), _own("network_dns")),
    Kind("link_abroad", ("own_network",), "own_abroad", (HOUR, 2 * HOUR), _own("network_timeout", abroad=True)),
    Kind("slow_1.5", ("latency_degraded", "provider_overloaded"), "all", (4 * HOUR, 6 * HOUR), _plain(slow=1.5)),
    Kind("slow_3", ("latency_degraded", "provider_overloaded"), "all", (2 * HOUR, 3 * HOUR), _plain(slow=3.0)),
    Kind("slow_here_3", ("latency_degraded", "regional_path"), "one", (2 * HOUR, 3 * HOUR), _plain(slow=3.0)),
    Kind("quality_10", ("quality_degraded",), "model", (30 * HOUR, 40 * HOUR), _plain(passes=0.85, only="model")),
    Kind("quality_20", ("quality_degraded",), "model", (20 * HOUR, 30 * HOUR), _plain(passes=0.75, only="model")),
    Kind("ramp_hours", _SILENT["timeout"], "one", (5 * HOUR, 6 * HOUR),
         _fails("network_timeout", None, 1, ramp_s=4 * HOUR)),
    Kind("ramp_days", _SILENT["reset"], "one", (50 * HOUR, 60 * HOUR),
         _fails("network_blocked", None, 1, ramp_s=48 * HOUR)),
    Kind("flapping", _SILENT["reset"], "one", (2 * HOUR, 3 * HOUR),
         _fails("network_blocked", None, 1, flap=(5 * MINUTE, 5 * MINUTE))),
    Kind("mixture", _OUTAGE, "all", (4 * HOUR, 6 * HOUR),
         _fails("provider_outage", 500, 2, share=0.16, sticky_s=10 * MINUTE)),
    Kind("bad_requests", ("own_fault", "unknown"), "account", _REFUSED,
         _fails("bad_request", 400, 4, kinds=PAID, only="account"), must=False),
    Kind("challenged", ("own_fault", "unknown"), "one", _REFUSED, _fails("bot_challenge", 403, 2), must=False),
    Kind("filtered", ("own_fault", "unknown"), "account", _REFUSED,
         _fails("content_filtered", 400, 4, kinds=PAID, only="account"), must=False),
)}
ALONE = ("unknown", "regional_path", "network_interference", "own_network")      # as good where one region alone looks


def right_for(kind: str, alone: bool = False) -> tuple[str, ...]:
    """Causes that count as right; `alone`: no control region, so that a silent failure is "unreachable from here"."""
    right = KINDS[kind].right
    silent = kind.startswith(("block_", "ramp_", "flapping", "outage_timeout"))
    return (*right, *(cause for cause in ALONE if cause not in right)) if alone and silent else right
