"""What is wrong with a LiteLLM proxy config, by line. Pure; facts seen on LiteLLM 1.106.2.

LiteLLM's own `--validate_config` lets a dangling alias, a dangling fallback, `num_retries: banana` and a misspelt key
pass, so they are found here. What is sound, if unusual, is left alone: an alarm that is none is soon switched off.
"""

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from functools import partial
from typing import Final

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from alerts.litellm.keys import (
    ENTRY,
    INTEGERS,
    NUMBERS,
    PARAMS,
    ROUTER,
    ROUTER_ONLY,
    SETTINGS,
    STOPS_IN_ROUTER,
    STRATEGIES,
    TOP,
)
from alerts.litellm.reading import (
    ANY,
    KINDS,
    Reading,
    alias_node,
    group_serving,
    route_of,
    section_of,
    serving,
    target_of,
)
from alerts.model import Problem, Severity
from alerts.surgery.yamlnodes import child, duplicates, entries, is_empty, items, key_of, line_of, scalar

# words that people write where no key is wanted, or one is to be put in
_NO_KEY: Final = re.compile(r"(?i)your|xxx|<|\.\.\.|change|example|placeholder|dummy|fake|none|empty|replace|insert")
_SECRET: Final = re.compile(r"sk-[\w-]{8,}|(?=.*\d)(?=.*[A-Za-z])[^\s{}$]{20,}")
_VARIABLE: Final = re.compile(r"\$\{?[A-Za-z_]\w*\}?|[A-Z][A-Z0-9]*_(?:API_)?(?:KEY|TOKEN)|os\.environ[.\[ ].*|env/\w+")


def problems(reading: Reading) -> Iterator[Problem]:
    """Every fault found."""
    for line, path in duplicates(reading.top):
        yield _fault(line, f"{path} stands twice; LiteLLM takes the last one", Severity.CRITICAL)
    yield from _unknown(reading.root, "", TOP)
    yield from _model_faults(reading)
    yield from _section_faults(reading.root)
    yield from _alias_faults(reading)
    for kind in KINDS:
        yield from _fallback_faults(reading, kind)


def _fault(line: int, what: str, severity: Severity = Severity.WARNING) -> Problem:
    return Problem(f"line {line}", what, severity)


def _unknown(node: Node | None, path: str, known: Collection[str]) -> Iterator[Problem]:
    """Keys that look like a known one misspelt; LiteLLM does nothing with them."""
    present = {scalar(key) for key, _ in entries(node)}
    for key, _ in entries(node):
        name = scalar(key) or ""
        close = get_close_matches(name.replace("-", "_"), sorted(set(known) - present), n=1, cutoff=0.85)
        if name not in known and name != "<<" and close:
            yield _fault(line_of(key), f"{path}{name} is not known; did you mean {close[0]}?")


def _model_faults(reading: Reading) -> Iterator[Problem]:
    listed = child(reading.root, "model_list")
    if not isinstance(listed, SequenceNode):
        if not reading.includes and not _in_database(reading):
            yield _fault(1, "model_list is missing or no list; the proxy serves nothing", Severity.CRITICAL)
        return
    seen: dict[tuple[object, ...], int] = {}
    for entry in listed.value:
        line, route, params = line_of(entry), route_of(entry), child(entry, "litellm_params")
        yield from _unknown(entry, "", ENTRY)
        yield from _unknown(params, "litellm_params.", PARAMS)
        if not route.name or not route.model:
            yield _fault(line, "a deployment needs model_name and litellm_params.model", Severity.CRITICAL)
            continue
        key = scalar(child(params, "api_key")) or ""
        yield from _key_faults(line, route.name, key)
        mark = (route, key, *(scalar(value) for _, value in entries(params)))
        if mark in seen:
            yield _fault(line, f"{route.name} repeats the deployment of line {seen[mark]}")
        seen.setdefault(mark, line)


def _key_faults(line: int, name: str, key: str) -> Iterator[Problem]:
    if key.startswith("os.environ/"):
        if not re.fullmatch(r"os\.environ/[A-Za-z_]\w*", key):
            yield _fault(line, f"api_key of {name} names no variable; write os.environ/NAME")
    elif _VARIABLE.fullmatch(key):
        kind = Severity.INFO if key.startswith("${") else Severity.WARNING      # a template may fill that in
        yield _fault(line, f"api_key of {name} is sent as it stands, no variable is read; write os.environ/NAME", kind)
    elif _SECRET.fullmatch(key) and not _NO_KEY.search(key):
        yield _fault(line, f"api_key of {name} is written out; name a variable: os.environ/NAME")


def _section_faults(root: Node) -> Iterator[Problem]:
    router, settings = child(root, "router_settings"), child(root, "litellm_settings")
    yield from _unknown(settings, "litellm_settings.", SETTINGS | ROUTER_ONLY)
    for section, node in (("router_settings", router), ("litellm_settings", settings)):
        for key, value in entries(node):
            yield from _type_faults(f"{section}.{scalar(key)}", scalar(key) or "", key, value)
    for section, node in (("litellm_settings", settings), ("general_settings", child(root, "general_settings"))):
        for key, _ in entries(node):
            if scalar(key) in ROUTER_ONLY:
                yield _fault(line_of(key), f"{section}.{scalar(key)} has no effect; it belongs under router_settings")
    yield from _router_faults(router)


def _router_faults(router: Node | None) -> Iterator[Problem]:
    for key, value in entries(router):
        name, text = scalar(key) or "", scalar(value)
        close = get_close_matches(name, ROUTER, n=1, cutoff=0.8)
        if name in STOPS_IN_ROUTER:
            what = f"router_settings.{name} stops LiteLLM at start; it belongs under general_settings"
            yield _fault(line_of(key), what, Severity.CRITICAL)
        elif name not in ROUTER and name != "<<":
            hint = f"did you mean {close[0]}?" if close else "LiteLLM ignores keys it does not know"
            kind = Severity.WARNING if close else Severity.INFO
            yield _fault(line_of(key), f"router_settings.{name} is not known; {hint}", kind)
        elif name == "routing_strategy" and text and text not in STRATEGIES and not text.startswith("os.environ/"):
            yield _fault(line_of(key), f"routing_strategy {text!r} is none; there are: {', '.join(sorted(STRATEGIES))}")


def _type_faults(path: str, name: str, key: Node, value: Node) -> Iterator[Problem]:
    fault, text = partial(_fault, line_of(key)), scalar(value) or "a structure"
    if is_empty(value):
        return
    if name in INTEGERS and not _reads_as(value, "int"):
        yield fault(f"{path} must be a whole number, not {text!r}")
    elif name in NUMBERS and not _reads_as(value, "int", "float"):
        yield fault(f"{path} must be a number, not {text!r}")
    elif name in KINDS and not _is_table(value):
        yield fault(f"{path} must be a list of one-key mappings", Severity.CRITICAL)
    elif name == "default_fallbacks" and not isinstance(value, SequenceNode):
        yield fault(f"{path} must be a list of names", Severity.CRITICAL)
    elif name == "model_group_alias" and not isinstance(value, MappingNode):
        yield fault(f"{path} must be a mapping of names to groups", Severity.CRITICAL)


def _reads_as(node: Node, *types: str) -> bool:
    plain = isinstance(node, ScalarNode) and str(node.tag).rsplit(":", 1)[-1] in types
    return plain or (scalar(node) or "").startswith("os.environ/")


def _is_table(node: Node) -> bool:
    return isinstance(node, SequenceNode) and all(
        isinstance(entry, MappingNode) and all(isinstance(value, SequenceNode) for _, value in entry.value)
        for entry in node.value
    )


def _in_database(reading: Reading) -> bool:
    return scalar(child(reading.root, "general_settings", "store_model_in_db")) in ("true", "True")


def _gravity(reading: Reading) -> Severity:
    """Of a name that nothing in this file has: more may be kept in the database, or in an included file."""
    return Severity.INFO if _in_database(reading) or reading.includes else Severity.CRITICAL


def _alias_faults(reading: Reading) -> Iterator[Problem]:
    node, own = alias_node(reading.root), reading.fallbacks["fallbacks"]
    for name, target in reading.aliases.items():
        line = line_of(key_of(node, name) or reading.root)
        if not group_serving(reading, target):
            chain = target in reading.aliases and target not in reading.groups
            why = "itself an alias, and LiteLLM follows one" if chain else "which no group is called"
            severity = Severity.CRITICAL if chain or not target else _gravity(reading)
            yield _fault(line, f"alias {name} leads to {target or 'nothing'}, {why}", severity)
        if target in own and name not in (*own, *reading.groups) and ANY not in own:
            # BerriAI/litellm#10317: fallbacks of an alias's target are not used for calls by the alias
            yield _fault(line, f"fallbacks of {target} are not used when asked as {name}; list them under {name} too")


def _fallback_faults(reading: Reading, kind: str) -> Iterator[Problem]:
    section = child(reading.root, section_of(reading.root, kind))
    seen: set[str] = set()
    for key, value in ((key, value) for entry in items(child(section, kind)) for key, value in entries(entry)):
        name, fault = scalar(key) or "", partial(_fault, line_of(key))
        if name in seen:
            yield fault(f"{kind} of {name} stand twice; LiteLLM takes the first")
        seen.add(name)
        if name != ANY and not serving(reading, name):
            severity = Severity.WARNING if _gravity(reading) is Severity.CRITICAL else Severity.INFO
            yield fault(f"{kind} are given for {name}, which no group or alias is called", severity)
        yield from _target_faults(reading, f"{kind} of {name}", items(value), line_of(key))
        if name in map(target_of, items(value)) and reading.group_of(name) == name:
            yield fault(f"{kind} of {name} lead to {name} itself")
        back = _leads_back(reading, name, kind)
        if back:
            yield fault(f"{kind} of {name} lead back, by {back}, to the vendor its alias moved away from")
    if kind == "fallbacks":
        generic = child(reading.root, section_of(reading.root, "default_fallbacks"), "default_fallbacks")
        yield from _target_faults(reading, "default_fallbacks", items(generic), line_of(generic or reading.root))


def _target_faults(reading: Reading, what: str, listed: list[Node], line: int) -> Iterator[Problem]:
    for target in map(target_of, listed):
        if not serving(reading, target):
            yield _fault(line, f"{what} lead to {target or 'nothing'}, which no group is called", _gravity(reading))


def _leads_back(reading: Reading, name: str, kind: str) -> str:
    """An alias over a real group of one vendor moved away from it; a fallback to the same prefix undoes that."""
    left = {(route.prefix, route.base_url) for route in reading.groups.get(name, ())}
    if name not in reading.aliases or len(left) != 1:
        return ""
    left -= {(route.prefix, route.base_url) for route in serving(reading, name)}
    table, seen, ahead = reading.fallbacks[kind], {name}, list(reading.fallbacks[kind].get(name, ()))
    while ahead:
        step = ahead.pop(0)
        if step in seen:
            continue
        seen.add(step)
        if left & {(route.prefix, route.base_url) for route in serving(reading, step)}:
            return step
        ahead.extend(table.get(step, ()))
    return ""
