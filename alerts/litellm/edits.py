"""The three edits of a LiteLLM config: an alias, a list of fallbacks, a deployment's group name. Pure.

Each is a pair: where to cut, and what the parsed config is meant to say after it;
alerts/surgery/draft.py holds one against the other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ruamel.yaml.nodes import MappingNode

from alerts.gateway import PatchRefused
from alerts.surgery.draft import Draft
from alerts.surgery.text import Splice
from alerts.surgery.yamlcuts import Place, change_list, insert, replace_name, safe_child
from alerts.surgery.yamlnodes import STR, child, compose, is_empty, is_shared, items, key_of, quoted

ALIASES: Final = ("router_settings", "model_group_alias")
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """Where to cut, and how the parsed config (as `yamlnodes.plain` gives it) is changed by it."""

    cuts: Callable[[Place], list[Splice]]
    meant: Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Listed:
    """How a name's fallbacks change: entries that stay (by place), others in their place, names added at the end."""

    keep: tuple[int, ...]
    added: tuple[str, ...] = ()
    swapped: Mapping[int, str] = field(default_factory=dict)


def edited(draft: Draft, edit: Edit, note: str) -> Draft:
    """One step. Raises PatchRefused where the text is not such that it can be cut safely."""
    present = draft.parse(draft.text)
    intended = _copied(present)
    edit.meant(intended)
    if intended == present:
        return draft
    return draft.edited(edit.cuts(Place(draft.text, compose(draft.text), f"# {note}")), intended)


def together(one: Edit, other: Edit) -> Edit:
    """Two edits at places that do not touch, as one: a long text is parsed once less."""
    def meant(config: Any) -> None:
        one.meant(config)
        other.meant(config)

    return Edit(lambda place: [*one.cuts(place), *other.cuts(place)], meant)


def alias_edit(below: Path, name: str, group: str) -> Edit:
    path = (*below, *ALIASES)

    def meant(config: Any) -> None:
        table = config
        for step in path:
            table = _down(table, step, {})
        key = _key(table, name)
        entry = table.get(key)
        if isinstance(entry, dict):
            table, key, entry = entry, _key(entry, "model"), entry.get(_key(entry, "model"))
        same = isinstance(entry, tuple) and entry[1] == group
        table[key] = entry if same else (STR, group)

    def cuts(place: Place) -> list[Splice]:
        present = safe_child(place.root, *path, name)
        if isinstance(present, MappingNode):
            present = safe_child(present, "model")
        if present is not None and not is_empty(present):
            return replace_name(place, present, group)
        if key_of(child(place.root, *path), name) is not None:
            raise PatchRefused(f"model_group_alias.{name} leads nowhere; give it a group or remove it")
        return insert(place, (*path, name), quoted(group))

    return Edit(cuts, meant)


def fallback_edit(path: Path, name: str, change: Listed) -> Edit:
    """`path`: of the list of fallbacks. A name that has none gets an entry with the added names, in front."""

    def meant(config: Any) -> None:
        listed = config
        for step in path[:-1]:
            listed = _down(listed, step, {})
        listed = _down(listed, path[-1], [])
        names: list[Any] = [(STR, one) for one in change.added]
        for entry in listed:
            key = _key(entry, name) if isinstance(entry, dict) else None
            if key in entry:
                kept = [(STR, change.swapped[at]) if at in change.swapped else entry[key][at] for at in _places(change)]
                entry[key] = kept + names
                return
        listed.insert(0, {(STR, name): names})

    def cuts(place: Place) -> list[Splice]:
        for entry in items(safe_child(place.root, *path)):
            key = key_of(entry, name)
            if key is not None:
                here = safe_child(entry, name)
                return change_list(place, key, here, _places(change), change.added, change.swapped)
        names = f"[{', '.join(map(quoted, change.added))}]"
        return insert(place, (*path, name), names, listed=True)

    return Edit(cuts, meant)


def rename_edit(below: Path, places: Sequence[int], name: str) -> Edit:
    """Deployments of model_list get another model_name, so that they are a group of their own."""

    def meant(config: Any) -> None:
        for step in (*below, "model_list"):
            config = config[_key(config, step)]
        for at in places:
            config[at][_key(config[at], "model_name")] = (STR, name)

    def cuts(place: Place) -> list[Splice]:
        listed = items(child(place.root, *below, "model_list"))
        made: list[Splice] = []
        for at in places:
            node = next((value for key, value in listed[at].value if key.value == "model_name"), None)
            if node is None or is_shared(node):
                raise PatchRefused(f"model_name of model_list.{at} hangs on an anchor or a merge key; write it out")
            note, name_cut = replace_name(place, node, name)
            made += [name_cut] if made else [note, name_cut]        # one note for all of them
        return made

    return Edit(cuts, meant)


def _copied(said: Any) -> Any:
    if isinstance(said, dict):
        return {key: _copied(value) for key, value in said.items()}
    return [_copied(item) for item in said] if isinstance(said, list) else said


def _places(change: Listed) -> tuple[int, ...]:
    return tuple(sorted({*change.keep, *change.swapped}))


def _down(table: Any, name: str, empty: Any) -> Any:
    """The container under a key, made if there is none."""
    if not isinstance(table, dict):
        raise PatchRefused(f"what holds {name} is not a mapping; mend it first")
    key = _key(table, name)
    if table.get(key) is None:
        table[key] = empty
    if type(table[key]) is not type(empty):
        raise PatchRefused(f"{name} is not {'a list' if isinstance(empty, list) else 'a mapping'}; mend it first")
    return table[key]


def _key(table: Any, name: str) -> Any:
    return next((key for key in table if isinstance(key, tuple) and key[1] == name), (STR, name))
