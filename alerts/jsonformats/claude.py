"""What a Claude Code settings.json says: the block in use and the others that it could use. Pure.

A block is a base URL, a key and models. The one in use stands in `env` (with apiKeyHelper and `model` beside it).
Others: variables of another prefix in the same `env` (KIMI_BASE_URL …, or ANTHROPIC_BASE_URL_KIMI …), and objects with
an `env` of their own (profiles, as cc-switch and others keep them).
Several tools' shapes meet here, so names are taken by what they end in. Names as in public files, 2026-11.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from alerts.gateway import PatchRefused
from alerts.jsonformats.reading import variable
from alerts.model import Route
from alerts.surgery.jsonnodes import Node, Path, child, parse, string, walk
from alerts.vendorwords import family, own_base, own_key

HOME: Final = "https://api.anthropic.com"
BASE: Final = "ANTHROPIC_BASE_URL"
MAIN: Final = "ANTHROPIC_MODEL"
KEYS: Final = ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY")
SMALL: Final = ("ANTHROPIC_DEFAULT_HAIKU_MODEL", "ANTHROPIC_SMALL_FAST_MODEL")
SLOTS: Final = (MAIN, "ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL", *SMALL,
                "ANTHROPIC_REASONING_MODEL", "CLAUDE_CODE_SUBAGENT_MODEL")
CLOUDS: Final[Mapping[str, str]] = {
    "CLAUDE_CODE_USE_BEDROCK": "bedrock", "CLAUDE_CODE_USE_VERTEX": "vertex", "CLAUDE_CODE_USE_FOUNDRY": "azure"}
CURRENT: Final = (
    "current", "active", "activeProfile", "active_profile", "currentProfile", "currentProvider", "default")
# nobody else's keys
_STRONG: Final = ("permissions", "hooks", "statusLine", "enabledPlugins", "includeCoAuthoredBy", "outputStyle",
                  "enableAllProjectMcpServers", "enabledMcpjsonServers", "extraKnownMarketplaces", "cleanupPeriodDays",
                  "alwaysThinkingEnabled", "apiKeyHelper")
_WEAK: Final = ("model", "env", "sandbox", "language", "$schema")
_RULES: Final = ("allow", "deny", "ask", "defaultMode")
_EVENTS: Final = re.compile(
    r"(Pre|Post)(ToolUse\w*|Compact)|UserPromptSubmit|(Session|Subagent)?(Start|Stop|End)|Notification")
_WRAPPERS: Final = frozenset({"settings", "settingsConfig", "config"})
_OURS: Final = re.compile(r"(?:ANTHROPIC|CLAUDE)_")
_SUFFIXED: Final = re.compile(rf"({BASE}|{'|'.join(KEYS)}|{'|'.join(SLOTS)})_([A-Z0-9][A-Z0-9_]*)")
_PREFIXED: Final = re.compile(
    r"([A-Z][A-Z0-9_]*?)_((?:ANTHROPIC_)?(?:API_)?(?:BASE_URL|BASE)|(?:ANTHROPIC_)?(?:API_KEY|AUTH_TOKEN|KEY|TOKEN)"
    r"|(?:ANTHROPIC_)?(?:DEFAULT_(?:OPUS|SONNET|HAIKU)_|SMALL_FAST_|SUBAGENT_)?MODEL)")


@dataclass(frozen=True, slots=True)
class Block:
    """Where one vendor is, with what key, for which models. `slots` by the variable that Claude Code reads."""

    path: Path                              # of the object that holds its env
    name: str
    base: str = ""
    key: str = ""                           # as written: a reference, or (in other people's files) a literal
    key_name: str = ""                      # the variable that holds it
    helper: str = ""
    cloud: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)

    def model_for(self, slot: str) -> str:
        """The same slot's; for a small one the other small one's; else the main model."""
        kin = [slot, *(SMALL if slot in SMALL else ()), MAIN]
        return next((self.slots[one] for one in kin if self.slots.get(one)), "") or next(
            (one for one in self.slots.values() if one), "")

    def route(self) -> Route:
        models = tuple(dict.fromkeys(one for one in self.slots.values() if one))
        host = "" if self.cloud or variable(self.base) else self.base or HOME
        return Route(self.name, self.cloud, models[0] if models else "", host, self.key_name, variable(self.base),
                     ".".join(map(str, (*self.path, "env", self.name))), models)


@dataclass(frozen=True, slots=True)
class Reading:
    root: Node
    used: Block
    others: tuple[Block, ...] = ()
    pointer: Path = ()                      # where the profile in use is named, in files that keep several

    @property
    def blocks(self) -> tuple[Block, ...]:
        return (self.used, *self.others)


@lru_cache(maxsize=4)
def read(text: str) -> Reading:
    """Raises PatchRefused for what is no settings file."""
    root = parse(text)
    if root.kind != "object":
        raise PatchRefused("no object: is this Claude Code's settings.json?")
    profiles = tuple(_profiles(root))
    if not _is_env(child(root, "env")) and profiles:
        return _by_pointer(root, profiles)
    keys = {one.key for one in root.members}
    if keys and not keys & {*_STRONG, *_WEAK}:
        raise PatchRefused("none of the keys of Claude Code's settings.json (env, permissions, hooks …): is this it?")
    own = _env(root)
    return Reading(root, _block(root, (), "ANTHROPIC", own), (*_beside(own), *profiles))


def written_out(word: str) -> Block | None:
    """vendor/model, for a vendor that serves this dialect: a block that needs nothing of the file."""
    vendor, _, model = (part.strip() for part in word.partition("/"))
    known = family(vendor)
    base = own_base(known, "anthropic")
    if not model or not base:
        return None
    return Block((), vendor.upper(), "" if base == HOME else base, "", own_key(known), slots={MAIN: model})


def speaks_claude(root: Node) -> bool:
    """Whether an object is settings of Claude Code, by its keys."""
    schema = "claude-code" in string(root, "$schema") or "claude_code" in string(root, "$schema")
    strong = sum(child(root, key) is not None for key in _STRONG)
    weak = sum(child(root, key) is not None for key in ("model", "env"))
    rules, hooks = child(root, "permissions"), child(root, "hooks")
    own = any(child(rules, key) is not None for key in _RULES) or (
        hooks is not None and hooks.kind == "object" and any(_EVENTS.fullmatch(one.key) for one in hooks.members))
    return _is_env(child(root, "env")) or schema or own or child(root, "apiKeyHelper") is not None or (
        strong > 0 and strong + weak > 1)


def _is_env(node: Node | None) -> bool:
    return node is not None and node.kind == "object" and any(_OURS.match(one.key) for one in node.members)


def _env(node: Node) -> dict[str, str]:
    env = child(node, "env")
    found = env.members if env is not None and env.kind == "object" else ()
    return {one.key: _said(one.node) for one in found if one.node.kind in ("string", "number", "word")}


def _said(node: Node) -> str:
    """A flag may be written 1 or true: Claude Code makes text of it."""
    if node.kind == "word":
        return str(node.value).lower()
    return str(node.value.raw) if node.kind == "number" else str(node.value)


def _block(node: Node, path: Path, name: str, env: Mapping[str, str]) -> Block:
    key = next((env[one] for one in KEYS if env.get(one)), "")
    helper = string(node, "apiKeyHelper")
    cloud = next((vendor for flag, vendor in CLOUDS.items() if env.get(flag, "").lower() in ("1", "true")), "")
    slots: dict[str, str] = {one: env[one] for one in SLOTS if env.get(one)}
    if string(node, "model") and not slots.get(MAIN):
        slots = {MAIN: string(node, "model"), **slots}
    named = variable(key) or next(iter(re.findall(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+", helper)), "")
    return Block(path, name, env.get(BASE, ""), key, named, helper, cloud, slots)


def _beside(env: Mapping[str, str]) -> Iterator[Block]:
    """Other vendors' variables in the env in use."""
    homes: dict[str, dict[str, tuple[str, str]]] = {}
    for name, value in env.items():
        suffixed, prefixed = _SUFFIXED.fullmatch(name), _PREFIXED.fullmatch(name)
        if suffixed:
            homes.setdefault(suffixed.group(2), {})[suffixed.group(1)] = (name, value)
        elif prefixed and not _OURS.match(name):
            homes.setdefault(prefixed.group(1), {})[_as_ours(prefixed.group(2))] = (name, value)
    for home, found in homes.items():
        if BASE in found and found[BASE][1]:
            name, key = next((found[one] for one in KEYS if one in found), (f"{home}_API_KEY", ""))
            slots: dict[str, str] = {one: found[one][1] for one in SLOTS if one in found}
            yield Block((), home, found[BASE][1], key, variable(key) or name, slots=slots)


def _as_ours(end: str) -> str:
    """What Claude Code calls a variable that ends so."""
    if end.endswith("MODEL"):
        name = end.removeprefix("ANTHROPIC_")
        return "CLAUDE_CODE_SUBAGENT_MODEL" if name.startswith("SUBAGENT") else f"ANTHROPIC_{name}"
    return KEYS[0] if end.endswith(("KEY", "TOKEN")) else BASE


def _profiles(root: Node) -> Iterator[Block]:
    for path, node in walk(root):
        if path and path[-1] != "env" and "mcpServers" not in path and _is_env(child(node, "env")):
            steps = [one for one in path if isinstance(one, str) and one not in _WRAPPERS]
            name = string(node, "name") or string(child(root, *path[:-1]), "name") or (steps[-1] if steps else "")
            if name:
                yield _block(node, path, name, _env(node))


def _by_pointer(root: Node, profiles: tuple[Block, ...]) -> Reading:
    """A file of profiles, one of which is named as the one in use."""
    for path, node in walk(root):
        for key in CURRENT if node.kind == "object" else ():
            used = [one for one in profiles if string(node, key) and string(node, key) in (one.name, *one.path)]
            if len(used) == 1:
                return Reading(root, used[0], tuple(one for one in profiles if one is not used[0]), (*path, key))
    raise PatchRefused("several profiles, and none is named as the one in use; say which file Claude Code reads")
