"""A rule of ai-proxy with its provider written in place: its Ingresses and domains are handed to another rule. Pure.

The provider itself, with its key, is neither copied nor changed. From the source (alibaba/higress, 2026-08): a rule
with `configDisable` is passed over, and what no rule names goes by defaultConfig.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ruamel.yaml.nodes import Node

from alerts.gateway import PatchRefused, leaving
from alerts.kube.higress import Provider, Scope
from alerts.kube.manifests import key_in, line_below, walk
from alerts.model import RoutingChange
from alerts.surgery.text import Splice
from alerts.surgery.yamlcuts import Place, change_list, span
from alerts.surgery.yamlnodes import STR, child, is_flow, items, key_of, quoted, scalar

_LISTS: Final = ("ingress", "domain")
_TRUE: Final = ("tag:yaml.org,2002:bool", "true")


@dataclass(frozen=True, slots=True)
class Handover:
    """From one scope to another of the same document: by key of the rule, the places of the names that move."""

    old: Scope
    new: Scope
    names: dict[str, tuple[str, ...]]
    whole: bool         # nothing is left to the old rule

    @property
    def by_default(self) -> bool:
        return not _is_rule(self.new)


def handover(change: RoutingChange, scope: Scope, scopes: Sequence[Scope]) -> Handover:
    """Raises PatchRefused where the file has no other place that the traffic could be handed to."""
    where = ".".join(map(str, scope.path))
    if not _is_rule(scope):
        raise PatchRefused(
            f"{where}.provider is written in place; list it under providers with an id and name it by activeProviderId "
            "first")
    new, target = _receiving(change, scope, scopes, where)
    if leaving(change, target.route):
        raise PatchRefused(f"{change.takes_over!r} itself is {change.leaves}, which leaves; choose another provider")
    model = change.takes_over.partition("/")[2] if change.takes_over not in _called(new, target) else ""
    present = scope.provider.mapping if scope.provider else {}
    lacking = [name for name in present if target.model(name) is None or (model and target.model(name) != model)]
    if lacking:
        raise PatchRefused(f"the rule of {change.takes_over} maps no such model for {', '.join(lacking)}; add it")
    entries = {key: tuple(scalar(one) or "" for one in items(child(_rule(scope), key))) for key in _LISTS}
    names = {key: tuple(one for one in found if change.workload in (one, one.rpartition("/")[2]))
             for key, found in entries.items()}
    if not any(names.values()):
        raise PatchRefused(f"{where} holds for {', '.join(scope.labels)}; name one of them as the workload")
    return Handover(scope, new, {key: found for key, found in names.items() if found}, names == entries)


def cuts(place: Place, made: Handover) -> list[Splice]:
    """The old rule without the names, the new one with them; one note."""
    done = list[Splice]()
    old, new = _rule(made.old), _rule(made.new)
    for key, names in made.names.items() if not made.by_default else ():
        done += _added(place, new, key, names)
    if made.whole:
        return [*done, *_disabled(place, old)]
    for key, names in made.names.items():
        listed = walk(old, key)
        keep = [at for at, one in enumerate(items(listed)) if scalar(one) not in names]
        done += change_list(place, key_of(old, key) or old, listed, keep, ())
    return done


def meant(intended: Any, made: Handover) -> None:
    """What the document says after it."""
    rules = _down(_down(intended, "spec"), "matchRules")
    old = rules[_at(made.old)]
    for key, names in made.names.items() if not made.by_default else ():
        new = rules[_at(made.new)]
        new[key_in(new, key)] = [*new.get(key_in(new, key), []), *((STR, name) for name in names)]
    if made.whole:
        old[key_in(old, "configDisable")] = _TRUE
        return
    for key, names in made.names.items():
        old[key_in(old, key)] = [one for one in _down(old, key) if one[1] not in names]


def _receiving(change: RoutingChange, scope: Scope, scopes: Sequence[Scope], where: str) -> tuple[Scope, Provider]:
    beside = [one for one in scopes if one.document.at == scope.document.at and one.path != scope.path]
    others = [(one, active) for one in beside if not one.services and (active := one.provider) is not None]
    for word in dict.fromkeys((change.takes_over, change.takes_over.partition("/")[0])):
        found = [pair for pair in others if word in _called(*pair)]
        named = [pair for pair in found if word == pair[1].route.name or word in pair[0].labels]
        found = named or found
        if len(found) > 1:
            names = " or ".join(active.route.name for _, active in found)
            raise PatchRefused(f"{word!r} could be {names}; name one of them")
        if found:
            return found[0]
    names = ", ".join(active.route.name for _, active in others)
    raise PatchRefused(
        f"{where}.provider is written in place and {change.takes_over!r} is no other rule's here "
        f"({f'there are: {names}' if names else 'this file has no other'}); to change it where it stands, another key "
        "would have to be copied: list both under providers with an id and name one by activeProviderId")


def _called(scope: Scope, provider: Provider) -> set[str]:
    return {provider.route.name, *provider.route.also, *scope.labels}


def _is_rule(scope: Scope) -> bool:
    return scope.path[:2] == ("spec", "matchRules")


def _at(scope: Scope) -> int:
    return int(scope.path[2])


def _rule(scope: Scope) -> Node:
    found = walk(scope.document.root, *scope.path[:-1])
    assert found is not None        # the scope was read from it
    return found


def _added(place: Place, rule: Node, key: str, names: Sequence[str]) -> list[Splice]:
    listed, owner = walk(rule, key), key_of(rule, key)
    if owner is not None and listed is not None:
        return change_list(place, owner, listed, range(len(items(listed))), names)
    end, room = _last(rule)
    return [line_below(place, end, f"{room}{key}: [{', '.join(map(quoted, names))}]  {place.note}")]


def _disabled(place: Place, rule: Node) -> Iterator[Splice]:
    present = child(rule, "configDisable")
    if present is not None:
        yield Splice(*span(present), "true")
        return
    end, room = _last(rule)
    yield line_below(place, end, f"{room}configDisable: true  {place.note}")


def _last(rule: Node) -> tuple[int, str]:
    """Where the lists of a rule end, and how its keys are indented. Raises PatchRefused for a rule on one line."""
    key = next((name for name in reversed(_LISTS) if child(rule, name) is not None), "")
    listed = walk(rule, key) if key else None
    if listed is None or is_flow(rule):
        raise PatchRefused(f"the rule in line {rule.start_mark.line + 1} is written in a way not handled; use lines")
    last = span(listed)[1] if is_flow(listed) else span(items(listed)[-1])[1]
    return last, " " * int(rule.start_mark.column)


def _down(table: Any, key: str) -> Any:
    return table[key_in(table, key)]
