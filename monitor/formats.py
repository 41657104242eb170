"""Which gateway format a text is in, and a bare file's move: what `patch render` and `patch lint` do.

No config, no database: whose a route is comes from the catalogue, whether the fallback is proven from nobody – so it
is a warning here, and law 9 governs `patch apply`.
"""

import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from alerts.gateway import Gateway, PatchRefused, RouteUnknown
from alerts.model import Inventory, Patch, Route, RoutingChange, Strength
from alerts.surgery.text import decoded
from monitor.catalogue import Catalogue, main_model
from monitor.errors import UserError
from monitor.owning import NOBODY, by_maker, by_prefix, by_word, routes_of, vendor_of
from monitor.plugins import load_plugin, plugin_names
from monitor.yamlfile import near

FOLDER = "alerts.gateways"
NOT_PROVEN = "no probe has proven that {0} can take {1} over; `vendorwatch readiness` shows what is proven"

_BY_PREFIX = "only the prefix says {0} here: the calls go to {1}; check that this is what you mean"
_BY_MAKER = "{0} made the model, but the calls go to {1}; check that this is what you mean"
_BY_CATALOGUE = "the file names no model of {0}; {1} is the catalogue's: check it, or write out --to {0}/MODEL"
_WRITTEN_OUT = frozenset({"dotenv", "claude_code", "configmap"})     # no table of routes: vendor/model says it all
Reading = tuple[RoutingChange, tuple[str, ...]]       # what may be meant, and what is to be said then
_LOOSE = frozenset({"dotenv", "configmap"})        # the workload may stand for several places, of which some are there
_MARKING = frozenset({"litellm"})         # every edit leaves its note in the text
_NO_VENDOR = "; no vendor is called"
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


def file_named(word: str) -> str:
    """A format's own name for one of those that people call it; any other word as it is."""
    try:
        return word if word in plugin_names(FOLDER) else format_named(word)[0]
    except UserError:
        return word


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
        raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise PatchRefused(f"{path} cannot be read ({error.strerror})") from error
    return decoded(raw, path)


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
    inventory = form.inventory(text)
    known = catalogue.lookup(vendor)
    leaves = known.id if known else vendor
    if known is None and not routes_of(inventory, vendor, catalogue):
        leaves = by_word(vendor, catalogue) or vendor       # a gateway's name of it: aws_bedrock, gcp_vertex_gemini
    digest = hashlib.sha256("\n".join((name, workload, leaves, target, strength)).encode()).hexdigest()[:10]
    change = RoutingChange(f"vw-{digest}", workload, leaves, (), target, strength, "asked by hand", "asked by hand")
    changes = [replace(change, leaves_routes=keys) for keys in _said(inventory, vendor, leaves, catalogue)]
    offering = catalogue if name in _WRITTEN_OUT else None
    said = [reading for one in changes for reading in _readings(one, inventory, catalogue, offering)]
    patch, refused, warning = _first(form, said, text, path)
    wider = [one for one in said if one[0].leaves_routes != changes[0].leaves_routes]
    if patch and not patch.diff and wider and name in _LOOSE and change.id not in text:
        patch, refused, warning = _first(form, wider, text, path)
    if not (patch and patch.diff) and not _is_done(name, changes[0], text, sure=patch is not None):
        made, instead, more = _first(form, _by_maker(changes[0], said, inventory, catalogue), text, path)
        patch, warning = (made, more) if made is not None and made.diff else (patch, warning)
        refused = instead or refused
    if patch is None:
        vendors = offering.by_word if offering else ()
        hints = "".join(_hints((workload, vendor, target), str(refused), inventory, catalogue, vendors))
        why = str(refused).removesuffix("; check the workload's name" if hints.startswith(_NO_VENDOR) else "")
        raise PatchRefused(f"{why}{_served(changes[0], inventory, catalogue)}{hints}") from refused
    first = NOT_PROVEN.format(target, workload)
    return replace(patch, warnings=(first, *warning, *patch.warnings)) if patch.diff else patch


def _is_done(name: str, change: RoutingChange, text: str, *, sure: bool) -> bool:
    """Whether it is moved already, and the vendor not to be sought in another sense. `sure`: nothing was to change."""
    return change.id in text or (sure and name not in _MARKING and bool(change.leaves_routes))


def _first(form: Gateway, readings: Iterable[Reading], text: str, path: str,
           ) -> tuple[Patch | None, PatchRefused | None, tuple[str, ...]]:
    """The patch of the first reading that is not refused, with what is to be said of it; else the first refusal."""
    refused: PatchRefused | None = None
    for meant, warning in readings:
        try:
            return form.render(meant, text, path), None, warning
        except PatchRefused as refusal:
            refused = refusal if refused is None or isinstance(refused, RouteUnknown) else refused
    return None, refused, ()


def _said(inventory: Inventory, word: str, vendor: str, catalogue: Catalogue) -> Iterator[tuple[str, ...]]:
    """What leaves. Who says google means both of its houses, unless one is to take over from the other."""
    found = routes_of(inventory, vendor, catalogue)
    other = routes_of(inventory, "vertex", catalogue) if _flat(word) in _GOOGLE else ()
    if other:
        yield (*found, *other)
    yield found


def _readings(change: RoutingChange, inventory: Inventory, catalogue: Catalogue, offering: Catalogue | None,
              ) -> Iterator[Reading]:
    """The change as it is said; then as it may be meant: the target by its vendor's name or by a model of its that
    `offering` has, the vendor by its prefix.
    """
    yield change, ()
    known = catalogue.lookup(change.takes_over)
    keys = () if known is None else routes_of(inventory, known.id, catalogue)
    names = {one.name for one in inventory.routes if one.key in keys and one.key not in change.leaves_routes}
    targets: list[Reading] = [(replace(change, takes_over=name), ()) for name in names if len(names) == 1]
    model = "" if known is None or offering is None else main_model(known)
    if model:
        written = replace(change, takes_over=f"{change.takes_over.strip()}/{model}")
        targets.append((written, (_BY_CATALOGUE.format(change.takes_over, model),)))
    yield from targets
    wide = by_prefix(inventory, change.workload, change.leaves, catalogue)
    if wide and not set(change.leaves_routes) & {one.key for one in wide}:
        yield from _wider(_BY_PREFIX, wide, change, [(change, ()), *targets])


def _by_maker(change: RoutingChange, said: Sequence[Reading], inventory: Inventory, catalogue: Catalogue,
              ) -> Iterator[Reading]:
    """The vendor as who made the models that others serve, where nothing of the workload is the vendor's own."""
    made = by_maker(inventory, change.workload, change.leaves, catalogue)
    if not set(change.leaves_routes) & set(inventory.workloads.get(change.workload, ())):
        new = [one for one in made if one.key not in change.leaves_routes]
        yield from _wider(_BY_MAKER, new, change, [one for one in said if one[0].leaves_routes == change.leaves_routes])


def _wider(why: str, wide: Sequence[Route], change: RoutingChange, readings: Sequence[Reading]) -> Iterator[Reading]:
    """The same changes with more that leaves, and a warning that names where it is."""
    if wide:
        hosts = ", ".join(dict.fromkeys(one.base_url or one.base_name or one.prefix or one.name for one in wide))
        leaves = (*change.leaves_routes, *(one.key for one in wide))
        yield from ((replace(one, leaves_routes=leaves), (why.format(change.leaves, hosts), *warned))
                    for one, warned in readings)


def _served(change: RoutingChange, inventory: Inventory, catalogue: Catalogue) -> str:
    """Whose the workload is, where nothing of it is the vendor's."""
    keys = inventory.workloads.get(change.workload, ())
    if not keys or set(keys) & set(change.leaves_routes):
        return ""
    owners = {one.base_url or one.prefix or one.model: vendor_of(one, catalogue)
              for one in inventory.routes if one.key in keys}
    said = ", ".join(f"{owner or 'a vendor we do not know'} ({place})" for place, owner in owners.items() if place)
    return f" – {change.workload!r} is served by {said}" if said else ""


def _hints(words: tuple[str, str, str], refused: str, inventory: Inventory, catalogue: Catalogue,
           offered: Iterable[str]) -> Iterator[str]:
    """What may have been meant, and what there is: for a vendor nobody knows, and for the workload or the route that
    the refusal names and the file does not have.
    `words`: workload, vendor, route; `offered`: vendors that need not be in the file.
    """
    workload, vendor, target = words
    routes = list(dict.fromkeys(one.name for one in inventory.routes))
    public = list(dict.fromkeys((*(inventory.workloads or routes), *inventory.aliases)))
    if catalogue.lookup(vendor) is None and not routes_of(inventory, vendor, catalogue):
        owners = {owner for one in inventory.routes if (owner := vendor_of(one, catalogue))}
        yield (f"{_NO_VENDOR} {vendor!r}{near(vendor, [*catalogue.by_word])}, and this file leads to "
               f"{', '.join(sorted(owners)) or 'nobody we know'}")
    for what, word, there, more in (("workload", workload, public, ()), ("route", target, routes, offered)):
        known, quoted = [*there, *more], repr(word) in refused
        listed = f"; there are: {_some(there)}" if quoted and "there are: " not in refused else ""
        said = f"{near(word, known)}{listed}"
        if said and word.casefold() not in map(str.casefold, known):
            yield f"; no {what} is called {word!r}{said}"


def _some(names: Sequence[str]) -> str:
    return (", ".join(names[:12]) or "none") + (" …" if len(names) > 12 else "")


def changed_lines(patch: Patch) -> int:
    """Lines that the diff adds or takes away, context not counted. A line `-- x` that goes looks like a header: those
    are the first two lines, and no other.
    """
    return sum(line.startswith(("+", "-")) for line in patch.diff.split("\n")[2:])


def _flat(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter.isalnum())
