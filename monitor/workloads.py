"""A workload's words become routes and vendors. Pure; the gateways' inventories are handed in.

A word may be a vendor's everyday name, an endpoint's, or the name of a gateway's route; here it becomes all of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from alerts.model import Inventory, Route
from monitor.catalogue import Catalogue
from monitor.known import Allowance, Fallback, KnownWorkload, Stay
from monitor.owning import vendor_of
from monitor.settings import Config
from monitor.workloadsettings import NeedsSettings, WorkloadSettings

NOTHING = Inventory()
ANSWER = "answer"
NO_GATEWAY = "none"       # its apps ask their vendors themselves


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What the words of one workload are looked up in."""

    workload: str
    config: Config
    catalogue: Catalogue
    owned: Sequence[tuple[Route, str | None]]        # the gateway's routes, each with whose it is

    def vendor(self, word: str) -> str:
        """An endpoint of our own, or a vendor by any of its names; else the word itself."""
        if word in {one.name for one in self.config.endpoints}:
            return word
        found = self.catalogue.lookup(word)
        return found.id if found else word

    def fallback(self, word: str) -> Fallback:
        """A route's name, or a vendor's: then the vendor's first route that is not the workload's own."""
        mine = next(((route, owner) for route, owner in self.owned if route.name == word), None)
        if mine is None:
            vendor = self.vendor(word)
            there = (one for one in self.owned if one[0].name != self.workload and one[1] == vendor)
            mine = next(there, (Route(word), vendor))
        return self._made(mine[0], mine[1] or word)

    def _made(self, route: Route, vendor: str) -> Fallback:
        jurisdiction, weights, _ = self.about(vendor)
        return Fallback(route.name, vendor, route.model or self._pinned(vendor), self.account(route), jurisdiction,
                        weights)

    def account(self, route: Route) -> str | None:
        """Whose key the route uses, where its variable is one of our accounts'."""
        return next((one.name for one in self.config.accounts if route.key_name and one.key_env == route.key_name),
                    None)

    def about(self, vendor: str) -> tuple[str, str, str]:
        """Jurisdiction, weights and dialect: of an endpoint of our own, no jurisdiction but ours, and open weights."""
        own = next((one for one in self.config.endpoints if one.name == vendor), None)
        found = self.catalogue.lookup(vendor)
        if own is not None:
            return "", "open", own.dialect
        if found is None:
            return "", "closed", "openai"
        return found.jurisdiction, found.weights, found.surfaces[0].dialect if found.surfaces else "openai"

    def _pinned(self, vendor: str) -> str | None:
        """The one model that the config has this vendor asked for."""
        own = next((one.models for one in self.config.endpoints if one.name == vendor), None)
        named = (one.models for name, one in self.config.vendors.items() if self.vendor(name) == vendor)
        models = own if own is not None else next(named, [])
        return models[0] if models else None


def workloads_of(config: Config, catalogue: Catalogue,
                 inventories: Mapping[str, Inventory] | None = None) -> tuple[KnownWorkload, ...]:
    """Every workload of the config, in its order."""
    return tuple(_workload(name, settings, config, catalogue, inventories or {})
                 for name, settings in config.workloads.items())


def _workload(name: str, settings: WorkloadSettings, config: Config, catalogue: Catalogue,
              inventories: Mapping[str, Inventory]) -> KnownWorkload:
    gateway = gateway_of(settings, config)
    owned = [(route, owner_of(route, config, catalogue)) for route in inventories.get(gateway, NOTHING).routes]
    there = Whereabouts(name, config, catalogue, owned)
    primary = there.fallback(settings.primary).provider
    leaving = [route for route, owner in owned if owner == primary]
    own = [route for route in leaving if route.name == name]
    jurisdiction, weights, dialect = there.about(primary)
    return KnownWorkload(
        name, primary, tuple(there.fallback(word) for word in settings.fallbacks), gateway,
        tuple(dict.fromkeys(route.name for route in own or leaving)),
        own[0].model if own else settings.model, tuple(settings.regions), tuple(needs_of(settings)),
        jurisdiction, weights, dialect,
        tuple(dict.fromkeys(account for route in own if (account := there.account(route)))),
        settings.account_ban, settings.embedding,
        _allowed(settings, there), _stays(settings, there),
        settings.jurisdictions == "not_all_the_same", settings.open_weights == "at_least_one",
        config.gateways[gateway].environment if gateway in config.gateways else None,
    )


def gateway_of(settings: WorkloadSettings, config: Config) -> str:
    """The gateway that serves it: unsaid, the first; '' where it is said that none does, or there is none."""
    if settings.gateway == NO_GATEWAY and NO_GATEWAY not in config.gateways:
        return ""
    return settings.gateway or next(iter(config.gateways), "")


def needs_of(settings: WorkloadSettings) -> Iterator[str]:
    """The features that are stated, by the names under which they are proven."""
    needs = settings.needs or NeedsSettings()
    if needs.tools:
        yield "tools"
        yield "takeover" if needs.thinking == "replayed" else "takeover-bare"
    if needs.json_mode:
        yield "json"
    if needs.streaming:
        yield "streaming"
    if needs.context:
        yield f"context:{needs.context}" + (":probe" if needs.context_by == "probe" else "")


def _allowed(settings: WorkloadSettings, there: Whereabouts) -> tuple[Allowance, ...] | None:
    if settings.allowed is None:
        return None
    return tuple(Allowance(there.vendor(one.vendor), one.by, one.date, one.because) for one in settings.allowed)


def _stays(settings: WorkloadSettings, there: Whereabouts) -> tuple[Stay, ...]:
    return tuple(Stay(region, tuple(map(there.vendor, one.vendors)), tuple(one.jurisdictions))
                 for region, one in settings.data_stays.items())


def owner_of(route: Route, config: Config, catalogue: Catalogue) -> str | None:
    """Whose a route is: an endpoint's of the config, by its base URL, before a vendor's."""
    base = route.base_url.rstrip("/")
    own = next((one.name for one in config.endpoints if base and one.base_url.rstrip("/") == base), None)
    return own or vendor_of(route, catalogue)
