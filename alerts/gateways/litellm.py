"""Patches for a LiteLLM proxy's config.yaml. Pure: text in, text out; facts seen on LiteLLM 1.106.2.

The smallest correct move is one alias under the public name: it hides a real group of that name, so that no call
reaches the vendor that left (fallbacks alone would try it first on every request). Calls by an alias use the fallbacks
listed under the *public* name only (BerriAI/litellm#10317), so these are written too.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from ruamel.yaml.nodes import MappingNode

from alerts.draft import Draft, note_of
from alerts.gateway import PatchRefused
from alerts.litellm_reading import ANY, KINDS, Reading, misshapen, problems, read, section_of, served
from alerts.model import Inventory, Patch, Problem, RoutingChange, Severity, Strength
from alerts.text import Splice, newline_of
from alerts.yamlcuts import Place, change_list, insert, replace_name, safe_child
from alerts.yamlnodes import STR, child, compose, duplicates, is_empty, is_flow, items, key_of, plain, quoted, scalar

_APPLY: Final = (
    "LiteLLM does not reload its config: write the patched file, then restart the proxy "
    "(kubectl rollout restart …, docker compose restart …, systemctl restart …), one replica at a time"
)


@dataclass(frozen=True, slots=True)
class Gateway:
    """LiteLLM proxy, config.yaml read at start (not its database mode). No options."""

    names: ClassVar[tuple[str, ...]] = ("litellm-proxy",)

    def fits(self, text: str) -> bool:
        """By a top-level model_list, litellm_settings or router_settings."""
        return re.search(r"(?m)^\ufeff?[\"']?(model_list|litellm_settings|router_settings)[\"']?\s*:", text) is not None

    def inventory(self, text: str) -> Inventory:
        """Routes, fallbacks (`*`: the default ones) and aliases. Raises PatchRefused for what is no such config."""
        reading = read(compose(text))
        if not reading.routes and not reading.includes:
            raise PatchRefused("no model_list with a model_name: is this LiteLLM's config.yaml?")
        return Inventory(
            reading.routes, dict(reading.fallbacks["fallbacks"]), dict(reading.aliases), served(reading))

    def render(self, change: RoutingChange, text: str, path: str = "") -> Patch:
        """The smallest edit that moves `change.workload` to `change.takes_over`. Raises PatchRefused."""
        newline_of(text)
        reading = read(compose(text))
        _refuse_unsafe(change, reading)
        draft = _edited(Draft(text, _said), change, _alias_cuts, _alias_meant)
        for kind in KINDS:
            wanted = _fallbacks_wanted(change, reading, kind)
            if wanted is not None:
                draft = _edited(draft, change, *_fallback_edit(section_of(reading.root, kind), kind, wanted))
        return draft.patch(change, "litellm", path or "config.yaml", _APPLY, warnings=_warnings(change, reading))

    def lint(self, text: str) -> Sequence[Problem]:
        """Faults that stop the proxy, and those that it lets pass."""
        try:
            found = list(problems(compose(text)))
        except PatchRefused as error:
            return (Problem("line 1", str(error), Severity.CRITICAL),)
        return sorted(found, key=lambda fault: int(fault.where.removeprefix("line ")))


Cuts = Callable[[RoutingChange, Place], list[Splice]]
Meant = Callable[[RoutingChange, Any], None]


def _said(text: str) -> Any:
    return plain(compose(text))


def _edited(draft: Draft, change: RoutingChange, cuts: Cuts, meant: Meant) -> Draft:
    root = compose(draft.text)
    intended = plain(root)
    meant(change, intended)
    if intended == plain(root):
        return draft
    return draft.edited(cuts(change, Place(draft.text, root, f"# {note_of(change)}")), intended)


def _refuse_unsafe(change: RoutingChange, reading: Reading) -> None:
    twice = next(duplicates(reading.root), None)
    if twice:
        raise PatchRefused(f"{twice[1]} stands twice (line {twice[0]}); remove one of them first")
    crooked = misshapen(reading.root)
    if crooked:
        raise PatchRefused(f"{crooked} is not a list of 'name: [fallback, …]'; mend it first")
    if is_flow(reading.root):
        raise PatchRefused("the config is written as one {…}; write it in block style, one key a line")
    _refuse_astray(change, reading)


def _refuse_astray(change: RoutingChange, reading: Reading) -> None:
    groups, target = reading.marks, change.takes_over
    if target not in groups:
        kind = "an alias, not a model group" if target in reading.aliases else "no model group of this config"
        more = " (it may be in an included file; patch that one)" if reading.includes else ""
        raise PatchRefused(f"{target!r} is {kind}{more}; add it to model_list first")
    if target == change.workload:
        raise PatchRefused(f"{target!r} is the workload's own group; name another group that takes over")
    if _is_left(change, reading, target):
        raise PatchRefused(f"{target!r} itself routes to {change.leaves}, which leaves; choose another group")
    if change.workload not in groups and change.workload not in reading.aliases and not reading.includes:
        raise PatchRefused(f"{change.workload!r} is neither a model group nor an alias here; check the workload's name")


def _is_left(change: RoutingChange, reading: Reading, group: str) -> bool:
    return bool(reading.marks.get(group, frozenset({group})) & set(change.leaves_routes))


def _leads_to_left(change: RoutingChange, reading: Reading, name: str, kind: str) -> bool:
    """Whether a call that falls back to `name` can end at the vendor that leaves, by aliases and further fallbacks."""
    table, ahead, seen = reading.fallbacks[kind], [name], {change.workload}   # the workload is being moved away
    while ahead:
        step = ahead.pop()
        if step in seen:
            continue
        seen.add(step)
        if _is_left(change, reading, reading.aliases.get(step, step)):
            return True
        ahead.extend(table.get(step, table.get(ANY, ())))
    return False


def _fallbacks_wanted(change: RoutingChange, reading: Reading, kind: str) -> tuple[tuple[int, ...], list[str]] | None:
    """(indices of the present entries that stay, names to add), or None where nothing need change."""
    table = reading.fallbacks[kind]
    own = table.get(change.workload)
    present = table.get(ANY, ()) if own is None else own
    bad = [name for name in present if _leads_to_left(change, reading, name, kind)]
    keep = tuple(at for at, name in enumerate(present) if name not in bad)
    inherited = [name for name in table.get(change.takes_over, ()) if name not in present]
    added = [
        name for name in inherited
        if name not in (change.takes_over, change.workload) and not _leads_to_left(change, reading, name, kind)
    ]
    if change.strength is Strength.DEMOTE and kind == "fallbacks":
        added += bad + [name for name in _last_resort(change, reading) if name not in present]
    wanted = [present[at] for at in keep] + added
    if wanted == list(present):
        return None
    return (keep, added) if own is not None else ((), wanted)


def _last_resort(change: RoutingChange, reading: Reading) -> list[str]:
    """Demoted: the group the workload came from stays reachable, if it has a name of its own."""
    before = reading.aliases.get(change.workload, "")
    here = before in reading.marks and _is_left(change, reading, before)
    return [before] if here and before != change.workload else []


def _warnings(change: RoutingChange, reading: Reading) -> tuple[str, ...]:
    said = []
    for name, target in reading.aliases.items():
        if name != change.workload and _is_left(change, reading, target):
            said.append(f"alias {name} still leads to {target}; it needs a change of its own")
    dropped = {
        name for kind in KINDS for name in reading.fallbacks[kind].get(change.workload, ())
        if _leads_to_left(change, reading, name, kind)
    }
    if dropped and change.strength is Strength.EXCLUDE:
        said.append(f"no longer a fallback, as it leads to {change.leaves}: {', '.join(sorted(dropped))}")
    if change.strength is Strength.DEMOTE and not dropped and not _last_resort(change, reading):
        said.append(f"{change.leaves} has no group name of its own to fall back to, so it is excluded, not demoted")
    if scalar(child(reading.root, "general_settings", "store_model_in_db")) in ("true", "True"):
        said.append("store_model_in_db is on: settings in the database may hide this file's")
    if child(reading.root, "general_settings", "master_key") is not None:
        said.append(f"virtual keys that list models one by one must list {change.takes_over} too")
    return tuple(said)


# --- edits: where to cut, and what the result is meant to say -------------------------------------------------------

_ALIAS_PATH: Final = ("router_settings", "model_group_alias")


def _alias_meant(change: RoutingChange, config: Any) -> None:
    table = _down(_down(config, _ALIAS_PATH[0], {}), _ALIAS_PATH[1], {})
    key = _key(table, change.workload)
    entry = table.get(key)
    if isinstance(entry, dict):
        table, key, entry = entry, _key(entry, "model"), entry.get(_key(entry, "model"))
    same = isinstance(entry, tuple) and entry[1] == change.takes_over
    table[key] = entry if same else (STR, change.takes_over)


def _alias_cuts(change: RoutingChange, place: Place) -> list[Splice]:
    present = safe_child(place.root, *_ALIAS_PATH, change.workload)
    if isinstance(present, MappingNode):
        present = safe_child(present, "model")
    if present is not None and not is_empty(present):
        return replace_name(place, present, change.takes_over)
    if key_of(child(place.root, *_ALIAS_PATH), change.workload) is not None:
        raise PatchRefused(f"model_group_alias.{change.workload} leads nowhere; give it a group or remove it")
    return insert(place, (*_ALIAS_PATH, change.workload), quoted(change.takes_over))


def _fallback_edit(section: str, kind: str, wanted: tuple[tuple[int, ...], list[str]]) -> tuple[Cuts, Meant]:
    keep, added = wanted

    def meant(change: RoutingChange, config: Any) -> None:
        listed = _down(_down(config, section, {}), kind, [])
        names: list[Any] = [(STR, name) for name in added]
        for entry in listed:
            key = _key(entry, change.workload) if isinstance(entry, dict) else None
            if key in entry:
                entry[key] = [entry[key][at] for at in keep] + names
                return
        listed.insert(0, {(STR, change.workload): names})

    def cuts(change: RoutingChange, place: Place) -> list[Splice]:
        for entry in items(safe_child(place.root, section, kind)):
            key = key_of(entry, change.workload)
            if key is not None:
                return change_list(place, key, safe_child(entry, change.workload), keep, added)
        names = f"[{', '.join(map(quoted, added))}]"
        return insert(place, (section, kind, change.workload), names, listed=True)

    return cuts, meant


def _down(table: Any, name: str, empty: Any) -> Any:
    """The container under a key, made if there is none."""
    key = _key(table, name)
    if table.get(key) is None:
        table[key] = empty
    if type(table[key]) is not type(empty):
        raise PatchRefused(f"{name} is not {'a list' if isinstance(empty, list) else 'a mapping'}; mend it first")
    return table[key]


def _key(table: Any, name: str) -> Any:
    return next((key for key in table if isinstance(key, tuple) and key[1] == name), (STR, name))
