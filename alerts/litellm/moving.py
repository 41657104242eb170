"""How a workload leaves a vendor in a LiteLLM config: decided here, cut elsewhere. Pure; facts of LiteLLM 1.106.2.

An alias under the public name hides a group of that name, so no call reaches what left; fallbacks of an alias are those
of the *public* name (BerriAI/litellm#10317). Where both vendors share the group, what leaves gets a group name of its
own: `weight: 0` would not do, as the router draws among all that are healthy once those with a weight cool down, and
only `simple-shuffle` looks at weights (router_strategy/simple_shuffle.py).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from alerts.gateway import PatchRefused, leaving
from alerts.litellm.edits import Listed
from alerts.litellm.naming import target_of, workload_of
from alerts.litellm.reading import ANY, KINDS, Reading, index_of, serving
from alerts.model import Route, RoutingChange, Strength


@dataclass(frozen=True, slots=True)
class Move:
    """What changes: an alias of the workload, deployments that get a group of their own, fallbacks by kind."""

    workload: str
    target: str
    alias: str = ""
    apart: tuple[Route, ...] = ()
    apart_name: str = ""
    fallbacks: Mapping[str, Listed] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[int, ...]:
        return tuple(map(index_of, self.apart))


def planned(change: RoutingChange, reading: Reading) -> Move:
    """The smallest move. Raises PatchRefused where there is none, saying why."""
    workload = workload_of(change, reading)
    own = reading.group_of(workload)
    target = target_of(change, reading, own)
    first = serving(reading, workload)
    gone = tuple(route for route in first if leaving(change, route))
    if not gone and not reading.includes:
        _refuse_astray(change, reading, workload, target)
    if gone and target == own and len(gone) == len(first):
        raise PatchRefused(f"{target!r} is the workload's own group, and leaves; name another group that takes over")
    if gone and "*" in workload and target != own:
        raise PatchRefused(f"{workload!r} is a wildcard; name one model that the apps ask for as the workload")
    alias = target if target != own and (gone or (reading.includes and not first)) else ""
    apart = _apart(change, reading, workload, target, gone)
    name = _free_name(reading, f"{own}-{change.leaves}" if "*" not in own else f"{change.leaves}-left/{own}")
    last = [name] if apart else [own] if gone and own in reading.groups and own != workload else []
    if _last_resorts(change, reading, "fallbacks", workload):
        last = last if target == own else []
    fallbacks = {}
    for kind in KINDS:
        listed = _listed(change, reading, kind, (workload, target, alias), last)
        if listed is not None:
            fallbacks[kind] = listed
    dropped = _dropped(change, reading, workload)
    demoted = change.strength is Strength.DEMOTE        # then what leads to the vendor stays, as the last resort
    stay = {one for kind in KINDS for one in _present(reading, kind, workload) if demoted or one not in dropped}
    new = {one for listed in fallbacks.values() for one in (*listed.added, *listed.swapped.values())}
    if dropped and not gone and target not in map(reading.group_of, {workload, *stay, *new}):
        raise PatchRefused(
            f"{target!r} cannot stand in for {', '.join(dropped)}: its own fallbacks lead to {change.leaves}; "
            f"move {target!r} first, or choose another group")
    return Move(workload, target, alias, apart, name if apart else "", fallbacks, dropped)


def leads_to_left(change: RoutingChange, reading: Reading, name: str, moved: str) -> bool:
    """Whether a call that falls back to `name` can end at what leaves, by aliases and further fallbacks of any kind.

    `moved`: the workload, which is being moved away and so is no way there.
    """
    ahead, seen = [name], {moved}
    while ahead:
        step = ahead.pop()
        if step in seen:
            continue
        seen.add(step)
        if any(leaving(change, route) for route in serving(reading, step)):
            return True
        ahead += [name for kind in KINDS for name in _present(reading, kind, step)]
    return False


def _refuse_astray(change: RoutingChange, reading: Reading, workload: str, target: str) -> None:
    """Nothing leaves by the first choice: then by a fallback, or it is moved already, or that workload is not meant."""
    own = reading.group_of(workload)
    named = {name for kind in KINDS for name in _present(reading, kind, workload)}
    groups = {own, *(reading.group_of(name) for name in named)}
    known = change.leaves_routes or target == own      # a vendor that has no route here cannot have been left before
    if (target in groups and known) or _dropped(change, reading, workload):
        return
    raise PatchRefused(
        f"{workload!r} leads neither to {change.leaves} nor to {target!r}, but to {own!r}; check the workload's name")


def _apart(change: RoutingChange, reading: Reading, workload: str, target: str, gone: tuple[Route, ...],
           ) -> tuple[Route, ...]:
    """What gets a name of its own: to share no group, or – demoted – so that a fallback can name it."""
    own = reading.group_of(workload)
    if not gone or own not in reading.groups:
        return ()
    if target == own:
        return gone
    # a deployment's id goes before an alias once no group is called so: the workload would reach it at once
    known = any(workload in route.also for route in reading.routes)
    needed = change.strength is Strength.DEMOTE and own == workload and not known
    return gone if needed and not _last_resorts(change, reading, "fallbacks", workload) else ()


def _free_name(reading: Reading, wish: str) -> str:
    wish = re.sub(r"[^\w.:/*@+-]", "-", wish)
    taken = {*reading.groups, *reading.aliases, *(word for route in reading.routes for word in route.also)}
    return next(name for name in (wish, *(f"{wish}-{at}" for at in range(2, len(taken) + 3))) if name not in taken)


def _present(reading: Reading, kind: str, workload: str) -> tuple[str, ...]:
    table = reading.fallbacks[kind]
    return table.get(workload, table.get(ANY, ()))


def _last_resorts(change: RoutingChange, reading: Reading, kind: str, workload: str) -> list[str]:
    """The fallbacks that the workload has already and that lead to what leaves."""
    return [name for name in _present(reading, kind, workload) if leads_to_left(change, reading, name, workload)]


def _dropped(change: RoutingChange, reading: Reading, workload: str) -> tuple[str, ...]:
    return tuple(sorted({name for kind in KINDS for name in _last_resorts(change, reading, kind, workload)}))


def _listed(change: RoutingChange, reading: Reading, kind: str, move: tuple[str, str, str], last: list[str],
            ) -> Listed | None:
    """How the workload's fallbacks of a kind change; None where they stay. `move`: workload, target, alias."""
    workload, target, alias = move
    own, present = reading.fallbacks[kind].get(workload), _present(reading, kind, workload)
    bad = _last_resorts(change, reading, kind, workload)
    keep = tuple(at for at, name in enumerate(present) if name not in bad)
    swapped: dict[int, str] = {}
    added: list[str] = []
    if bad and not alias and not last and _may_stand_in(change, reading, move, present):
        if change.strength is Strength.DEMOTE:
            added.append(target)
        else:
            swapped[present.index(bad[0])] = target
    if alias and not any(present[at] for at in keep):
        added += _inherited(change, reading, kind, move)
    if change.strength is Strength.DEMOTE:
        added += bad + [name for name in last if kind == "fallbacks" and name not in present]
    wanted = [swapped.get(at, name) for at, name in enumerate(present) if at in keep or at in swapped] + added
    if wanted == list(present):
        return None
    return Listed(keep, tuple(added), swapped) if own is not None else Listed((), tuple(wanted))


def _may_stand_in(change: RoutingChange, reading: Reading, move: tuple[str, str, str], present: tuple[str, ...],
                  ) -> bool:
    workload, target, _ = move
    named = {reading.group_of(name) for name in (workload, *present)}
    return target not in named and not leads_to_left(change, reading, target, workload)


def _inherited(change: RoutingChange, reading: Reading, kind: str, move: tuple[str, str, str]) -> list[str]:
    """The target's own fallbacks, which a call by an alias would not use."""
    workload, target, _ = move
    return [
        name for name in reading.fallbacks[kind].get(target, ())
        if name not in (target, workload) and not leads_to_left(change, reading, name, workload)
    ]
