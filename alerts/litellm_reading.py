"""What a LiteLLM proxy config says, and what is wrong with it. Pure; facts seen on LiteLLM 1.106.2.

LiteLLM's own `--validate_config` lets a dangling alias, a dangling fallback, `num_retries: banana` and a misspelt
router key pass, so they are found here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from typing import Final

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from alerts.model import Problem, Route, Severity
from alerts.yamlnodes import child, duplicates, entries, is_empty, items, key_of, line_of, scalar

KINDS: Final = ("fallbacks", "context_window_fallbacks", "content_policy_fallbacks")
ANY: Final = "*"    # the key under which LiteLLM keeps default_fallbacks
_INTEGERS: Final = ("num_retries", "allowed_fails", "max_fallbacks", "default_max_parallel_requests")
_NUMBERS: Final = ("cooldown_time", "timeout", "stream_timeout", "retry_after")
_ROUTER_KEYS: Final = frozenset({
    *KINDS, *_INTEGERS, *_NUMBERS, "default_fallbacks", "model_group_alias", "routing_strategy",
    "routing_strategy_args", "routing_groups",
    "enable_pre_call_checks", "optional_pre_call_checks", "enable_tag_filtering", "retry_policy",
    "tag_filtering_match_any", "model_group_retry_policy", "allowed_fails_policy", "disable_cooldowns", "redis_url",
    "redis_host", "redis_port", "redis_password", "redis_db", "cache_responses", "cache_kwargs", "caching_groups",
    "client_ttl", "polling_interval", "default_priority", "default_litellm_params", "set_verbose", "debug_level",
    "provider_budget_config", "alerting_config", "router_general_settings", "ignore_invalid_deployments",
    "assistants_config", "search_tools", "guardrail_list", "enable_health_check_routing", "redis_ssl",
})


@dataclass(frozen=True, slots=True)
class Reading:
    """One config, read: `marks` are all that a model group goes by (its name, its deployments' keys and ids)."""

    root: MappingNode
    routes: tuple[Route, ...]
    marks: Mapping[str, frozenset[str]]
    aliases: Mapping[str, str]
    fallbacks: Mapping[str, Mapping[str, tuple[str, ...]]]     # by kind, then by public name

    @property
    def includes(self) -> bool:
        return child(self.root, "include") is not None


def read(root: MappingNode) -> Reading:
    marks: dict[str, set[str]] = {}
    routes = []
    for at, entry in enumerate(items(child(root, "model_list"))):
        route = replace(_route(entry), key=f"model_list.{at}")
        routes.append(route)
        marks.setdefault(route.name, set()).update({route.key, route.name, *route.also})
    frozen = {name: frozenset(names) for name, names in marks.items() if name}
    kinds = {kind: fallbacks_of(root, kind) for kind in KINDS}
    return Reading(root, tuple(route for route in routes if route.name), frozen, aliases_of(root), kinds)


def served(reading: Reading) -> dict[str, tuple[str, ...]]:
    """What apps may ask for – groups and aliases – and the keys of the deployments behind it."""
    names = dict.fromkeys((*(route.name for route in reading.routes), *reading.aliases))
    return {
        name: tuple(route.key for route in reading.routes if route.name == reading.aliases.get(name, name))
        for name in names
    }


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


def aliases_of(root: Node) -> dict[str, str]:
    return {scalar(key) or "": target_of(value) for key, value in entries(_alias_node(root))}


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
            if not is_empty(node) and not (isinstance(node, SequenceNode) and well):
                return f"{section}.{kind}"
    return ""


def problems(root: MappingNode) -> Iterator[Problem]:
    """Every fault found, by line."""
    for line, path in duplicates(root):
        yield _fault(line, f"{path} stands twice; LiteLLM takes the last one", Severity.CRITICAL)
    yield from _model_faults(root)
    yield from _router_faults(root)
    reading = read(root)
    yield from _alias_faults(reading)
    for kind in KINDS:
        yield from _fallback_faults(reading, kind)


def _route(entry: Node) -> Route:
    params = child(entry, "litellm_params")
    prefix, slash, model = (scalar(child(params, "model")) or "").partition("/")
    base, key = (scalar(child(params, name)) or "" for name in ("api_base", "api_key"))
    known = scalar(child(entry, "model_info", "id"))
    return Route(
        name=scalar(child(entry, "model_name")) or "",
        prefix=prefix if slash else "",
        model=model if slash else prefix,
        base_url=base if "://" in base and "@" not in base else "",
        key_name=key.removeprefix("os.environ/") if key.startswith("os.environ/") else "",
        base_name=base.removeprefix("os.environ/") if base.startswith("os.environ/") else "",
        also=(known,) if known else (),
    )


def _holds(node: Node | None) -> bool:
    return isinstance(node, SequenceNode) and bool(node.value)


def _alias_node(root: Node) -> Node | None:
    return child(root, "router_settings", "model_group_alias")


def _fault(line: int, what: str, severity: Severity = Severity.WARNING) -> Problem:
    return Problem(f"line {line}", what, severity)


def _model_faults(root: MappingNode) -> Iterator[Problem]:
    listed = child(root, "model_list")
    if not isinstance(listed, SequenceNode):
        if child(root, "include") is None:
            yield _fault(1, "model_list is missing or no list; the proxy serves nothing", Severity.CRITICAL)
        return
    seen: dict[tuple[object, ...], int] = {}
    for entry in listed.value:
        line, route = line_of(entry), _route(entry)
        if not route.name or not route.model:
            yield _fault(line, "a deployment needs model_name and litellm_params.model", Severity.CRITICAL)
            continue
        key = scalar(child(entry, "litellm_params", "api_key")) or ""
        if key and not key.startswith("os.environ/"):
            yield _fault(line, f"api_key of {route.name} is written out; name a variable: os.environ/NAME")
        mark = (route, key)
        if mark in seen:
            yield _fault(line, f"{route.name} repeats the deployment of line {seen[mark]}")
        seen.setdefault(mark, line)


def _router_faults(root: MappingNode) -> Iterator[Problem]:
    for key, value in entries(child(root, "router_settings")):
        name, text = scalar(key) or "", scalar(value)
        close = get_close_matches(name, _ROUTER_KEYS, n=1, cutoff=0.8)
        if name not in _ROUTER_KEYS and name != "<<":
            hint = f"did you mean {close[0]}?" if close else "LiteLLM ignores keys it does not know"
            kind = Severity.WARNING if close else Severity.INFO
            yield _fault(line_of(key), f"router_settings.{name} is not known; {hint}", kind)
        elif name in _INTEGERS and not is_empty(value) and not _reads_as(value, "int"):
            yield _fault(line_of(key), f"router_settings.{name} must be a whole number, not {text or 'a structure'!r}")
        elif name in _NUMBERS and not is_empty(value) and not _reads_as(value, "int", "float"):
            yield _fault(line_of(key), f"router_settings.{name} must be a number, not {text or 'a structure'!r}")
        elif name in KINDS and not is_empty(value) and not isinstance(value, SequenceNode):
            yield _fault(line_of(key), f"router_settings.{name} must be a list of one-key mappings", Severity.CRITICAL)


def _reads_as(node: Node, *types: str) -> bool:
    plain = isinstance(node, ScalarNode) and str(node.tag).rsplit(":", 1)[-1] in types
    return plain or (scalar(node) or "").startswith("os.environ/")


def _alias_faults(reading: Reading) -> Iterator[Problem]:
    node = _alias_node(reading.root)
    for name, target in reading.aliases.items():
        line = line_of(key_of(node, name) or reading.root)
        if not _is_served(reading, target):
            what = f"alias {name} leads to {target or 'nothing'}, which no group is called"
            yield _fault(line, what, Severity.CRITICAL)
        own = reading.fallbacks["fallbacks"]
        if target in own and name not in own:
            # BerriAI/litellm#10317: fallbacks of an alias's target are not used for calls by the alias
            yield _fault(line, f"fallbacks of {target} are not used when asked as {name}; list them under {name} too")


def _fallback_faults(reading: Reading, kind: str) -> Iterator[Problem]:
    listed = items(child(reading.root, section_of(reading.root, kind), kind))
    seen: set[str] = set()
    for key, value in ((key, value) for entry in listed for key, value in entries(entry)):
        name, fault = scalar(key) or "", partial(_fault, line_of(key))
        if name in seen:
            yield fault(f"{kind} of {name} stand twice; LiteLLM takes the first")
        seen.add(name)
        if name not in (ANY, *reading.aliases) and not _is_served(reading, name):
            yield fault(f"{kind} are given for {name}, which no group or alias is called")
        for target in map(target_of, items(value)):
            if target not in reading.aliases and not _is_served(reading, target):
                yield fault(f"{kind} of {name} lead to {target}, which no group is called", Severity.CRITICAL)
        back = _leads_back(reading, name, kind)
        if back:
            yield fault(f"{kind} of {name} lead back, by {back}, to the vendor its alias moved away from")


def _leads_back(reading: Reading, name: str, kind: str) -> str:
    """An alias that overrides a real group moved away from it; a fallback to the same prefix undoes that."""
    if name not in reading.aliases or name not in reading.marks:
        return ""
    left = {(route.prefix, route.base_url) for route in reading.routes if route.name == name}
    left -= {(route.prefix, route.base_url) for route in reading.routes if route.name == reading.aliases[name]}
    table, seen, ahead = reading.fallbacks[kind], {name}, list(reading.fallbacks[kind].get(name, ()))
    while ahead:
        step = ahead.pop(0)
        if step in seen:
            continue
        seen.add(step)
        group = reading.aliases.get(step, step)
        if left & {(route.prefix, route.base_url) for route in reading.routes if route.name == group}:
            return step
        ahead.extend(table.get(step, ()))
    return ""


def _is_served(reading: Reading, name: str) -> bool:
    wild = any("*" in group for group in reading.marks)
    return name in reading.marks or reading.includes or (wild and bool(name))
