"""Where a unit of a .env file can move to. Pure.

What takes over is another block of the file, a commented line, or a vendor/model written out: of that a vendor that the
file does not know either has its public base URL, and its key under the usual name, which must be set.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from alerts.env.moves import Block, Target, blocks_of, of_another_trade, target_of
from alerts.env.units import Setting, same
from alerts.gateway import PatchRefused, RouteUnknown
from alerts.vendorwords import LOCAL, family, family_at, maker, own_base, own_key

_ROUTE: Final = re.compile(r"([\w.-]+)\s*[/:,]\s*(.+)")


@dataclass(frozen=True, slots=True)
class Aim:
    """A target, and what the user wrote of it: `model` where one is named outright. `foreign`: nothing in the file is
    of its vendor, so that no selector can be trusted to know its word.
    """

    target: Target
    model: str = ""
    block: Block | None = None
    words: tuple[str, ...] = field(default=())
    foreign: bool = False


def aim_at(route: str, setting: Setting) -> Aim:
    """What a ROUTE means in this file. Raises PatchRefused where it is nothing there, or several things."""
    merged = with_commented(setting)
    blocks = blocks_of(merged)
    block = _block_called(route, blocks, merged)
    named = next((model for model in _all_models(setting, merged) if model == route and not family(model)), "")
    if block is not None:
        return _aim(block, merged, route, named)
    found = _ROUTE.fullmatch(route.strip())
    vendor, model = (found.group(1), found.group(2)) if found and "://" not in route else ("", "")
    if vendor and (family(vendor) or _block_called(vendor, blocks, merged)):
        home = _block_called(vendor, blocks, merged)
        if home or _is_known(vendor, setting):
            return _aim(home, merged, vendor, model)
        return _foreign(vendor, model)
    maker_of = maker(route) if "://" not in route else ""
    home = _block_called(maker_of, blocks, merged) if maker_of and not family(route) else None
    if maker_of and (home or named):
        return _aim(home, merged, maker_of, route)
    if family(route) and (_mentioned(route, setting) or family(route) in _selected(setting)):
        return _aim(None, merged, route, "")
    raise RouteUnknown(
        f"{route!r} is no block, vendor or model of this file (there are: {', '.join(_choices(blocks)) or 'none'}); "
        f"add its key variable first, or write it out as vendor/model")


def _aim(block: Block | None, merged: dict[str, str], word: str, model: str) -> Aim:
    if block is None:
        target = Target(word, family(word))
    else:
        target = target_of(block, merged)
        target = replace(target, vendor=target.vendor or family_at(target.base) or maker(target.model_for("")))
    if model:
        target = replace(target, models={"": model})
    return Aim(target, model, block, (word,))


def with_commented(setting: Setting) -> dict[str, str]:
    """All variables with a value; one that is only commented out, or set to nothing, by its commented line."""
    merged = dict(setting.values)
    for line in setting.file.commented:
        if not merged.get(line.name) and re.fullmatch(r"[A-Z][A-Z0-9_]*", line.name):
            merged[line.name] = line.value
    return merged


def _block_called(word: str, blocks: tuple[Block, ...], merged: dict[str, str]) -> Block | None:
    main = [block for block in blocks if not of_another_trade(block.prefix)] or list(blocks)
    for found in (
        [block for block in blocks if block.prefix and same(word, block.prefix)],
        [block for block in blocks if any(same(word, name) for name in block.members)],
        [block for block in blocks if not family(word)          # `mistral` is a model at Ollama's, and a vendor
         and word in [merged[name] for name in (*block.models, *block.bases)]],
        [block for block in main if family(word) and block.vendor == family(word)],
    ):
        fullest = max((_fullness(block, merged) for block in found), default=None)
        best = _shortest([block for block in found if _fullness(block, merged) == fullest])
        if len(best) > 1:
            raise PatchRefused(
                f"{word!r} may be {' or '.join(block.prefix for block in best)} here; name the one by its prefix")
        if best:
            return best[0]
    return None


def _shortest(blocks: list[Block]) -> list[Block]:
    """OPENAI of OPENAI, OPENAI_BACKUP and TEST_OPENAI: who names the vendor means the plain one."""
    plain = [one for one in blocks if family(one.prefix)]
    plain = plain if len(plain) == 1 else [
        one for one in blocks if all(other.prefix.startswith(one.prefix) for other in blocks)]
    return plain[:1] or blocks


def _fullness(block: Block, merged: dict[str, str]) -> tuple[bool, bool, bool, bool, int]:
    filled = [any(merged.get(name) for name in names) for names in (block.keys, block.bases, block.models)]
    at = next((family_at(merged[name]) for name in block.bases if merged.get(name)), "")
    at_home = not at or not block.vendor or at == block.vendor       # not one that was itself moved elsewhere
    return (at_home, bool(block.keys), filled[1], filled[2], len(block.members))


def _all_models(setting: Setting, merged: dict[str, str]) -> Iterator[str]:
    for unit in setting.units:
        yield from (merged[name] for name in (*unit.models, *(unit.block.models if unit.block else ())))
    yield from (line.value for line in setting.file.commented if maker(line.value))


def _is_known(vendor: str, setting: Setting) -> bool:
    return _mentioned(vendor, setting) or family(vendor) in _selected(setting) or family(vendor) in LOCAL


def _foreign(word: str, model: str) -> Aim:
    vendor = family(word)
    if not own_base(vendor, ""):
        raise PatchRefused(f"the file has no variable of {word}, and there is no one public base URL of it; add "
                           f"{vendor.upper()}_BASE_URL and {own_key(vendor)} first")
    return Aim(Target(word, vendor, "", own_key(vendor), {"": model}), model, None, (word,), foreign=True)


def _mentioned(word: str, setting: Setting) -> bool:
    """In a comment: `# options: openai, anthropic`."""
    pattern = re.compile(rf"(?i)(?<![\w-]){re.escape(word)}(?![\w-])")
    remarks = (line.remark for line in setting.file.lines)
    return any(pattern.search(said) for said in (*setting.file.others, *remarks))


def _selected(setting: Setting) -> set[str]:
    return {family(setting.values[unit.selector]) for unit in setting.units if unit.selector}


def _choices(blocks: tuple[Block, ...]) -> list[str]:
    return [block.prefix for block in blocks if block.prefix]
