"""Vendors and places, as data: who may be asked, by which account, from where. Frozen values; no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Zone(StrEnum):
    """Which side of the wall something stands on: what 'a link abroad' means."""

    CN = "cn"
    GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Surface:
    """One base URL of a vendor. `name` is international, mainland, cloud …; `dialect` is a file name in probes/wire."""

    name: str
    base_url: str
    dialect: str
    zone: Zone = Zone.GLOBAL
    models_path: str | None = None   # the catalogue's exception to the dialect's list-models path
    chat_path: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Auth:
    """How a key is shown: `header: prefix + key`. `extra` headers go with every call, keyed or not."""

    header: str = "Authorization"
    prefix: str = "Bearer "
    extra: tuple[tuple[str, str], ...] = ()
    key_envs: tuple[str, ...] = ()        # usual names of the key variable
    base_url_envs: tuple[str, ...] = ()   # where one points elsewhere, the key belongs to a reseller


@dataclass(frozen=True, slots=True)
class Model:
    """A model id as the catalogue knows it. Prices: USD per million tokens, list price."""

    id: str
    price_in: float | None = None
    price_out: float | None = None
    retires_on: date | None = None
    gone: bool = False
    source: str = ""
    context: int | None = None       # tokens that a prompt may have


@dataclass(frozen=True, slots=True)
class StatusSource:
    """A status feed or JSON of a vendor, tried in order. `platform`: statuspage, incident_io, betterstack …"""

    url: str
    platform: str
    format: str = "feed"       # feed | json
    keyword: str | None = None  # only entries that contain it (or one of several: a|b) concern this vendor
    empty_is_healthy: bool = False


@dataclass(frozen=True, slots=True)
class Provider:
    """A vendor, as data. `id` is the catalogue's file name; `aliases` are what people call it."""

    id: str
    name: str
    company: str = ""
    jurisdiction: str = ""                      # ISO 3166 of the controlling company; '' = unknown or own
    weights: str = "closed"                     # open | closed | mixed
    aliases: tuple[str, ...] = ()
    surfaces: tuple[Surface, ...] = ()
    auth: Auth = Auth()
    probe_models: tuple[Model, ...] = ()        # ordered candidates: the first that is listed and answers
    models: tuple[Model, ...] = ()              # everything else we know a price or an end date of
    status: tuple[StatusSource, ...] = ()
    pages: Mapping[str, str] = field(default_factory=dict)
    # dialect options, e.g. token_limit_field, thinking body
    quirks: Mapping[str, object] = field(default_factory=dict)
    keyless: bool = True                        # a call without a key tells alive from refused
    served_in: tuple[str, ...] = ()             # ISO 3166 of the countries it says it serves; () = it does not say
    max_per_minute: int | None = None           # requests it states that one account may make; None: it does not say
    neutral: bool = False                       # a control host, not a vendor
    ca_file: str | None = None                  # private CA of a self-hosted endpoint


@dataclass(frozen=True, slots=True)
class Account:
    """A named credential:
    the *name* of its key variable, the one host and the one region it may be used with (law 11).
    """

    name: str
    key_env: str
    host: str
    region: str


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked: vendor, surface, account (None: without a key), model (None: the probe picks a candidate)."""

    provider: Provider
    surface: Surface
    account: Account | None = None
    model: str | None = None

    @property
    def key(self) -> str:
        """Stable text of the target, part of a check's key."""
        account = self.account.name if self.account else "keyless"
        return "/".join((self.provider.id, self.surface.name, account, self.model or "-"))


@dataclass(frozen=True, slots=True)
class Vantage:
    """A way out of a region. `hosts` pins names to addresses ('api.x.com' -> '127.0.0.1:8443'), like curl --resolve."""

    name: str
    region: str
    zone: Zone = Zone.GLOBAL
    # http://, https:// or socks5:// URL; may hold a Secret's name, never a password
    proxy: str | None = None
    source_address: str | None = None
    hosts: Mapping[str, str] = field(default_factory=dict)
    ca_file: str | None = None           # trusted besides the public ones
