"""Patches for .env files: whom an app asks is moved by the variables that say so. Pure: text in, text out.

Base URL, key and models of a block move together, the key by reference (`${QWEN_API_KEY}`), never written out. Facts:
python-dotenv 1.x, dotenv 16 with dotenv-expand, Docker Compose 2 (2026-11).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar, Final

from alerts.env.aims import Aim, aim_at
from alerts.env.edits import edits
from alerts.env.lines import Edit, EnvFile, cuts, meant, read, twice
from alerts.env.moves import Block, Role, role_of
from alerts.env.units import ANY, Setting, Unit, read_units, units_called
from alerts.env.wants import Wanted, listed, wanted
from alerts.gateway import PatchRefused, leaving
from alerts.model import Inventory, Patch, Problem, RoutingChange, Severity, Strength
from alerts.surgery.draft import Draft, note_of
from alerts.vendorwords import family, family_at, family_in, maker, split_model

_APPLY: Final = "an app reads its environment at start: write the file, then restart what reads it"
_ASSIGNED: Final = re.compile(r"(?m)^\ufeff?[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=(?!=)")
_NAMED: Final = re.compile(r"(?m)^\ufeff?[ \t]*(?:\#+[ \t]*)?(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=(?!=)")
_OTHER: Final = re.compile(r"(?m)^\ufeff?[ \t]*(?:\[|\{|\}|<|- |[\w.-]+:(?:\s|$)|[a-z_]+ \{|[a-z]+\.)")


@dataclass(frozen=True, slots=True)
class Gateway:
    """A .env file. No options. A workload is a variable (LLM_PROVIDER), a prefix (OPENAI), a model or `default`; a
    route is another block's prefix, its vendor, or vendor/model.
    """

    names: ClassVar[tuple[str, ...]] = ("env", ".env", "env-file", "environment")

    def fits(self, text: str) -> bool:
        """By lines of NAME=value of which one is a model's business, and no line of another format."""
        if "=" not in text or not _ASSIGNED.search(text) or _OTHER.search(text):
            return False
        return any(role_of(name, "openai") is not None for name in _NAMED.findall(text))

    def inventory(self, text: str) -> Inventory:
        """Every unit that can move, under all its names. Raises PatchRefused for what is no .env file."""
        setting = _setting(text)
        routes = tuple(route for unit in setting.units for route in setting.routes[unit.name])
        names: dict[str, tuple[str, ...]] = {}
        for word in _words(setting):
            units = units_called(setting, word)
            deciding = [unit for unit in units if not unit.owned] if any(unit.selector for unit in units) else units
            keys = (route.key for unit in deciding for route in setting.routes[unit.name])
            names[word] = tuple(dict.fromkeys(keys))
        return Inventory(routes, workloads=names)

    def render(self, change: RoutingChange, text: str, path: str = "") -> Patch:
        """The variables of the workload's unit say the target's words. Raises PatchRefused."""
        setting = _setting(text)
        draft = Draft(text, lambda said: read(said).parsed())
        if _is_done(change, setting):
            return draft.patch(change, "dotenv", path or ".env", _APPLY, ())
        aim = aim_at(change.takes_over, setting)
        _refuse_leaving(change, aim, setting)
        asked = _asked(change, setting, aim)
        made = _made(change, asked, aim, setting)
        todo = edits(made.values, made.keys, setting)
        if todo:
            draft = draft.edited(cuts(setting.file, todo, note_of(change)), meant(setting.file, todo))
        return draft.patch(change, "dotenv", path or ".env", _APPLY, _warnings(change, asked, made, todo, setting, aim))

    def lint(self, text: str) -> Sequence[Problem]:
        """Half-moved blocks, references to nothing, lines that override each other."""
        try:
            setting = _setting(text)
        except PatchRefused as error:
            return (Problem("line 1", str(error), Severity.CRITICAL),)
        return sorted(_faults(setting), key=lambda fault: int(fault.where.removeprefix("line ")))


@lru_cache(maxsize=4)
def _setting(text: str) -> Setting:
    return read_units(read(text))


def _words(setting: Setting) -> list[str]:
    words: list[str] = []
    for unit in setting.units:
        block = unit.block
        models = (*unit.models, *(block.models if block else ()))
        words += [unit.name, *unit.members, *([block.prefix] if block and block.prefix else [])]
        words += [setting.values[name] for name in models if setting.values.get(name)]
    return list(dict.fromkeys((*words, ANY)))       # a name of the file comes before the word for all of them


def _asked(change: RoutingChange, setting: Setting, aim: Aim) -> tuple[Unit, ...]:
    """The units to move: those of the workload that lead to what leaves; else those that are moved already."""
    units = units_called(setting, change.workload)
    if not units:
        known = ", ".join(dict.fromkeys(unit.name for unit in setting.units)) or "none"
        raise PatchRefused(f"{change.workload!r} is no variable, prefix or model of this file (there are: {known})")
    index = next((unit.name for unit in units if unit.embeds), "")
    if index:
        raise PatchRefused(f"{index} is of embeddings: another model's vectors break an index; move it by hand, to the "
                           "same model elsewhere")
    if left := _leading(change, units, setting):
        return left
    deciding = [unit for unit in units if not unit.owned] or list(units)
    if any(_is_there(unit, aim, setting) for unit in deciding):
        return ()
    said = ", ".join(unit.name for unit in units)
    raise PatchRefused(f"{said} leads neither to {change.leaves} nor to {change.takes_over}; check the workload")


def _leading(change: RoutingChange, units: Sequence[Unit], setting: Setting) -> tuple[Unit, ...]:
    """Those that lead to what leaves, of the first tier that has any."""
    found = (tuple(unit for unit in tier if _leads(change, unit, setting)) for tier in _tiers(units))
    return next((left for left in found if left), ())


def _is_done(change: RoutingChange, setting: Setting) -> bool:
    """Whether this very change is in the file, by its note, and the variable that is noted does not name what leaves.
    What else leads there was not of the change: who moved a selector has not moved the block that it pointed at.
    """
    mark = re.search(rf"(?m)#\s*{re.escape(note_of(change).partition(' ')[0])}(?=\s|$)", setting.file.text)
    if mark is None:
        return False
    line = next((one for one in setting.file.lines if one.after > mark.start()), None)
    if line is None:
        return False
    value, vendor = setting.values[line.name], family(change.leaves)
    named = {family(value), family_at(value), maker(value), family_in(setting.file.reference(line.name))
             if role_of(line.name) is Role.KEY else ""}
    units = [unit for unit in setting.units if line.name in unit.members]
    return vendor not in named if vendor else not any(_leads(change, unit, setting) for unit in units)


def _tiers(units: Sequence[Unit]) -> Iterator[list[Unit]]:
    """A selector before a lone model, that before a vendor's own block."""
    yield [unit for unit in units if unit.selector]
    yield [unit for unit in units if not unit.selector and not unit.owned]
    if not any(unit.selector for unit in units):
        yield [unit for unit in units if unit.owned]


def _leads(change: RoutingChange, unit: Unit, setting: Setting) -> bool:
    return any(leaving(replace(change), route) for route in setting.routes[unit.name])


def _is_there(unit: Unit, aim: Aim, setting: Setting) -> bool:
    made = wanted(unit, aim, setting)
    return not made.lacking and not edits(made.values, made.keys, setting)


def _refuse_leaving(change: RoutingChange, aim: Aim, setting: Setting) -> None:
    vendor = family(change.leaves)
    own = aim.target
    said = {family_at(own.base) or own.vendor, *([family_at(own.base)] if own.base else [])}
    routes = [route for unit in setting.units if aim.block and unit.block and unit.block.prefix == aim.block.prefix
              and not unit.selector for route in setting.routes[unit.name]]
    if (vendor and vendor in said) or any(leaving(change, route) for route in routes):
        here = f" here ({aim.block.prefix}_* asks {change.leaves})" if aim.block else ""
        raise PatchRefused(f"{change.takes_over!r} is {change.leaves}'s own{here}, which leaves; choose another, or "
                           "give what is to take over a base URL and key of its own names")


def _made(change: RoutingChange, asked: Sequence[Unit], aim: Aim, setting: Setting) -> Wanted:
    """All that is to be said, fallbacks' variables included. Raises PatchRefused for what the file cannot say."""
    made = Wanted()
    for unit in asked:
        one = wanted(unit, aim, setting)
        if one.lacking:
            raise PatchRefused(f"{unit.name} cannot move to {change.takes_over} by this file alone: it lacks "
                               f"{', '.join(one.lacking)}; add it, or choose another route")
        made.values.update(one.values)
        made.keys.update(one.keys)
        made.guessed += one.guessed
    for unit in (one for one in setting.units if asked and one.spare and one not in asked):
        made.values.update(_spare(change, unit, asked, aim, setting))
    if asked:
        made.values.update(listed(family(change.leaves), setting, last=change.strength is Strength.DEMOTE))
    return made


def _spare(change: RoutingChange, unit: Unit, asked: Sequence[Unit], aim: Aim, setting: Setting) -> dict[str, str]:
    """A fallback's variables: never the vendor that leaves where it is excluded, itself where it is demoted."""
    if change.strength is Strength.EXCLUDE:
        one = wanted(unit, aim, setting) if _leads(change, unit, setting) else Wanted()
        if one.lacking:
            raise PatchRefused(
                f"{unit.name} falls back to {change.leaves} and lacks {', '.join(one.lacking)}; mend it first")
        return dict(one.values)
    said: dict[str, str] = {}
    if unit.selector and asked[0].selector:
        said[unit.selector] = setting.values[asked[0].selector]
    before = next((setting.values[name] for one in asked for name in one.models), "")
    said.update((name, before) for name in unit.models if before)
    return said


def _warnings(change: RoutingChange, asked: Sequence[Unit], made: Wanted, todo: Sequence[Edit], setting: Setting,
              aim: Aim) -> tuple[str, ...]:
    said = []
    if change.strength is Strength.DEMOTE and not any(edit.name in unit.members for unit in setting.units
                                                       if unit.spare for edit in todo):
        said.append(f"an env file has no last resort: {change.leaves} is excluded, not demoted")
    references = [edit for edit in todo if edit.name in made.keys]
    if references:
        said.append(
            "what reads this file must fill in ${…}: python-dotenv, dotenv-expand, Docker Compose and shells do; "
            "docker run --env-file, systemd and plain dotenv do not")
    names = {key for name, key in made.keys.items()} | ({aim.target.key} if aim.target.key else set())
    said += [f"{name} must be set" for name in sorted(names) if not setting.values.get(name)]
    said += [f"{model} is taken from a comment's examples; check that it is still served" for model in made.guessed]
    said += _dialects(asked, made, setting)
    for unit in asked:
        if unit.block and unit.block.embeddings and not unit.selector:
            said.append(
                f"{', '.join(unit.block.embeddings)} is asked of the same base URL: another model's vectors break an "
                "index, so give embeddings a base URL and key of their own")
        if unit.block and unit.owned and not unit.block.models:
            said.append(f"the file names no model for {unit.name}: what the app asks for must be {aim.target.name}'s")
    left = [unit.name for unit in setting.units
            if unit not in asked and not unit.owned and not unit.spare and _leads(change, unit, setting)]
    said += [f"{name} still leads to {change.leaves}; it needs a change of its own" for name in left]
    return tuple(said)


def _dialects(asked: Sequence[Unit], made: Wanted, setting: Setting) -> Iterator[str]:
    bases = [name for name in made.values if role_of(name) is Role.BASE]
    base = next((made.values[name] for name in bases), "")
    if base and base not in setting.values.values():
        yield f"{base} is not in the file: it is {family_at(base)}'s public one; mind your account's region"
    if bases and not any(setting.values.get(name) for name in bases):
        yield f"{bases[0]} is new here: check that what reads this file honours it"
    for unit in (one for one in asked if one.block and not one.selector):
        if unit.owned and unit.block and unit.block.vendor == "anthropic" and "anthropic" not in base:
            yield f"what reads {unit.name}_* speaks Anthropic's Messages API; {base} must speak it too"
    for unit in (one for one in asked if one.models and not one.selector and not one.block):
        if not split_model(setting.values[unit.models[0]])[0]:
            yield f"{unit.name} names a model only: the app must tell the vendor by it"


def _faults(setting: Setting) -> Iterator[Problem]:
    file = setting.file
    ours = re.search(r"#\s*vendorwatch:", file.text) is not None
    for line in twice(file):
        if ours and role_of(line.name) is Role.KEY and file.last(line.name).value.startswith("${"):
            continue        # overridden by a patch, on purpose
        yield _fault(file, line.first, f"{line.name} stands twice; the last one counts")
    for line in file.lines:
        if line.value[:1] in ('"', "'") and not line.quote:
            yield _fault(file, line.first, f"the quote of {line.name} is not closed, or text stands after it")
    for block in setting.blocks:
        yield from _half_moved(setting, block)


def _half_moved(setting: Setting, block: Block) -> Iterator[Problem]:
    said = setting.values
    host = next((family_at(said[name]) for name in block.bases if said.get(name)), "")
    for name in block.models:
        word = family(split_model(said.get(name, ""))[0]) or maker(said.get(name, ""))
        if host in ("openai", "anthropic", "deepseek", "moonshot", "gemini") and word not in ("", host):
            line = setting.file.last(name)
            yield _fault(setting.file, line.first, f"{name} names {word}'s model, but its base URL is {host}'s")


def _fault(file: EnvFile, at: int, what: str) -> Problem:
    return Problem(f"line {file.text.count(chr(10), 0, at) + 1}", what)
