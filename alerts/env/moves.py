"""What variables form a block, and how a block moves from one vendor to another as one. Pure; no text here.

A half move sends one vendor's key to another: base URL, key and every model of a block move together. A key is never
written out: the block's key variable is given the *name* of the variable that holds the other key.
Shared by .env files and the `env` of Claude Code's settings. Names as in public files and the SDKs, 2026-11.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Final

from alerts.vendorwords import family, family_in


class Role(StrEnum):
    KEY = "key"
    BASE = "base"
    MODEL = "model"
    EMBEDDING = "embedding"     # a model whose vectors fill an index: it cannot be moved to another model
    SELECTOR = "selector"       # names a vendor: LLM_PROVIDER=anthropic


_BASE: Final = re.compile(
    r"(?:^|_)(?:BASE_URL|API_BASE_URL|API_BASE|BASE_API|API_ENDPOINT|ENDPOINT_URL|API_URL|BASE_PATH|BASEURL|ENDPOINT"
    r"|API_HOST|GATEWAY_URL|BASE|URL|HOST)$")
_KEY: Final = re.compile(r"(?:^|_)(?:API_KEY|AUTH_TOKEN|API_TOKEN|ACCESS_TOKEN|APIKEY|KEY|TOKEN)$")
_MODEL: Final = re.compile(
    r"(?:^|_)(?:MODEL|LLM|DEPLOYMENT)(?:_(?:NAME|ID|PREF|PREFERENCE|CHOICE|SMALL|LARGE|FAST|SMART|BIG|MINI|DEFAULT"
    r"|PRIMARY|SECONDARY|FALLBACK|MAIN|CHAT|REASONING|\d+))?$|(?:^|_)(?:MODEL|LLM)_CHOICE$")
_SELECTOR: Final = re.compile(
    r"(?:^|_)(?:PROVIDER|VENDOR|BACKEND|PLATFORM|ENGINE|SOURCE|SERVICE|CLIENT|MODEL_TYPE|LLM_TYPE|MODEL_SOURCE|API_TYPE"
    r"|LLM|AI|SELECTED|PREFERRED|CHOSEN)(?:_(?:NAME|TYPE|ID|DEFAULT|PRIMARY|SECONDARY|FALLBACK|MAIN))?$")
EMBEDS: Final = re.compile(r"(?:^|_)EMBED(?:DING|DINGS|DER)?(?:_|$)")
_OTHER: Final = re.compile(     # a vendor is named, but of another trade
    r"(?:^|_)(?:TTS|STT|WHISPER|SPEECH|VOICE|AUDIO|TRANSCRIPTION|IMAGE|IMAGES|VIDEO|VECTOR|VECTORDB|DB|DATABASE|GRAPH"
    r"|SEARCH|RERANK|RERANKER|STORAGE|OCR|AUTH|OAUTH|EMAIL|MAIL|CLOUD|DNS|CALLBACK|REDIRECT|MAPS|ANALYTICS|RECAPTCHA"
    r"|SHEETS|DRIVE|CALENDAR|S3|SECRET|COMPUTER_VISION|FORM_RECOGNIZER|TRANSLATOR)(?:_|$)")
_OTHER_SCHEME: Final = re.compile(r"(?i)(?!https?:)[a-z][a-z0-9+.-]*://")      # a database's, a queue's
# ALLOW_LLM_FALLBACK=false
_SWITCH: Final = re.compile(r"(?i)(?:\$\{\w+:?-)?(?:true|false|yes|no|on|off|none|null|\d+(?:\.\d+)?)\}?")
_SMALL: Final = re.compile(r"SMALL|FAST|MINI|HAIKU|LITE|NANO|CHEAP")
_PLACE_ONLY: Final = frozenset({Role.BASE})
_FAMILIAR: Final = frozenset({"LLM", "AI", "CHAT", "MODEL", "DEFAULT", "GPT", ""})
CLAUDE_CODE: Final = "CLAUDE_CODE_SUBAGENT_MODEL"      # of the ANTHROPIC block, whatever its name begins with


@lru_cache(maxsize=8192)
def role_of(name: str, value: str = "") -> Role | None:
    """What a variable is for, by its name; a selector's value must name a vendor."""
    upper = name.upper()
    if _SELECTOR.search(upper) and family(value):
        return Role.SELECTOR
    if _MODEL.search(upper) and not _SWITCH.fullmatch(value):
        return Role.EMBEDDING if EMBEDS.search(upper) else Role.MODEL
    if _KEY.search(upper):
        return Role.KEY
    return Role.BASE if _BASE.search(upper) and not _OTHER_SCHEME.match(value) else None


def of_another_trade(name: str) -> bool:
    """Speech, images, vectors, search: no chat model's place."""
    return bool(_OTHER.search(name.upper()) or EMBEDS.search(name.upper()))


@lru_cache(maxsize=8192)
def prefix_of(name: str, role: Role) -> str:
    """The part of a name before what its role calls it: OPENAI of OPENAI_API_KEY, '' of MODEL."""
    pattern = {Role.KEY: _KEY, Role.BASE: _BASE, Role.SELECTOR: _SELECTOR}.get(role, _MODEL)
    return pattern.sub("", name.upper(), count=1)


@dataclass(frozen=True, slots=True)
class Block:
    """The variables that say where one vendor is, with what key and for which models. Names as in the file."""

    prefix: str
    keys: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    embeddings: tuple[str, ...] = ()

    @property
    def members(self) -> tuple[str, ...]:
        return (*self.keys, *self.bases, *self.models, *self.embeddings)

    @property
    def vendor(self) -> str:
        """Whose word stands in the prefix; '' for LLM_, AI_ and the like."""
        return family_in(self.prefix)

    def slot(self, model: str) -> str:
        """What a model variable is called within its block: DEFAULT_OPUS_MODEL."""
        upper = model.upper()
        return upper.removeprefix(f"{self.prefix}_") if self.prefix else upper


@dataclass(frozen=True, slots=True)
class Target:
    """Where a block moves to. `key` is the name of the variable that holds the key; `models` by slot, '' for all."""

    name: str
    vendor: str = ""
    base: str = ""
    key: str = ""
    models: Mapping[str, str] = field(default_factory=dict)

    def model_for(self, slot: str) -> str:
        """The same slot's; else that of its size; else the main one. '' where none is known."""
        if slot in self.models:
            return self.models[slot]
        small = bool(_SMALL.search(slot))
        sized = next((model for name, model in self.models.items() if name and small is bool(_SMALL.search(name))), "")
        main = self.models.get("", "")
        return ((sized or main) if small else (main or sized)) or next(iter(self.models.values()), "")


@dataclass(frozen=True, slots=True)
class Moves:
    """Variables and what they are to say: `values` as text, `keys` by the name of the variable to refer to.

    `lacking`: what the target does not say and the move needs ('a base URL', 'a model'): no move then.
    """

    values: Mapping[str, str]
    keys: Mapping[str, str]
    lacking: tuple[str, ...] = ()


def blocks_of(values: Mapping[str, str]) -> tuple[Block, ...]:
    """The blocks among some variables, in their order. A block has a vendor's word in its prefix, or a model, or a
    familiar prefix (LLM_, AI_ …) with a key or a base URL.
    """
    roles = {name: role for name, value in values.items() if (role := role_of(name, value)) is not None}
    prefixes = dict.fromkeys(
        prefix_of(name, role) for name, role in roles.items() if role in (Role.KEY, Role.BASE))
    found: dict[str, dict[Role, list[str]]] = {}
    for name, role in roles.items():
        if role is not Role.SELECTOR:
            home = prefix_of(name, role) if role in (Role.KEY, Role.BASE) else _home(name, role, prefixes)
            found.setdefault(home, {}).setdefault(role, []).append(name)
    made = (
        Block(prefix, *(tuple(by.get(role, ())) for role in (Role.KEY, Role.BASE, Role.MODEL, Role.EMBEDDING)))
        for prefix, by in found.items() if by.keys() != _PLACE_ONLY or family_in(prefix))    # most of a long file
    return tuple(block for block in made if _is_of_models(block))


def _home(name: str, role: Role, prefixes: Iterable[str]) -> str:
    upper = name.upper()
    if upper == CLAUDE_CODE:
        return "ANTHROPIC"
    known = [prefix for prefix in prefixes if prefix and upper.startswith(f"{prefix}_")]
    if known:
        return max(known, key=len)
    first = upper.partition("_")[0]
    return first if family(first) else prefix_of(name, role)


def _is_of_models(block: Block) -> bool:
    if block.vendor:
        return True
    familiar = block.prefix in _FAMILIAR
    return bool(block.models) or (familiar and bool(block.keys if block.prefix else block.keys and block.bases))


def target_of(block: Block, values: Mapping[str, str]) -> Target:
    """A block as what another moves to."""
    models = {block.slot(name): values[name] for name in block.models if values.get(name)}
    main = next((model for slot, model in models.items() if re.fullmatch(r"(?:DEFAULT_|CHAT_)?MODEL(?:_NAME|_ID)?",
                                                                         slot)), "")
    if main:
        models[""] = main
    key = next((name for name in block.keys if values.get(name)), next(iter(block.keys), ""))
    base = next((values[name] for name in block.bases if values.get(name)), "")
    return Target(block.prefix, block.vendor, base, key, models)


def moves_of(block: Block, values: Mapping[str, str], target: Target) -> Moves:
    """All of a block at once. A block without a base URL gets one: it stood for its vendor's own."""
    lacking = []
    said = dict.fromkeys(block.bases or (f"{block.prefix}_BASE_URL".lstrip("_"),), target.base)
    if not target.base:
        lacking.append("a base URL")
    for name in block.models:
        if values.get(name) or len(block.models) == 1:
            said[name] = target.model_for(block.slot(name))
    if block.models and not target.model_for(""):
        lacking.append("a model")
    if not target.key:
        lacking.append("a key variable")
    keys = block.keys or (f"{block.prefix}_API_KEY".lstrip("_"),)
    return Moves(said, dict.fromkeys(keys, target.key), tuple(lacking))
