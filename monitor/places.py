"""Where a vendor is asked: which of its surfaces a config means, blanks filled in, and where it refuses. Pure."""

from dataclasses import replace
from urllib.parse import urlsplit

from monitor.settings import VendorSettings
from probes.model import Provider, Surface, Zone


def host_of(url: str) -> str:
    """The host name of a URL, lower case, without port: what an account is bound to."""
    return (urlsplit(url).hostname or "").lower()


def surfaces_of(provider: Provider, settings: VendorSettings, *, every: bool = False) -> tuple[Surface, ...]:
    """Those named by the config; otherwise the first of each zone (`every`: all). Blanks are filled where they can be.

    A vendor whose first surface is a template is asked there only: its blanks may fit the others by accident.
    """
    filled = tuple(_filled(surface, settings.variables) for surface in provider.surfaces)
    if settings.surfaces:
        return tuple(one for one in filled if one.name in settings.surfaces)
    if filled and "{" in provider.surfaces[0].base_url and not every:
        return filled[:1]
    usable = tuple(one for one in filled if "{" not in one.base_url)
    return usable if every else first_per_zone(usable)


def first_per_zone(surfaces: tuple[Surface, ...]) -> tuple[Surface, ...]:
    """The first surface on each side of the wall, in the order given."""
    first: dict[Zone, Surface] = {}
    for surface in surfaces:
        first.setdefault(surface.zone, surface)
    return tuple(first.values())


def refusal_expected(provider: Provider, settings: VendorSettings, region: str, country: str | None) -> bool:
    """Law 12. What the config says of the region; else whether the vendor's own list of countries leaves it out."""
    said = settings.expect.get(region)
    return said == "restricted" if said else bool(country and provider.served_in and country not in provider.served_in)


def _filled(surface: Surface, variables: dict[str, str]) -> Surface:
    url = surface.base_url
    for name, value in variables.items():
        url = url.replace("{" + name + "}", value)
    return surface if url == surface.base_url else replace(surface, base_url=url)
