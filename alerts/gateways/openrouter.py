"""Patches for what an app asks OpenRouter (JSON with model, models and a `provider` block). Pure; docs of 2026-11.

Two moves: to another model (`model` and `models` change) or, where the target is an upstream host, to another host of
the same model (`provider.order`, `only`, `ignore` change). An order alone keeps nobody out: unless allow_fallbacks is
false, hosts of no list are tried too – so what must not be called goes to `ignore`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from alerts.gateway import PatchRefused, leaving
from alerts.jsonformats.openrouter import LISTS, Body, has_list, read
from alerts.jsonformats.reading import at_line, called, known, linted, note_for, same, says_whatever
from alerts.model import Inventory, Patch, Problem, Route, RoutingChange, Severity, Strength
from alerts.surgery.draft import Draft, note_of
from alerts.surgery.jsoncuts import inserted, opened, ordered, removed, replaced
from alerts.surgery.jsonnodes import Path, child, elements, parse

_SLUG: Final = re.compile(r"[a-z0-9][\w.-]*/[\w.-]+(:[\w-]+)?")
_APPLY: Final = "the app sends this with each request: restart or reload what reads the file"


@dataclass(frozen=True, slots=True)
class Gateway:
    """OpenRouter requests in an app's JSON config: `model`, `models` and the `provider` block, wherever they stand. A
    workload is the model in use, the key or name of the object it stands in, or `default`; a route is a model or an
    upstream host (anthropic, amazon-bedrock …) that the file names. No options.
    """

    names: ClassVar[tuple[str, ...]] = ("open-router", "openrouter.ai")

    def fits(self, text: str) -> bool:
        """By a provider block, or by slugs in a text that speaks of OpenRouter. Never another gateway's config."""
        try:
            bodies, root = read(text), parse(text)
        except PatchRefused:
            return False
        others = ("Router", "Providers", "providers", "model_list", "strategy")
        foreign = any(child(root, key) is not None for key in others)
        return not foreign and (any(one.block is not None for one in bodies) or "openrouter" in text.lower())

    def inventory(self, text: str) -> Inventory:
        """Models and upstream hosts, by their place. Raises PatchRefused."""
        bodies = read(text)
        routes = {one.key: one for body in bodies for one in (*body.models, *body.hosts)}
        served: dict[str, tuple[str, ...]] = {}
        for body in bodies:
            keys = tuple(one.key for one in (*body.models, *body.hosts))
            for word in (*(body.names[:1] or ("default",)), *(one.name for one in body.models[:1])):
                served[word] = tuple(dict.fromkeys((*served.get(word, ()), *keys)))
        fallbacks = {body.models[0].name: tuple(one.name for one in body.models[1:]) for body in bodies
                     if len(body.models) > 1}
        return Inventory(tuple(routes.values()), fallbacks, {}, {word: keys for word, keys in served.items() if keys})

    def render(self, change: RoutingChange, text: str, path: str = "") -> Patch:
        """Another model, or another host of the same. Raises PatchRefused."""
        draft, bodies = opened(text), read(text)
        chosen = _bodies(change, bodies, path)
        target = _target(change, bodies)
        _refuse_useless(change, chosen, target)
        note = note_for(text, note_of(change))
        act = _model_moved if target in _all_models(bodies) or not target.key else _host_moved
        for body in reversed(chosen):               # from below, so that no place shifts
            draft = act(draft, change, body, (target, note))
        said = _warnings(change, bodies, chosen, target)
        return draft.patch(change, "openrouter", path or "config.json", _APPLY, said)

    def lint(self, text: str) -> Sequence[Problem]:
        """Blocks that let nobody in, or keep nobody out."""
        bodies, found = linted(text, read, strict=False)
        if bodies is None:
            return found
        return (*found, *(fault for body in bodies for fault in _faults(text, body)))


def _all_models(bodies: Sequence[Body]) -> list[Route]:
    return [one for body in bodies for one in body.models]


def _bodies(change: RoutingChange, bodies: Sequence[Body], path: str) -> list[Body]:
    word = change.workload
    found = [one for one in bodies if called(word, one.models)] or [
        one for one in bodies if any(same(word, name) for name in one.names[:1])] or [
        one for one in bodies if any(same(word, name) for name in one.names)]
    if not found and says_whatever(word, path):
        found = list(bodies)
    if not found and any(sign.isdigit() or sign == "/" for sign in word) and _leads(change, bodies):
        return []                                   # the model asked for is out, and what takes over in its place
    if not found:
        names = dict.fromkeys(name for one in bodies for name in (*one.names[:1], *(r.name for r in one.models[:1])))
        raise PatchRefused(f"{word!r} is neither a model nor an object of this file (there are: "
                           f"{', '.join(names) or 'default'}); check the workload's name")
    return found


def _left_in(change: RoutingChange, bodies: Sequence[Body]) -> bool:
    return any(leaving(change, one) for body in bodies for one in (*body.models, *body.hosts))


def _leads(change: RoutingChange, bodies: Sequence[Body]) -> bool:
    return any(called(change.takes_over, (*body.models, *body.hosts)) for body in bodies)


def _target(change: RoutingChange, bodies: Sequence[Body]) -> Route:
    models, hosts = _all_models(bodies), [one for body in bodies for one in body.hosts]
    found = called(change.takes_over, models) or called(change.takes_over, hosts)
    maker, _, model = change.takes_over.strip().partition("/")
    makers = {one.name.partition("/")[0].casefold() for one in models if leaving(change, one)}
    if not found and _SLUG.fullmatch(change.takes_over.strip()) and makers and maker.casefold() not in makers:
        return Route(change.takes_over.strip(), maker, model)       # any model of the house can be asked for
    if not found:
        raise PatchRefused(f"{change.takes_over!r} is no model and no upstream host that this file names (there are: "
                           f"{known((*models, *hosts))}); add it to models or provider.order first")
    staying = [one for one in found if not leaving(change, one)]
    if not staying:
        raise PatchRefused(f"{change.takes_over!r} itself is {change.leaves}'s, which leaves; choose another route")
    if len({one.name.casefold() for one in staying}) > 1:
        raise PatchRefused(f"{change.takes_over!r} could be {known(staying)}; say which")
    return staying[0]


# --- another model ---------------------------------------------------------------------------------------------------


def _refuse_useless(change: RoutingChange, chosen: Sequence[Body], target: Route) -> None:
    named = [one for body in chosen for one in (*body.models, *body.hosts)]
    if chosen and not _left_in(change, chosen) and not called(target.name, named):
        raise PatchRefused(f"{change.workload!r} leads neither to {change.leaves} nor to {target.name}; "
                           "nothing to move")


def _model_moved(draft: Draft, change: RoutingChange, body: Body, move: tuple[Route, str]) -> Draft:
    target, note = move
    draft = _hosts_out(draft, change, body, note)
    if not _left_in(change, [body]) or not body.models:
        return draft
    primary = body.models[0] if body.models[0].key.endswith("model") else None
    out = {one.name for one in body.models if leaving(change, one)}
    if not out and primary is not None and primary.name != target.name:
        out = {primary.name}                        # its host leaves, and another model is to take over
    draft = _fallbacks(draft, change, body, (target, primary, out))
    if primary is not None and primary.name in out:
        draft = replaced(draft, (*body.path, "model"), target.name, note)
    return draft


def _fallbacks(draft: Draft, change: RoutingChange, body: Body, move: tuple[Route, Route | None, set[str]]) -> Draft:
    """`models`: what takes over first – where there is no `model` –, what leaves last or out."""
    target, primary, out = move
    where = (*body.path, "models")
    whole = child(body.node, "models")
    slugs = [one.value for one in elements(whole)] if whole is not None else []
    if change.strength is Strength.DEMOTE and primary is not None and primary.name in out:
        draft, slugs = _kept_last(draft, where, (slugs, whole is not None), primary.name)
    aside = primary is None or (primary.name not in out and primary.name != target.name)
    if aside and target.name not in slugs:          # it takes the place of the first that leaves
        at = next((at for at, slug in enumerate(slugs) if slug in out), 0) if primary is not None else 0
        draft, slugs = inserted(draft, (*where, at), target.name), [*slugs[:at], target.name, *slugs[at:]]
    gone = [at for at, slug in enumerate(slugs) if slug in out]
    if change.strength is Strength.EXCLUDE and slugs and len(gone) == len(slugs):
        return removed(draft, where)                # an empty list is refused by OpenRouter
    first = [slugs.index(target.name)] if primary is None else []
    return _sorted_out(draft, change, where, (len(slugs), first, gone))


def _kept_last(draft: Draft, where: Path, models: tuple[list[str], bool], name: str) -> tuple[Draft, list[str]]:
    """Demoted: what `model` named becomes the last of `models`."""
    slugs, there = models
    if name in slugs:
        return draft, slugs
    draft = inserted(draft, (*where, len(slugs)), name) if there else inserted(draft, where, [name])
    return draft, [*slugs, name]


def _sorted_out(draft: Draft, change: RoutingChange, where: Path, places: tuple[int, list[int], list[int]]) -> Draft:
    """A list with its first in front and what is gone at the end or out; in the order it had where only that is."""
    count, first, gone = places
    rest = [at for at in range(count) if at not in (*first, *gone)]
    if change.strength is Strength.DEMOTE:
        return ordered(draft, where, [*first, *rest, *gone]) if count else draft
    staying = [at for at in range(count) if at not in gone]
    as_is = list(range(count))
    order = as_is if [*first, *rest] == staying else [*first, *(at for at in as_is if at not in first)]
    draft = ordered(draft, where, order) if count else draft
    for at in sorted((order.index(one) for one in gone), reverse=True):
        draft = removed(draft, (*where, at))
    return draft


# --- another host ----------------------------------------------------------------------------------------------------


def _host_moved(draft: Draft, change: RoutingChange, body: Body, move: tuple[Route, str]) -> Draft:
    target, note = move
    if not any(leaving(change, one) for one in (*body.models, *body.hosts)):
        return draft
    if called(target.name, body.hosts):
        return _hosts_out(draft, change, body, note, first=target.name)
    name = body.names[0] if body.names else "this body"
    raise PatchRefused(f"{target.name!r} is no host of {name}'s provider block; add it to its order first")


def _hosts_out(draft: Draft, change: RoutingChange, body: Body, note: str, first: str = "") -> Draft:
    """The provider block: in `order` what takes over first, what leaves last or out; in `only` out; in `ignore`, where
    others than the listed may be called.
    """
    gone = {one.name for one in body.hosts if leaving(change, one)}
    if first:
        gone |= {one.name.partition("/")[0] for one in body.models if leaving(change, one)}
    if not gone or body.block is None:
        return draft
    excluded = change.strength is Strength.EXCLUDE
    if excluded and body.open_to_others():
        draft = _ignored(draft, body, sorted(gone), note)
    for name in ("only", "order"):
        listed = body.listed(name)
        here = [at for at, slug in enumerate(listed) if slug in gone]
        front = [at for at, slug in enumerate(listed) if name == "order" and first and same(slug, first)][:1]
        if excluded and here and len(here) == len(listed):
            draft = removed(draft, (*body.block, name))         # a pin to what leaves: nobody could take over
        elif excluded or name == "order":
            draft = _sorted_out(draft, change, (*body.block, name), (len(listed), front, here))
    return draft


def _ignored(draft: Draft, body: Body, slugs: Sequence[str], note: str) -> Draft:
    present = [one.casefold() for one in body.listed("ignore")]
    lacking = [one for one in slugs if one.casefold() not in present]
    if not lacking:
        return draft
    where = (*(body.block or ()), "ignore")
    if not has_list(body, "ignore"):
        return inserted(draft, where, lacking, note)
    for at, slug in enumerate(lacking):
        draft = inserted(draft, (*where, len(present) + at), slug)
    return draft


def _warnings(change: RoutingChange, bodies: Sequence[Body], chosen: Sequence[Body], target: Route) -> tuple[str, ...]:
    said = [f"{body.names[0]} still leads to {change.leaves}; it needs a change of its own" for body in bodies
            if body not in chosen and body.names and _left_in(change, [body])]
    if any(body.listed("only") or not body.open_to_others() for body in chosen) and (
            not target.key or target in _all_models(bodies)):
        said.append(f"the provider block names hosts: at least one of them must serve {target.name}")
    return tuple(said)


def _faults(text: str, body: Body) -> Iterator[Problem]:
    here = at_line(text, body.home or body.node)
    ignored = {one.casefold() for one in body.listed("ignore")}
    for name in LISTS[:2]:
        both = [one for one in body.listed(name) if one.casefold() in ignored]
        if both:
            yield Problem(here, f"{', '.join(both)} is in {name} and in ignore: it is not called")
        if has_list(body, name) and not body.listed(name):
            yield Problem(here, f"{name} is empty; leave it out", Severity.INFO)
    only = body.listed("only")
    if only and all(one.casefold() in ignored for one in only):
        yield Problem(here, "everyone in only is ignored: every request fails", Severity.CRITICAL)
    names = [one.name for one in body.models if not one.key.endswith("model")]
    for twice in sorted({one for one in names if names.count(one) > 1}):
        yield Problem(here, f"{twice} stands twice in models")
