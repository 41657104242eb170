"""From the config to what deciding leans on: Known and Policy. Pure; the gateways' inventories are handed in."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from alerts.model import Inventory
from monitor.catalogue import Catalogue
from monitor.cycle import FREE_KINDS
from monitor.guards import Bounds
from monitor.known import SEVERITIES, Known, KnownCheck, Policy, Silence
from monitor.model import Check, Tier
from monitor.policysettings import RuleSettings, WindowSettings
from monitor.proving import proved
from monitor.settings import Config
from monitor.tiers import Budgets
from monitor.windows import Window, interval, once, open_until, repeated
from monitor.wishes import MODES, When, Wish
from monitor.workloads import workloads_of

TIERS = ("suspect", "warn", "confirm", "patch", "recover")


def policy_of(config: Config, catalogue: Catalogue | None = None) -> Policy:
    """The team's wishes. Without a catalogue, vendors go by their ids alone."""
    wishes = config.policy
    modes = {gateway.mode for gateway in config.gateways.values()}
    return Policy(
        severities={**SEVERITIES, **wishes.severities},
        channels={severity: tuple(names) for severity, names in wishes.channels.items()},
        patch_mode=max(modes, key=MODES.index, default="propose"),
        patch_lives=config.patching.expires,
        budgets=Budgets(*(getattr(wishes.budgets, tier).total_seconds() for tier in TIERS)),
        reminders=tuple(wishes.reminders),
        rules=tuple(_wish(rule, catalogue) for rule in wishes.rules),
    )


def _wish(rule: RuleSettings, catalogue: Catalogue | None) -> Wish:
    said = rule.when
    vendor = _vendor(said.vendor, catalogue) if said.vendor and catalogue else said.vendor
    causes = frozenset({said.cause} if said.cause else said.causes)
    when = When(causes, said.at_least, Tier[said.tier.upper()], vendor, said.region, said.workload)
    return Wish(when, rule.severity, _tuple(rule.channels), rule.patch, rule.hold, _tuple(rule.remind))


def _tuple(values: Sequence[Any] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(values)


def known_of(
    config: Config, catalogue: Catalogue, checks: Sequence[Check], inventories: Mapping[str, Inventory] | None = None
) -> Known:
    """What is known of checks, names, workloads and channels. Silences are rows and come with each batch."""
    return Known(
        checks=tuple(
            KnownCheck(check.key, check.target.provider.id, check.vantage.region,
                       check.target.account.name if check.target.account else None,
                       check.keyed or check.kind not in FREE_KINDS,     # what is dear is never asked fast
                       check.expect_restricted, check.control, check.every.total_seconds())
            for check in checks
        ),
        names={check.target.provider.id: check.target.provider.name for check in checks},
        workloads=tuple(proved(one, checks) for one in workloads_of(config, catalogue, inventories)),
        channels=tuple(config.channels),
        config_version=version_of(config),
    )


def version_of(config: Config) -> str:
    """Stands in every judgement's row, so that it can be told which wishes a decision was made under (law 2)."""
    return hashlib.sha256(config.model_dump_json().encode()).hexdigest()[:16]


def maintenance_of(config: Config, catalogue: Catalogue, now: datetime) -> tuple[Silence, ...]:
    """The windows of the config that are open now, as silences."""
    return tuple(
        Silence(until, vendor, region, because=one.because)
        for one in config.maintenance
        if (until := open_until(window_of(one, config.timezone), now)) is not None
        for vendor in _ids(one.vendors, catalogue)
        for region in dict.fromkeys(one.regions or (None,))
    )


def bounds_of(config: Config) -> Bounds:
    """What every change of a gateway's config is bound by."""
    said = config.patching
    return Bounds(said.enabled, said.per_day, tuple(window_of(one, config.timezone) for one in said.freeze), said.hold,
                  revert_overdue=said.on_expiry == "revert")


def window_of(one: WindowSettings, timezone: str) -> Window:
    """When it is open, by its own zone's clock, else by that of `timezone`. Raises ValueError where that clock never
    shows it; a config that was checked holds none such."""
    zone = one.timezone or timezone
    if one.cron is not None and one.lasts is not None:
        return repeated(one.cron, one.lasts, zone)
    if one.interval is not None:
        return interval(one.interval, zone)
    assert one.start is not None
    assert one.end is not None
    return once(one.start, one.end, zone)


def _ids(vendors: Sequence[str], catalogue: Catalogue) -> Sequence[str | None]:
    """Each once, also where it is named by two of its names."""
    return list(dict.fromkeys(_vendor(name, catalogue) for name in vendors)) or (None,)


def _vendor(name: str, catalogue: Catalogue) -> str:
    found = catalogue.lookup(name)
    return found.id if found else name
