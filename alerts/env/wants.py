"""What the variables of a .env file must be for another vendor to take over, and the fewest edits for it. Pure.

A key is only ever referred to, and never overwritten where it is written out: a line below overrides it.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Final

from alerts.env.aims import Aim
from alerts.env.lines import Edit, EnvFile
from alerts.env.moves import Block, Moves, moves_of, of_another_trade
from alerts.env.units import Setting, Unit, same
from alerts.gateway import PatchRefused
from alerts.surgery.text import holds_secret
from alerts.vendorwords import LOCAL, NATIVE, RESELLERS, family, family_at, maker, own_base, split_model

_SAFE: Final = re.compile(r"[\w./:@+,~%=?&{}$\[\]-]+(?:, [\w-]+)*")


@dataclass(slots=True)
class Wanted:
    """Variables and what they are to be; what cannot be said is `lacking`."""

    values: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    lacking: list[str] = field(default_factory=list)
    guessed: list[str] = field(default_factory=list)        # models taken from a comment's examples


def wanted(unit: Unit, aim: Aim, setting: Setting) -> Wanted:
    """What a unit's variables must be for the target to take over."""
    if unit.block is not None and not unit.selector:
        return _block_wanted(unit.block, aim, setting)
    made = Wanted()
    if unit.selector:
        made.values[unit.selector] = _spelled(unit, aim, setting)
    for name in (*unit.models, *(_generic_models(unit, setting))):
        present = setting.values[name]
        if not aim.model and _serves(aim.target.vendor, present):
            continue
        model = _model_for(name, aim, setting)
        if not model and (model := _exampled(name, aim, setting)):
            made.guessed.append(model)
        if model:
            made.values[name] = _in_style(present, model, aim, selected=bool(unit.selector))
        else:
            made.lacking.append(f"a model for {name} (write it out: {_example(aim)})")
    if unit.block is not None:
        _credentials_wanted(unit.block, aim, setting, made)
    return made


def _block_wanted(block: Block, aim: Aim, setting: Setting) -> Wanted:
    if aim.block is not None and aim.block.prefix == block.prefix:
        return Wanted() if aim.model in ("", *map(setting.values.get, block.models)) else Wanted(
            lacking=["another block than its own"])
    if block.vendor in NATIVE or (block.vendor == "ollama" and not _is_openais(block, setting)):
        reads = f"what reads {block.prefix}_* speaks {block.vendor}'s own API"
        return Wanted(lacking=[f"a client that others serve ({reads})"])
    target = replace(aim.target, base=_base_for(block, aim, setting))
    if not target.models and (model := _alternative(block.models, aim, setting)):
        target = replace(target, models={"": model})
    if not target.models:       # it asks for the target's models already
        own = {block.slot(name): setting.values[name] for name in block.models}
        target = replace(target, models={slot: one for slot, one in own.items() if _serves(target.vendor, one)})
    if not target.key and target.vendor:
        target = replace(target, key=f"{target.vendor.upper()}_API_KEY")
    moves: Moves = moves_of(block, setting.values, target)
    dialect = "an Anthropic-compatible base URL" if block.vendor == "anthropic" else "an OpenAI-compatible base URL"
    more = {
        "a base URL": f"{dialect} ({target.name.upper()}_BASE_URL)",
        "a model": f"a model (write it out: {_example(aim)})"}
    return Wanted(dict(moves.values), dict(moves.keys), [more.get(what, what) for what in moves.lacking])


def _is_openais(block: Block, setting: Setting) -> bool:
    """Whether a base URL is that of OpenAI's dialect: Ollama's own API, which most of its clients speak, has no /v1."""
    return any("/v1" in setting.values.get(name, "") for name in block.bases)


def _base_for(block: Block, aim: Aim, setting: Setting) -> str:
    """The target's base URL in the dialect that the block's readers speak: the file's, else the vendor's public one."""
    base = aim.target.base or _alternative(block.bases, aim, setting)
    host = family_at(base)
    own = own_base(host or aim.target.vendor, block.vendor)
    if not base or (host in NATIVE and host != "gemini" and "/v1" not in base):
        return own
    messages = "anthropic" in base.partition("://")[2].partition("/")[2] or host == "anthropic"
    if block.vendor == "anthropic":
        return own if host and not messages else base
    return own if messages or (host == "gemini" and "openai" not in base) else base


def _generic_models(unit: Unit, setting: Setting) -> tuple[str, ...]:
    if unit.block is None:
        return ()
    return tuple(name for name in unit.block.models if name not in unit.models and setting.values.get(name))


def _credentials_wanted(block: Block, aim: Aim, setting: Setting, made: Wanted) -> None:
    """LLM_API_KEY and LLM_BASE_URL beside LLM_PROVIDER."""
    if block.keys:
        if aim.target.vendor in LOCAL and not aim.target.key:
            made.lacking.append(f"a key variable for {aim.target.name} ({block.keys[0]} must not be sent there)")
        else:
            key = aim.target.key or f"{aim.target.vendor.upper()}_API_KEY"
            made.keys.update(dict.fromkeys(block.keys, key))
    for name in block.bases:
        present = setting.values.get(name, "")
        if present and family_at(present) != aim.target.vendor:
            base = aim.target.base or _alternative((name,), aim, setting)
            if base:
                made.values[name] = base
            else:
                made.lacking.append(f"a base URL for {name}")


def _spelled(unit: Unit, aim: Aim, setting: Setting) -> str:
    """The target's word as this file spells it: as commented out, else as the user wrote it; in the case at hand."""
    present = setting.values[unit.selector]
    if family(present) == aim.target.vendor:
        return present
    own = [line.value for line in setting.file.commented
           if same(line.name, unit.selector) and family(line.value) == aim.target.vendor]
    listed = [word for word in re.findall(r"[\w-]+", _around(unit.selector, setting.file))
              if family(word) == aim.target.vendor and word == word.lower()]
    word = next(iter(own), "") or next(iter(listed), "") or (
        aim.words[0] if family(aim.words[0]) and aim.words[0] not in setting.values else aim.target.vendor)
    if own:
        return word
    return word.upper() if present.isupper() else word.lower() if present.islower() else word


def _around(name: str, file: EnvFile) -> str:
    """The comments on a variable's line and just above it."""
    line = file.last(name)
    above = file.text[:line.first].rstrip("\n").split("\n")[-4:]
    return " ".join((line.remark, *(one for one in above if one.lstrip().startswith("#"))))


def _serves(vendor: str, model: str) -> bool:
    prefix, _, _ = split_model(model)
    if vendor in RESELLERS:
        return family(prefix) == vendor
    return maker(model) == vendor and family(prefix) in ("", vendor)


def _model_for(name: str, aim: Aim, setting: Setting) -> str:
    slot = name.upper()
    return aim.model or _alternative((name,), aim, setting) or aim.target.model_for(slot) or _elsewhere(aim, setting)


def _exampled(name: str, aim: Aim, setting: Setting) -> str:
    """A model of the target that the comments beside a variable give as an example."""
    words = (word.strip(".,:") for word in re.findall(r"[\w./:@-]+", _around(name, setting.file)))
    return next((word for word in words if re.search(r"\d", word) and _serves(aim.target.vendor, word)), "")


def listed(vendor: str, setting: Setting, *, last: bool) -> dict[str, str]:
    """Lists of vendors (AI_PROVIDER_PRIORITY=openai,gemini) without one of them, or with it last."""
    made = {}
    for name, value in setting.values.items():
        words = [word.strip() for word in value.split(",")]
        if len(words) < 2 or not all(map(family, words)) or of_another_trade(name) or not vendor:
            continue
        gone = [word for word in words if family(word) == vendor]
        kept = [word for word in words if family(word) != vendor]
        if gone and kept:
            made[name] = (", " if ", " in value else ",").join((*kept, *(gone if last else ())))
    return made


def _alternative(names: tuple[str, ...], aim: Aim, setting: Setting) -> str:
    """What a commented line gives this variable for the target: by the value itself, or the block of lines it is in."""
    for line in setting.file.commented:
        if line.name not in names or not line.value or not _SAFE.fullmatch(line.value):
            continue
        said = family_at(line.value) or family(split_model(line.value)[0]) or maker(line.value)
        if said == aim.target.vendor or (aim.target.vendor in RESELLERS and _run_of(line.first, aim, setting)):
            return line.value
    return ""


def _run_of(at: int, aim: Aim, setting: Setting) -> bool:
    """Whether the commented lines around a place name the target."""
    text = setting.file.text
    start = max(text.rfind("\n\n", 0, at), text.rfind("\r\n\r\n", 0, at), 0)
    ends = [end for end in (text.find("\n\n", at), text.find("\r\n\r\n", at)) if end >= 0]
    words = re.findall(r"[\w-]+", text[start:min(ends, default=len(text))])
    return any(family(word) == aim.target.vendor for word in words)


def _elsewhere(aim: Aim, setting: Setting) -> str:
    """A model of the target that another variable of the file uses for chat."""
    models = (setting.values[name] for unit in setting.units if not unit.aside for name in unit.models)
    return next((model for model in models if _serves(aim.target.vendor, model)), "")


def _in_style(present: str, model: str, aim: Aim, *, selected: bool) -> str:
    """`openai/gpt-5` where the present one has a vendor before it; with a selector beside it, only then."""
    prefix, sign, _ = split_model(present)
    own_prefix, _, bare = split_model(model)
    if not prefix:
        return model if not own_prefix or aim.target.vendor in RESELLERS or "/" in present else bare
    if family(own_prefix) == aim.target.vendor or (own_prefix and aim.model == model and not selected):
        return f"{own_prefix}{sign}{bare}"
    word = aim.words[0].lower() if family(aim.words[0]) == aim.target.vendor else aim.target.vendor
    return f"{word}{sign}{model}"


def _example(aim: Aim) -> str:
    return f"--to {aim.words[0].lower()}/MODEL"


def edits(made: Wanted, setting: Setting) -> list[Edit]:
    """As few lines as do it. A line that holds a key is left alone and overridden below: of two, the last wins."""
    found: list[Edit] = []
    index = {line.name: at for at, line in enumerate(setting.file.lines)}
    for name, value in made.values.items():
        if not _SAFE.fullmatch(value):
            raise PatchRefused(f"{name} would become {value!r}, which is no plain word; set it by hand")
        if setting.values.get(name) != value:
            found.append(_edit(name, value, index, made, setting))
    for name, key in made.keys.items():
        if setting.file.reference(name) != key:
            found.append(_key_edit(name, key, index, setting))
    return found


def _edit(name: str, value: str, index: dict[str, int], made: Wanted, setting: Setting) -> Edit:
    if name in index:
        return Edit(name, value, index[name])
    beside = [index[other] for other in (*made.values, *made.keys) if other in index]
    return Edit(name, value, max(beside, default=len(setting.file.lines) - 1), after=True)


def _key_edit(name: str, key: str, index: dict[str, int], setting: Setting) -> Edit:
    """`${KEY}` must stand below KEY: readers fill in what they have read so far."""
    reference, at = f"${{{key}}}", index.get(name, -1)
    line = setting.file.lines[at] if at >= 0 else None
    if line and index.get(key, -1) < at:
        shown = setting.file.text[line.first:line.after]
        if not line.quote and (not line.value or not holds_secret(shown)):
            return Edit(name, reference, at)
    return Edit(name, reference, max(at, index.get(key, -1), 0 if line else len(setting.file.lines) - 1), after=True)
