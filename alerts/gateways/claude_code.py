"""Patches for Claude Code's settings.json. Pure; names of variables as in its documentation of 2026-11.

A half move sends one vendor's key to another, so base URL, key reference and every model slot move together, or the
patch is refused. Claude Code has no failover: what is demoted is excluded. A key is never written: what refers to a
variable refers to the other's after the move.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final
from urllib.parse import urlsplit

from alerts.gateway import PatchRefused, RouteUnknown, leaving
from alerts.jsonformats.claude import (
    BASE,
    CLOUDS,
    KEYS,
    MAIN,
    SLOTS,
    SMALL,
    Block,
    Reading,
    read,
    speaks_claude,
    written_out,
)
from alerts.jsonformats.reading import at_line, called, known, linted, note_for, same, says_whatever, variable
from alerts.model import Inventory, Patch, Problem, RoutingChange, Severity, Strength
from alerts.surgery.draft import Draft, note_of
from alerts.surgery.jsoncuts import inserted, opened, removed, replaced
from alerts.surgery.jsonnodes import child, member_of, parse, string
from alerts.surgery.text import holds_secret
from alerts.vendorwords import family, of_messages, own_base

_APPLY: Final = "Claude Code reads its settings at start: write the file and start its sessions anew"
_ASKED: Final = frozenset({"claude-code", "claude", "anthropic", "opus", "sonnet", "haiku", "opusplan", "best", "env",
                           *(one.lower() for one in SLOTS)})


@dataclass(frozen=True, slots=True)
class Gateway:
    """Claude Code settings.json: `env` with ANTHROPIC_BASE_URL, key and models. A workload is `claude-code`, a model in
    use, a slot (opus, sonnet, haiku) or `default` – they move together; a route is the prefix of another vendor's
    variables in `env`, the name of a profile in the file, or vendor/model written out (moonshot/kimi-k2). No options.
    """

    names: ClassVar[tuple[str, ...]] = ("claude", "claude-code-settings", "claude-settings", "settings.json")

    def fits(self, text: str) -> bool:
        """By an env with ANTHROPIC_ variables, or the keys that only its settings have."""
        try:
            root = parse(text)
        except PatchRefused:
            return False
        other = any(child(root, key) is not None for key in ("Router", "model_list", "mcpServers", "targets"))
        return root.kind == "object" and not other and (speaks_claude(root) or _holds_profiles(text))

    def inventory(self, text: str) -> Inventory:
        """A route for each vendor's block of variables. Raises PatchRefused."""
        reading = read(text)
        key = (reading.used.route().key,)
        served = dict.fromkeys(("claude-code", *(one for one in reading.used.slots.values() if one)), key)
        return Inventory(tuple(one.route() for one in reading.blocks), {}, {}, served)

    def render(self, change: RoutingChange, text: str, path: str = "") -> Patch:
        """Base URL, key reference and models of another block. Raises PatchRefused."""
        draft, reading = opened(text), read(text)
        target = _target(change, reading)
        _refuse_astray(change, reading, target, path)
        moved = target is not reading.used and leaving(change, reading.used.route())
        if moved and reading.pointer:
            draft = replaced(draft, reading.pointer, _pointed(reading, target), note_for(text, note_of(change)))
        elif moved:
            draft = _moved(draft, reading.used, target, note_for(text, note_of(change)))
        return draft.patch(change, "claude_code", path or "settings.json", _APPLY, _warnings(change, reading))

    def lint(self, text: str) -> Sequence[Problem]:
        """Settings that Claude Code takes and that do not work together."""
        reading, found = linted(text, read, strict=True)
        if reading is None:
            return found
        return (*found, *_faults(text, reading))


def _holds_profiles(text: str) -> bool:
    try:
        return bool(read(text).pointer)
    except PatchRefused:
        return False


def _target(change: RoutingChange, reading: Reading) -> Block:
    routes: dict[str, Block] = {one.route().key: one for one in reading.blocks}
    listed = [one.route() for one in reading.blocks]
    word = re.sub(r"[\s-]", "_", change.takes_over.strip())
    found = called(change.takes_over, listed) or called(word, listed) or called(_bare(word), listed)
    made = None if found or reading.pointer else written_out(change.takes_over)
    gone = {urlsplit(route.base_url).hostname for route in listed if leaving(change, route)}
    if made is not None and urlsplit(made.route().base_url).hostname not in gone:
        return made
    if not found:
        raise RouteUnknown(_unknown(change.takes_over, _bare(re.split(r"\W", word)[0]), known(listed)))
    staying = [one for one in found if not leaving(change, one)]
    if not staying:
        raise PatchRefused(f"{change.takes_over!r} itself is {change.leaves}'s, which leaves; choose another block")
    if reading.used.route() in staying:
        return reading.used                         # it is in use already
    if len(staying) > 1:
        raise PatchRefused(f"{change.takes_over!r} could be {known(staying)}; say which")
    return routes[staying[0].key]


def _unknown(said: str, vendor: str, there: str) -> str:
    if family(vendor) and not own_base(family(vendor), "anthropic"):
        return (f"{said!r}: {vendor} does not serve the Messages API, which Claude Code speaks; choose one of "
                f"{', '.join(of_messages()[1:])}, or add a gateway's {vendor.upper()}_BASE_URL, _MODEL and key "
                "variable to env first")
    return (f"{said!r} is no block of variables and no profile here (there are: {there}); add "
            f"{vendor.upper()}_BASE_URL, _MODEL and its key's variable to env first, or write it out as vendor/model")


def _bare(word: str) -> str:
    """KIMI of KIMI_API_KEY: any variable of a block names it."""
    return re.sub(r"(?i)_((anthropic_)?(api_)?(base_url|base|key)|auth_token|(\w+_)?model)$", "", word)


def _refuse_astray(change: RoutingChange, reading: Reading, target: Block, path: str) -> None:
    used, word = reading.used, change.workload
    names = (used.name, *(name for one in reading.blocks for name in one.slots.values()))
    gone = not leaving(change, used.route())
    asked = word.casefold() in _ASKED or says_whatever(word, path) or any(same(word, one) for one in names)
    settled = gone and target.base == used.base     # the model asked for is out, and what takes over in its place
    if not asked and not settled and not re.match(r"(?i)claude[-_]", word):
        raise PatchRefused(f"{word!r} is no model of these settings (there are: {', '.join(dict.fromkeys(names))}), "
                           "nor 'claude-code'; check the workload's name")
    if gone and not settled:
        raise PatchRefused(f"{word!r} leads to {used.base or 'Anthropic'}, neither to {change.leaves} nor to "
                           f"{change.takes_over}; nothing to move")


def _pointed(reading: Reading, target: Block) -> str:
    """What a file of profiles calls the target where it names the one in use."""
    now = string(reading.root, *reading.pointer)
    if now == reading.used.name and reading.used.name not in reading.used.path:
        return target.name
    at = reading.used.path.index(now) if now in reading.used.path else -1
    step = target.path[at] if 0 <= at < len(target.path) else target.name
    return step if isinstance(step, str) else target.name


# --- one block in another's place ------------------------------------------------------------------------------------


def _moved(draft: Draft, used: Block, target: Block, note: str) -> Draft:
    if not target.model_for(MAIN):
        raise PatchRefused(f"{target.name} names no model: add {target.name}_MODEL first")
    env = _Env(draft)
    for flag, vendor in CLOUDS.items():
        if vendor == used.cloud:
            env.drop(flag)
    if target.base:
        env.put(BASE, target.base, note)
    else:
        env.drop(BASE)
    for flag, vendor in CLOUDS.items():
        if vendor == target.cloud:
            env.put(flag, "1")
    if not target.cloud:                            # a cloud takes its own credentials
        _keyed(env, used, target)
    _modelled(env, target)
    return env.draft


class _Env:
    """The draft with what is set and dropped in env, step by step."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft

    def has(self, name: str) -> bool:
        return member_of(child(parse(self.draft.text), "env"), name) is not None

    def put(self, name: str, value: str, note: str = "") -> None:
        if child(parse(self.draft.text), "env") is None:
            self.draft = inserted(self.draft, ("env",), {})
        act = replaced if self.has(name) else inserted
        if not self.has(name) or string(parse(self.draft.text), "env", name) != value:
            self.draft = act(self.draft, ("env", name), value, note)

    def drop(self, name: str) -> None:
        if self.has(name):
            self.draft = removed(self.draft, ("env", name))

    def top(self, name: str, value: str) -> None:
        there = child(parse(self.draft.text), name) is not None
        self.draft = (replaced if there else inserted)(self.draft, (name,), value)


def _keyed(env: _Env, used: Block, target: Block) -> None:
    """The key's reference: whatever names the one key names the other's. Refused where a key is written out."""
    _named_keys(env, used, target)
    if target.helper:
        env.top("apiKeyHelper", target.helper)
    elif used.helper and target.key_name and used.key_name:
        env.top("apiKeyHelper", re.sub(rf"\b{re.escape(used.key_name)}\b", target.key_name, used.helper))
    elif used.helper:
        raise PatchRefused(f"apiKeyHelper fetches {used.name}'s key in a way that names no variable; give "
                           f"{target.name} a helper of its own first")
    elif not any(env.has(name) for name in KEYS):
        if not target.key_name:
            raise PatchRefused(f"nothing here says where {target.name}'s key is; add its variable first")
        env.top("apiKeyHelper", f"printenv {target.key_name}")


def _named_keys(env: _Env, used: Block, target: Block) -> None:
    for name in KEYS:
        if env.has(name) and not target.key and target.key_name and not variable(used.key):
            env.drop(name)                          # a literal; the helper names the variable instead
        elif env.has(name):
            env.put(name, _reference(used.key, target))


def _reference(now: str, target: Block) -> str:
    """In the form in which the present key is referred to."""
    if variable(now) and target.key_name and not variable(target.key):
        return now.replace(variable(now), target.key_name)
    if not target.key:
        raise PatchRefused(f"{target.name}'s key is not in this file, and the present one is written out, not "
                           "named; use apiKeyHelper with a variable first")
    if holds_secret(f'"ANTHROPIC_AUTH_TOKEN": "{target.key}"'):
        raise PatchRefused(f"the key of {target.name} is a literal secret here; keep keys in the environment and let "
                           "apiKeyHelper name the variable")
    return target.key


def _modelled(env: _Env, target: Block) -> None:
    """Every slot there is; the main and the small one in any case, or a Claude model would be asked for."""
    for slot in SLOTS:
        if env.has(slot):
            env.put(slot, target.model_for(slot))
    model = string(parse(env.draft.text), "model")
    kind = re.match(r"(opus|sonnet|haiku)\b", model)
    if model and not (kind and env.has(f"ANTHROPIC_DEFAULT_{kind.group(1).upper()}_MODEL")):
        env.top("model", target.model_for(MAIN))
    elif not model and not env.has(MAIN):
        env.put(MAIN, target.model_for(MAIN))
    if not any(env.has(slot) for slot in SMALL):
        env.put(SMALL[0], target.model_for(SMALL[0]))


def _warnings(change: RoutingChange, reading: Reading) -> tuple[str, ...]:
    said = []
    if change.strength is Strength.DEMOTE:
        said.append(f"Claude Code has no failover: {change.leaves} is excluded, not demoted")
    if not reading.pointer and not reading.used.key and not reading.used.helper:
        said.append(f"unset {KEYS[0]} and {KEYS[1]} in the shell, or their key goes to the new host")
    said.append("settings.local.json and managed settings win over this file: look for ANTHROPIC_ variables there too")
    return tuple(said)


def _faults(text: str, reading: Reading) -> Iterator[Problem]:
    env = child(reading.root, "env")
    for member in env.members if env is not None and env.kind == "object" else ():
        if member.node.kind != "string":
            yield Problem(at_line(text, member.node), f"env.{member.key} is no text; write it in quotes",
                          Severity.INFO if member.node.kind in ("number", "word") else Severity.WARNING)
    used = reading.used
    if reading.pointer:
        return
    if all(string(env, name) for name in KEYS):
        yield Problem("line 1", f"{KEYS[0]} and {KEYS[1]} are both set; keep the one that the vendor wants")
    if used.base and not used.key and not used.helper and "127.0.0.1" not in used.base and "localhost" not in used.base:
        yield Problem("line 1", f"{BASE} points elsewhere and no key is named here: Claude Code sends the key it has",
                      Severity.INFO)
    foreign = used.base and not re.search(r"anthropic\.com|127\.0\.0\.1|localhost", used.base)
    stray = [slot for slot, model in used.slots.items() if re.match(r"claude-", model)]
    if foreign and stray and len(stray) < len(used.slots):
        yield Problem("line 1", f"{', '.join(stray)} name Claude models, the other slots another vendor's: half a move")


