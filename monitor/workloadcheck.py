"""What is wrong with workloads: who is there twice, who is nobody. A fallback that nobody is takes nothing over.

A name may be a vendor's, an endpoint's or a route's of the workload's gateway (monitor.knowing). Nothing is changed.
"""

from collections.abc import Iterator
from pathlib import Path

from alerts.gateway import PatchRefused
from monitor.catalogue import Catalogue
from monitor.errors import UserError
from monitor.plugins import load_plugin
from monitor.settings import Config
from monitor.workloads import gateway_of
from monitor.workloadsettings import WorkloadSettings
from monitor.yamlfile import near


def workload_problems(config: Config, catalogue: Catalogue | None) -> Iterator[str]:
    """All of them, a line each. Without a catalogue, names go unchecked."""
    for name, workload in config.workloads.items():
        where = f"workloads.{name}"
        if len({*(names := [workload.primary, *workload.fallbacks])}) < len(names):
            yield f"{where}: a vendor is there twice; name each once, the primary apart from its fallbacks"
        if catalogue is not None:
            yield from _unknown(where, workload, config, catalogue)
        if (gateway := gateway_of(workload, config)) and gateway not in config.gateways:
            yield f"{where}.gateway: no gateway '{gateway}'; add it under gateways, or say gateway: none"


def _unknown(where: str, workload: WorkloadSettings, config: Config, catalogue: Catalogue) -> Iterator[str]:
    endpoints = [one.name for one in config.endpoints]
    named = [(f"{where}.primary", workload.primary)]
    named += [(f"{where}.fallbacks[{at}]", word) for at, word in enumerate(workload.fallbacks)]
    strange = [(key, word) for key, word in named if word not in endpoints and catalogue.lookup(word) is None]
    if not strange:
        return          # the gateway's file is read only where a name can be nothing but a route's
    gateway = gateway_of(workload, config)
    routes = _routes(config, gateway) if gateway else []
    if routes is None:
        return          # a problem of its own: and one that is none is worse than one said later
    vendors = [word.lower() for one in catalogue.providers for word in (one.id, *one.aliases)]
    for key, word in strange:
        if word not in routes:
            hint = near(word, [*vendors, *endpoints, *routes])
            route = f" or a route of gateway '{gateway}'" if gateway else ""
            yield (f"{key}: unknown '{word}'{hint}; expected a vendor, an endpoint of this config{route}; "
                   "`vendorwatch vendors` lists the vendors")


def _routes(config: Config, gateway: str) -> list[str] | None:
    """The routes' names in the gateway's file. None: they cannot be told."""
    settings = config.gateways.get(gateway)
    if settings is None:
        return None
    try:
        made = load_plugin("alerts.gateways", settings.type, "Gateway")(**settings.options)
        found = made.inventory(Path(settings.file).read_bytes().decode("utf-8"))
    except (UserError, PatchRefused, OSError, ValueError, TypeError):
        return None
    return [route.name for route in found.routes]
