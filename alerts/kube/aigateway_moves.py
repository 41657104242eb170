"""What must change in a rule of Envoy AI Gateway so that a workload moves. Pure: values in, values out.

Who leaves gets weight 0 (excluded) or a priority behind everybody's (demoted); who takes over gets priority 0, and an
entry of its own where the rule has none. Priorities stay without a gap, as Envoy wants them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from alerts.gateway import PatchRefused, leaving
from alerts.kube.aigateway import Reading, Ref, Rule, odd_fields
from alerts.model import RoutingChange, Strength

_BEHIND: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Aim:
    """Who takes over: a backend and the model it is asked for; '' where it is asked for the name the app uses."""

    name: str
    namespace: str
    model: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of one rule: fields to set by entry, and the entry to put in first."""

    fields: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    entry: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.fields or self.entry)


def concerned(change: RoutingChange, reading: Reading, rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The workload's rules that lead to what leaves. Raises PatchRefused if none does, nor to what takes over."""
    if not rules:
        names = ", ".join(sorted({name for rule in reading.rules for name in rule.called if name})[:12])
        raise PatchRefused(f"no rule matches the model {change.workload!r}; there are: {names}")
    found = tuple(rule for rule in rules if any(leaving(change, ref.route) for ref in rule.live))
    if not found and not any(_is(ref, change.takes_over) for rule in rules for ref in rule.live):
        raise PatchRefused(f"{change.workload!r} leads neither to {change.leaves} nor to {change.takes_over!r} here")
    return found


def wanted(change: RoutingChange, reading: Reading, rule: Rule) -> Wanted:
    """What must change in one rule; nothing if it is moved already."""
    odd = next((f"{key} of {ref.route.name}" for ref in rule.refs for key in odd_fields(ref)), "")
    if odd:
        raise PatchRefused(f"{odd} is no whole number from 0 on; mend it first")
    left = [ref for ref in rule.live if leaving(change, ref.route)]
    target = target_in(change, rule)
    if target is None:
        aim = aim_of(change, reading, rule)
        if any(ref.pool for ref in rule.refs):
            raise PatchRefused("the rule leads to an InferencePool, which no other backend may stand beside")
        entry = _entry(aim, rule)
    else:
        entry = ()
    fields: dict[int, dict[str, int]] = {}
    levels = _levels(change, rule, left, target)
    for ref in rule.refs:
        if change.strength is Strength.EXCLUDE and ref in left:
            fields[ref.at] = {"weight": 0}
        elif ref.at in levels and levels[ref.at] != ref.priority:
            fields[ref.at] = {"priority": levels[ref.at]}
    if target is not None and not target.weight:
        fields[target.at] = {"weight": max(left[0].weight, 1) if left else 1, **fields.get(target.at, {})}
    return Wanted(fields, entry)


def target_in(change: RoutingChange, rule: Rule) -> Ref | None:
    """The rule's own entry that takes over. Raises PatchRefused where several could be meant, or it leaves itself."""
    found = [ref for ref in rule.refs if _is(ref, change.takes_over)]
    named = [ref for ref in found if not leaving(change, ref.route)]
    if found and not named:
        raise PatchRefused(
            f"{change.takes_over!r} itself routes to {change.leaves}, which leaves; choose another backend")
    if len(named) > 1:
        live = [ref for ref in named if ref.weight]
        if len(set(map(_called, named))) == 1:      # one backend that is listed several times
            return (live or named)[0]
        if len(live) != 1:
            raise PatchRefused(f"{change.takes_over!r} could be {' or '.join(map(_called, named))}; name one of them")
        return live[0]
    return named[0] if named else None


def aim_of(change: RoutingChange, reading: Reading, rule: Rule) -> Aim:
    """The backend of another rule, or of the file, by its name, its model's, or both. Raises PatchRefused."""
    word = change.takes_over
    refs = [ref for one in reading.rules for ref in one.refs if _is(ref, word) and not ref.pool]
    if refs and all(leaving(change, ref.route) for ref in refs):
        raise PatchRefused(f"{word!r} itself routes to {change.leaves}, which leaves; choose another backend")
    found = {Aim(ref.route.name, ref.namespace, ref.route.model) for ref in refs if not leaving(change, ref.route)}
    if len(found) > 1:
        same = {aim for aim in found if aim.model in (change.workload, "")}
        found = same if len(same) == 1 else found
    if not found:
        return _of_file(change, reading, rule)
    if len(found) > 1:
        names = " or ".join(sorted(f"{aim.name}/{aim.model}" if aim.model else aim.name for aim in found))
        raise PatchRefused(f"{word!r} could be {names}; name one of them")
    (aim,) = found
    if not aim.model:
        raise PatchRefused(f"no rule says which model {aim.name} is to be asked for; name it as {aim.name}/MODEL")
    return aim


def _of_file(change: RoutingChange, reading: Reading, rule: Rule) -> Aim:
    """A backend that no rule leads to, or one asked for a model that no rule names: BACKEND/MODEL."""
    name, _, model = change.takes_over.partition("/")
    places = {(ref.namespace, ref.route.name): ref for one in reading.rules for ref in one.refs if not ref.pool}
    known = [place for place in (*reading.backends, *places) if place[1] == name]
    if not known:
        raise PatchRefused(f"{change.takes_over!r} is no backend of this file; add an AIServiceBackend for it first")
    if any(leaving(change, places[place].route) for place in known if place in places):
        raise PatchRefused(f"{change.takes_over!r} itself routes to {change.leaves}, which leaves; choose another")
    if not model:
        raise PatchRefused(f"no rule says which model {name} is to be asked for; name it as {name}/MODEL")
    spaces = {place[0] for place in known if place[0]} or {""}
    return Aim(name, rule.namespace if rule.namespace in spaces else min(spaces), model)


def warnings_of(change: RoutingChange, reading: Reading, rule: Rule) -> Iterator[str]:
    others = [name for name in rule.called if name != change.workload]
    if others and (change.workload in rule.called or rule.patterns):
        yield f"the same rule serves {', '.join(others)}, which move too"
    retried = any(document.kind == "BackendTrafficPolicy" for document in reading.documents)
    if change.strength is Strength.DEMOTE and not retried:
        yield "no BackendTrafficPolicy with retries is in this file: without one nothing fails over to a later priority"


def _levels(change: RoutingChange, rule: Rule, left: Sequence[Ref], target: Ref | None) -> dict[int, int]:
    """The priority of every entry that is called, in steps of one from 0."""
    rank: dict[int, int] = {}
    for ref in rule.live:
        if ref in left:
            if change.strength is Strength.DEMOTE:
                rank[ref.at] = _BEHIND + ref.priority
        else:
            rank[ref.at] = ref.priority
    if target is not None:
        rank[target.at] = 0
    taken = sorted({0, *rank.values()}) if left or target is None else sorted(set(rank.values()))
    return {at: taken.index(value) for at, value in rank.items()}


def _entry(aim: Aim, rule: Rule) -> tuple[tuple[str, str], ...]:
    fields = [("name", aim.name)]
    if aim.namespace and aim.namespace != rule.namespace:
        fields.append(("namespace", aim.namespace))
    if aim.model and set(rule.called) != {aim.model}:
        fields.append(("modelNameOverride", aim.model))
    return tuple(fields)


def _is(ref: Ref, word: str) -> bool:
    return word in (ref.route.name, *ref.route.also)


def _called(ref: Ref) -> str:
    return f"{ref.route.name}/{ref.route.model}" if ref.route.model else ref.route.name
