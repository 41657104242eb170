"""What people mean by a name in a LiteLLM config: a workload's public name, the group that takes over. Pure.

A group may be called by its name, by an alias, by one of its deployments (model_info.id, `provider/model`, the model
alone, the provider). Where that fits several groups, the caller is told which.
"""

from collections.abc import Callable, Iterable
from typing import Final

from alerts.gateway import PatchRefused, leaving
from alerts.litellm.reading import Reading, group_serving, matches, model_of, serving
from alerts.model import Route, RoutingChange

# the ways of calling a deployment, the narrowest first
_WAYS: Final[tuple[Callable[[Route], Iterable[str]], ...]] = (
    lambda route: (route.key, *route.also),
    lambda route: (model_of(route),),
    lambda route: (route.model, route.model.rpartition("/")[2]),
    lambda route: (route.prefix, route.prefix.removesuffix("_ai"), route.key_name.partition("_")[0]),
)


def workload_of(change: RoutingChange, reading: Reading) -> str:
    """The public name. Raises PatchRefused where nothing here is called so, or several things are."""
    word = change.workload.strip()
    if word in reading.groups or word in reading.aliases:
        return word
    called = _public(reading, word)
    found = called or ([] if _by_wildcard(reading, word) else _groups_called(reading.routes, word))
    if len(found) == 1:
        return found[0]
    if found:
        raise PatchRefused(f"{word!r} may be {_either(found)}; name one of them as the workload")
    if serving(reading, word) or reading.includes:
        return word
    raise PatchRefused(f"{word!r} is neither a model group nor an alias here; check the workload's name")


def target_of(change: RoutingChange, reading: Reading, own: str) -> str:
    """The group that takes over. `own`: the workload's own group, preferred where a deployment of it is meant.

    Raises PatchRefused where it is not here, or leaves itself.
    """
    word = change.takes_over.strip()
    group = word if word in reading.groups else reading.aliases.get(word, "")
    if not group:
        written = bool(_groups_called(reading.routes, word))
        group = _called(change, reading, own, word if written else word.replace(",", "/", 1))
    if group == own:
        return group
    if "*" in group:
        raise PatchRefused(f"{group!r} is a wildcard; name one model that it serves, such as {_example(group)}")
    routes = group_serving(reading, group, sure=True)
    if not routes:
        raise PatchRefused(f"{word!r} leads to {group!r}, which is no group here; add it to model_list first")
    if any(leaving(change, route) for route in routes):
        how = "itself routes" if all(leaving(change, route) for route in routes) else "routes in part"
        raise PatchRefused(f"{group!r} {how} to {change.leaves}, which leaves; choose another group")
    return group


def _called(change: RoutingChange, reading: Reading, own: str, word: str) -> str:
    stays = [route for route in reading.routes if not leaving(change, route)]
    found = _public(reading, word) or _groups_called(stays, word)
    if own in found:
        return own
    parted = {route.name for route in reading.routes if leaving(change, route)}
    found = _same_model(stays, [name for name in found if name not in parted] or found, word)
    if len(found) > 1:
        raise PatchRefused(f"{word!r} may be {_either(found)}; name one of them as what takes over")
    if found:
        return reading.group_of(found[0])
    if _groups_called(reading.routes, word):
        raise PatchRefused(f"{word!r} itself routes to {change.leaves}, which leaves; choose another group")
    if _by_wildcard(reading, word):
        return word
    more = " (it may be in an included file; patch that one)" if reading.includes else ""
    raise PatchRefused(f"{word!r} is no model group of this config{more}; add it to model_list first")


def _public(reading: Reading, word: str) -> list[str]:
    wanted = word.casefold()
    return [name for name in dict.fromkeys((*reading.groups, *reading.aliases)) if name.casefold() == wanted]


def _groups_called(routes: Iterable[Route], word: str) -> list[str]:
    wanted, listed = word.casefold(), list(routes)
    for way in _WAYS:
        found = [route.name for route in listed if wanted in {said.casefold() for said in way(route) if said}]
        if found and wanted:
            return list(dict.fromkeys(found))
    return []


def _same_model(stays: list[Route], found: list[str], word: str) -> list[str]:
    """Of several groups that serve the one model meant, the one that is called so, else the first that serves nothing
    else: as a route they are the same.
    """
    tail = word.casefold().rpartition("/")[2]
    if len(found) < 2 or not any(tail == route.model.rpartition("/")[2].casefold() for route in stays):
        return found
    named = [name for name in found if name.casefold().rpartition("/")[2] == tail]
    places = {
        name: {(model_of(one), one.base_url, one.base_name, one.key_name) for one in stays if one.name == name}
        for name in found
    }
    alone = [name for name in found if len(places[name]) == 1]
    same = len({place for name in alone for place in places[name]}) == 1
    return named[:1] or (alone[:1] if same else found)


def _by_wildcard(reading: Reading, word: str) -> bool:
    return any("*" in group and matches(group, word) for group in reading.groups)


def _either(names: list[str]) -> str:
    return ", ".join(map(repr, names[:8])) + (" …" if len(names) > 8 else "")


def _example(group: str) -> str:
    return repr(group.replace("*", "some-model", 1))
