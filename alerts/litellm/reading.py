"""What a LiteLLM proxy config says, and whom a call by a name reaches. Pure; facts seen on LiteLLM 1.106.2.

A name is looked up in the router's own order (`_common_checks_available_deployment`): a deployment's id, an alias (one
step, and over a group of the same name), a group, a wildcard group, a deployment's `litellm_params.model`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from alerts.gateway import PatchRefused
from alerts.model import Route
from alerts.surgery.yamlnodes import child, compose, entries, items, scalar

KINDS: Final = ("fallbacks", "context_window_fallbacks", "content_policy_fallbacks")
ANY: Final = "*"    # the key under which LiteLLM keeps default_fallbacks
_SECTIONS: Final = ("model_list", "litellm_settings", "router_settings")


@dataclass(frozen=True, slots=True)
class Reading:
    """One config, read. `below`: the keys it stands under in its file, none for LiteLLM's own (Helm: proxy_config)."""

    top: MappingNode
    root: Node
    below: tuple[str, ...]
    routes: tuple[Route, ...]
    groups: Mapping[str, tuple[Route, ...]]
    aliases: Mapping[str, str]
    fallbacks: Mapping[str, Mapping[str, tuple[str, ...]]]     # by kind, then by public name

    @property
    def includes(self) -> bool:
        return child(self.root, "include") is not None

    def group_of(self, name: str) -> str:
        """Where an alias leads; else the name itself."""
        return self.aliases.get(name) or name


@lru_cache(maxsize=4)
def read(text: str) -> Reading:
    """Raises PatchRefused for what is no YAML mapping; what is no LiteLLM config has no routes."""
    top = compose(text)
    below, root = _place(top)
    groups: dict[str, list[Route]] = {}
    for at, entry in enumerate(items(child(root, "model_list"))):
        route = route_of(entry, f"model_list.{at}")
        if route.name:
            groups.setdefault(route.name, []).append(route)
    routes = sorted((one for group in groups.values() for one in group), key=index_of)
    frozen = {name: tuple(group) for name, group in groups.items()}
    kinds = {kind: fallbacks_of(root, kind) for kind in KINDS}
    return Reading(top, root, below, tuple(routes), frozen, aliases_of(root), kinds)


def index_of(route: Route) -> int:
    """Its place in model_list."""
    return int(route.key.rpartition(".")[2])


def served(reading: Reading) -> dict[str, tuple[str, ...]]:
    """What apps may ask for – groups and aliases – and the keys of the deployments behind it."""
    names = dict.fromkeys((*reading.groups, *reading.aliases))
    return {name: tuple(route.key for route in serving(reading, name)) for name in names}


def serving(reading: Reading, name: str) -> tuple[Route, ...]:
    """The deployments that a call by this name reaches, fallbacks aside; () where LiteLLM answers that it has none."""
    if name not in reading.groups:
        known = tuple(route for route in reading.routes if name in route.also)
        if known:
            return known[:1]
    return group_serving(reading, reading.group_of(name))


def group_serving(reading: Reading, group: str, sure: bool = False) -> tuple[Route, ...]:
    """The same for a name that stands after aliases were followed. `sure`: without those that only may serve it."""
    if not group:
        return ()
    if group in reading.groups:
        return reading.groups[group]
    wild = sorted((name for name in reading.groups if "*" in name), key=len, reverse=True)
    fitting = next((name for name in wild if matches(name, group)), "")
    if fitting:
        return reading.groups[fitting]
    # claude-x fits anthropic/* too, as LiteLLM knows whose it is: we do not, so any group of the kind may serve it
    maybe = [route for name in wild if name.endswith("/*") for route in reading.groups[name]]
    if maybe and "/" not in group and not sure:
        return tuple(maybe)
    return tuple(route for route in reading.routes if group == model_of(route))


def model_of(route: Route) -> str:
    """As `litellm_params.model` says it."""
    return f"{route.prefix}/{route.model}" if route.prefix else route.model


def section_of(root: Node, kind: str) -> str:
    """Where fallbacks of a kind take effect: those of router_settings hide the ones of litellm_settings."""
    here, there = child(root, "router_settings", kind), child(root, "litellm_settings", kind)
    return "litellm_settings" if _holds(there) and not _holds(here) else "router_settings"


def fallbacks_of(root: Node, kind: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for entry in items(child(root, section_of(root, kind), kind)):
        for key, value in entries(entry):
            found.setdefault(scalar(key) or "", tuple(map(target_of, items(value))))
    generic = child(root, section_of(root, "default_fallbacks"), "default_fallbacks")
    if kind == "fallbacks" and _holds(generic):
        found.setdefault(ANY, tuple(map(target_of, items(generic))))
    return found


def alias_node(root: Node) -> Node | None:
    return child(root, "router_settings", "model_group_alias")


def aliases_of(root: Node) -> dict[str, str]:
    return {scalar(key) or "": target_of(value) for key, value in entries(alias_node(root)) if scalar(key) != "<<"}


def target_of(node: Node) -> str:
    """The group that an alias or a fallback leads to: written as a name, or as a mapping with `model`."""
    return scalar(node) or scalar(child(node, "model")) or ""


def misshapen(root: Node) -> str:
    """The path of fallbacks not written as a list of mappings to lists; LiteLLM does not start with these."""
    for section in ("router_settings", "litellm_settings"):
        for kind in KINDS:
            node = child(root, section, kind)
            well = all(
                isinstance(entry, MappingNode) and all(isinstance(value, SequenceNode) for _, value in entry.value)
                for entry in items(node)
            )
            empty = node is None or str(node.tag).endswith(":null")
            if not empty and not (isinstance(node, SequenceNode) and well):
                return f"{section}.{kind}"
    return ""


def named_in(node: Node | None) -> frozenset[str]:
    """Whose fallbacks a misshapen list or mapping may say: its keys, and what it lists itself."""
    listed = {scalar(one) or "" for one in items(node)}
    return frozenset(listed.union(scalar(key) or "" for one in (node, *items(node)) for key, _ in entries(one)))


def route_of(entry: Node, key: str = "") -> Route:
    params = child(entry, "litellm_params")
    prefix, slash, model = (scalar(child(params, "model")) or "").partition("/")
    base, secret = (scalar(child(params, name)) or "" for name in ("api_base", "api_key"))
    base = base or scalar(child(params, "base_url")) or ""
    known = scalar(child(entry, "model_info", "id"))
    told = scalar(child(params, "custom_llm_provider")) or ""
    return Route(
        name=scalar(child(entry, "model_name")) or "",
        prefix=prefix if slash else told,
        model=model if slash else prefix,
        base_url=base if "://" in base and "@" not in base else "",
        key_name=secret.removeprefix("os.environ/") if secret.startswith("os.environ/") else "",
        base_name=base.removeprefix("os.environ/") if base.startswith("os.environ/") else "",
        key=key,
        also=(known,) if known else (),
    )


def matches(pattern: str, name: str) -> bool:
    """Whether a wildcard group serves a name: each * stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) is not None


def _holds(node: Node | None) -> bool:
    return isinstance(node, SequenceNode) and bool(node.value)


def _place(top: MappingNode) -> tuple[tuple[str, ...], Node]:
    """The config in this file: the file itself, or what a Helm chart's values hold under proxy_config."""
    if any(child(top, name) is not None for name in (*_SECTIONS, "include")):
        return (), top
    found = list(_nested(top, ()))
    if len(found) > 1:
        raise PatchRefused(f"there are {len(found)} configs in this file, {found[0][0][-1]} …; give each its own file")
    return found[0] if found else ((), top)


def _nested(node: Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Node]]:
    for key, value in entries(node):
        here = (*path, scalar(key) or "")
        if isinstance(child(value, "model_list"), SequenceNode):
            yield here, value
        elif len(here) < 3:
            yield from _nested(value, here)
