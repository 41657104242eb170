"""What a config amounts to, as one value: read for the start and again for each reload. Opens and starts nothing."""

import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from alerts.channel import Channel
from alerts.gateway import Gateway
from alerts.model import Inventory
from monitor.catalogue import Catalogue
from monitor.config import Config, catalogue_for, find_config, lacking, load_config, load_part
from monitor.keys import FoundKey, found_keys
from monitor.knowing import policy_of
from monitor.known import Policy
from monitor.model import Check
from monitor.notes import notes_on
from monitor.plan import plan
from monitor.plugins import load_plugin
from monitor.proposing import inventories_of, places_of
from monitor.unserved import unread, unserved
from monitor.workloads import workloads_of

# httpx imports its own command line if it can, and with it rich, click and pygments: 12 MiB that no daemon needs.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Setup:
    """The parts that the config decides."""

    config: Config
    catalogue: Catalogue
    checks: tuple[Check, ...]
    keys: tuple[FoundKey, ...]
    channels: Mapping[str, Channel]
    gateways: Mapping[str, Gateway]
    policy: Policy
    path: Path | None = None
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()      # of the gateways' files: `config check` refuses them, a daemon watches on
    inventories: Mapping[str, Inventory] = field(default_factory=dict)      # of the gateways' files, as they were read


def read_config(path: Path | None = None, environ: Mapping[str, str] | None = None, *,
                here: Collection[str] = ()) -> Config:
    """The config of --config, or the first there is, or the zero config. Raises UserError. `here` as of load_config:
    a person who looks has not the daemon's secrets.
    """
    seen = os.environ if environ is None else environ
    return load_config(path or find_config(seen, Path.cwd()), seen, here=here)


def read_part(path: Path | None, environ: Mapping[str, str], *sections: str) -> Config:
    """As read_config, of a config in which other keys may be wrong: what stops changes, or takes one back, must not
    wait for them.
    """
    return load_part(path or find_config(environ, Path.cwd()), environ, ("database", *sections))


def read_setup(path: Path | None, environ: Mapping[str, str], *, use_keys: bool = False,
               here: Collection[str] = ()) -> Setup:
    """Everything the config decides. Raises UserError with every problem; nothing is changed then. `here` as of
    load_config.
    """
    path = path or find_config(environ, Path.cwd())
    config = load_config(path, environ, here=here)
    if use_keys:
        config = config.model_copy(update={"use_keys": True})
    return setup_of(config, environ, path)


def setup_of(config: Config, environ: Mapping[str, str], path: Path | None = None) -> Setup:
    """As read_setup, of a config at hand."""
    catalogue = catalogue_for(config)
    keys = tuple(found_keys(catalogue, environ))
    gateways = gateways_of(config)
    places = places_of(config, gateways, catalogue)
    inventories = inventories_of(places)
    checks = plan(config, catalogue, keys, inventories)
    nameless = list(unserved(workloads_of(config, catalogue, inventories), places, inventories))
    # an export may be older than what the gateway keeps in its database
    doubts = [f"{said}; its export may be old" for name, said in nameless if config.gateways[name].outlet == "api"]
    return Setup(
        config, catalogue, checks, keys, channels_of(config), gateways, policy_of(config, catalogue), path,
        (*notes_on(config, catalogue, checks, inventories), *unread(places, inventories), *doubts),
        (*lacking(config, environ, {"gateways"}),
         *(said for name, said in nameless if config.gateways[name].outlet != "api")), inventories,
    )


def channels_of(config: Config) -> dict[str, Channel]:
    """The channels, speaking the config's language and time zone unless they say otherwise."""
    made: dict[str, Channel] = {}
    for name, settings in config.channels.items():
        kind: Any = load_plugin("alerts.channels", settings.type, "Channel")
        made[name] = kind(**(_voice(kind, config) | settings.options))
    return made


def _voice(kind: type, config: Config) -> dict[str, Any]:
    known = {one.name for one in fields(kind)} if is_dataclass(kind) else set()
    return {key: value for key, value in (("language", config.language), ("timezone", config.timezone)) if key in known}


def gateways_of(config: Config) -> dict[str, Gateway]:
    """The gateways by the config's names."""
    made: dict[str, Gateway] = {}
    for name, settings in config.gateways.items():
        kind: Any = load_plugin("alerts.gateways", settings.type, "Gateway")
        made[name] = kind(**settings.options)
    return made


def state_folder(config: Config) -> Path:
    """Where patches and locks go: beside the SQLite file; for another database, the state folder of this user."""
    if config.database.startswith("sqlite:///"):
        return Path(config.database.removeprefix("sqlite:///")).parent
    from monitor.config import default_database

    return default_database(os.environ).parent


def lock_file(config: Config) -> Path:
    """What keeps a second daemon of this machine away: beside a SQLite file; for another database, one file a URL."""
    file = config.database.removeprefix("sqlite:///")
    if file != config.database:
        return Path(f"{file}.lock")
    return state_folder(config) / f"{sha256(config.database.encode()).hexdigest()[:12]}.lock"
