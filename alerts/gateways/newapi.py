"""Patches for new-api and one-api: the channels' export as it will be, and the admin calls that make it so. Pure.

A channel serves (group, model); the highest priority goes first, a retry steps down. Facts: one-api v0.6.11 and new-api
v0.6.3 in source. Excluded, the vendor's channels stop serving the model: a low priority would still be tried, and a
`status: 2` is undone by one-api's auto-enable – it is used only on new-api, for a channel that serves nothing else.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from alerts.gateway import PatchRefused, leaving
from alerts.jsonformats.newapi import OFF, Channel, Export, problems, read, route
from alerts.model import ApiCall, Inventory, Patch, Problem, RoutingChange, Severity, Strength
from alerts.surgery.draft import Draft
from alerts.surgery.jsoncuts import inserted, opened
from alerts.surgery.jsonnodes import child, parse, plain
from alerts.surgery.text import Splice

_APPLY: Final = (
    "send the calls in their order with `Authorization: <an admin's access token>` (no Bearer) and, on new-api, "
    "`New-Api-User: <its user id>`; the status is 200 even when one fails: check `success`. With MEMORY_CACHE_ENABLED "
    "it is live after SYNC_FREQUENCY (600 s by default)")
_LAST: Final = -100
_HARDENING: Final = (
    "new-api does not switch a channel off on 403: PUT /api/option/ {\"key\":\"AutomaticDisableStatusCodes\",\"value\":"
    "\"401,403\"} (as root) would")
_PARKED: Final = "vendorwatch-parked/"


@dataclass(frozen=True, slots=True)
class Gateway:
    """Channels of new-api or one-api, as GET /api/channel/ answers. No options. A workload is a model that channels
    serve; a route is a channel: its name, its id or tag, or channel/model where it serves several.
    """

    names: ClassVar[tuple[str, ...]] = ("new-api", "one-api", "oneapi")

    def fits(self, text: str) -> bool:
        """By the fields that every channel has."""
        return text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") and all(
            re.search(rf'"{field}"\s*:', text) for field in ("id", "type", "models", "group"))

    def inventory(self, text: str) -> Inventory:
        """A channel is a route; a workload's are in the order of their priority. Raises PatchRefused."""
        export = read(text)
        served: dict[str, list[str]] = {name: [] for channel in export.channels for name in channel.models}
        for channel in sorted(export.channels, key=lambda one: -one.priority):
            for name in dict.fromkeys(channel.models if channel.on else ()):
                served[name].append(f"channel.{channel.id}")
        return Inventory(tuple(route(one, export.fork) for one in export.channels),
                         workloads={name: tuple(keys) for name, keys in served.items()})

    def render(self, change: RoutingChange, text: str, path: str = "") -> Patch:
        """The export after the change, and `calls`. Raises PatchRefused."""
        export = read(text)
        target, model = _target(change, export)
        left = _left(change, export, target)
        edits = _edits(change, export, target, model, left)
        draft = _written(opened(text), edits) if edits else opened(text)
        calls = tuple(_call(channel, fields) for channel, fields in edits)
        warnings = _warnings(change, export, edits, target)
        return replace(draft.patch(change, "newapi", path or "channels.json", _APPLY, warnings), calls=calls)

    def lint(self, text: str) -> Sequence[Problem]:
        """Mappings of what is not served, models without an enabled channel."""
        try:
            return tuple(problems(text, read(text)))
        except PatchRefused as error:
            return (Problem("line 1", str(error), Severity.CRITICAL),)


Fields = dict[str, object]
Edits = list[tuple[Channel, Fields]]


def _target(change: RoutingChange, export: Export) -> tuple[Channel, str]:
    """The channel that takes over, and the model it is asked for if that was said."""
    word, model = change.takes_over, ""
    found = _called(word, export)
    if not found:
        for cut in re.finditer(r"[/,:]", word):
            head, tail = word[:cut.start()].strip(), word[cut.end():].strip()
            if _called(head, export):
                found, model = _called(head, export), tail
                break
    if not found:
        found, model = [one for one in export.channels if word in one.models and not _leaves(change, one, export)], word
    on = [one for one in found if one.on] or found
    if len(on) > 1:
        best = [one for one in on if change.workload in one.models] or on
        if len(best) > 1:
            named = " or ".join(f"{one.name} (#{one.id})" for one in on)
            raise PatchRefused(f"{word!r} may be channel {named}; name the id")
        on = best
    if not on:
        known = ", ".join(dict.fromkeys(one.name for one in export.channels if not _leaves(change, one, export)))
        raise PatchRefused(f"{word!r} is no channel here (there are: {known or 'none that stay'}); add it first")
    _refuse_target(change, on[0], export, model)
    return on[0], model


def _refuse_target(change: RoutingChange, target: Channel, export: Export, model: str) -> None:
    if _leaves(change, target, export):
        raise PatchRefused(f"channel {target.name} itself is {change.leaves}'s, which leaves; choose another")
    if not target.on:
        raise PatchRefused(f"channel {target.name} is switched off; switch it on first, or choose another")
    if model and model not in target.models and model not in target.mapping().values():
        raise PatchRefused(f"channel {target.name} does not serve {model} (it has {', '.join(target.models[:6])})")


def _called(word: str, export: Export) -> list[Channel]:
    wanted = word.strip().lower()
    exact = [one for one in export.channels if wanted in (one.name.lower(), str(one.id), f"#{one.id}")]
    return exact or [one for one in export.channels if wanted == str(one.row.get("tag") or "").lower() != ""]


def _leaves(change: RoutingChange, channel: Channel, export: Export) -> bool:
    return leaving(change, route(channel, export.fork))


def _left(change: RoutingChange, export: Export, target: Channel) -> list[Channel]:
    """The channels that serve the workload and leave, switched off ones too: they may be switched on by themselves."""
    serving = [one for one in export.channels if change.workload in one.models]
    if not serving:
        known = ", ".join(list(dict.fromkeys(model for one in export.channels for model in one.models))[:12])
        raise PatchRefused(f"no channel serves {change.workload!r} (they serve: {known}); check the model's name")
    left = [one for one in serving if _leaves(change, one, export)]
    if not left and target not in serving:
        raise PatchRefused(f"{change.workload} leads neither to {change.leaves} nor to {target.name}; check its name")
    return left


def _edits(change: RoutingChange, export: Export, target: Channel, model: str, left: Sequence[Channel]) -> Edits:
    """The target first, so that no moment is without a channel; then those that leave."""
    edits: Edits = []
    served = _serving(change.workload, target, model, [group for one in left if one.on for group in one.groups])
    if served:
        edits.append((target, served))
    for channel in left:
        fields = _demoted(channel, target) if change.strength is Strength.DEMOTE else _excluded(change, channel, export)
        if fields:
            edits.append((channel, fields))
    return edits


def _serving(workload: str, target: Channel, model: str, groups: Sequence[str]) -> Fields:
    fields: Fields = {}
    mapping = target.mapping()
    if workload not in target.models:
        fields["models"] = ",".join((*_raw_models(target), workload))
        asked = model or _main_model(workload, target)
        asked = str(mapping.get(asked, asked))
        if asked != workload and mapping.get(workload) != asked:
            fields["model_mapping"] = _mapping_text(target.row.get("model_mapping"), {**mapping, workload: asked})
    elif model and model != workload and mapping.get(workload) != model:
        fields["model_mapping"] = _mapping_text(target.row.get("model_mapping"), {**mapping, workload: model})
    lacking = [group for group in dict.fromkeys(groups) if group not in target.groups]
    if lacking:
        fields["group"] = ",".join((*target.groups, *lacking))
    return fields


def _raw_models(channel: Channel) -> list[str]:
    text = str(channel.row.get("models") or "")
    return [text] if text else []


def _main_model(workload: str, target: Channel) -> str:
    test = target.row.get("test_model")
    own = [one for one in target.models if one not in target.mapping()] or list(target.models)
    if workload in target.mapping():
        return workload
    if isinstance(test, str) and test in target.models:
        return test
    if len(own) != 1:
        raise PatchRefused(
            f"channel {target.name} serves {', '.join(own[:8]) or 'nothing'}; say which: --to {target.name}/MODEL")
    return own[0]


def _mapping_text(present: object, mapping: Mapping[str, object]) -> str:
    """As the present one is laid out."""
    layout = present if isinstance(present, str) else ""
    indent = re.search(r"\n(\s+)\"", layout)
    if indent:
        return json.dumps(mapping, ensure_ascii=False, indent=len(indent.group(1)))
    signs = (", ", ": ") if re.search(r'":\s', layout) else (",", ":")
    return json.dumps(mapping, ensure_ascii=False, separators=signs)


def _excluded(change: RoutingChange, channel: Channel, export: Export) -> Fields:
    rest = [part for part in str(channel.row["models"]).split(",") if part.strip() != change.workload]
    if any(part.strip() for part in rest):
        return {"models": ",".join(rest)}
    if export.fork == "new-api":
        return {} if channel.row.get("status") == OFF else {"status": OFF}
    # an empty list is not written (a partial update skips what is empty), and a status would be undone
    return {"models": _PARKED + change.workload}


def _demoted(channel: Channel, target: Channel) -> Fields:
    lowest = min(_LAST, target.priority - 1)
    return {} if channel.priority <= lowest else {"priority": lowest}


# --- text and calls -------------------------------------------------------------------------------------------------

def _written(draft: Draft, edits: Edits) -> Draft:
    """Present fields in one step, as an export may be long; then those that a row lacks."""
    root, cuts = parse(draft.text), list[Splice]()
    intended = plain(root)
    for channel, fields in edits:
        row = intended
        for step in channel.place:
            row = row[step]
        for name in fields.keys() & channel.row.keys():
            node, said = child(root, *channel.place, name), json.dumps(fields[name], ensure_ascii=False)
            if node is not None:
                cuts.append(Splice(node.start, node.end, said))
                row[name] = plain(parse(said))
    draft = draft.edited(cuts, intended)
    for channel, fields in edits:
        for name, value in fields.items():
            if name not in channel.row:
                draft = inserted(draft, (*channel.place, name), value)
    return draft


def _call(channel: Channel, fields: Fields) -> ApiCall:
    """A partial update: what is not named is kept, the key above all."""
    before = {name: channel.row.get(name) for name in fields}
    blank: Mapping[str, object] = {"model_mapping": "", "priority": 0, "group": "default", "status": 1}
    inverse = {name: blank.get(name, "") if value is None else value for name, value in before.items()}
    return ApiCall(
        "PUT", "/api/channel/", {"id": channel.id, **fields}, f"/api/channel/{channel.id}",
        {"id": channel.id, **before}, {"id": channel.id, **inverse})


def _warnings(change: RoutingChange, export: Export, edits: Edits, target: Channel) -> tuple[str, ...]:
    said = []
    if not export.whole:
        said.append("the export is one page of several: channels of other pages are not seen; export all of them")
    if any("status" in fields for _, fields in edits):
        said.append("a channel is switched off (status 2): one-api's auto-enable would undo it, new-api's does not")
    if any("group" in fields for channel, fields in edits if channel is target):
        said.append(f"channel {target.name} is opened to the groups of the channels that leave; check their prices")
    if any(str(fields.get("models", "")).startswith(_PARKED) for _, fields in edits):
        said.append(f"a channel served nothing but {change.workload}: its name is parked, so that nothing asks for it")
    if change.strength is Strength.DEMOTE:
        said.append("a retry reaches the next priority only with RetryTimes above 0 (its default is 0)")
    elif export.fork == "new-api":
        said.append(_HARDENING)
    still = {model for one in export.channels if _leaves(change, one, export) for model in one.models}
    still -= {change.workload}
    if still:
        said.append(f"still served by {change.leaves}: {', '.join(sorted(still)[:6])}")
    return tuple(said)
