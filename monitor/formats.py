"""Which gateway format a text is in, and a bare file's move: what `patch render` and `patch lint` do.

No config, no database: whose a route is comes from the catalogue, whether the fallback is proven from nobody – so it
is a warning here, and law 9 governs `patch apply`.
"""

import hashlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from alerts.gateway import Gateway, PatchRefused
from alerts.model import Inventory, Patch, RoutingChange, Strength
from monitor.catalogue import Catalogue
from monitor.errors import UserError
from monitor.owning import NOBODY, by_prefix, routes_of, vendor_of
from monitor.plugins import load_plugin, plugin_names
from monitor.yamlfile import near

FOLDER = "alerts.gateways"
NOT_PROVEN = "no probe has proven that {0} can take {1} over; `vendorwatch readiness` shows what is proven"

_BY_PREFIX = "only the prefix says {0} here: the calls go to {1}; check that this is what you mean"
_GOOGLE = frozenset({"google", "googlecloud", "gcp"})


def formats() -> Iterator[tuple[str, Gateway]]:
    """Every format by its file's name."""
    for name in plugin_names(FOLDER):
        yield name, load_plugin(FOLDER, name, "Gateway")()


def format_named(word: str) -> tuple[str, Gateway]:
    """By its name or one of the names people call it, whatever the case and the dashes. Raises UserError."""
    wanted = _flat(word)
    known: list[str] = []
    for name, gateway in formats():
        if wanted in (_flat(name), *map(_flat, gateway.names)):
            return name, gateway
        known.append(name)
    raise UserError(f"no gateway format '{word}'{near(word, known)}; there are: {', '.join(known)}")


def format_of(text: str, path: str = "") -> tuple[str, Gateway]:
    """The one format this text looks like. Raises UserError where it is none or several."""
    found = [(name, gateway) for name, gateway in formats() if gateway.fits(text)]
    if len(found) == 1:
        return found[0]
    said = f"could be {' or '.join(name for name, _ in found)}" if found else "looks like no gateway's config"
    raise UserError(f"{path or 'the text'} {said}; say which with --gateway ({', '.join(n for n, _ in formats())})")


def read_text(path: Path) -> str:
    """A file as it is, byte-order mark and line ends included; - is standard input. Raises PatchRefused."""
    try:
        return (sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()).decode("utf-8")
    except OSError as error:
        raise PatchRefused(f"{path} cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise PatchRefused(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8 first") from error


def aimed(change: RoutingChange, gateway: Gateway, text: str, catalogue: Catalogue,
          own: Mapping[str, str] = NOBODY) -> RoutingChange:
    """The change with the routes that leave as they stand in this text. `own`: the config's endpoints by base URL.
    Raises PatchRefused for what is no config.
    """
    return replace(change, leaves_routes=routes_of(gateway.inventory(text), change.leaves, catalogue, own))


def moved(gateway: tuple[str, Gateway], text: str, path: str, move: tuple[str, str, str, Strength],
          catalogue: Catalogue) -> Patch:
    """A bare file's patch. `move`: workload, vendor, route that takes over, strength. Raises PatchRefused."""
    name, form = gateway
    workload, vendor, target, strength = move
    known = catalogue.lookup(vendor)
    leaves = known.id if known else vendor
    digest = hashlib.sha256("\n".join((name, workload, leaves, target, strength)).encode()).hexdigest()[:10]
    change = RoutingChange(f"vw-{digest}", workload, leaves, (), target, strength, "asked by hand", "asked by hand")
    inventory = form.inventory(text)
    change = replace(change, leaves_routes=_said(inventory, vendor, leaves, catalogue))
    refused: PatchRefused | None = None
    for one, warning in _readings(change, inventory, catalogue):
        try:
            patch = form.render(one, text, path)
        except PatchRefused as refusal:
            refused = refused or refusal
            continue
        said = (NOT_PROVEN.format(target, workload), *warning, *patch.warnings)
        return replace(patch, warnings=said) if patch.diff else patch
    raise PatchRefused(f"{refused}{_served(change, inventory, catalogue)}") from refused


def _said(inventory: Inventory, word: str, vendor: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Who says google may mean either of its houses."""
    found = routes_of(inventory, vendor, catalogue)
    return (*found, *routes_of(inventory, "vertex", catalogue)) if _flat(word) in _GOOGLE else found


def _readings(change: RoutingChange, inventory: Inventory, catalogue: Catalogue,
              ) -> Iterator[tuple[RoutingChange, tuple[str, ...]]]:
    """The change as it is said; then as it may be meant: the target by its vendor's name, the vendor by its prefix."""
    known = catalogue.lookup(change.takes_over)
    keys = () if known is None else routes_of(inventory, known.id, catalogue)
    names = {one.name for one in inventory.routes if one.key in keys and one.key not in change.leaves_routes}
    targets = [change, *(replace(change, takes_over=name) for name in names if len(names) == 1)]
    yield from ((one, ()) for one in targets)
    wide = by_prefix(inventory, change.workload, change.leaves, catalogue)
    if wide and not set(change.leaves_routes) & {one.key for one in wide}:
        hosts = ", ".join(dict.fromkeys(one.base_url or one.base_name or one.name for one in wide))
        leaves = (*change.leaves_routes, *(one.key for one in wide))
        yield from ((replace(one, leaves_routes=leaves), (_BY_PREFIX.format(change.leaves, hosts),)) for one in targets)


def _served(change: RoutingChange, inventory: Inventory, catalogue: Catalogue) -> str:
    """Whose the workload is, where nothing of it is the vendor's."""
    keys = inventory.workloads.get(change.workload, ())
    if not keys or set(keys) & set(change.leaves_routes):
        return ""
    owners = {one.base_url or one.prefix or one.model: vendor_of(one, catalogue)
              for one in inventory.routes if one.key in keys}
    said = ", ".join(f"{owner or 'a vendor we do not know'} ({place})" for place, owner in owners.items() if place)
    return f" – {change.workload!r} is served by {said}" if said else ""


def changed_lines(patch: Patch) -> int:
    """Lines that the diff adds or takes away, context not counted."""
    body = [line for line in patch.diff.splitlines() if not line.startswith(("--- ", "+++ "))]
    return sum(line.startswith(("+", "-")) for line in body)


def _flat(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter.isalnum())
