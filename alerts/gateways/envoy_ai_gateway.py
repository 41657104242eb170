"""Patches for Envoy AI Gateway's AIGatewayRoute, as text and as a kustomize overlay. Pure: text in, text out.

Facts: CRDs and controller of Envoy AI Gateway 0.4 to 0.6 (2026-08). A backendRef of weight 0 is left out of Envoy's
endpoints, so it is how a vendor is excluded; a higher number of `priority` is how it is demoted.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, ClassVar, Final

from alerts.gateway import PatchRefused
from alerts.kube.aigateway import KINDS, ROUTE, Reading, Rule, read, serving
from alerts.kube.aigateway_lint import problems
from alerts.kube.aigateway_moves import Wanted, concerned, wanted, warnings_of
from alerts.kube.kustomize import Move, overlay
from alerts.kube.manifests import (
    INT,
    documents,
    edited,
    has_kind,
    key_in,
    noted,
    place_of,
    put_field,
    put_first,
    said,
    value_in,
    valued,
    walk,
)
from alerts.model import Inventory, Patch, Problem, RoutingChange, Severity
from alerts.surgery.draft import Draft
from alerts.surgery.text import Splice, newline_of
from alerts.surgery.yamlcuts import Place
from alerts.surgery.yamlnodes import STR, plain

_NAME: Final = "envoy_ai_gateway"
_APPLY: Final = (
    "kubectl apply -f {0}, or commit it: the controller takes it up within seconds and no pod restarts; "
    "the overlay does the same over a base that stays as it is"
)


@dataclass(frozen=True, slots=True)
class Gateway:
    """Envoy AI Gateway: AIGatewayRoute with what it leads to, in one file or several documents. No options."""

    names: ClassVar[tuple[str, ...]] = ("envoy", "aigw", "ai-gateway", "aigatewayroute", "envoy-ai", "envoy-gateway")

    def fits(self, text: str) -> bool:
        """By a document of kind AIGatewayRoute."""
        return has_kind(text, ROUTE)

    def inventory(self, text: str) -> Inventory:
        """Every entry of every rule; a rule's models are workloads. Raises PatchRefused for another manifest."""
        reading = read(text)
        if not any(rule.refs for rule in reading.rules):
            raise PatchRefused("no rule of the AIGatewayRoute has a backendRef")
        workloads: dict[str, tuple[str, ...]] = {}
        for rule in reading.rules:
            for name in rule.called:
                if name:
                    workloads[name] = (*workloads.get(name, ()), *(ref.route.key for ref in rule.live))
        return Inventory(tuple(ref.route for rule in reading.rules for ref in rule.refs), workloads=workloads)

    def render(self, change: RoutingChange, text: str, path: str = "") -> Patch:
        """Weights and priorities of the workload's rules, and an overlay of the same. Raises PatchRefused."""
        newline_of(text)
        before = read(text)
        rules = serving(before, change.workload)
        plans = {
            (rule.document.at, rule.at): wanted(change, before, rule) for rule in concerned(change, before, rules)}
        draft = Draft(text, said(lambda now: documents(now, KINDS)))
        for place, plan in plans.items():
            draft = _edited(draft, change, place, plan)
        warnings = dict.fromkeys(line for rule in rules for line in warnings_of(change, before, rule))
        file = path or "aigatewayroute.yaml"
        patch = draft.patch(change, _NAME, file, _APPLY.format(file), tuple(warnings))
        return replace(patch, files=_overlay(change, file, before, read(patch.patched))) if patch.diff else patch

    def lint(self, text: str) -> Sequence[Problem]:
        """What leads nowhere, and what does not fail over though it looks as if it did."""
        try:
            return problems(read(text), text)
        except PatchRefused as error:
            return (Problem("line 1", str(error), Severity.CRITICAL),)


def _edited(draft: Draft, change: RoutingChange, where: tuple[int, int], plan: Wanted) -> Draft:
    """One rule's edit, in the text as it is by now."""
    if not plan:
        return draft
    rule = next(one for one in read(draft.text).rules if (one.document.at, one.at) == where)
    place = place_of(rule.document, change)
    for ref in rule.refs:       # what a merge key brings in was not read
        walk(rule.document.root, "spec", "rules", rule.at, "backendRefs", ref.at)
    cuts = list(_cuts(place, rule, plan))
    intended = plain(rule.document.root)
    _meant(intended, rule.at, plan)
    return edited(draft, rule.document, noted(place, cuts), intended)


def _cuts(place: Place, rule: Rule, plan: Wanted) -> Iterator[Splice]:
    if plan.entry:
        node = walk(rule.document.root, "spec", "rules", rule.at, "backendRefs")
        yield from put_first(place, node, plan.entry)
    for at, fields in plan.fields.items():
        node = walk(rule.document.root, "spec", "rules", rule.at, "backendRefs", at)
        if node is None:
            raise PatchRefused(f"rule {rule.at} has no entry {at}; mend it first")
        for key, value in fields.items():
            yield from put_field(place, node, key, value)


def _meant(intended: Any, rule: int, plan: Wanted) -> None:
    spec = intended[key_in(intended, "spec")]
    one = spec[key_in(spec, "rules")][rule]
    refs = one[key_in(one, "backendRefs")]
    for at, fields in plan.fields.items():
        for key, value in fields.items():
            refs[at][key_in(refs[at], key)] = (INT, str(value))
    if plan.entry:
        refs.insert(0, {(STR, key): (STR, value) for key, value in plan.entry})


def _overlay(change: RoutingChange, file: str, before: Reading, after: Reading) -> Mapping[str, str]:
    name = re.sub(r"[^\w.:-]", "_", change.id)
    moves = [
        Move(valued(value_in(old.text)), valued(value_in(new.text)))
        for old, new in zip(before.documents, after.documents, strict=True) if old.kind == ROUTE
    ]
    return overlay(name, PurePath(file).name, moves)


