"""What the variables of a .env file must be for another vendor to take over. Pure. A key is only ever referred to."""

import re
from dataclasses import dataclass, field, replace

from alerts.env.aims import Aim, with_commented
from alerts.env.edits import is_plain
from alerts.env.lines import EnvFile
from alerts.env.moves import Block, Moves, blocks_of, moves_of, of_another_trade
from alerts.env.units import Setting, Unit, same
from alerts.vendorwords import (
    LOCAL,
    NATIVE,
    RESELLERS,
    family,
    family_at,
    maker,
    of_messages,
    own_base,
    own_key,
    split_model,
)


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
    if _is_moved_at_home(unit, aim, setting):
        return _home_wanted(unit, aim, setting)
    made = Wanted({unit.selector: _spelled(unit, aim, setting)} if unit.selector else {})
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


def _is_moved_at_home(unit: Unit, aim: Aim, setting: Setting) -> bool:
    """Where the target's word cannot be trusted to be known; and where OpenAI's dialect, which anybody serves, is
    spoken at a base URL that no one client of the target would take.
    """
    if unit.selector and unit.block and any(setting.values.get(name) for name in unit.block.bases):
        plain = aim.target.base or aim.target.vendor == "openai" or _plain_base(aim.target.vendor)
        return aim.foreign or (family(setting.values[unit.selector]) == "openai" and not plain)
    return aim.foreign and (bool(unit.selector) or not split_model(setting.values[unit.models[0]])[0])


def _home_wanted(unit: Unit, aim: Aim, setting: Setting) -> Wanted:
    """A selector or a lone model whose readers cannot be trusted to know the target's word: where they ask is moved."""
    values = setting.values
    vendor = family(values[unit.selector]) if unit.selector else maker(values[unit.models[0]])
    home = _asked_by(unit, vendor, setting)
    if home is None or not (home.keys or family(home.prefix)):
        word = unit.selector or unit.name
        lack = (f"a block of variables that {word} asks by ({vendor.upper() or 'LLM'}_API_KEY and _BASE_URL), or a "
                f"variable of {aim.target.name} that shows that {word} may name it")
        return Wanted(lacking=[lack])
    mates = [name for one in setting.units if one.block is None and not one.selector and not one.aside
             for name in one.models if maker(values[name]) == vendor and not split_model(values[name])[0]]
    whole = replace(home, models=tuple(dict.fromkeys((*home.models, *unit.models, *mates))))
    return _block_wanted(whole, aim, setting, home.vendor or vendor)


def _asked_by(unit: Unit, vendor: str, setting: Setting) -> Block | None:
    """The block a unit's readers ask by: its own with a base URL, be it commented out; else the vendor's, be it but
    the variables that the vendor's own SDK reads.
    """
    own = unit.block
    if own is not None and not own.bases:
        own = next((one for one in blocks_of(with_commented(setting)) if one.prefix == own.prefix and one.bases), None)
    home = own or setting.block_of(vendor)
    return home or (Block(vendor.upper()) if vendor in ("openai", "anthropic") else None)     # their SDKs read these


def _block_wanted(block: Block, aim: Aim, setting: Setting, speaks: str = "") -> Wanted:
    """`speaks`: the vendor whose dialect is spoken by what reads the block, where its prefix does not say so."""
    speaks = speaks or block.vendor
    if aim.block is not None and aim.block.prefix == block.prefix:
        return Wanted() if aim.model in ("", *map(setting.values.get, block.models)) else Wanted(
            lacking=["another block than its own"])
    if _speaks_its_own(speaks, [setting.values.get(name, "") for name in block.bases]):
        reads = (f"what reads {block.prefix}_* speaks {speaks}'s own API: move by a variable that selects the vendor, "
                 "or let it ask by an OpenAI-compatible base URL")
        return Wanted(lacking=[f"a client that others serve ({reads})"])
    target = replace(aim.target, base=_base_for(block.bases, speaks, aim, setting))
    if not target.models and (model := _alternative(block.models, aim, setting)):
        target = replace(target, models={"": model})
    if not target.models:       # it asks for the target's models already
        own = {block.slot(name): setting.values[name] for name in block.models}
        target = replace(target, models={slot: one for slot, one in own.items() if _serves(target.vendor, one)})
    if not target.key and target.vendor:
        target = replace(target, key=own_key(target.vendor))
    moves: Moves = moves_of(block, setting.values, target)
    more = {
        "a base URL": _wanted_base(block, target.name.upper(), speaks),
        "a model": f"a model (write it out: {_example(aim)})"}
    return Wanted(dict(moves.values), dict(moves.keys), [more.get(what, what) for what in moves.lacking])


def _speaks_its_own(vendor: str, bases: list[str]) -> bool:
    """Whether what asks there speaks a dialect that no other vendor serves; not where the URL is of OpenAI's."""
    compatible = any(re.search(r"/v[1-9]/?$|/v1beta/openai/?$", base) for base in bases)
    return (vendor in NATIVE or vendor == "ollama") and not compatible


def _wanted_base(block: Block, name: str, speaks: str) -> str:
    if speaks != "anthropic":
        return f"an OpenAI-compatible base URL ({name}_BASE_URL)"
    return (f"an Anthropic-compatible base URL ({name}_BASE_URL; what reads {block.prefix}_* speaks the Messages API, "
            f"which {', '.join(of_messages()[1:])} serve, or a gateway of your own)")


def _base_for(names: tuple[str, ...], speaks: str, aim: Aim, setting: Setting) -> str:
    """The target's base URL in the dialect that the block's readers speak: the file's, else the vendor's public one."""
    base = aim.target.base or _alternative(names, aim, setting)
    host = family_at(base)
    own = own_base(host or aim.target.vendor, speaks)
    if not base or (host in NATIVE and host != "gemini" and "/v1" not in base):
        return own
    messages = "anthropic" in base.partition("://")[2].partition("/")[2] or host == "anthropic"
    if speaks == "anthropic":
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
            key = aim.target.key or own_key(aim.target.vendor)
            made.keys.update(dict.fromkeys(block.keys, key))
    for name in block.bases:
        present = setting.values.get(name, "")
        if present and family_at(present) != aim.target.vendor:
            base = aim.target.base or _alternative((name,), aim, setting) or _plain_base(aim.target.vendor)
            if base:
                made.values[name] = base
            else:
                made.lacking.append(f"a base URL for {name}")


def _plain_base(vendor: str) -> str:
    """A vendor's public base URL, where every client of it takes the same one."""
    return "" if vendor in NATIVE or vendor == "anthropic" else own_base(vendor, "")


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
        if line.name not in names or not line.value or not is_plain(line.value):
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
    if prefix and aim.foreign and aim.target.vendor in RESELLERS and family(own_prefix) != aim.target.vendor:
        return f"{aim.words[0].lower()}{sign}{model}"
    if not prefix:
        return model if not own_prefix or aim.target.vendor in RESELLERS or "/" in present else bare
    if family(own_prefix) == aim.target.vendor or (own_prefix and aim.model == model and not selected):
        return f"{own_prefix}{sign}{bare}"
    word = aim.words[0].lower() if family(aim.words[0]) == aim.target.vendor else aim.target.vendor
    return f"{word}{sign}{model}"


def _example(aim: Aim) -> str:
    return f"--to {aim.words[0].lower()}/MODEL"
