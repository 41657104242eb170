"""The units of a .env file that can be moved on their own: a selector, a lone model, a block; and their names. Pure.

The usual public file holds several vendors' keys and one variable that says which is used (LLM_PROVIDER,
DEFAULT_MODEL): that one moves, in a line or two. A vendor's own block moves as a whole, where nothing selects it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from alerts.env.lines import EnvFile
from alerts.env.moves import EMBEDS, Block, Role, blocks_of, of_another_trade, prefix_of, role_of
from alerts.model import Route
from alerts.vendorwords import CLOUDS, RESELLERS, family, family_at, maker, split_model

ANY: Final = "default"
_ALL: Final = frozenset({ANY, "*", "all", "main", "primary"})
_WHATEVER: Final = frozenset({"app", "llm", "chat", "smart", "model", "models", "ai", "api", "env", ".env", "config"})
_GENERIC: Final = frozenset({
    "LLM", "AI", "MODEL", "DEFAULT", "CHAT", "PREFERRED", "PRIMARY", "MAIN", "ACTIVE", "CURRENT", "SELECTED", "API",
    "THE", "COMPLETION", "TEXT", "APP", "AGENT", "BASE", "CLOUD", "INFERENCE", "GENERATION", ""})
_SPARE: Final = re.compile(r"(?:^|_)(?:FALLBACK|BACKUP|SECONDARY)(?:_|$)")


@dataclass(frozen=True, slots=True)
class Unit:
    """What moves as one. `selector`: the variable that names the vendor; `models`: variables that name a model;
    `block`: keys and base URLs that go with them.
    """

    name: str
    selector: str = ""
    models: tuple[str, ...] = ()
    block: Block | None = None

    @property
    def members(self) -> tuple[str, ...]:
        return (*((self.selector,) if self.selector else ()), *self.models, *(self.block.members if self.block else ()))

    @property
    def spare(self) -> bool:
        """A fallback's variable."""
        return bool(_SPARE.search((self.selector or self.name).upper()))

    @property
    def aside(self) -> bool:
        return of_another_trade(self.selector or self.name)

    @property
    def embeds(self) -> bool:
        return bool(EMBEDS.search((self.selector or self.name).upper()))

    @property
    def owned(self) -> bool:
        """A vendor's own block: OPENAI_API_KEY, OPENAI_MODEL."""
        return self.block is not None and not self.selector and bool(self.block.vendor)


@dataclass(frozen=True, slots=True)
class Setting:
    """A whole file: its units, all blocks, the routes behind each unit by its name."""

    file: EnvFile
    values: Mapping[str, str]
    blocks: tuple[Block, ...]
    units: tuple[Unit, ...]
    routes: Mapping[str, tuple[Route, ...]] = field(default_factory=dict)

    def block_of(self, vendor: str) -> Block | None:
        """The fullest block of a vendor."""
        own = [block for block in self.blocks if vendor and block.vendor == vendor]
        return max(own, key=lambda block: (bool(block.keys), len(block.members)), default=None)


def read_units(file: EnvFile) -> Setting:
    values = file.values()
    blocks = blocks_of(values)
    owned = {name for block in blocks if block.vendor for name in block.members}
    free = [name for name, value in values.items()
            if role_of(name, value) is Role.MODEL and name not in owned and value]
    selectors = [name for name, value in values.items()
                 if role_of(name, value) is Role.SELECTOR and name not in owned]
    selectors += [name for name in free if name.upper().endswith("LLM") and family(values[name])]
    free = [name for name in free if name not in selectors]
    units: list[Unit] = []
    for name in selectors:
        mine = _companions(name, free, selectors, values)
        units.append(Unit(name, name, mine, _companion_block(name, blocks)))
        free = [other for other in free if other not in mine]
    taken = {unit.block.prefix for unit in units if unit.block}
    for block in blocks:
        if block.prefix not in taken and not block.vendor and (block.keys or block.bases):
            units.append(Unit(block.prefix or "MODEL", block=block))
            free = [name for name in free if name not in block.models]
    homes = frozenset(block.vendor for block in blocks)
    blocks = tuple(_joined(block, free, values, homes) for block in blocks) if not selectors else blocks
    joined = {name for block in blocks if block.vendor for name in block.models}
    free = [name for name in free if name not in joined]
    units += [Unit(name, models=(name,)) for name in free if maker(values[name]) or len(free) == 1]
    units += [Unit(block.prefix, block=block) for block in blocks if block.vendor]
    made = Setting(file, values, blocks, tuple(units))
    return Setting(file, values, blocks, made.units, {unit.name: _routes(unit, made) for unit in units})


def _joined(block: Block, free: list[str], values: Mapping[str, str], homes: frozenset[str]) -> Block:
    """OPENAI_BASE_URL beside a plain MODEL=gpt-4o: asked of that URL, so it moves with it. At another's host, or at
    nobody's we know, any plain model is asked for that has no home of its own among the vendors in the file.
    """
    base = next((values[name] for name in block.bases if values.get(name)), "")
    if not block.vendor or not base or block.models:
        return block
    place = family_at(base)
    mine = tuple(
        name for name in free if not split_model(values[name])[0] and (
            maker(values[name]) in (place, block.vendor)
            or (place != block.vendor and maker(values[name]) not in homes - {""} and not _core(name, Role.MODEL))))
    return replace(block, models=mine)


def _core(name: str, role: Role) -> tuple[str, ...]:
    return tuple(word for word in prefix_of(name, role).split("_") if word not in _GENERIC)


def _companions(selector: str, free: list[str], selectors: list[str], values: Mapping[str, str]) -> tuple[str, ...]:
    core, vendor = _core(selector, Role.SELECTOR), family(values[selector])
    others = {_core(name, Role.SELECTOR) for name in selectors if name != selector}
    return tuple(
        name for name in free
        if (mine := _core(name, Role.MODEL)) == core
        or (not core and mine not in others and not of_another_trade(name) and not _SPARE.search(name.upper())
            and maker(values[name]) == vendor))


def _companion_block(selector: str, blocks: tuple[Block, ...]) -> Block | None:
    core = _core(selector, Role.SELECTOR)
    return next((
        block for block in blocks
        if not block.vendor and (block.keys or block.bases)
        and tuple(word for word in block.prefix.split("_") if word not in _GENERIC) == core), None)


# --- routes ---------------------------------------------------------------------------------------------------------

def _routes(unit: Unit, setting: Setting) -> tuple[Route, ...]:
    """What a unit leads to now: the vendor's account, and where that sells other makers' models, the maker too."""
    values, block = setting.values, unit.block
    model = next((values[name] for name in (*unit.models, *(block.models if block else ())) if values.get(name)), "")
    prefix = values[unit.selector].lower() if unit.selector else split_model(model)[0].lower()
    asked = block if (block and block.bases) or not unit.selector else setting.block_of(family(prefix))
    base = next((name for name in (asked.bases if asked else ()) if values.get(name)), "")
    url = values.get(base, "")
    if unit.owned and block:
        prefix = block.vendor
    key = _key_of(unit, setting, family(prefix) or maker(model))
    also = tuple(dict.fromkeys(name for name in (*unit.members, model) if name and name != unit.name))
    first = Route(unit.name, prefix, model, url if "://" in url else "", key, base if url and "://" not in url else "",
                  unit.name, also)
    return (first, *_makers(unit, setting, prefix, url))


def _key_of(unit: Unit, setting: Setting, vendor: str) -> str:
    home = unit.block
    if home is None or not home.keys or (unit.selector and not home.bases):
        home = setting.block_of(vendor) or home
    name = next((key for key in (home.keys if home else ()) if setting.values.get(key)), "")
    return setting.file.reference(name or next(iter(home.keys if home else ()), ""))


def _makers(unit: Unit, setting: Setting, prefix: str, url: str) -> tuple[Route, ...]:
    account = family_at(url) or family(prefix)
    names = (*unit.models, *(unit.block.models if unit.block else ()))
    if account in CLOUDS or (account not in RESELLERS and not url):
        return ()
    return tuple(
        Route(name, model=setting.values[name].rpartition("/")[2].rpartition(":")[2] if ":free" not in
              setting.values[name] else setting.values[name].rpartition("/")[2], key=f"{name}.maker")
        for name in names if maker(setting.values.get(name, "")))


# --- names ----------------------------------------------------------------------------------------------------------

def same(one: str, other: str) -> bool:
    """Whether two names are one, whatever the case and the dashes."""
    return _flat(one) == _flat(other) != ""


def _flat(word: str) -> str:
    return re.sub(r"[\s_.-]+", "_", word.strip().lower()).strip("_")


def units_called(setting: Setting, word: str) -> tuple[Unit, ...]:
    """The units a person may mean by a name: a variable's, a prefix, a model's; `default`: all that are no fallback's
    and no speech's or embedding's. A vendor's own block that a selector points at is moved by the selector.
    """
    plain = word.strip().lower()
    if plain in _ALL:
        return tuple(unit for unit in setting.units if not unit.spare and not unit.aside)
    found = [unit for unit in setting.units if any(same(word, name) for name in (unit.name, *unit.members))]
    found = found or [unit for unit in setting.units if unit.block and same(word, unit.block.prefix)]
    found = found or [unit for unit in setting.units if word in _models(unit, setting)]
    found = found or [unit for unit in setting.units if _scope_is(unit, word)]
    if not found and family(word):
        found = [unit for unit in setting.units
                 if family(word) in (family(route.prefix) for route in setting.routes[unit.name])
                 or family(word) in map(maker, _models(unit, setting))]
        found = [unit for unit in found if not unit.owned] or found
    if not found and plain in _WHATEVER:
        return units_called(setting, ANY)           # nothing in the file is called so: what the file is about
    return tuple(dict.fromkeys(one for unit in found for one in _selecting(setting, unit)))


def _models(unit: Unit, setting: Setting) -> tuple[str, ...]:
    names = (*unit.models, *(unit.block.models if unit.block else ()))
    values = [setting.values[name] for name in names if setting.values.get(name)]
    return (*values, *(split_model(value)[2] for value in values))


def _scope_is(unit: Unit, word: str) -> bool:
    """`llm` of LLM_PROVIDER, `smart` of SMART_LLM."""
    role = Role.SELECTOR if unit.selector else Role.MODEL
    prefix = prefix_of(unit.name, role)
    return same(word, prefix) or (not unit.owned and bool(prefix) and _flat(word) in prefix.lower().split("_"))


def _selecting(setting: Setting, unit: Unit) -> tuple[Unit, ...]:
    """What decides over a vendor's own block: a selector that points at it, or a lone model where it is but a key."""
    if not unit.owned or unit.block is None:
        return (unit,)
    block = unit.block
    choosing = (one for one in setting.units if one.selector and not one.spare and not one.aside)
    selector = next((one for one in choosing if family(setting.values[one.selector]) == block.vendor), None)
    if selector is not None:
        return (selector,)
    lone = tuple(
        one for one in setting.units if one.block is None and not one.selector and not one.spare and not one.aside
        and maker(setting.values[one.models[0]]) == block.vendor)
    bare = not block.models and not any(setting.values.get(name) for name in block.bases)
    return lone if bare and lone else (unit,)
