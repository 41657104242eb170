"""What a Portkey config says: which configs a file holds, their targets as a tree, which of them are called. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from alerts.gateway import PatchRefused
from alerts.jsonformats.reading import variable
from alerts.model import Route
from alerts.surgery.jsonnodes import Node, Path, child, elements, figure, parse, string, walk

MODES: Final = ("single", "fallback", "loadbalance", "conditional")
_LEAF: Final = ("provider", "virtual_key", "virtualKey", "api_key", "override_params")
_NAMES: Final = ("name", "id", "slug", "config_id", "title")
_NO_NAMES: Final = frozenset({"config", "configs", "portkey", "portkey_config", "gateway"})


@dataclass(frozen=True, slots=True)
class Place:
    """A config or target: a group with children, or a leaf with its route."""

    path: Path
    node: Node
    name: str = ""
    mode: str = ""
    children: tuple["Place", ...] = ()
    route: Route | None = None

    def leaves(self) -> Iterator[Route]:
        """All routes below, also those that no call reaches."""
        if self.route is not None:
            yield self.route
        for one in self.children:
            yield from one.leaves()

    def chosen(self) -> tuple[int, ...]:
        """The children that calls may go to, by index."""
        everyone = tuple(range(len(self.children)))
        if self.mode == "loadbalance":
            return tuple(at for at in everyone if weight_of(self.children[at]) > 0)
        if self.mode == "conditional":
            named = {name for _, name in self.named()}
            return tuple(at for at in everyone if self.children[at].name in named)
        return everyone[:1] if self.mode == "single" else everyone

    def called(self) -> Iterator[Route]:
        """The routes that calls may reach, first choice first."""
        if self.route is not None:
            yield self.route
        for at in self.chosen():
            yield from self.children[at].called()

    def named(self) -> Iterator[tuple[Path, str]]:
        """Where a conditional group names a child."""
        for at, one in enumerate(elements(self.node, "strategy", "conditions")):
            yield ("strategy", "conditions", at, "then"), string(one, "then")
        if string(self.node, "strategy", "default"):
            yield ("strategy", "default"), string(self.node, "strategy", "default")


@dataclass(frozen=True, slots=True)
class Config:
    """One config of a file, and what it is called there."""

    names: tuple[str, ...]
    place: Place


def weight_of(place: Place) -> float:
    """Left out, it is 1 (handlerUtils.ts)."""
    node = child(place.node, "weight")
    return 1.0 if node is None else figure(node) or 0.0


@lru_cache(maxsize=4)
def read(text: str) -> tuple[Config, ...]:
    """The configs of a file: one as a whole, or those under keys or in a list. Raises PatchRefused."""
    root = parse(text)
    found = tuple(_configs(root))
    if not found and any(string(root, key) for key in ("provider", "virtual_key", "virtualKey")):
        found = (Config((), _place(root, ())),)                         # one target, without a list
    if not found:
        raise PatchRefused("no strategy with targets here: is this a Portkey config?")
    return found


def is_group(node: Node) -> bool:
    return child(node, "targets") is not None


def _configs(root: Node) -> Iterator[Config]:
    done: list[Path] = []
    for path, node in walk(root):
        inside = any(path[:len(one)] == one for one in done)
        if not inside and node.kind == "object" and is_group(node) and child(node, "strategy") is not None:
            done.append(path)
            yield Config(tuple(_names(root, path, node)), _place(node, path))


def _names(root: Node, path: Path, node: Node) -> Iterator[str]:
    above = child(root, *path[:-1]) if path else None
    for home in (node, above):
        if home is not None and home.kind == "object":
            yield from (said for key in _NAMES if (said := string(home, key)))
    for step in reversed(path):
        if isinstance(step, str) and step.lower() not in _NO_NAMES:
            yield step


def _place(node: Node, path: Path) -> Place:
    if not is_group(node):
        return Place(path, node, string(node, "name"), route=_route(node, path))
    unsaid = "single" if child(node, "strategy") is None else ""
    mode = re.sub(r"[-_]", "", string(node, "strategy", "mode")) or unsaid      # load-balance is in many a text
    children = tuple(_place(one, (*path, "targets", at)) for at, one in enumerate(elements(node, "targets")))
    return Place(path, node, string(node, "name"), mode, children)


def _route(node: Node, path: Path) -> Route:
    """A target by its provider: `openai`, or `@slug` of an integration, which the model may name too (@slug/model)."""
    model = string(node, "override_params", "model") or string(node, "overrideParams", "model") or string(node, "model")
    slug, _, rest = model.removeprefix("@").partition("/") if model.startswith("@") else ("", "", model)
    key = string(node, "virtual_key") or string(node, "virtualKey")
    shown = "" if variable(key) or len(key) > 60 else key
    provider = string(node, "provider").removeprefix("@") or slug
    host = string(node, "custom_host") or string(node, "customHost")
    named = variable(string(node, "api_key") or string(node, "apiKey")) or variable(key)
    where = ".".join(map(str, path)) or "config"
    name = string(node, "name") or provider or shown or rest or named or where
    also = (provider, shown, rest, model, f"{provider}/{rest}", f"{provider},{rest}", f"@{provider}", named)
    own = not provider or slug or string(node, "provider").startswith("@")       # a slug that somebody chose
    prefix = f"{'@' if own else ''}{provider or shown}".rstrip("@").lower()
    return Route(name, prefix, rest, host, named, variable(host), where,
                 tuple(dict.fromkeys(one for one in also if one.strip("/,@") and one != name)))


def looks_like(node: Node) -> bool:
    """A leaf that is one by its keys."""
    return any(child(node, key) is not None for key in _LEAF)
