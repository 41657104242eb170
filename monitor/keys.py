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
    """A key variable that is set. `host`: the vendor's host its *_BASE_URL names, '' for the first surface's."""

    env: str
    provider: str
    usable: bool
    why: str
    host: str = ""
    foreign: bool = False        # a *_BASE_URL says that it is somebody else's


def found_keys(catalogue: Catalogue, environ: Mapping[str, str]) -> list[FoundKey]:
    """In the catalogue's order. Only whether a variable is set is looked at, never what is in it."""
    return [key for provider in catalogue.providers for key in _of(provider, environ)]


def _of(provider: Provider, environ: Mapping[str, str]) -> Iterator[FoundKey]:
    for env in provider.auth.key_envs:
        if environ.get(env, "").strip():
            yield _judged(env, provider, environ)


def _judged(key_env: str, provider: Provider, environ: Mapping[str, str]) -> FoundKey:
    if provider.surfaces and is_template(provider.surfaces[0]):
        why = f"{provider.name} has an address of your own: name it in the config, with an account"
        return FoundKey(key_env, provider.id, False, why)
    own = {host_of(surface.base_url) for surface in provider.surfaces if not is_template(surface)}
    named = {env: _host(url) for env in provider.auth.base_url_envs if (url := environ.get(env, "").strip())}
    for env, host in named.items():
        if host not in own:
            why = f"{env} points to {host or 'no host'}: the key belongs there, not to {provider.name}"
            return FoundKey(key_env, provider.id, False, why, foreign=True)
    if len(set(named.values())) > 1:
        why = f"{' and '.join(named)} name different hosts: unclear whose the key is"
        return FoundKey(key_env, provider.id, False, why, foreign=True)
    for env, host in named.items():
        return FoundKey(key_env, provider.id, True, f"{env} points to the vendor's own {host}", host)
    return FoundKey(key_env, provider.id, True, "no base URL says otherwise")


def _host(url: str) -> str:
    """Host of a URL, or of a bare host name as some tools write it."""
    try:
        return host_of(url if "://" in url else f"https://{url}")
    except ValueError:
        return ""
