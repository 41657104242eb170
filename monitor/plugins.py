"""The folder is the registry: a plugin's name is its file's name, and the file exports one class of a fixed name.

Adding a probe kind, channel, gateway, rule or dialect is one new file and no edit here.
"""

import importlib
import pkgutil
from functools import cache

from monitor.errors import UserError
from monitor.yamlfile import near


def plugin_names(package: str) -> list[str]:
    """The names in a folder such as 'alerts.channels', sorted. A name with a leading underscore is no plugin."""
    folder = importlib.import_module(package)
    return list(_listed(tuple(folder.__path__)))


@cache      # every run of a check asks; a folder of code does not change while it runs
def _listed(paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(item.name for item in pkgutil.iter_modules(paths) if not item.name.startswith("_")))


def load_plugin(package: str, name: str, attribute: str) -> type:
    """The class `attribute` of one plugin. Raises UserError naming what exists, or what must be installed."""
    names = plugin_names(package)
    if name not in names:
        kind = package.rpartition(".")[2]
        raise UserError(f"no {name!r} in {kind}{near(name, names)}; there are: {', '.join(names) or 'none'}")
    try:
        module = importlib.import_module(f"{package}.{name}")
    except ModuleNotFoundError as error:
        raise UserError(f"{package}.{name} needs the Python package {error.name!r}; install it") from error
    found = getattr(module, attribute, None)
    if not isinstance(found, type):
        raise UserError(f"{package}.{name} exports no class {attribute}; it is not a plugin of this kind")
    return found
