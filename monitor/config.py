"""vendorwatch.yaml: where it is looked for, and all that is wrong with it at once, each with file and key.

Checking changes nothing: no folder is made, no key is shown, nothing is started.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from monitor.catalogue import Catalogue, load_catalogue
from monitor.configcheck import problems_in
from monitor.errors import UserError
from monitor.settings import Config, EndpointSettings, VantageSettings
from monitor.yamlfile import problems_of, read_mapping

__all__ = ["Config", "catalogue_for", "default_database", "find_config", "load_config", "vendor_id"]

FILE = "vendorwatch.yaml"
NO_FILE = "(no config file)"
HERE = frozenset({"channels", "gateways"})           # sections that speak of secrets and files of this machine
NAMING = frozenset({"regions", "accounts", "endpoints", "channels", "gateways"})     # sections others refer to by name
Certified = TypeVar("Certified", VantageSettings, EndpointSettings)


def find_config(environ: Mapping[str, str], cwd: Path) -> Path | None:
    """$VENDORWATCH_CONFIG, ./, $XDG_CONFIG_HOME/vendorwatch/, /etc/vendorwatch/: the first there is (after --config).

    A file named by the variable is returned even if it is not there: load_config then says so.
    """
    if named := environ.get("VENDORWATCH_CONFIG"):
        return Path(named)
    home = Path(environ.get("HOME") or "~").expanduser()
    user = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    places = (cwd / FILE, user / "vendorwatch" / FILE, Path("/etc/vendorwatch") / FILE)
    # not is_file(): that raises where a folder may not be searched, as with sudo in somebody else's home
    return next((place for place in places if os.access(place, os.F_OK)), None)


def default_database(environ: Mapping[str, str]) -> Path:
    """$XDG_STATE_HOME/vendorwatch/vendorwatch.db, or below ~/.local/state."""
    home = Path(environ.get("HOME") or "~").expanduser()
    return Path(environ.get("XDG_STATE_HOME") or home / ".local" / "state") / "vendorwatch" / "vendorwatch.db"


def load_config(path: Path | None, environ: Mapping[str, str], *, here: Collection[str] = HERE) -> Config:
    """The config of a file, or the zero config. Raises UserError with every problem.

    `here`: of HERE, the sections whose secrets and files must be there now. Who only looks needs none of them.

    `database` comes back as a URL; relative paths of the file count from the file's folder.
    """
    file = str(path) if path else NO_FILE
    raw = read_mapping(path) if path else {}
    try:
        config = Config.model_validate(raw)
    except ValidationError as error:
        raise UserError([*problems_of(error, file, Config), *_besides(raw, error, path, environ, here)]) from error
    config, problems = _checked(config, path, environ, here)
    if problems:
        raise UserError(problems)
    return config


def lacking(config: Config, environ: Mapping[str, str], sections: Collection[str]) -> Iterator[str]:
    """What is not there on this machine now, of the channels' secrets and the gateways' files."""
    for name, channel in config.channels.items() if "channels" in sections else ():
        for option, value in channel.options.items():
            if option.endswith("_env") and isinstance(value, str) and not environ.get(value):
                yield f"channels.{name}.{option}: the variable {value} is not set; export it before starting"
    for name, one in config.gateways.items() if "gateways" in sections else ():
        if not os.access(one.file, os.R_OK):
            yield f"gateways.{name}.file: cannot read {one.file}; give the path of the gateway's config"


def load_part(path: Path | None, environ: Mapping[str, str], sections: Collection[str]) -> Config:
    """Of a config that may have faults elsewhere: these sections, each by itself, and the defaults of all else. Raises
    UserError.
    """
    raw = read_mapping(path) if path else {}
    try:
        part = Config.model_validate({name: raw[name] for name in sections if name in raw})
    except ValidationError as error:
        raise UserError(problems_of(error, str(path), Config)) from error
    return _anchored(part, path.parent if path else Path(), environ)


def _checked(config: Config, path: Path | None, environ: Mapping[str, str],
             here: Collection[str]) -> tuple[Config, list[str]]:
    """With its paths made absolute, and what is wrong between its sections or on this machine."""
    config = _anchored(config, path.parent if path else Path(), environ)
    file = str(path) if path else NO_FILE
    absent = list(lacking(config, environ, here))
    try:
        catalogue = catalogue_for(config)
    except UserError as error:
        return config, [*error.problems, *_lines(file, [*problems_in(config, None, environ), *absent])]
    return config, _lines(file, [*problems_in(config, catalogue, environ), *absent])


def _besides(raw: Any, error: ValidationError, path: Path | None, environ: Mapping[str, str],
             here: Collection[str]) -> list[str]:
    """What else is wrong, once the values of the wrong form are thought away. Nothing where that leaves no config, or
    would take a name away that other sections speak of: a problem that is none is worse than one said later."""
    places = [item["loc"] for item in error.errors(include_url=False)]
    try:
        for loc in places:
            if loc[0] in NAMING and len(loc) < 3:
                return []
            raw = _without(raw, loc)
        _, found = _checked(Config.model_validate(raw), path, environ, here)
    except (LookupError, ValidationError):
        return []
    gone = tuple(f"{path}: {loc[0]}: " for loc in places if len(loc) == 1)    # its default is not what was meant
    return [line for line in found if not line.startswith(gone)]


def _without(value: Any, loc: tuple[int | str, ...]) -> Any:
    """A copy, less the key that `loc` names. Raises LookupError where it is an item of a list, or is not there."""
    at, below = loc[0], loc[1:]
    if isinstance(value, dict) and at in value:
        if not below:
            return {key: one for key, one in value.items() if key != at}
        return {**value, at: _without(value[at], below)}
    if isinstance(value, list) and isinstance(at, int) and below:
        return [_without(one, below) if index == at else one for index, one in enumerate(value)]
    raise LookupError(at)


def catalogue_for(config: Config) -> Catalogue:
    """The vendors this config sees."""
    return load_catalogue(Path(config.catalogue) if config.catalogue else None)


def vendor_id(name: str, config: Config, catalogue: Catalogue) -> str:
    """Whom a person means: a vendor by any of its names, or an endpoint of the config. Raises UserError."""
    return name if name in {one.name for one in config.endpoints} else catalogue.find(name).id


def _lines(file: str, problems: list[str]) -> list[str]:
    return [f"{file}: {problem}" for problem in problems]


def _anchored(config: Config, base: Path, environ: Mapping[str, str]) -> Config:
    """Paths made absolute from the file's folder, so that it does not matter where the daemon is started."""
    def placed(path: str) -> str:
        return str((base / Path(path).expanduser()).absolute())

    database = config.database or str(default_database(environ))
    regions = {
        name: region.model_copy(update={"vantages": [_certified(one, placed) for one in region.vantages]})
        for name, region in config.regions.items()
    }
    gateways = {
        name: one.model_copy(update={"file": placed(one.file)}) for name, one in config.gateways.items()
    }
    return config.model_copy(update={
        "database": database if "://" in database else f"sqlite:///{placed(database)}",
        "catalogue": placed(config.catalogue) if config.catalogue else None,
        "regions": regions,
        "endpoints": [_certified(one, placed) for one in config.endpoints],
        "gateways": gateways,
    })


def _certified(one: Certified, placed: Callable[[str], str]) -> Certified:
    return one.model_copy(update={"ca_file": placed(one.ca_file)}) if one.ca_file else one
