"""Keys lying in the usual variables: whose they are, and whether they may be used. Their values go nowhere.

Law 11: where the matching *_BASE_URL points to another host, the key belongs to a reseller and is never the vendor's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from monitor.catalogue import Catalogue, is_template
from monitor.places import host_of
from probes.model import Provider


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key variable that is set. `host`: which of the vendor's hosts its *_BASE_URL names, '' = the first surface's."""

    env: str
    provider: str
    usable: bool
    why: str
    host: str = ""


def found_keys(catalogue: Catalogue, environ: Mapping[str, str]) -> list[FoundKey]:
    """In the catalogue's order. Only whether a variable is set is looked at, never what is in it."""
    return [key for provider in catalogue.providers for key in _of(provider, environ)]


def _of(provider: Provider, environ: Mapping[str, str]) -> Iterator[FoundKey]:
    for env in provider.auth.key_envs:
        if environ.get(env, "").strip():
            usable, why, host = _judged(provider, environ)
            yield FoundKey(env, provider.id, usable, why, host)


def _judged(provider: Provider, environ: Mapping[str, str]) -> tuple[bool, str, str]:
    own = {host_of(surface.base_url) for surface in provider.surfaces if not is_template(surface)}
    named = [(env, url) for env in provider.auth.base_url_envs if (url := environ.get(env, "").strip())]
    hosts = [(env, _host(url)) for env, url in named]
    for env, host in hosts:
        if host not in own:
            return False, f"{env} points to {host or 'no host'}: the key belongs there, not to {provider.name}", ""
    if len({host for _, host in hosts}) > 1:
        return False, f"{' and '.join(env for env, _ in hosts)} name different hosts: unclear whose the key is", ""
    if provider.surfaces and is_template(provider.surfaces[0]):
        return False, f"{provider.name} has an address of your own: add an account to the config", ""
    if hosts:
        return True, f"{hosts[0][0]} points to the vendor's own {hosts[0][1]}", hosts[0][1]
    return True, "no base URL says otherwise", ""


def _host(url: str) -> str:
    """Host of a URL, or of a bare host name as some tools write it."""
    try:
        return host_of(url if "://" in url else f"https://{url}")
    except ValueError:
        return ""
