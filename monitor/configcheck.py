"""What one section of the config cannot know of another, or of the machine: names, keys, files, folders.

Every problem is a line `key.path: what was expected; what to do`. Nothing is changed and no value of a secret is read.
"""

import os
import ssl
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from monitor.catalogue import Catalogue, is_template
from monitor.drillcheck import drill_problems
from monitor.errors import UserError
from monitor.keys import found_keys
from monitor.knowing import window_of
from monitor.places import host_of, surfaces_of
from monitor.plugins import load_plugin, plugin_names
from monitor.policysettings import WindowSettings
from monitor.settings import Config, VendorSettings
from monitor.workloadcheck import workload_problems
from monitor.workloadnames import name_problems
from monitor.yamlfile import near
from probes.model import Provider


def problems_in(config: Config, catalogue: Catalogue | None, environ: Mapping[str, str]) -> list[str]:
    """All of them, in the order of the file's sections. Without a catalogue, names of vendors go unchecked."""
    found: list[str] = [*_database(config), *_regions(config), *_certificates(config), *_duplicates(config)]
    if catalogue is not None:
        found += [*_vendors(config, catalogue), *_endpoints(config, catalogue)]
        found += [*_accounts(config, catalogue, environ), *_budget(config, catalogue),
                  *drill_problems(config, catalogue)]
    found += [*_region_names(config), *_kinds(config), *_channels(config), *_gateways(config),
              *workload_problems(config, catalogue), *name_problems(config, catalogue), *_rules(config, catalogue),
              *_maintenance(config, catalogue)]
    return [*found, *(said for index, one in enumerate(config.patching.freeze)
                      for said in _window(f"patching.freeze[{index}]", one, config))]


def _database(config: Config) -> Iterator[str]:
    if not config.database.startswith("sqlite:///"):
        if not config.database.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
            yield "database: expected a path or postgresql://…; change the value"
        return
    path = Path(config.database.removeprefix("sqlite:///"))
    parent = next((one for one in path.parents if os.access(one, os.F_OK)), Path("/"))
    if not path.is_file() and not (parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)):     # a copy can be read
        yield f"database: cannot write in {parent}; make it a writable folder or name another place"
    elif path.is_dir():
        yield f"database: {path} is a folder; name a file in it"
    elif path.exists() and not path.is_file():
        yield f"database: {path} is no ordinary file; name another"


def _regions(config: Config) -> Iterator[str]:
    names: Counter[str] = Counter()
    for region, settings in config.regions.items():
        for vantage in settings.vantages:
            names[vantage.name or region] += 1
    for name, times in names.items():
        if times > 1:
            yield f"regions: {times} vantages are called '{name}'; give each a name of its own"
    former: Counter[str] = Counter(one.was for one in config.regions.values() if one.was)
    for name, times in former.items():
        if times > 1 or name in config.regions:
            yield f"regions: was: '{name}' belongs to another region too; drop one"


def _certificates(config: Config) -> Iterator[str]:
    files = [
        (f"regions.{region}.vantages[{index}].ca_file", vantage.ca_file)
        for region, settings in config.regions.items()
        for index, vantage in enumerate(settings.vantages)
    ] + [(f"endpoints[{index}].ca_file", one.ca_file) for index, one in enumerate(config.endpoints)]
    wrong = {file: _unreadable(file) for file in {file for _, file in files} if file is not None}
    for where, file in files:
        if file is not None and wrong[file]:
            yield f"{where}: cannot read {file} ({wrong[file]}); give a PEM file"


def _unreadable(file: str) -> str:
    """Why no certificate can be read there, or ''."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except OSError as error:     # ssl.SSLError is one
        return "no certificate in PEM form" if isinstance(error, ssl.SSLError) else (error.strerror or "failed").lower()
    return ""


def _duplicates(config: Config) -> Iterator[str]:
    accounts = Counter(one.name for one in config.accounts)
    endpoints = Counter(one.name.lower() for one in config.endpoints)
    hosts = Counter(one.host for one in config.controls)
    for section, counts in (("accounts", accounts), ("endpoints", endpoints), ("controls", hosts)):
        for name, times in counts.items():
            if times > 1:
                yield f"{section}: '{name}' is there {times} times; keep one"


def _vendors(config: Config, catalogue: Catalogue) -> Iterator[str]:
    seen: dict[str, str] = {}
    for name, settings in config.vendors.items():
        try:
            provider = catalogue.find(name)
        except UserError as error:
            yield f"vendors.{name}: {error}"
            continue
        if provider.id in seen:
            yield f"vendors.{name}: is the same vendor as '{seen[provider.id]}': a duplicate check; merge the two"
        seen[provider.id] = name
        yield from _vendor(f"vendors.{name}", settings, provider, config)


def _endpoints(config: Config, catalogue: Catalogue) -> Iterator[str]:
    dialects = [name for name in plugin_names("probes.wire") if name != "sse"]    # the reader they share
    for index, endpoint in enumerate(config.endpoints):
        if endpoint.dialect not in dialects:
            yield (f"endpoints[{index}].dialect: no dialect '{endpoint.dialect}'{near(endpoint.dialect, dialects)}; "
                   f"there are: {', '.join(dialects)}")
        if owner := catalogue.lookup(endpoint.name):
            yield f"endpoints[{index}].name: '{endpoint.name}' is a name of {owner.name}; choose another"


def _vendor(where: str, settings: VendorSettings, provider: Provider, config: Config) -> Iterator[str]:
    known = [surface.name for surface in provider.surfaces]
    for surface in settings.surfaces:
        if surface not in known:
            yield f"{where}.surfaces: no surface '{surface}'{near(surface, known)}; there are: {', '.join(known)}"
    own = [one.name for one in config.accounts]
    for account in settings.accounts:
        if account not in own:
            yield f"{where}.accounts: no account '{account}'{near(account, own)}; add it under accounts"
    if not settings.enabled:
        return
    for surface_ in surfaces_of(provider, settings):
        if is_template(surface_):
            yield (f"{where}.variables: {surface_.base_url} has blanks that are not filled in; "
                   "add `variables: {name: value}` for each")


def _accounts(config: Config, catalogue: Catalogue, environ: Mapping[str, str]) -> Iterator[str]:
    foreign = {key.env: key for key in found_keys(catalogue, environ) if key.foreign}
    for index, account in enumerate(config.accounts):
        where = f"accounts[{index}]"
        try:
            provider = catalogue.find(account.vendor)
        except UserError as error:
            yield f"{where}.vendor: {error}"
            continue
        settings = vendor_settings(config, catalogue, provider)
        hosts = [host_of(surface.base_url) for surface in surfaces_of(provider, settings, every=True)]
        if account.host and account.host not in hosts:
            yield (f"{where}.host: {account.host} is no host of {provider.name} ({', '.join(hosts)}); "
                   "a reseller's key belongs under endpoints")
        if account.key_env in foreign and account.host is None:
            yield (f"{where}.key_env: {foreign[account.key_env].why}; unset that variable, "
                   "or say `host:` if the key is the vendor's own")


def _budget(config: Config, catalogue: Catalogue) -> Iterator[str]:
    """An endpoint is a vendor too."""
    own = {one.name for one in config.endpoints}
    seen: dict[str, str] = {}
    for name in config.budget.vendors:
        try:
            owner = name if name in own else catalogue.find(name).id
        except UserError as error:
            yield f"budget.vendors.{name}: {error}"
            continue
        if owner in seen:
            yield f"budget.vendors.{name}: is the same vendor as '{seen[owner]}'; merge the two"
        seen[owner] = name


def vendor_settings(config: Config, catalogue: Catalogue, provider: Provider) -> VendorSettings:
    """What the config says of a vendor, by whatever name; defaults if nothing."""
    named = ((catalogue.lookup(name), settings) for name, settings in config.vendors.items())
    return next((settings for found, settings in named if found == provider), VendorSettings())


def _region_names(config: Config) -> Iterator[str]:
    mentions: list[tuple[str, Iterable[str]]] = []
    for name, vendor in config.vendors.items():
        mentions += [(f"vendors.{name}.regions", vendor.regions), (f"vendors.{name}.expect", vendor.expect)]
    mentions += [(f"endpoints[{at}].regions", one.regions) for at, one in enumerate(config.endpoints)]
    mentions += [(f"accounts[{at}].region", [one.region] if one.region else [])
                 for at, one in enumerate(config.accounts)]
    mentions += [(f"workloads.{name}.regions", one.regions) for name, one in config.workloads.items()]
    mentions += [(f"maintenance[{at}].regions", one.regions) for at, one in enumerate(config.maintenance)]
    for where, names in mentions:
        for region in names:
            if region not in config.regions:
                hint = near(region, list(config.regions))
                yield f"{where}: unknown region '{region}'{hint}; there are: {', '.join(config.regions)}"


def _kinds(config: Config) -> Iterator[str]:
    kinds = plugin_names("probes.kinds")
    sections = [(f"vendors.{name}.checks", one.checks) for name, one in config.vendors.items()]
    sections += [(f"endpoints[{at}].checks", one.checks) for at, one in enumerate(config.endpoints)]
    for where, checks in sections:
        for kind in checks:
            if kind not in kinds:
                yield f"{where}.{kind}: no such probe{near(kind, kinds)}; there are: {', '.join(kinds) or 'none'}"
            else:
                yield from _plugin(f"{where}.{kind}", ("probes.kinds", kind, "Kind"), checks[kind].options)


def _channels(config: Config) -> Iterator[str]:
    for name, channel in config.channels.items():
        if "channels" in config.model_fields_set:
            yield from _plugin(f"channels.{name}", ("alerts.channels", channel.type, "Channel"), channel.options)
    for severity, names in config.policy.channels.items():
        for name in names:
            if name not in config.channels:
                yield f"policy.channels.{severity}: no channel '{name}'; there are: {', '.join(config.channels)}"


def _gateways(config: Config) -> Iterator[str]:
    for name, one in config.gateways.items():
        yield from _plugin(f"gateways.{name}", ("alerts.gateways", one.type, "Gateway"), one.options)
        if bool(one.auto_causes) != (one.mode == "auto"):
            yield f"gateways.{name}.auto_causes: go with mode: auto, and it with them; say both or neither"
        if any((one.canary, one.key_env, one.canary_key_env, one.admin_url, one.outlet == "api")) and not one.url:
            yield f"gateways.{name}.url: is missing; the running gateway's address, for canary, keys and outlet: api"
        if one.outlet == "api" and one.mode not in ("approve", "auto"):
            yield f"gateways.{name}.outlet: api goes with mode: approve or auto; say one of them"


def _rules(config: Config, catalogue: Catalogue | None) -> Iterator[str]:
    """Names in the policy's rules; a rule that can cover nothing would be a wish that nobody hears."""
    for index, rule in enumerate(config.policy.rules):
        where, when = f"policy.rules[{index}]", rule.when
        yield from _unknown(f"{where}.channels", "channel", rule.channels or (), config.channels)
        yield from _unknown(f"{where}.when.region", "region", (when.region,), config.regions)
        yield from _unknown(f"{where}.when.workload", "workload", (when.workload,), config.workloads)
        yield from _unknown_vendor(f"{where}.when.vendor", when.vendor, config, catalogue)


def _unknown(where: str, what: str, names: Iterable[str | None], known: Iterable[str]) -> Iterator[str]:
    there = list(known)
    for name in names:
        if name is not None and name not in there:
            yield f"{where}: no {what} '{name}'{near(name, there)}; there are: {', '.join(there) or 'none'}"


def _unknown_vendor(where: str, name: str | None, config: Config, catalogue: Catalogue | None) -> Iterator[str]:
    if name is None or catalogue is None or name in {one.name for one in config.endpoints}:
        return
    try:
        catalogue.find(name)
    except UserError as error:
        yield f"{where}: {error}"


def _maintenance(config: Config, catalogue: Catalogue | None) -> Iterator[str]:
    for index, one in enumerate(config.maintenance):
        yield from _window(f"maintenance[{index}]", one, config)
        for name in one.vendors:
            yield from _unknown_vendor(f"maintenance[{index}].vendors", name, config, catalogue)


def _window(where: str, window: WindowSettings, config: Config) -> Iterator[str]:
    try:
        window_of(window, config.timezone)
    except ValueError as error:
        yield f"{where}: {error}"


def _plugin(where: str, plugin: tuple[str, str, str], options: Mapping[str, Any]) -> Iterator[str]:
    try:
        made: Any = load_plugin(*plugin)
    except UserError as error:
        yield f"{where}.type: {error}"
        return
    problems = list(_options(where, made, options))
    yield from problems
    if not problems:
        try:
            made(**options)         # what a plugin itself thinks of its options
        except (TypeError, ValueError) as error:
            yield f"{where}: {error}"


def _options(where: str, made: Any, options: Mapping[str, Any]) -> Iterator[str]:
    known = {one.name: one for one in fields(made)} if hasattr(made, "__dataclass_fields__") else {}
    for option in options:
        if option not in known:
            yield f"{where}.{option}: unknown key{near(option, list(known))}; known here: {', '.join(known) or 'none'}"
    for option, one in known.items():
        if option not in options and one.default is MISSING and one.default_factory is MISSING:
            yield f"{where}.{option}: is missing; add it"
