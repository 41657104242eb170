"""How figures are printed: one table a matter, who said it in the columns."""

import sys
from collections.abc import Mapping, Sequence

from bench.decide.figures import accuracy, delays, mean, quantile, rates, reliability
from bench.decide.oracle import Oracle
from bench.decide.score import Tally

GROUPS = {
    "explicit geo-block": ("geo_one", "geo_several", "geo_staged"),
    "ban": ("ban_one", "ban_all"),
    "key or bill": ("auth", "billing"),
    "rate limit": ("rate_limit",),
    "silent 100 %": ("block_timeout_100", "block_reset_100", "block_dns_100"),
    "silent 50 %": ("block_timeout_50", "block_reset_50", "block_dns_50"),
    "silent 20 %": ("block_timeout_20", "block_reset_20", "block_dns_20"),
    "vendor outage": ("outage_5xx", "outage_timeout", "outage_here"),
    "real outages": ("outage_real",),
    "partial outage": ("outage_partial", "mixture"),
    "overload": ("overload",),
    "model retired": ("retired",),
    "own network": ("own_cut", "own_cut_all", "link_abroad"),
    "slower x1.5": ("slow_1.5",),
    "slower x3": ("slow_3", "slow_here_3"),
    "quality -10": ("quality_10",),
    "quality -20": ("quality_20",),
    "ramp of hours": ("ramp_hours",),
    "ramp of days": ("ramp_days",),
    "flapping": ("flapping",),
}


def pool(tally: Tally, kinds: Sequence[str]) -> tuple[list[int], list[int], int]:
    """Delays from the start and from the first sight, sorted, and how many were missed, over some kinds."""
    some = [pair for kind in kinds for pair in tally.delays.get(kind, ())]
    return (sorted(start for start, _ in some), sorted(seen for _, seen in some),
            sum(tally.missed.get(kind, 0) for kind in kinds))


def say_rates(pools: Mapping[str, Tally]) -> None:
    head = ("quiet: per stream, 90 days", "false pages", "duplicates", "wrong cause", "false restriction", "grey",
            "while learning")
    rows = []
    for who, tally in pools.items():
        one = rates(tally)
        rows.append((who, *(f"{x:.2f}" for x in (one.nothing, one.duplicates, one.wrong_cause, one.restrictions,
                                                 one.grey, one.learning))))
    grid(head, rows)


def say_delays(pools: Mapping[str, Tally]) -> None:
    head = ("dense: delay s, mean / p95 (found, missed)", *pools)
    rows = []
    for name, kinds in GROUPS.items():
        row = [name]
        for tally in pools.values():
            starts, _, missed = pool(tally, kinds)
            row.append(f"{delay_text(starts)} ({len(starts)}, {missed})" if starts or missed else "-")
        rows.append(tuple(row))
    grid(head, rows)


def say_oracle(pools: Mapping[str, Tally], best: Mapping[float, Oracle]) -> None:
    head = ("silent block", "oracle at 1 / 90 days", "its false / 90 days", *pools)
    rows = []
    for share, one in best.items():
        name = f"silent {share:.0%}".replace("%", " %")
        rows.append((name, f"{one.mean_s:.0f} / {one.p95_s:.0f}", f"{one.false:.2f}",
                     *(delay_text(pool(tally, GROUPS[name])[0]) for tally in pools.values())))
    grid(head, rows)


def say_causes(who: str, tally: Tally) -> None:
    """For who knows causes: right at opening and finally, by kind; closing; calibration."""
    grid((f"{who}: kind", "found", "missed", "since seen", "right", "at opening", "place", "closed after", "early",
          "open"),
         [(one.kind, str(one.found), str(one.missed), number(one.seen_mean_s), share(one.right),
           share(one.right_opened), share(one.place), number(one.closed_s), str(one.early), str(one.open))
          for one in delays(tally)])
    opened, final = accuracy(tally)
    sys.stdout.write(f"cause right when opened {share(opened)}, finally {share(final)}; "
                     f"events nobody could see: {tally.unseen}\n")
    bands = zip(reliability(tally), reliability(tally, opened=True), strict=True)
    grid((f"{who}: confidence", "incidents", "right", "at opening", "right"),
         [(band, str(count), share(right), str(count_opened), share(right_opened))
          for (band, count, right), (_, count_opened, right_opened) in bands])


def delay_text(some: Sequence[int]) -> str:
    return f"{number(mean(some))} / {number(quantile(some, 0.95))}" if some else "-"


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table in Markdown."""
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    lines = [head, ["-" * width for width in widths], *rows]
    sys.stdout.write("\n" + "".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |\n"
        for row in lines))
    sys.stdout.flush()
