"""Names in a workload that nobody has: of vendors it may use, of regions whose data stays. Nothing is changed.

A name that is nobody's would allow nobody and bind nothing, and both would look like a wish that was heard.
"""

from collections.abc import Iterable, Iterator

from monitor.catalogue import Catalogue
from monitor.settings import Config
from monitor.workloadsettings import WorkloadSettings
from monitor.yamlfile import near


def name_problems(config: Config, catalogue: Catalogue | None) -> Iterator[str]:
    """All of them, a line each. Without a catalogue, vendors go unchecked."""
    for name, workload in config.workloads.items():
        where = f"workloads.{name}"
        yield from _regions(where, workload, config)
        if catalogue is not None:
            yield from _vendors(where, workload, config, catalogue)


def _regions(where: str, workload: WorkloadSettings, config: Config) -> Iterator[str]:
    for region in workload.data_stays:
        if region not in config.regions:
            hint = near(region, list(config.regions))
            yield (f"{where}.data_stays.{region}: unknown region{hint}; there are: {', '.join(config.regions)}")


def _vendors(where: str, workload: WorkloadSettings, config: Config, catalogue: Catalogue) -> Iterator[str]:
    own = [one.name for one in config.endpoints]
    names = [name.lower() for one in catalogue.providers for name in (one.id, *one.aliases)]
    for key, vendor in _named(workload):
        if vendor not in own and catalogue.lookup(vendor) is None:
            yield (f"{where}.{key}: unknown vendor '{vendor}'{near(vendor, [*names, *own])}; expected a vendor or an "
                   "endpoint of this config; `vendorwatch vendors` lists the vendors")
    seen: dict[str, str] = {}
    for vendor in (one.vendor for one in workload.allowed or ()):
        found = catalogue.lookup(vendor)
        owner = found.id if found else vendor
        if owner in seen:
            yield f"{where}.allowed: '{vendor}' is the same vendor as '{seen[owner]}'; keep the later approval"
        seen[owner] = vendor


def _named(workload: WorkloadSettings) -> Iterable[tuple[str, str]]:
    yield from ((f"allowed[{at}].vendor", one.vendor) for at, one in enumerate(workload.allowed or ()))
    for region, stays in workload.data_stays.items():
        yield from ((f"data_stays.{region}.vendors", vendor) for vendor in stays.vendors)
