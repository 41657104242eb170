"""Patches for claude-code-router v1 (config.json, JSON5). Pure; facts seen on 1.0.73.

A slot of `Router` names one provider and one of its models, and that is where its requests go: v1 has no failover. So
the move is one scalar a slot, and "demoted" is the same as "excluded" unless the config has a `fallback` list.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, Final

from alerts.gateway import PatchRefused, leaving
from alerts.jsonformats.reading import ALL, at_line, called, known, linted, note_for, same, variable
from alerts.model import Inventory, Patch, Problem, Route, RoutingChange, Severity, Strength
from alerts.surgery.draft import Draft, note_of
from alerts.surgery.jsoncuts import inserted, opened, ordered, removed, replaced
from alerts.surgery.jsonnodes import Node, Path, child, elements, figure, member_of, parse, string

SLOTS: Final = ("default", "background", "think", "longContext", "webSearch", "image")
_NO_SLOTS: Final = frozenset({"longContextThreshold", "forceUseImageAgent"})
_APPLY: Final = (
    "claude-code-router v1 reads its config at start: write the file, then `ccr restart` (or POST /api/restart with "
    "x-api-key). GET /api/config shows keys in plain text: do not log it. v3 keeps its config in config.sqlite and "
    "ignores this file: change the route in its UI there"
)


@dataclass(frozen=True, slots=True)
class _Reading:
    root: Node
    providers: str                              # Providers or providers, as this file has it
    routes: tuple[Route, ...] = ()
    slots: dict[str, Route] = field(default_factory=dict)
    fallbacks: dict[str, tuple[Route, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gateway:
    """claude-code-router v1, config.json with Providers and Router. A workload is a slot (default, background, think,
    longContext, webSearch, image), a model in use, or `all`; a route is "provider,model". No options.
    """

    names: ClassVar[tuple[str, ...]] = ("ccr", "claude-code-router", "claude-router", "ccr-v1")

    def fits(self, text: str) -> bool:
        """By Router beside Providers."""
        try:
            root = parse(text)
        except PatchRefused:
            return False
        providers = child(root, "Providers") or child(root, "providers")
        return child(root, "Router") is not None and providers is not None and providers.kind == "array"

    def inventory(self, text: str) -> Inventory:
        """A route for each provider's each model, and for slots that name another. Raises PatchRefused."""
        reading = _read(text)
        served = {slot: (route.key, *(one.key for one in reading.fallbacks.get(slot, ())))
                  for slot, route in reading.slots.items()}
        for route in reading.slots.values():
            served.setdefault(route.name, (route.key,))
        fallbacks = {slot: tuple(one.name for one in routes) for slot, routes in reading.fallbacks.items()}
        return Inventory(reading.routes, fallbacks, {}, served)

    def render(self, change: RoutingChange, text: str, path: str = "") -> Patch:
        """One scalar for each slot of the workload that leads to what leaves. Raises PatchRefused."""
        draft, reading = opened(text), _read(text)
        target = _target(change, reading)
        slots = _slots(change, reading, target)
        note = note_for(text, note_of(change))
        for slot in slots:
            draft = _moved(draft, change, reading, (slot, target, note))
        draft = _fallbacks_moved(draft, change, reading, (slots, target))
        return draft.patch(change, "claude_code_router", path or "config.json", _APPLY,
                           _warnings(change, reading, slots))

    def lint(self, text: str) -> Sequence[Problem]:
        """Slots that lead nowhere (the router finds out at the first request), and what it would not start with."""
        reading, found = linted(text, _read, strict=False)
        if reading is None:
            return found
        return (*found, *_faults(text, reading))


@lru_cache(maxsize=4)
def _read(text: str) -> _Reading:
    root = parse(text)
    providers = "Providers" if child(root, "Providers") is not None else "providers"
    if child(root, providers) is None and child(root, "Router") is None:
        raise PatchRefused("no Providers and no Router: is this claude-code-router's config.json (v1)?")
    routes = [route for at, one in enumerate(elements(root, providers)) for route in _models(one, f"{providers}.{at}")]
    slots: dict[str, Route] = {}
    for slot, said in _said(root):
        slots[slot] = _route(said, routes, f"Router.{slot}")
    fallbacks: dict[str, tuple[Route, ...]] = {}
    table = child(root, "fallback")
    for member in table.members if table is not None and table.kind == "object" else ():
        fallbacks[member.key] = tuple(
            _route(one.value, routes, f"fallback.{member.key}.{at}")
            for at, one in enumerate(elements(member.node)) if one.kind == "string")
    return _Reading(root, providers, tuple(routes), slots, fallbacks)


def _said(root: Node) -> Iterator[tuple[str, str]]:
    router = child(root, "Router")
    for member in router.members if router is not None and router.kind == "object" else ():
        if member.key not in _NO_SLOTS and member.node.kind == "string" and member.node.value.strip():
            yield member.key, member.node.value


def _models(provider: Node, where: str) -> Iterator[Route]:
    name = string(provider, "name")
    listed = [one.value for one in elements(provider, "models") if one.kind == "string"]
    for at, model in enumerate(listed):
        yield Route(f"{name},{model}", name.lower(), model, _address(provider), variable(string(provider, "api_key")),
                    variable(_address(provider)), f"{where}.models.{at}", (model, f"{name}/{model}", name))


def _address(provider: Node) -> str:
    return string(provider, "api_base_url") or string(provider, "baseUrl") or string(provider, "api_base")


def _route(said: str, routes: list[Route], key: str) -> Route:
    """What a slot names. One that no provider lists is a route of its own, at its provider's address."""
    found = called(said, routes)
    if len(found) == 1 or (found and "," not in said):
        return found[0]
    name, _, model = (part.strip() for part in said.partition(","))
    kin = next((one for one in routes if same(one.name.partition(",")[0], name)), None)
    new = Route(said, name.lower(), model or name, kin.base_url if kin else "", kin.key_name if kin else "",
                kin.base_name if kin else "", key, (model, f"{name}/{model}") if model else ())
    routes.append(new)
    return new


def _target(change: RoutingChange, reading: _Reading) -> Route:
    """One model of a provider's. A provider's name alone: the one in use, else the first that it lists."""
    listed = [one for one in reading.routes if one.key.startswith(reading.providers)]
    found = called(change.takes_over, listed)
    if not found:
        raise PatchRefused(f"{change.takes_over!r} is no provider,model of this config (there are: {known(listed)}); "
                           "add it to Providers first")
    staying = [one for one in found if not leaving(change, one)]
    if not staying:
        raise PatchRefused(f"{change.takes_over!r} itself is {change.leaves}'s, which leaves; choose another route")
    homes = {one.name.partition(",")[0] for one in staying}
    if len(homes) > 1:
        raise PatchRefused(f"{change.takes_over!r} could be {known(staying)}; say which, as provider,model")
    used = [one for one in staying if one in reading.slots.values()]
    return used[0] if used else staying[0]


def _slots(change: RoutingChange, reading: _Reading, target: Route) -> list[str]:
    """The slots of Router that a workload's requests go through. None for a route that was in use only by its slot."""
    word = change.workload
    slot = next((one for one in (*reading.slots, *SLOTS) if same(one, word)), None)
    if slot is not None:
        return [slot]
    if word.casefold() in ALL | {"claude-code", "router"}:
        return list(reading.slots)
    routes = called(word, reading.routes)
    if routes or ("," in word and target in reading.slots.values()):
        return [slot for slot, route in reading.slots.items() if route in routes]
    if re.match(r"(?i)claude[-_]", word):                   # what Claude Code asks for; the router looks for haiku only
        light = "haiku" in word.lower() and "background" in reading.slots
        return ["background" if light else "default"]
    raise PatchRefused(f"{word!r} is neither a slot of Router ({', '.join(reading.slots) or 'none'}), nor a model of "
                       "this config, nor 'all'; check the workload's name")


def _moved(draft: Draft, change: RoutingChange, reading: _Reading, move: tuple[str, Route, str]) -> Draft:
    slot, target, note = move
    now = reading.slots.get(slot, reading.slots.get("default"))
    if now is None or (not leaving(change, now) and now.name != target.name):
        spare = reading.fallbacks.get(slot, ())
        if _lone(change, slot) and not any(leaving(change, one) or one.name == target.name for one in spare):
            raise PatchRefused(f"{change.workload!r} leads to {now.name if now else 'nothing'}, neither to "
                               f"{change.leaves} nor to {target.name}; nothing to move")
        return draft
    if now.name == target.name:
        return draft
    where: Path = ("Router", slot)
    if member_of(child(reading.root, "Router"), slot) is None:
        return inserted(draft, where, target.name, note)    # until now it went where default goes
    return replaced(draft, where, target.name, note)


def _lone(change: RoutingChange, slot: str) -> bool:
    return same(change.workload, slot) or change.workload.lower().startswith("claude-")


def _fallbacks_moved(
    draft: Draft, change: RoutingChange, reading: _Reading, move: tuple[Sequence[str], Route],
) -> Draft:
    """In the fallback lists of the slots: excluded, what leaves is taken out, or what takes over stands in its place
    where it does not come first; demoted, it goes last.
    """
    slots, target = move
    for slot in slots:
        listed = reading.fallbacks.get(slot)
        if listed is None:
            continue
        gone = [at for at, one in enumerate(listed) if leaving(change, one)]
        now = reading.slots.get(slot)
        if change.strength is Strength.EXCLUDE:
            first = now is None or now == target or leaving(change, now) or target in listed
            for at in reversed(gone if first else gone[1:]):
                draft = removed(draft, ("fallback", slot, at))
            if gone and not first:
                draft = replaced(draft, ("fallback", slot, gone[0]), target.name)
            continue
        draft = ordered(draft, ("fallback", slot), [at for at in range(len(listed)) if at not in gone] + gone)
        if now is not None and now != target and leaving(change, now) and now not in listed:
            draft = inserted(draft, ("fallback", slot, len(listed)), now.name)
    return draft


def _warnings(change: RoutingChange, reading: _Reading, slots: Sequence[str]) -> tuple[str, ...]:
    said = [f"slot {slot} still leads to {route.name}; it needs a change of its own"
            for slot, route in reading.slots.items() if slot not in slots and leaving(change, route)]
    if change.strength is Strength.DEMOTE and not any(slot in reading.fallbacks for slot in slots):
        said.append(f"v1 has no failover: {change.leaves} is excluded, not demoted")
    if string(reading.root, "CUSTOM_ROUTER_PATH"):
        said.append("CUSTOM_ROUTER_PATH is set: that script may choose another route than Router says")
    return tuple(said)


def _faults(text: str, reading: _Reading) -> Iterator[Problem]:
    router = child(reading.root, "Router")
    if router is None or router.kind != "object" or "default" not in reading.slots:
        yield Problem("line 1", "Router.default names no route: requests of no other slot fail", Severity.CRITICAL)
    for slot, route in reading.slots.items():
        node = child(reading.root, "Router", slot)
        if route.key.startswith("Router.") and node is not None:
            yield Problem(at_line(text, node), f"Router.{slot} names {route.name}, which no provider lists")
    limit = child(router, "longContextThreshold")
    if limit is not None and figure(limit) is None:
        yield Problem(at_line(text, limit), "longContextThreshold is no number")
    for provider in elements(reading.root, reading.providers):
        if not string(provider, "name") or not _address(provider):
            yield Problem(at_line(text, provider), "a provider needs name and api_base_url; it is left out as it is")
        elif not elements(provider, "models"):
            yield Problem(at_line(text, provider), f"provider {string(provider, 'name')} lists no models")
