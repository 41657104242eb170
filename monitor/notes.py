"""What is worth saying of a config that is right: what it leaves out, and what we took for granted. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from alerts.model import Inventory
from monitor.budget import LONGEST_MONTH
from monitor.catalogue import Catalogue
from monitor.knowing import window_of
from monitor.known import KnownWorkload
from monitor.model import Check
from monitor.permits import refusal
from monitor.plan import KEYED
from monitor.proving import proved
from monitor.settings import Config
from monitor.windows import Once
from monitor.workloads import workloads_of


def notes_on(config: Config, catalogue: Catalogue, checks: Sequence[Check],
             inventories: Mapping[str, Inventory] | None = None) -> tuple[str, ...]:
    """One line a vendor and matter, with the path of the key to change. `checks` is the plan of this config."""
    workloads = [proved(one, checks) for one in workloads_of(config, catalogue, inventories)]
    return (*_without_account(config, catalogue, checks), *_expected(config, catalogue, checks), *_forgotten(config),
            *_clocks_change(config), *(note for one in workloads for note in _of_no_use(one, config)))


def _of_no_use(workload: KnownWorkload, config: Config) -> Iterator[str]:
    """Fallbacks that no move will ever be made to, and those that nothing can prove for want of an account."""
    regions = workload.regions or tuple(config.regions)
    alone = workload.gateway in config.gateways and config.gateways[workload.gateway].mode == "auto"
    for fallback in workload.fallbacks:
        where = f"workloads.{workload.name}.fallbacks: {fallback.route}"
        if why := refusal(fallback, workload):
            yield f"{where} will never take over: {why}"
            continue
        bare = [region for region in regions if region not in fallback.proofs]
        if bare and not workload.embedding and (workload.needs or alone):
            said = "cannot be proven" if workload.needs else "is known by no more than a knock"
            yield (f"{where} {said} in {', '.join(bare)}: no account of {fallback.provider} is used from there; add "
                   "one under accounts, with its region")


def _without_account(config: Config, catalogue: Catalogue, checks: Sequence[Check]) -> Iterator[str]:
    planned = {(check.target.provider.id, check.kind) for check in checks}
    for name, settings in config.vendors.items():
        vendor = catalogue.find(name).id
        wanted = [kind for kind, one in settings.checks.items() if kind in KEYED and one.enabled and settings.enabled]
        missing = [kind for kind in wanted if (vendor, kind) not in planned]
        if missing:
            also = "; or say use_keys: true" if not config.use_keys else ""
            yield (f"vendors.{name}.checks: not planned, for want of an account: {', '.join(missing)}; "
                   f"add one for {name} under accounts{also}")


def _expected(config: Config, catalogue: Catalogue, checks: Sequence[Check]) -> Iterator[str]:
    """Where refusal is expected because the vendor says so, not the config."""
    names = {catalogue.find(name).id: name for name in config.vendors}
    found: dict[str, dict[str, None]] = {}
    for check in checks:
        vendor, region = check.target.provider.id, check.vantage.region
        said = config.vendors[names[vendor]].expect if vendor in names else {}
        if check.expect_restricted and region not in said:
            found.setdefault(vendor, {})[region] = None
    for vendor, regions in found.items():
        name, list_ = names.get(vendor, vendor), catalogue.supported[vendor]
        places = ", ".join(f"{region} ({config.regions[region].country})" for region in regions)
        yield (f"vendors.{name}.expect: refusal is expected in {places}: not on the vendor's list of countries as of "
               f"{list_.date or catalogue.checked[vendor]} ({list_.source}); otherwise say "
               f"expect: {{{next(iter(regions))}: served}}")


def _forgotten(config: Config) -> Iterator[str]:
    """What is spent is read from the rows: where a month's rows are gone by its end, a restart refills its budget."""
    if config.retention_days < LONGEST_MONTH:
        yield (f"retention_days: {config.retention_days} is less than a month: after a restart the monthly budgets "
               f"count only what is still kept; say {LONGEST_MONTH} or more")


def _clocks_change(config: Config) -> Iterator[str]:
    """A maintenance window that lasts longer or less long than its times look: the clocks change within it."""
    for index, one in enumerate(config.maintenance):
        window = window_of(one, config.timezone)
        if isinstance(window, Once) and window.end - window.start != window.looks:
            yield (f"maintenance[{index}]: the clocks of {one.timezone or config.timezone} change within it: from "
                   f"{window.start:%Y-%m-%d %H:%MZ} to {window.end:%Y-%m-%d %H:%MZ} are {window.end - window.start}, "
                   f"not {window.looks}; for a set length say interval: START/PT4H")
