"""Patches for a LiteLLM proxy's config.yaml. Pure: text in, text out; facts seen on LiteLLM 1.106.2.

The smallest correct move is one alias under the public name: it hides a real group of that name, so that no call
reaches the vendor that left (fallbacks alone would try it first on every request). What shares its group with the
fallback gets a group name of its own. How a move is decided: alerts/litellm/moving.py.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar, Final

from ruamel.yaml.nodes import Node

from alerts.gateway import PatchRefused, leaving
from alerts.litellm.edits import alias_edit, edited, fallback_edit, rename_edit, together
from alerts.litellm.faults import problems
from alerts.litellm.moving import Move, planned
from alerts.litellm.reading import KINDS, Reading, misshapen, named_in, read, section_of, served, serving
from alerts.model import Inventory, Patch, Problem, RoutingChange, Severity, Strength
from alerts.surgery.draft import Draft, note_of
from alerts.surgery.text import newline_of
from alerts.surgery.yamlnodes import child, duplicates, entries, said, scalar

_APPLY: Final = (
    "LiteLLM does not reload its config: write the patched file, then restart the proxy "
    "(kubectl rollout restart …, docker compose restart …, systemctl restart …), one replica at a time"
)
_CUT: Final = frozenset({*KINDS, "default_fallbacks", "model_group_alias"})
_OWN: Final = re.compile(r"(?m)^\ufeff?[\"']?(model_list|litellm_settings|router_settings)[\"']?\s*:")
_FLOW: Final = re.compile(r"\A\ufeff?\s*\{[^#]*?[\"']?model_list[\"']?\s*:\s*\[")


@dataclass(frozen=True, slots=True)
class Gateway:
    """LiteLLM proxy, config.yaml read at start (not its database mode), or the Helm chart's values. No options."""

    names: ClassVar[tuple[str, ...]] = ("litellm-proxy", "litellm-config", "litellm-yaml", "lite-llm")

    def fits(self, text: str) -> bool:
        """By a top-level model_list, litellm_settings or router_settings. Helm values are another format's to find."""
        if text.startswith("#!"):       # a script that writes one
            return False
        return _OWN.search(text) is not None or _FLOW.match(text) is not None

    def inventory(self, text: str) -> Inventory:
        """Routes, fallbacks (`*`: the default ones) and aliases. Raises PatchRefused for what is no such config."""
        reading = read(text)
        if not reading.routes and not reading.includes:
            raise PatchRefused("no model_list with a model_name: is this LiteLLM's config.yaml?")
        return Inventory(
            reading.routes, dict(reading.fallbacks["fallbacks"]), dict(reading.aliases), served(reading))

    def render(self, change: RoutingChange, text: str, path: str = "") -> Patch:
        """The smallest edit that moves `change.workload` to `change.takes_over`. Raises PatchRefused."""
        newline_of(text)
        reading = read(text)
        _refuse_unsafe(reading)
        move = planned(change, reading)
        crooked = misshapen(reading.root)
        named = crooked and move.workload in named_in(child(reading.root, *crooked.split(".")))
        if named or crooked.rpartition(".")[2] in move.fallbacks:
            raise PatchRefused(f"{crooked} is not a list of 'name: [fallback, …]'; mend it first")
        draft, note, below = Draft(text, said), note_of(change), reading.below
        steps = [rename_edit(below, move.places, move.apart_name)] if move.apart else []
        steps += [alias_edit(below, move.workload, move.alias)] if move.alias else []
        if steps:
            draft = edited(draft, reduce(together, steps), note)
        for kind, listed in move.fallbacks.items():
            where = (*below, section_of(reading.root, kind), kind)
            draft = edited(draft, fallback_edit(where, move.workload, listed), note)
        return draft.patch(change, "litellm", path or "config.yaml", _APPLY, tuple(_warnings(change, reading, move)))

    def lint(self, text: str) -> Sequence[Problem]:
        """Faults that stop the proxy, and those that it lets pass."""
        try:
            found = list(problems(read(text)))
        except PatchRefused as error:
            return (Problem("line 1", str(error), Severity.CRITICAL),)
        return sorted(found, key=lambda fault: int(fault.where.removeprefix("line ")))


def _refuse_unsafe(reading: Reading) -> None:
    depth = len(reading.below)
    twice = next((one for one in duplicates(reading.top) if _matters(one[1].split(".")[depth:], reading.root)), None)
    if twice:
        raise PatchRefused(f"{twice[1]} stands twice (line {twice[0]}); remove one of them first")


def _matters(path: Sequence[str], root: Node) -> bool:
    """Whether a move reads or cuts what stands under a key."""
    section, *below = (step.partition("[")[0] for step in path or ("model_list",))
    if section == "litellm_settings" and not below:
        twins = [value for key, value in entries(root) if scalar(key) == section]
        return any(child(one, name) is not None for one in twins for name in _CUT)
    within = not below or below[0] in _CUT
    return section == "model_list" or (section in ("router_settings", "litellm_settings") and within)


def _warnings(change: RoutingChange, reading: Reading, move: Move) -> Iterator[str]:
    for name, group in reading.aliases.items():
        here = move.apart and group in reading.groups and group == move.apart[0].name
        if name != move.workload and not here and any(leaving(change, one) for one in serving(reading, name)):
            yield f"alias {name} still leads to {group}; it needs a change of its own"
    if move.dropped and change.strength is Strength.EXCLUDE:
        yield f"no longer a fallback, as it leads to {change.leaves}: {', '.join(move.dropped)}"
    if move.apart:
        yield (f"{len(move.apart)} deployment(s) of {move.apart[0].name} are now called {move.apart_name}: "
               "who asked for the group by another way is moved too, and spend is counted under the new name")
    if change.strength is Strength.DEMOTE and not move.dropped and move.alias and not move.fallbacks:
        yield f"{change.leaves} has no group name of its own to fall back to, so it is excluded, not demoted"
    crooked = misshapen(reading.root)
    if crooked:
        yield f"{crooked} is not a list of 'name: [fallback, …]' and left as it is: LiteLLM does not start with it"
    yield from _others(reading, move)
    yield from _ownership(reading, move)


def _ownership(reading: Reading, move: Move) -> Iterator[str]:
    """Who else has a say in what is served: the database, and virtual keys."""
    general = child(reading.root, "general_settings")
    if scalar(child(general, "store_model_in_db")) in ("true", "True"):
        yield "store_model_in_db is on: settings in the database may hide this file's"
    elif child(general, "database_url") is not None:
        yield "a database is set: what STORE_MODEL_IN_DB keeps there (models, router settings) may hide this file's"
    if child(general, "master_key") is not None:
        yield f"virtual keys that list models one by one must list {move.target} too"


def _others(reading: Reading, move: Move) -> Iterator[str]:
    """What else serves where the traffic goes."""
    stay = [route for route in serving(reading, move.target) if route not in move.apart]
    if (move.alias or move.apart) and len({(route.prefix, route.base_url, route.base_name) for route in stay}) > 1:
        yield f"{move.target} spreads calls over {len(stay)} deployments of several vendors"
