"""Patches for Bifrost's config.json: one routing rule in front of all others. Pure; facts from its docs of 2026-11.

A rule is additive and switched off by one word (`enabled`). Rules of a virtual key, team or customer come before those
for everyone, so theirs are edited where they lead to what leaves. A virtual key's provider list is a hard boundary that
no rule gets over: that is a warning, since widening it is the owner's decision.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from alerts.gateway import PatchRefused, leaving
from alerts.jsonformats.bifrost import RULES, Hop, Reading, Rule, cel_broken, read, split
from alerts.jsonformats.reading import at_line, called, known, linted, same, says_whatever
from alerts.model import Inventory, Patch, Problem, RoutingChange, Strength
from alerts.surgery.draft import Draft, note_of
from alerts.surgery.jsoncuts import inserted, opened, ordered, removed, replaced
from alerts.surgery.jsonnodes import child, elements, figure, parse, string

_APPLY: Final = (
    "Bifrost reads config.json at start: write the file and restart it. With a config_store, the same rule can be made "
    "live by POST /api/routing/rules (before 2.0: /api/governance/routing-rules) and switched off by enabled: false"
)


@dataclass(frozen=True, slots=True)
class Gateway:
    """Bifrost config.json. A workload is provider/model, a model, a provider (all its models), a routing rule's
    name, or `all`; a route is provider/model, or a provider. No options.
    """

    names: ClassVar[tuple[str, ...]] = ("maxim-bifrost", "bifrost-gateway")

    def fits(self, text: str) -> bool:
        """By providers that are objects with keys."""
        try:
            providers = child(parse(text), "providers")
        except PatchRefused:
            return False
        found = providers.members if providers is not None and providers.kind == "object" else ()
        return any(child(one.node, key) is not None for one in found for key in ("keys", "network_config"))

    def inventory(self, text: str) -> Inventory:
        """A route a provider, and one for each model that it lists or a rule names. Raises PatchRefused."""
        reading = read(text)
        served: dict[str, tuple[str, ...]] = {}
        for name, models in reading.providers.items():
            for model in models or ("",):
                keys = _keys(reading, reading.led(name, model))
                for word in (f"{name}/{model}", model) if model else (name,):
                    served[word] = tuple(dict.fromkeys((*served.get(word, ()), *keys)))
        for rule in reading.rules:
            for name in rule.names[:1] if rule.enabled else ():
                served[name] = _keys(reading, (*rule.targets, *rule.fallbacks))
        routes = tuple(reading.routes.values())
        return Inventory(routes, {}, {}, {word: keys for word, keys in served.items() if keys})

    def render(self, change: RoutingChange, text: str, path: str = "") -> Patch:
        """A rule for the workload, or other targets for the rule that it is. Raises PatchRefused."""
        draft, reading = opened(text), read(text)
        target = _target(change, reading)
        rule = next((one for one in reading.rules if any(same(change.workload, name) for name in one.names)), None)
        if rule is not None:
            draft = _rule_moved(draft, change, reading, (rule, target))
        else:
            asked = _asked(change, reading, path)
            for one in reading.rules:               # in place first: the new rule shifts them
                if one.enabled and one.scope not in ("", "global") and _may_match(one, asked):
                    draft = _rule_moved(draft, change, reading, (one, target), quiet=True)
            draft = _rule_added(draft, change, reading, (asked, target))
        return draft.patch(change, "bifrost", path or "config.json", _APPLY, _warnings(reading, target))

    def lint(self, text: str) -> Sequence[Problem]:
        """Rules that Bifrost skips with a log line, and those that lead nowhere."""
        reading, found = linted(text, read, strict=True)
        if reading is None:
            return found
        return (*found, *_faults(text, reading))


def _keys(reading: Reading, hops: Sequence[Hop]) -> tuple[str, ...]:
    routes = (reading.route(hop.provider, hop.model) for hop in hops)
    return tuple(dict.fromkeys(one.key for one in routes if one is not None))


def _target(change: RoutingChange, reading: Reading) -> Hop:
    """A provider alone stands for its first model; for the model asked for, where it takes any."""
    word, routes = change.takes_over, list(reading.routes.values())
    found = called(word, routes)
    provider, model = split(reading, word)
    if not found and provider:
        found = [reading.routes[provider]] if not reading.providers[provider] else []
    if not found:
        raise PatchRefused(f"{word!r} is no provider/model of this config (there are: {known(routes)}); add it to "
                           "providers first")
    staying = [one for one in found if not leaving(change, one)]
    if not staying:
        raise PatchRefused(f"{word!r} itself is {change.leaves}'s, which leaves; choose another route")
    homes = {one.key.split(".")[1] for one in staying}
    if len(homes) > 1:
        raise PatchRefused(f"{word!r} could be {known(staying)}; say which, as provider/model")
    home = staying[0].key.removeprefix("providers.")
    home = next(name for name in sorted(reading.providers, key=len, reverse=True)
                if home == name or home.startswith(f"{name}."))
    listed = staying[0].model or (model if provider else "") or next(iter(reading.providers[home]), "")
    return Hop((), home, listed)


Asked = tuple[tuple[str, str], ...]         # (provider, model) as requests may name them; '' for any


def _asked(change: RoutingChange, reading: Reading, path: str) -> Asked:
    word = change.workload
    home, model = split(reading, word)
    if home and (not reading.providers[home] or _listed(reading, home, model)):
        return ((home, _listed(reading, home, model) or model),)
    name = next((one for one in reading.providers if same(one, word)), "")
    if name:
        return ((name, ""),)
    found = tuple((one, named) for one in reading.providers if (named := _listed(reading, one, word)))
    if found:
        return found
    if says_whatever(word, path):
        left = tuple((one, "") for one in reading.providers if _is_left(change, reading, one, ""))
        return left or tuple((one, "") for one in reading.providers)
    free = [one for one, models in reading.providers.items() if not models]
    if free and any(letter.isdigit() for letter in word):
        return tuple((one, word) for one in free)           # providers that take any model's name
    raise PatchRefused(f"{word!r} is no provider/model, no rule and no 'all' of this config (there are: "
                       f"{known(reading.routes.values())}); check the workload's name")


def _listed(reading: Reading, provider: str, model: str) -> str:
    return next((one for one in reading.providers[provider] if same(one, model)), "")


def _is_left(change: RoutingChange, reading: Reading, provider: str, model: str) -> bool:
    route = reading.route(provider, model)
    return route is not None and leaving(change, route)


def _rule_added(draft: Draft, change: RoutingChange, reading: Reading, move: tuple[Asked, Hop]) -> Draft:
    asked, target = move
    hops = [hop for one in asked for hop in reading.led(*one)]
    left = [hop for hop in hops if _is_left(change, reading, hop.provider, hop.model)]
    mine = _condition(asked)
    present = next((one for one in reading.rules if change.id in one.names or (one.cel == mine and one.targets[:1] and (
        one.targets[0].provider, one.targets[0].model) == (target.provider, target.model))), None)
    if present is not None and not present.enabled:
        return replaced(draft, (*present.path, "enabled"), True)
    if change.strength is Strength.DEMOTE and present is not None:
        left = [hop for hop in left if hop in present.targets]
    if not left:
        if present is None and target.provider not in {hop.provider for hop in hops}:
            raise PatchRefused(f"{change.workload!r} leads neither to {change.leaves} nor to {change.takes_over}; "
                               "nothing to move")
        return draft
    last = [f"{one}/{model}" for one, model in asked if _is_left(change, reading, one, model)]
    rule = _rule(change, reading, mine, target)
    rule["fallbacks"] = last if change.strength is Strength.DEMOTE else []
    if child(reading.root, *RULES) is not None:
        return inserted(draft, (*RULES, 0), rule)
    if child(reading.root, RULES[0]) is not None:
        return inserted(draft, RULES, [rule])
    return inserted(draft, RULES[:1], {RULES[1]: [rule]})


def _condition(asked: Asked) -> str:
    """CEL for exactly these requests."""
    models = dict.fromkeys(model for _, model in asked)
    providers = dict.fromkeys(provider for provider, _ in asked)
    if len(asked) == 1 and asked[0][1]:
        return f"provider == {_cel(asked[0][0])} && model == {_cel(asked[0][1])}"
    if len(models) == 1 and next(iter(models)):
        return f"model == {_cel(next(iter(models)))}"
    if len(providers) == 1:
        return f"provider == {_cel(next(iter(providers)))}"
    return f"provider in [{', '.join(map(_cel, providers))}]"


def _cel(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _rule(change: RoutingChange, reading: Reading, cel: str, target: Hop) -> dict[str, Any]:
    lowest = min((one.priority for one in reading.rules if one.scope in ("", "global")), default=1.0)
    to: dict[str, Any] = {"provider": target.provider, **({"model": target.model} if target.model else {})}
    aim: dict[str, Any] = to if any(one.flat for one in reading.rules) else {"targets": [{**to, "weight": 1}]}
    return {"id": change.id, "name": change.id, "description": note_of(change), "enabled": True, "cel_expression": cel,
            **aim, "fallbacks": [], "scope": "global", "priority": int(lowest) - 1}


def _may_match(rule: Rule, asked: Asked) -> bool:
    """Whether a rule of a narrower scope can catch such requests: unless it asks for another model or provider."""
    tells = "model" in rule.cel or "provider" in rule.cel
    return not tells or any(rule.matches(*one) for one in asked) or any(
        (model and model in rule.cel) or provider in rule.cel for provider, model in asked)


def _rule_moved(
    draft: Draft, change: RoutingChange, reading: Reading, move: tuple[Rule, Hop], quiet: bool = False,
) -> Draft:
    """The rule's targets that leave name what takes over; its fallbacks that leave go last or out."""
    rule, target = move
    hops = (*rule.targets, *rule.fallbacks)
    left = [hop for hop in hops if hop.provider and _is_left(change, reading, hop.provider, hop.model)]
    if not left:
        if not quiet and target.provider not in {hop.provider for hop in hops}:
            raise PatchRefused(f"rule {change.workload!r} leads neither to {change.leaves} nor to {change.takes_over}; "
                               "nothing to move")
        return draft
    moved = [hop for hop in rule.targets if hop in left]
    for hop in moved:
        draft = _aimed(draft, hop, target)
    gone = [at for at, hop in enumerate(rule.fallbacks) if hop in left]
    where = (*rule.path, "fallbacks")
    if change.strength is Strength.EXCLUDE:
        for at in reversed(gone):
            draft = removed(draft, (*where, at))
        return draft
    count = len(rule.fallbacks)
    if count:
        draft = ordered(draft, where, [*(at for at in range(count) if at not in gone), *gone])
    return _kept_last(draft, rule, moved[0]) if moved else draft


def _aimed(draft: Draft, hop: Hop, target: Hop) -> Draft:
    here = child(parse(draft.text), *hop.path)
    if child(here, "key_id") is not None:
        draft = removed(draft, (*hop.path, "key_id"))       # a key of the provider that leaves
    draft = replaced(draft, (*hop.path, "provider"), target.provider)
    if not target.model:
        return draft
    there = child(here, "model") is not None
    return (replaced if there else inserted)(draft, (*hop.path, "model"), target.model)


def _kept_last(draft: Draft, rule: Rule, hop: Hop) -> Draft:
    if any(one.said == hop.said for one in rule.fallbacks):
        return draft
    root = parse(draft.text)
    where = (*rule.path, "fallbacks")
    if child(root, *where) is None:
        return inserted(draft, where, [hop.said])
    return inserted(draft, (*where, len(elements(root, *where))), hop.said)


def _warnings(reading: Reading, target: Hop) -> tuple[str, ...]:
    said = []
    if not target.model:
        said.append(f"{target.provider} lists no models, so the model asked for is kept; say {target.provider}/MODEL "
                    "to name one")
    for one in elements(reading.root, "governance", "virtual_keys"):
        allowed = {string(entry, "provider") for entry in elements(one, "provider_configs")}
        if allowed and target.provider not in allowed:
            said.append(f"virtual key {string(one, 'name') or string(one, 'id')} does not allow {target.provider}: its "
                        "requests are refused until provider_configs has it")
    store = child(reading.root, "config_store", "enabled")
    if store is not None and store.value is True and string(reading.root, "source_of_truth") != "config.json":
        said.append("config_store is on: rules of the database are merged with this file's; look at its list after the "
                    "restart")
    return tuple(said)


def _faults(text: str, reading: Reading) -> Iterator[Problem]:
    for rule in reading.rules:
        node = child(reading.root, *rule.path)
        here, name = at_line(text, node) if node else "line 1", rule.names[0] if rule.names else "a rule"
        if cel_broken(rule.cel):
            yield Problem(here, f"{name}: cel_expression is no CEL; Bifrost logs that and skips the rule")
        weights = [figure(child(one, "weight")) for one in elements(node, "targets")]
        if not rule.targets:
            yield Problem(here, f"{name} has no targets")
        elif not rule.flat and abs(sum(one or 0.0 for one in weights) - 1) > 1e-6:
            yield Problem(here, f"{name}: the weights of its targets do not sum to 1")
        if rule.scope not in ("", "global") and not string(node, "scope_id"):
            yield Problem(here, f"{name} is of scope {rule.scope} and names no scope_id")
        for hop in (*rule.targets, *rule.fallbacks):
            if hop.provider and hop.provider not in reading.providers:
                yield Problem(here, f"{name} leads to {hop.provider}, which is not under providers")
    yield from _of_keys(text, reading)


def _of_keys(text: str, reading: Reading) -> Iterator[Problem]:
    for one in elements(reading.root, "governance", "virtual_keys"):
        for entry in elements(one, "provider_configs"):
            name = string(entry, "provider")
            if name and name not in reading.providers:
                yield Problem(at_line(text, entry), f"a virtual key allows {name}, which is not under providers")


