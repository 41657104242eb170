"""Config and catalogue -> the checks. Pure: the same values give the same plan, in the same order, with the same keys.

Law 11: what shows a key runs from the account's own region only. Law 12: where refusal is expected, the check knows it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from alerts.model import Inventory
from monitor.asked import Asked, Place
from monitor.catalogue import Catalogue, is_template
from monitor.errors import UserError
from monitor.keys import FoundKey
from monitor.model import Check
from monitor.places import host_of, refusal_expected, surfaces_of
from monitor.proving import KIND as PROVING
from monitor.proving import proofs
from monitor.settings import CheckSettings, Config, EndpointSettings, VantageSettings, VendorSettings
from monitor.workloads import workloads_of
from probes.model import Account, Auth, Model, Provider, Surface, Target, Vantage

EVERY: Mapping[str, timedelta] = {
    "network": timedelta(seconds=60),
    "reachability": timedelta(seconds=60),
    "completion": timedelta(minutes=5),
    "models": timedelta(hours=6),
    "quality": timedelta(hours=1),
    "notices": timedelta(minutes=10),
    "pages": timedelta(hours=6),
}
KEYED = ("completion", "models", "quality")      # what an account adds
ONE_REGION = ("notices", "pages")                # the same text wherever it is read
PINNABLE = ("completion", "quality")


def plan(config: Config, catalogue: Catalogue, keys: Sequence[FoundKey] = (),
         inventories: Mapping[str, Inventory] | None = None) -> tuple[Check, ...]:
    """Every check there is to make. `inventories`: what the gateways serve. Raises UserError for two checks with one
    key.
    """
    places = tuple(_places(config))
    asked = (*_vendors(config, catalogue, keys), *_endpoints(config))
    proving = proofs(workloads_of(config, catalogue, inventories), asked, places)
    checks = (*_controls(config, places), *(check for one in asked for check in _checks(one, places)), *proving)
    _refuse_duplicates(checks)
    return checks


def trusted_by(checks: Sequence[Check]) -> set[tuple[str | None, ...]]:
    """The private CAs that the checks trust besides the public store: a tuple for each context that is needed."""
    return {(check.vantage.ca_file, check.target.provider.ca_file) for check in checks}


def _places(config: Config) -> Iterator[Place]:
    for region, settings in config.regions.items():
        for vantage in settings.vantages:
            name = vantage.name or region
            yield Place(_vantage(name, region, config, vantage), vantage.name or settings.was or region,
                        settings.country)


def _vantage(name: str, region: str, config: Config, settings: VantageSettings) -> Vantage:
    return Vantage(
        name, region, config.regions[region].side, settings.proxy, settings.source_address, settings.hosts,
        settings.ca_file,
    )


def _vendors(config: Config, catalogue: Catalogue, keys: Sequence[FoundKey]) -> Iterator[Asked]:
    named = {catalogue.find(name).id: settings for name, settings in config.vendors.items()}
    owners = {catalogue.find(one.vendor).id for one in config.accounts}
    for provider in catalogue.providers:
        settings = named.get(provider.id, VendorSettings())
        wanted = provider.id in named or provider.id in owners or not config.vendors
        surfaces = surfaces_of(provider, settings)
        if not wanted or not settings.enabled or any(is_template(one) for one in surfaces):
            continue
        accounts = tuple(_accounts(config, catalogue, provider, settings))
        found = () if accounts or not config.use_keys else tuple(_from_keys(config, provider, settings, keys))
        yield Asked(provider, settings, surfaces, accounts or found)


def _accounts(
    config: Config, catalogue: Catalogue, provider: Provider, settings: VendorSettings
) -> Iterator[tuple[Account, Surface]]:
    for one in config.accounts:
        if catalogue.find(one.vendor) != provider or (settings.accounts and one.name not in settings.accounts):
            continue
        surface = _surface_of(provider, settings, one.host)
        region = one.region or next(iter(config.regions))
        yield Account(one.name, one.key_env, host_of(surface.base_url), region), surface


def _from_keys(
    config: Config, provider: Provider, settings: VendorSettings, keys: Sequence[FoundKey]
) -> Iterator[tuple[Account, Surface]]:
    """The first usable key of the environment, as an account of the first region: this machine's."""
    key = next((one for one in keys if one.usable and one.provider == provider.id), None)
    if key is not None:
        surface = _surface_of(provider, settings, key.host or None)
        region = next(iter(config.regions))
        yield Account(key.env.lower(), key.env, host_of(surface.base_url), region), surface


def _surface_of(provider: Provider, settings: VendorSettings, host: str | None) -> Surface:
    """The surface an account's key belongs to. Raises UserError for a host that is not the vendor's (law 11)."""
    surfaces = surfaces_of(provider, settings)
    if host is None:
        return surfaces[0]
    candidates = (*surfaces, *surfaces_of(provider, settings, every=True))
    found = next((one for one in candidates if host_of(one.base_url) == host.lower()), None)
    if found is None:
        raise UserError(f"{host} is no host of {provider.name}: its keys are never sent there; make it an endpoint")
    return found


def _endpoints(config: Config) -> Iterator[Asked]:
    for one in config.endpoints:
        surface = Surface("own", one.base_url.rstrip("/"), one.dialect, one.zone)
        provider = Provider(
            one.name, one.name, surfaces=(surface,), auth=_auth(one), ca_file=one.ca_file,
            probe_models=tuple(Model(model, context=one.context) for model in one.models),
        )
        region = (one.regions or list(config.regions))[0]
        accounts: tuple[tuple[Account, Surface], ...] = ()
        if one.key_env:
            accounts = ((Account(one.name, one.key_env, host_of(one.base_url), region), surface),)
        settings = VendorSettings(regions=one.regions, checks=one.checks, models=one.models)
        yield Asked(provider, settings, (surface,), accounts, open=one.key_env is None)


def _auth(endpoint: EndpointSettings) -> Auth:
    """How the endpoint's dialect shows a key, with the extra headers of the config."""
    extra = tuple(endpoint.headers.items())
    match endpoint.dialect:
        case "anthropic":
            return Auth("x-api-key", "", (("anthropic-version", "2023-06-01"), *extra))
        case "gemini":
            return Auth("x-goog-api-key", "", extra)
        case _:
            return Auth(extra=extra)


def _checks(asked: Asked, places: Sequence[Place]) -> Iterator[Check]:
    regions = asked.settings.regions
    here = [place for place in places if not regions or place.vantage.region in regions]
    yield from _keyless(asked, here)
    for account, surface in asked.accounts:
        # one way out of the region is enough for a key, and the first is the one people list first: direct
        own = next((place for place in places if place.vantage.region == account.region), None)
        if own is not None:
            for kind in _kinds(asked, KEYED):
                for model in _models(asked, kind):
                    yield _check(asked, kind, Target(asked.provider, surface, account, model), own)


def _keyless(asked: Asked, places: Sequence[Place]) -> Iterator[Check]:
    for surface in asked.surfaces:
        for kind in _kinds(asked, _keyless_kinds(asked)):
            at = places[:1] if asked.open and kind in KEYED else places
            for model in _models(asked, kind):
                for place in at:
                    yield _check(asked, kind, Target(asked.provider, surface, None, model), place)
    has_feed = any(source.format == "feed" for source in asked.provider.status)
    for kind in _kinds(asked, ("notices",) if has_feed else ()):
        if kind in ONE_REGION and asked.surfaces and places:
            yield _check(asked, kind, Target(asked.provider, asked.surfaces[0]), places[0])


def _keyless_kinds(asked: Asked) -> tuple[str, ...]:
    usual = ("reachability",) if asked.provider.keyless else ()
    return (*usual, *KEYED) if asked.open else usual


def _kinds(asked: Asked, usual: Sequence[str]) -> list[str]:
    """The usual kinds and those the config adds to this group, without those it switches off."""
    group = _group(usual)
    added = [kind for kind in asked.settings.checks if _group((kind,)) == group and kind not in usual]
    return [kind for kind in (*usual, *added) if asked.settings.checks.get(kind, CheckSettings()).enabled]


def _group(kinds: Sequence[str]) -> str:
    if not kinds:
        return "once"
    if kinds[0] == PROVING:
        return "proving"        # planned by workload, not by vendor
    return "keyed" if kinds[0] in KEYED else "once" if kinds[0] in ONE_REGION else "everywhere"


def _models(asked: Asked, kind: str) -> Sequence[str | None]:
    return asked.settings.models if kind in PINNABLE and asked.settings.models else (None,)


def _check(asked: Asked, kind: str, target: Target, place: Place) -> Check:
    settings = asked.settings.checks.get(kind, CheckSettings())
    return Check(
        key=f"{kind}/{target.key}@{place.key}", kind=kind, target=target, vantage=place.vantage,
        every=settings.every or EVERY.get(kind, timedelta(minutes=5)), options=settings.options,
        expect_restricted=refusal_expected(asked.provider, asked.settings, place.vantage.region, place.country),
    )


def _controls(config: Config, places: Sequence[Place]) -> Iterator[Check]:
    for place in places:
        for host in config.controls:
            surface = Surface("control", f"https://{host.host}", "openai", host.zone)
            provider = Provider(host.host, host.host, surfaces=(surface,), neutral=True)
            target = Target(provider, surface)
            yield Check(f"network/{target.key}@{place.key}", "network", target, place.vantage, EVERY["network"],
                        control=True)


def _refuse_duplicates(checks: Sequence[Check]) -> None:
    twice = [key for key, times in Counter(check.key for check in checks).items() if times > 1]
    if twice:
        raise UserError([f"duplicate check {key}; rename one of the two or take it out" for key in twice])
