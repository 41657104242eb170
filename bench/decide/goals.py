"""The goals of deciding as lines of the closing table: ours, and beside it the quickest peer with its false pages."""

from collections.abc import Mapping

from bench._table import Line, say
from bench.decide.figures import accuracy, mean, quantile, rates, reliability
from bench.decide.oracle import Oracle
from bench.decide.score import Tally
from bench.decide.tables import GROUPS, number, pool, share

Pool = Mapping[str, Tally]
OURS = ("ours, adaptive", "ours")      # the first there is speaks for us
LIMITS_S = {"explicit geo-block": (40, 90), "ban": (40, 90), "silent 50 %": (120, None), "silent 20 %": (330, None),
            "silent 100 %": (215, None)}
SLACK = 1.25                            # against the oracle


def say_goals(world: str, quiet: Pool, dense: Pool, best: Mapping[float, Oracle]) -> None:
    """One line a goal. The limits in seconds are promised for a base of 60 s, in detection.md's world."""
    ours = next((who for who in OURS if who in quiet), "")
    _false(world, ours, quiet)
    for name, (mean_s, p95_s) in LIMITS_S.items():
        if world in ("base", "paid60") or name == "explicit geo-block":
            _delay((world, ours, name), (mean_s, p95_s), quiet, dense)
    for level, one in best.items():
        _against((world, ours, f"silent {level:.0%}".replace("%", " %")), one, dense)
    _causes(world, ours, dense)


def _false(world: str, ours: str, quiet: Pool) -> None:
    one = rates(quiet[ours]) if ours else None
    least = min((rates(tally).nothing, who) for who, tally in quiet.items() if who not in OURS)
    _line(f"{world}: false pages a stream, 90 days", one.false if one else None, 1.0, f"{least[0]:.2f} ({least[1]})")
    _line(f"{world}: false restriction labels", one.restrictions if one else None, 0.1, "they name no cause")


def _delay(what: tuple[str, str, str], limits: tuple[float, float | None], quiet: Pool, dense: Pool) -> None:
    world, ours, name = what
    beside = _peer(name, quiet, dense)
    some = pool(dense[ours], GROUPS[name])[0] if ours else []
    _line(f"{world}: {name}, mean s", mean(some), limits[0], beside)
    if limits[1] is not None:
        _line(f"{world}: {name}, p95 s", quantile(some, 0.95), limits[1])


def _peer(name: str, quiet: Pool, dense: Pool) -> str:
    """The quickest of those that cry wolf at most once as often as we may; else the quickest at all."""
    rows = [(rates(quiet[who]).nothing > 1, mean(starts) or 0.0, who) for who, tally in dense.items()
            if who not in OURS and (starts := pool(tally, GROUPS[name])[0])]
    if not rows:
        return "none"
    _, seconds, who = min(rows)
    return f"{seconds:.0f} ({who}, {rates(quiet[who]).nothing:.1f} false)"


def _against(what: tuple[str, str, str], best: Oracle, dense: Pool) -> None:
    world, ours, name = what
    took = mean(pool(dense[ours], GROUPS[name])[0]) if ours else None
    ratio = "-" if took is None else f"{took / best.mean_s:.2f}"
    say(Line(f"{world}: {name} against the oracle, mean s", _text(took), f"<= {SLACK} x",
             None if took is None else took <= SLACK * best.mean_s, f"{best.mean_s:.0f}", ratio))


def _causes(world: str, ours: str, dense: Pool) -> None:
    opened, final = accuracy(dense[ours]) if ours else (None, None)
    _, count, sure = reliability(dense[ours])[-1] if ours else ("", 0, None)
    for what, value, least in (("cause right when opened", opened, 0.95), ("cause right when closed", final, 0.98),
                               (f"right where posterior >= .97 ({count})", sure, 0.99)):
        say(Line(f"{world}: {what}", "no engine" if value is None else share(value), f">= {least:.0%}",
                 None if value is None else value >= least))


def _line(what: str, value: float | None, most: float, beside: str = "-") -> None:
    say(Line(what, _text(value), f"<= {most:g}", None if value is None else value <= most, beside))


def _text(value: float | None) -> str:
    if value is None:
        return "no engine"
    return number(value) if value > 10 else f"{value:.2f}"
