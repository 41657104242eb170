"""A first config from what a team runs already: its gateway's routes become vendors, accounts and workloads. Pure.

Nothing is made up: a route that nobody is known to own is a comment, and a variable is named, never its value (law 7).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from alerts.model import Inventory, Route
from monitor.catalogue import Catalogue
from monitor.owning import vendor_of
from monitor.places import host_of
from probes.model import Provider

# formats in which names that lead to the same routes are one thing: who moves one has moved them all
MOVE_WHOLE = frozenset({"bifrost", "claude_code", "dotenv", "higress", "openrouter", "portkey"})
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]*[A-Za-z0-9_/-]")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_ENV = re.compile(r"(?![a-z0-9]+\Z)[A-Za-z_][A-Za-z0-9_]*")     # `openai` is the name of a Kubernetes secret
_OF_ENV = re.compile(r"\benv(ironment)?#")        # variables of a compose file or a container, read as a .env is
_VECTORS = re.compile(r"(?i)(^|[/_-])(embed|text-embedding|bge|gte|e5|voyage|jina-embeddings)")


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway's config as it was read. `path`: as the new config is to name it."""

    inventory: Inventory
    form: str
    path: str
    catalogue: Catalogue

    def owner(self, route: Route) -> str | None:
        """The vendor's id, or the name of an endpoint of the team's own."""
        vendor = vendor_of(route, self.catalogue)
        return vendor or (_slug(route) if _is_url(route.base_url) else None)

    def provider(self, owner: str | None) -> Provider | None:
        return self.catalogue.lookup(owner) if owner else None


def first_config(running: Running) -> str:
    """The text of a vendorwatch.yaml. Every name in it is one that `config check` knows."""
    form, file = _said(running.form), _said(running.path)
    sections = (
        ("vendors", list(_vendors(running))), ("accounts", list(_accounts(running))),
        ("endpoints", list(_endpoints(running))),
        ("gateways", [f"  {form}: {{type: {form}, file: {file}, mode: propose}}"]),
        ("workloads", list(_workloads(running))),
    )
    lines = [f"# vendorwatch.yaml, from {file}: check it, then say what each workload needs.",
             "# `vendorwatch config check` says what is wrong; docs/readiness.md says what a workload may be told.", "",
             "regions:", "  here: {}              # this machine; one for each place your apps run in", ""]
    for name, made in sections:
        real = any(not line.lstrip().startswith("#") for line in made)
        lines += [f"{name}:" if real else f"# {name}:", *made, ""] if made else []
    return "\n".join([*lines, *_strangers(running)]).rstrip() + "\n"


def _vendors(running: Running) -> Iterator[str]:
    for provider, routes in _by_provider(running):
        filled = _filled(provider, routes)
        if filled is None:
            yield f"  # {provider.id}: {{variables: …}}    # its address has blanks: {provider.surfaces[0].base_url}"
        elif filled:
            blanks = ", ".join(f"{_said(key)}: {_said(value)}" for key, value in filled.items())
            yield f"  {provider.id}: {{variables: {{{blanks}}}}}"
        else:
            yield f"  {provider.id}: {{}}"


def _filled(provider: Provider, routes: Sequence[Route]) -> Mapping[str, str] | None:
    """What stands in the blanks of its address, as the routes say. {}: it has none. None: they do not say."""
    template = provider.surfaces[0].base_url if provider.surfaces else ""
    if "{" not in template:
        return {}
    host = urlsplit(template).hostname or ""
    pattern = "".join(f"(?P<{part[1:-1]}>[A-Za-z0-9-]+)" if part.startswith("{") else re.escape(part)
                      for part in re.split(r"(\{\w+\})", host))
    for route in routes:
        found = re.fullmatch(pattern, _host(route.base_url))
        if found and set(found.groupdict()) == set(re.findall(r"\{(\w+)\}", template)):
            return found.groupdict()
    return None


def _accounts(running: Running) -> Iterator[str]:
    """One for each variable that opens a vendor's own door; a key for a reseller's is none of that vendor's."""
    seen: set[str] = set()
    for provider, routes in _by_provider(running):
        hosts = [host_of(surface.base_url) for surface in provider.surfaces]
        filled = _filled(provider, routes)
        for route in routes if filled is not None else ():
            host = "" if filled else _host(route.base_url)       # its one address is the filled one
            if not _ENV.fullmatch(route.key_name) or route.key_name in seen or (host and host not in hosts):
                continue
            seen.add(route.key_name)
            elsewhere = f", host: {host}" if host and host != hosts[0] else ""
            yield (f"  - {{name: {route.key_name.lower()}, vendor: {provider.id}, key_env: {route.key_name}"
                   f"{elsewhere}, region: here}}")


def _endpoints(running: Running) -> Iterator[str]:
    models: dict[str, list[Route]] = {}
    for route in running.inventory.routes:
        owner = running.owner(route)
        if owner and running.provider(owner) is None:
            models.setdefault(owner, []).append(route)
    for name, routes in models.items():
        first = routes[0]
        served = ", ".join(dict.fromkeys(_said(route.model) for route in routes if route.model))
        key = f", key_env: {first.key_name}" if _ENV.fullmatch(first.key_name) else ""
        dialect = f", dialect: {first.prefix}" if first.prefix in ("anthropic", "gemini") else ""
        yield f"  - {{name: {name}, base_url: {_said(first.base_url)}, models: [{served}]{dialect}{key}}}"


def _workloads(running: Running) -> Iterator[str]:
    inventory = running.inventory
    public = {name: keys for name, keys in (inventory.workloads or _groups(inventory)).items()
              if name not in inventory.aliases}
    if running.form == "claude_code_router":        # a model in use is what its slots ask: no thing of its own
        models = {one.name for one in inventory.routes}
        public = {name: keys for name, keys in public.items() if name not in models}
    targets = {target for name in public for target in _after(inventory, name)}
    # whom somebody gave fallbacks of its own is asked for by name, though it stands in for another too
    spare = {name for name in public if name in targets and not inventory.fallbacks.get(name)}
    if len(spare) == len(public):
        spare = set()
    if spare:
        yield f"  # not made workloads, as they stand in for others; add what apps ask for by name: {_listed(spare)}"
    for name, *others in _called(running, {name: keys for name, keys in public.items() if name not in spare}):
        yield from _workload(running, name, [route for route in inventory.routes if route.key in public[name]
                                             or (not route.key and route.name == name)])
        if others:
            yield f"    # the same by other names, and moved with it: {_listed(set(others))}"


def _called(running: Running, public: Mapping[str, tuple[str, ...]]) -> list[list[str]]:
    """The names of each workload, the first of which it goes by."""
    found: dict[object, list[str]] = {}
    for name, keys in public.items():
        whole = running.form in MOVE_WHOLE or all(_OF_ENV.search(key) for key in keys)
        found.setdefault(keys if keys and whole else name, []).append(name)
    return list(found.values())


def _workload(running: Running, name: str, own: Sequence[Route]) -> Iterator[str]:
    owners = list(dict.fromkeys(owner for route in own if (owner := running.owner(route))))
    if not owners:
        yield f"  # {_said(name)}:    # whose its routes are cannot be told from the file"
        return
    named = [target for target in _after(running.inventory, name)
             if any(route.name == target for route in running.inventory.routes) and target != name]
    fallbacks = list(dict.fromkeys([*owners[1:], *named]))
    yield f"  {_said(name)}:"
    yield f"    primary: {_said(owners[0])}"
    yield f"    fallbacks: [{', '.join(map(_said, fallbacks))}]" + (
        "" if fallbacks else "      # the file names no fallback of it: name who may take over")
    yield f"    gateway: {_said(running.form)}"
    if any(_VECTORS.search(route.model) for route in own):
        yield "    embedding: true         # moves only to the same model elsewhere"
    else:
        yield "    # needs: [tools, json, streaming]      # what a fallback must be proven to do"


def _listed(names: set[str]) -> str:
    return ", ".join(map(_said, sorted(names)))


def _after(inventory: Inventory, name: str) -> tuple[str, ...]:
    """Its own fallbacks, or those of all names that have none (`*`)."""
    return inventory.fallbacks.get(name, inventory.fallbacks.get("*", ()))


def _groups(inventory: Inventory) -> Mapping[str, tuple[str, ...]]:
    """For a format that tells of no public names: every route's own."""
    found: dict[str, tuple[str, ...]] = {}
    for route in inventory.routes:
        found[route.name] = (*found.get(route.name, ()), route.key)
    return found


def _strangers(running: Running) -> Iterator[str]:
    for route in running.inventory.routes:
        if running.owner(route) is None:
            what = f"{_said(route.name)} ({_said(route.prefix or 'no prefix')}, {_said(route.model or 'no model')})"
            yield f"# not recognised: {what}; if it is yours, add it under endpoints"


def _by_provider(running: Running) -> list[tuple[Provider, list[Route]]]:
    found: dict[str, list[Route]] = {}
    for route in running.inventory.routes:
        if running.provider(owner := running.owner(route)) is not None:
            found.setdefault(str(owner), []).append(route)
    return [(running.catalogue.find(owner), routes) for owner, routes in found.items()]


def _host(url: str) -> str:
    """'' where none is written; '?' where what is written is no URL, which is nobody's host."""
    try:
        return host_of(url)
    except ValueError:
        return "?"


def _is_url(url: str) -> bool:
    return re.fullmatch(r"https?://[^\s/@{}$]+(/[^\s{}$]*)?", url) is not None and _host(url) != "?"


def _slug(route: Route) -> str:
    """A name for an endpoint: its host and port, as names may be written."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", urlsplit(route.base_url).netloc.lower()).strip("-") or "own"


def _said(text: str) -> str:
    """As YAML: plain where it can be nothing else, else in quotes (JSON's are YAML's)."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS and ": " not in text and "://" not in text
    return text if plain else json.dumps(text, ensure_ascii=not text.isprintable())      # no line but our own
