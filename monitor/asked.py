"""Whom the plan asks, and from where: what checks are made of. Frozen values."""

from dataclasses import dataclass

from monitor.settings import VendorSettings
from probes.model import Account, Provider, Surface, Vantage


@dataclass(frozen=True, slots=True)
class Place:
    """A vantage and the name it has in keys: its region's former name after a renaming, so that history goes on."""

    vantage: Vantage
    key: str
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One vendor or endpoint as the config wants it asked."""

    provider: Provider
    settings: VendorSettings
    surfaces: tuple[Surface, ...]
    accounts: tuple[tuple[Account, Surface], ...] = ()
    open: bool = False                           # an endpoint of our own without a key: everything can be asked
