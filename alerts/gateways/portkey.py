"""Patches for Portkey configs (JSON, sent as x-portkey-config). Pure; facts seen on @portkey-ai/gateway 1.15.2.

A fallback list is tried from the top on any answer that is no 2xx, or, where on_status_codes is given, on those alone –
so what must not be called has to leave the list. A load balancer never calls a weight of 0, `single` takes the first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from alerts.gateway import PatchRefused, leaving
from alerts.jsonformats.portkey import MODES, Config, Place, looks_like, read, weight_of
from alerts.jsonformats.reading import at_line, called, known, linted, note_for, same, says_whatever
from alerts.model import Inventory, Patch, Problem, Route, RoutingChange, Severity, Strength
from alerts.surgery.draft import Draft, note_of
from alerts.surgery.jsoncuts import inserted, opened, ordered, removed, replaced
from alerts.surgery.jsonnodes import child, elements, figure, parse, string, walk

_APPLY: Final = (
    "the app sends this config with each request: restart or reload what reads the file; a config saved at Portkey is "
    "updated there (PUT /v1/configs/{slug})"
)
_GEO: Final = (401, 403, 404)       # what a banned account or region and a retired model answer with


@dataclass(frozen=True, slots=True)
class Gateway:
    """Portkey gateway config as JSON: one config, a list of them, or some under keys. A workload is a config's name or
    key, a model that its targets set, or `default` where the file holds one config; a route is a target's name,
    provider, virtual key or model. No options.
    """

    names: ClassVar[tuple[str, ...]] = ("portkey-gateway", "portkey-ai")

    def fits(self, text: str) -> bool:
        """By a strategy with a mode, beside targets."""
        try:
            return any(one.place.mode in MODES for one in read(text))
        except PatchRefused:
            return False

    def inventory(self, text: str) -> Inventory:
        """A route a target, by its place in the file. Raises PatchRefused."""
        configs = read(text)
        routes = tuple(route for one in configs for route in one.place.leaves())
        served: dict[str, tuple[str, ...]] = {}
        for config in configs:
            keys = tuple(dict.fromkeys(route.key for route in config.place.called()))
            for word in (*(config.names or ("default",)), *(one.model for one in config.place.leaves() if one.model)):
                served.setdefault(word, keys)
        return Inventory(routes, {}, {}, served)

    def render(self, change: RoutingChange, text: str, path: str = "") -> Patch:
        """Order, weights or names of targets so that no call reaches what leaves. Raises PatchRefused."""
        draft, configs = opened(text), read(text)
        config = _config(change, configs, path)
        targets = _targets(change, config, configs)
        _refuse_useless(change, config, targets)
        move = _Move(change, frozenset(one.key for one in targets), note_for(text, note_of(change)))
        after = _settled(draft, config.place, move) if move.touches(config.place) else draft
        return after.patch(change, "portkey", path or "config.json", _APPLY, _warnings(change, config, text))

    def lint(self, text: str) -> Sequence[Problem]:
        """What the gateway answers with a 400 or 500, and what hands a refusal to the user."""
        configs, found = linted(text, read, strict=True)
        if configs is None:
            return found
        return (*found, *(fault for one in configs for fault in _faults(text, one.place)))


@dataclass(frozen=True, slots=True)
class _Move:
    change: RoutingChange
    targets: frozenset[str]
    note: str

    def gone(self, place: Place) -> bool:
        """Whether every route below leaves."""
        found = list(place.leaves())
        return bool(found) and all(leaving(self.change, one) for one in found)

    def touches(self, place: Place) -> bool:
        return any(leaving(self.change, one) for one in place.leaves())

    def takes(self, place: Place) -> bool:
        return any(one.key in self.targets for one in place.leaves())


def _config(change: RoutingChange, configs: Sequence[Config], path: str) -> Config:
    word = change.workload
    found = [one for one in configs if any(same(word, name) for name in one.names)]
    found = found or [one for one in configs if called(word, one.place.leaves())]
    if not found and (says_whatever(word, path) or _passed_through(word, configs)):
        found = list(configs)
    if not found and len(configs) == 1 and not _reaches(change, configs[0]) and called(
            change.takes_over, configs[0].place.called()):
        return configs[0]                   # the target that set this model is out already
    if len(found) > 1:                      # several: those that can lead to what leaves
        found = [one for one in found if any(leaving(change, route) for route in one.place.leaves())] or found[:1]
    if len(found) == 1:
        return found[0]
    names = [name for one in configs for name in one.names[:1]]
    models = {route.model for one in configs for route in one.place.leaves() if route.model}
    if found:
        raise PatchRefused(f"{word!r} could be several configs of this file ({', '.join(names) or 'unnamed'}); "
                           "say which")
    raise PatchRefused(f"{word!r} is no config of this file, nor a model that a target sets; there are: "
                       f"{', '.join((*names, *sorted(models), 'default'))}")


def _passed_through(word: str, configs: Sequence[Config]) -> bool:
    """Targets that set no model pass on whatever is asked for, if it looks like a model's name."""
    free = any(not route.model for one in configs for route in one.place.leaves())
    return free and any(letter.isdigit() for letter in word)


def _reaches(change: RoutingChange, config: Config) -> bool:
    return any(leaving(change, one) for one in config.place.called())


def _targets(change: RoutingChange, config: Config, configs: Sequence[Config]) -> list[Route]:
    word, routes = change.takes_over, list(config.place.leaves())
    found = called(word, routes) or list(_below(config.place, word))
    if not found:
        elsewhere = any(called(word, one.place.leaves()) for one in configs)
        raise PatchRefused(f"{word!r} is no target of {'this workload' if elsewhere else 'this config'} "
                           f"(there are: {known(routes)}); add it to targets first")
    staying = [one for one in found if not leaving(change, one)]
    if not staying:
        raise PatchRefused(f"{word!r} itself is {change.leaves}'s, which leaves; choose another target")
    return staying


def _below(place: Place, word: str) -> Iterator[Route]:
    """The routes of a group that has this name."""
    for one in place.children:
        yield from one.leaves() if one.children and one.name and same(one.name, word) else _below(one, word)


def _refuse_useless(change: RoutingChange, config: Config, targets: Sequence[Route]) -> None:
    nested = any(one.children for one in config.place.children)     # it takes over in a branch or another
    first = list(config.place.called() if nested else _first(config.place))
    if not _reaches(change, config) and not {one.key for one in targets} & {one.key for one in first}:
        raise PatchRefused(f"{change.workload!r} leads neither to {change.leaves} nor first to {change.takes_over}, "
                           f"but to {known(first)}; nothing to move")


def _first(place: Place) -> Iterator[Route]:
    """What a call is sent to before anything has failed."""
    listed = place.mode not in ("loadbalance", "conditional")
    if place.route is not None:
        yield place.route
    for at in place.chosen()[:1] if listed else place.chosen():
        yield from _first(place.children[at])


def _settled(draft: Draft, place: Place, move: _Move) -> Draft:
    """One group: what stays is settled inside first, so that no index shifts under it."""
    if place.mode not in MODES or not place.children:
        raise PatchRefused(f"strategy.mode {place.mode!r} is none of {', '.join(MODES)}, or has no targets; "
                           "mend it first")
    if not any(leaving(move.change, one) for one in place.called()) and not _misplaced(place, move):
        return draft                        # settled already
    for one in place.children:
        if one.children and move.touches(one) and not move.gone(one):
            draft = _settled(draft, one, move)
    return {"loadbalance": _weighed, "conditional": _renamed}.get(place.mode, _listed)(draft, place, move)


def _misplaced(place: Place, move: _Move) -> bool:
    return place.mode == "fallback" and not move.takes(place.children[0]) and move.takes(place) and move.touches(place)


def _listed(draft: Draft, place: Place, move: _Move) -> Draft:
    """fallback and single: what takes over first, what leaves last – and out, where it would be tried."""
    everyone = range(len(place.children))
    gone = [at for at in everyone if move.gone(place.children[at])]
    first = [at for at in everyone if at not in gone and move.takes(place.children[at])][:1]
    rest = [at for at in everyone if at not in gone and at not in first]
    listed = (*place.path, "targets")
    if move.change.strength is Strength.EXCLUDE and place.mode == "fallback":
        order = [*(one for one in (*first, *rest)), *gone]
        if first + rest == [at for at in everyone if at not in gone]:
            order, cut = list(everyone), gone            # in order already: only taken out
        else:
            cut = list(range(len(first + rest), len(order)))
        draft = ordered(draft, listed, order)
        for at in reversed(cut):
            draft = removed(draft, (*listed, at))
        return draft
    return ordered(draft, listed, [*first, *rest, *gone])


def _weighed(draft: Draft, place: Place, move: _Move) -> Draft:
    """loadbalance: 0 is never called; what takes over has a share."""
    left = 0.0
    for at, one in enumerate(place.children):
        if move.gone(one) and weight_of(one) > 0:
            draft = _set(draft, (*place.path, "targets", at, "weight"), 0, move.note)
        elif not move.gone(one):
            left += weight_of(one)
    takers = [at for at, one in enumerate(place.children) if move.takes(one) and not move.gone(one)]
    idle = [at for at in takers if weight_of(place.children[at]) <= 0]
    awake = len(idle) < len(takers)
    if idle and not awake:
        return _set(draft, (*place.path, "targets", idle[0], "weight"), 1, move.note)
    if not left:
        raise PatchRefused("every other target of a loadbalance group has weight 0; give one of them a weight first")
    return draft


def _set(draft: Draft, path: tuple[str | int, ...], value: object, note: str) -> Draft:
    there = child(parse(draft.text), *path) is not None
    return (replaced if there else inserted)(draft, path, value, note)


def _renamed(draft: Draft, place: Place, move: _Move) -> Draft:
    """conditional: conditions that name what leaves name what takes over."""
    gone = {one.name for one in place.children if move.gone(one)}
    staying = [one for one in place.children if not move.gone(one) and one.name]
    names = [one.name for one in staying if move.takes(one)] or [
        one.name for one in staying if one.name == str(dict(place.named()))]
    default = next((name for path, name in place.named() if path[-1] == "default"), "")
    names = names or [one.name for one in staying if one.name == default]
    for path, name in place.named():
        if name in gone:
            if not names:
                raise PatchRefused(f"the condition that leads to {name!r} can name no other target: "
                                   f"give {move.change.takes_over!r} a name in that list first")
            draft = replaced(draft, (*place.path, *path), names[0], move.note)
    return draft


def _warnings(change: RoutingChange, config: Config, text: str) -> tuple[str, ...]:
    said = []
    modes = {node.value for path, node in walk(child(parse(text), *config.place.path) or parse(text))
             if path[-2:] == ("strategy", "mode")}
    if change.strength is Strength.DEMOTE and modes - {"fallback"}:
        said.append(f"only a fallback list has a last resort: elsewhere {change.leaves} is excluded, not demoted")
    said += [f"{change.takes_over} is no target beside {gone}: there {staying} takes over"
             for gone, staying in _without(change, config.place)]
    if not (config.names or says_whatever(change.workload) or called(change.workload, config.place.leaves())):
        said.append(f"the config has no name: every app that sends it moves, not {change.workload} alone")
    return tuple(said)


def _without(change: RoutingChange, place: Place) -> Iterator[tuple[str, str]]:
    """What leaves a fallback list, and what takes over there, where that is not what was asked for."""
    gone = [route for one in place.children for route in one.leaves() if leaving(change, route)]
    staying = [route for one in place.children for route in one.leaves() if not leaving(change, route)]
    if place.mode == "fallback" and gone and staying and not called(change.takes_over, staying):
        yield gone[0].name, staying[0].name
    for one in place.children:
        yield from _without(change, one)


def _faults(text: str, place: Place) -> Iterator[Problem]:
    here = at_line(text, place.node)
    if place.route is not None:
        if not looks_like(place.node):
            yield Problem(here, "a target without provider, virtual_key or override_params")
        return
    yield from _of_group(text, place, here)
    for one in place.children:
        yield from _faults(text, one)


def _of_group(text: str, place: Place, here: str) -> Iterator[Problem]:
    mode = string(place.node, "strategy", "mode")
    if mode not in MODES and child(place.node, "strategy") is not None:
        yield Problem(here, f"strategy.mode {mode!r} is none of {', '.join(MODES)}: answered with 400",
                      Severity.CRITICAL)
    if not place.children:
        yield Problem(here, "targets is empty: every request is answered with 500", Severity.CRITICAL)
    yield from {"fallback": _of_codes, "loadbalance": _of_weights}.get(place.mode, _of_conditions)(text, place, here)


def _of_codes(_: str, place: Place, here: str) -> Iterator[Problem]:
    codes = {figure(one) for one in elements(place.node, "strategy", "on_status_codes")}
    lacking = [str(code) for code in _GEO if code not in codes]
    if child(place.node, "strategy", "on_status_codes") is not None and lacking:
        yield Problem(here, f"on_status_codes lacks {', '.join(lacking)}: a ban, a geo-block or a retired model goes "
                      "to the user, not to the fallback; add them or leave the list out")


def _of_weights(text: str, place: Place, here: str) -> Iterator[Problem]:
    if place.children and not any(weight_of(one) > 0 for one in place.children):
        yield Problem(here, "every weight is 0: every request fails", Severity.CRITICAL)
    for one in place.children:
        weight = child(one.node, "weight")
        if weight is not None and weight.kind != "number":
            yield Problem(at_line(text, weight), "weight is no number: answered with 400")


def _of_conditions(_: str, place: Place, here: str) -> Iterator[Problem]:
    names = {one.name for one in place.children}
    for _path, name in place.named():
        if name not in names:
            yield Problem(here, f"a condition leads to {name!r}, which no target is called")
