"""Patches for Higress's ai-proxy plugin: which provider is active, and what it makes of the models' names. Pure.

Facts: alibaba/higress, plugins/wasm-go/extensions/ai-proxy (2026-08). One provider is active in a scope, so that the
smallest move is one scalar; the plugin keeps the connection that the route chose, so that the route must move as well.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, ClassVar, Final

from alerts.gateway import PatchRefused, leaving
from alerts.kube.higress import KIND, Provider, Scope, found_in, hidden_in, scopes_of
from alerts.kube.higress_rules import cuts as handing_over
from alerts.kube.higress_rules import handover
from alerts.kube.higress_rules import meant as handed_over
from alerts.kube.kustomize import Move, overlay
from alerts.kube.manifests import (
    edited,
    has_kind,
    key_in,
    line_in,
    noted,
    place_of,
    put_entry,
    put_field,
    said,
    value_in,
    valued,
    walk,
)
from alerts.model import Inventory, Patch, Problem, RoutingChange, Severity, Strength
from alerts.surgery.draft import Draft
from alerts.surgery.text import Splice, newline_of, unified
from alerts.surgery.yamlcuts import Place
from alerts.surgery.yamlnodes import STR, child, duplicates, items, plain, scalar

_NAME: Final = "higress"
_APPLY: Final = "kubectl apply -f {0}: the gateway takes a plugin's config without a restart, in seconds"


@dataclass(frozen=True, slots=True)
class Gateway:
    """Higress: a WasmPlugin `ai-proxy` with providers, or the plugin's bare config. No options."""

    names: ClassVar[tuple[str, ...]] = ("ai-proxy", "wasmplugin", "higress-ai-proxy")

    def fits(self, text: str) -> bool:
        """By a WasmPlugin with providers, or by activeProviderId at the left margin."""
        plugin = has_kind(text, KIND) and re.search(r"(?m)^\s*(?:- )?(?:activeProviderId|providers?) *:", text)
        bare = "activeProviderId" in text and re.search(r"(?m)^\ufeff?activeProviderId *:", text)
        return bool(plugin or bare)

    def inventory(self, text: str) -> Inventory:
        """Providers; the names of models and the places a config holds for are workloads. Raises PatchRefused."""
        routes, workloads = dict[str, Any](), dict[str, tuple[str, ...]]()
        for scope in scopes_of(text):
            for provider in (*scope.providers, *([scope.inline] if scope.inline else [])):
                routes[provider.route.key] = provider.route
            active = scope.provider
            if active is None:
                continue
            for name in (*active.mapping, *scope.labels):
                workloads[name] = tuple(dict.fromkeys((*workloads.get(name, ()), active.route.key)))
        if not routes:
            raise PatchRefused("no provider is written here; is it the manifest of Higress's ai-proxy?")
        return Inventory(tuple(routes.values()), workloads=workloads)

    def render(self, change: RoutingChange, text: str, path: str = "") -> Patch:
        """`activeProviderId` where the workload is served, and mappings for its models. Raises PatchRefused."""
        newline_of(text)
        before = scopes_of(text)
        served = _serving(before, change)
        draft = Draft(text, said(found_in))
        for scope in served:
            active = scope.provider
            if active is not None and leaving(change, active.route):
                draft = _edited(draft, change, scope)
        file = path or "wasmplugin.yaml"
        diff = unified(text, draft.text, file, hidden_in(text))
        patch = Patch(
            change.id, _NAME, file, diff, draft.text, draft.taken_back(), _warnings(change, served) if diff else (),
            _APPLY.format(file))
        return replace(patch, files=_overlay(change, patch)) if diff else patch

    def lint(self, text: str) -> Sequence[Problem]:
        """An active provider that is none, ids that stand twice, a failover that a user's own mistake sets off."""
        try:
            return sorted(_faults(text), key=lambda fault: int(fault.where.removeprefix("line ")))
        except PatchRefused as error:
            return (Problem("line 1", str(error), Severity.CRITICAL),)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Of one scope: the provider that becomes active, and what must be mapped in it."""

    target: Provider
    mapped: Mapping[str, str] = field(default_factory=dict)


def _serving(scopes: Sequence[Scope], change: RoutingChange) -> list[Scope]:
    """By the workload's exact name or the scope's; else by a pattern. Raises PatchRefused where it leads nowhere."""
    live = [(scope, active) for scope in scopes if (active := scope.provider) is not None]
    name = change.workload
    found = [scope for scope, active in live if name in (*active.mapping, *scope.labels)]
    found = found or [scope for scope, active in live if name and active.model(name) is not None]
    if not found:
        names = sorted({word for scope, active in live for word in (*active.mapping, *scope.labels)})
        raise PatchRefused(f"{name!r} is no model or rule of an active provider; there are: {', '.join(names)}")
    targets = {change.takes_over, change.takes_over.partition("/")[0]}
    moved = [scope for scope in found if (one := scope.provider) and {one.route.name, *one.route.also} & targets]
    left = [scope for scope in found if (one := scope.provider) and leaving(change, one.route)]
    if not left and not moved:
        raise PatchRefused(f"{name!r} leads neither to {change.leaves} nor to {change.takes_over!r} here")
    return found


def _plan(change: RoutingChange, scope: Scope) -> _Plan:
    target, model = _target(change, scope)
    if leaving(change, target.route):
        raise PatchRefused(f"{change.takes_over!r} itself is {change.leaves}, which leaves; choose another provider")
    active = scope.provider
    names = dict.fromkeys((*(active.mapping if active else ()), *(
        () if change.workload in scope.labels else (change.workload,))))
    lacking = [name for name in names if target.model(name) is None or (model and target.mapping.get(name) != model)]
    if not lacking:
        return _Plan(target)
    if model and any(name in target.mapping for name in lacking):
        raise PatchRefused(f"{target.route.name} maps {lacking[0]} to another model already; leave out {model}")
    models = {value for value in target.mapping.values() if value}
    if not model and len(models) != 1:
        raise PatchRefused(
            f"{target.route.name} maps no model for {', '.join(lacking)}; name one as {target.route.name}/MODEL")
    return _Plan(target, dict.fromkeys(lacking, model or min(models)))


def _target(change: RoutingChange, scope: Scope) -> tuple[Provider, str]:
    word = change.takes_over
    for name, model in ((word, ""), tuple(word.partition("/")[::2])):
        found = [one for one in scope.providers if one.route.name == name]
        found = found or [one for one in scope.providers if one.kind == name]
        if len(found) > 1:
            names = " or ".join(one.route.name for one in found)
            raise PatchRefused(f"{word!r} could be {names}; name one of them")
        if found and found[0].route.name:
            return found[0], model
    names = ", ".join(one.route.name for one in scope.providers if one.route.name)
    raise PatchRefused(f"{word!r} is none of the providers here ({names}); add it to providers first")


def _edited(draft: Draft, change: RoutingChange, was: Scope) -> Draft:
    scopes = scopes_of(draft.text)
    scope = next(one for one in scopes if (one.document.at, one.path) == (was.document.at, was.path))
    if scope.services:
        raise PatchRefused(
            f"the rule holds for the service {', '.join(scope.services)}, whose connection leads to {change.leaves} "
            "whatever provider is active; send the AI route (Ingress, higress.io/destination) to the other service")
    place = place_of(scope.document, change)
    if scope.inline is not None:
        made, after = handover(change, scope, scopes), plain(scope.document.root)
        handed_over(after, made)
        return edited(draft, scope.document, handing_over(place, made), after)
    plan = _plan(change, scope)
    config = walk(scope.document.root, *scope.path)
    if config is None:
        raise PatchRefused("the config is not where it was; change it by hand")
    cuts = list(_cuts(place, scope, plan))
    intended = plain(scope.document.root)
    _meant(intended, scope, plan)
    return edited(draft, scope.document, noted(place, cuts), intended)


def _cuts(place: Place, scope: Scope, plan: _Plan) -> Iterator[Splice]:
    node = walk(scope.document.root, *scope.path)
    if node is None:
        return
    yield from put_field(place, node, "activeProviderId", plan.target.route.name)
    if not plan.mapped:
        return
    provider = walk(scope.document.root, *_steps(plan.target))
    mapping = child(provider, "modelMapping")
    if provider is None or mapping is None:
        raise PatchRefused(f"{plan.target.route.name} has no modelMapping; add one for {', '.join(plan.mapped)} first")
    for name, model in plan.mapped.items():
        yield from put_entry(place, mapping, name, model)


def _steps(provider: Provider) -> list[str | int]:
    """The way to a provider in its document, from its key."""
    return [int(part) if part.isdecimal() else part for part in provider.route.key.split(".")[1:]]


def _meant(intended: Any, scope: Scope, plan: _Plan) -> None:
    config = _down(intended, scope.path)
    config[key_in(config, "activeProviderId")] = (STR, plan.target.route.name)
    if plan.mapped:
        provider = _down(intended, _steps(plan.target))
        mapping = provider[key_in(provider, "modelMapping")]
        for name, model in plan.mapped.items():
            mapping[key_in(mapping, name)] = (STR, model)


def _down(value: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        value = value[step if isinstance(step, int) else key_in(value, step)]
    return value


def _warnings(change: RoutingChange, scopes: Sequence[Scope]) -> tuple[str, ...]:
    connection = (
        "ai-proxy keeps the connection that the route chose: the Ingress or AI route of this config must lead to "
        f"{change.takes_over}'s service too, or its key is sent to {change.leaves}; move both together")
    lines = [connection]
    others = {
        name for scope in scopes if (active := scope.provider) for name in active.mapping if name != change.workload}
    if others:
        lines.append(f"one provider is active for all models here, so these move too: {', '.join(sorted(others))}")
    if change.strength is Strength.DEMOTE:
        lines.append(f"ai-proxy has one active provider, so {change.leaves} is excluded, not demoted")
    return tuple(lines)


def _overlay(change: RoutingChange, patch: Patch) -> Mapping[str, str]:
    name = re.sub(r"[^\w.:-]", "_", change.id)
    pairs = zip(found_in(patch.reverted), found_in(patch.patched), strict=True)
    moves = [Move(valued(value_in(old.text)), valued(value_in(new.text))) for old, new in pairs if old.kind == KIND]
    return overlay(name, PurePath(patch.path).name, moves)


def _faults(text: str) -> Iterator[Problem]:
    for document in found_in(text):
        for line, path in duplicates(document.root):
            at = line + text.count("\n", 0, document.start)
            yield Problem(f"line {at}", f"{path} stands twice; one of them is dropped", Severity.CRITICAL)
    for scope in scopes_of(text):
        node = walk(scope.document.root, *scope.path)
        ids = [one.route.name for one in scope.providers]
        if scope.active and scope.inline is None and scope.active not in ids:
            where = line_in(text, scope.document, child(node, "activeProviderId") or scope.document.root)
            what = f"activeProviderId {scope.active} is none of the providers: nothing is translated, calls fail"
            yield Problem(f"line {where}", what, Severity.CRITICAL)
        for provider in {id(one.node): one for one in (*scope.providers, scope.inline) if one}.values():
            yield from _of_provider(text, scope, provider, ids)


def _of_provider(text: str, scope: Scope, provider: Provider, ids: Sequence[str]) -> Iterator[Problem]:
    where = f"line {line_in(text, scope.document, provider.node)}"
    if ids.count(provider.route.name) > 1:
        yield Problem(where, f"provider id {provider.route.name!r} stands twice; the first is taken", Severity.CRITICAL)
    failover = child(provider.node, "failover")
    codes = [scalar(one) or "" for one in items(child(failover, "failoverOnStatus"))]
    if scalar(child(failover, "enabled")) == "true" and any(code.startswith("4.") for code in codes or ["4.*"]):
        yield Problem(
            where, f"{provider.route.name}: failoverOnStatus takes in 4.* (its default), so that a user's own bad "
            "request puts a good key out of use; list 401, 403, 429 and 5.*")
