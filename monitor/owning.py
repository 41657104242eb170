"""Whose a route of a gateway is: by its base URL, its variables' names, its prefix, its model's name. Pure.

What is written out says more than what is named: 'openai/' is everybody's dialect, and OPENAI_API_KEY opens many a
proxy. A host nobody of the catalogue has is nobody's, unless the key or the prefix says whose it stands in for.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from alerts.model import Inventory, Route
from monitor.catalogue import Catalogue

DIALECTS: Final = frozenset({"openai", "custom_openai", "openai_like", "openai-compatible", "text-completion-openai"})
# what a model is called, of whoever made it and serves it itself: for a route that says nothing else
_MAKERS: Final[Mapping[str, str]] = {
    "gpt": "openai", "chatgpt": "openai", "o1": "openai", "o3": "openai", "o4": "openai", "codex": "openai",
    "text-embedding": "openai", "dall-e": "openai", "whisper": "openai", "tts": "openai", "claude": "anthropic",
    "gemini": "gemini", "qwen": "dashscope", "qwq": "dashscope", "kimi": "moonshot", "moonshot": "moonshot",
    "glm": "zhipu", "deepseek": "deepseek", "mimo": "xiaomi", "grok": "xai", "mistral": "mistral",
    "codestral": "mistral", "ministral": "mistral", "minimax": "minimax", "abab": "minimax", "ernie": "qianfan",
    "hunyuan": "tencent", "doubao": "volcengine", "step": "stepfun",
}
_MAKER: Final = re.compile(rf"(?i)(?!gpt-oss)({'|'.join(sorted(_MAKERS, key=len, reverse=True))})(?![a-z])")
NOBODY: Final[Mapping[str, str]] = {}
Places = tuple[tuple[str, str], ...]         # (vendor, base URL)
_HOLE: Final = re.compile(r"\{[^}]*\}")


def vendor_of(route: Route, catalogue: Catalogue, own: Mapping[str, str] = NOBODY) -> str | None:
    """The id of the vendor behind a route. None: nobody of the catalogue, as far as the file says. `own`: names of
    endpoints of the config's by base URL; they come first.
    """
    if route.base_url and (mine := own.get(route.base_url.rstrip("/"))):
        return mine
    host = _host(route.base_url)
    by_name = _by_variables(route, catalogue)
    if host and (owner := _by_host(host, route.base_url, catalogue)):
        return owner
    prefix = route.prefix.lower()
    if host or route.base_name:          # somebody's host we do not know: a prefix that is a mere dialect says nothing
        return (by_name if host is None or "." in host else None) or by_word(prefix, catalogue, but=DIALECTS)
    if prefix:
        return by_word(prefix, catalogue) or by_name or (_by_model(route.model) if prefix.startswith("@") else None)
    return by_name or _by_model(route.model)


def routes_of(inventory: Inventory, vendor: str, catalogue: Catalogue,
              own: Mapping[str, str] = NOBODY) -> tuple[str, ...]:
    """The keys of all routes of a vendor (its id). A word no vendor is called by matches prefixes and names as such."""
    wanted = catalogue.lookup(vendor)
    if vendor in own.values():
        return tuple(one.key for one in inventory.routes if vendor_of(one, catalogue, own) == vendor)
    if wanted is None:
        return _called(inventory, vendor.strip().lower())
    return tuple(one.key for one in inventory.routes if vendor_of(one, catalogue, own) == wanted.id)


def by_prefix(inventory: Inventory, workload: str, vendor: str, catalogue: Catalogue) -> tuple[Route, ...]:
    """The workload's routes that have this vendor's prefix, though their host is another's or nobody's, and all others
    of the same place. What a person may mean by the vendor where nothing of the workload is known to be its.
    """
    keys = _behind(inventory, workload)
    hits = [one for one in inventory.routes if one.key in keys and one.prefix
            and vendor in (by_word(one.prefix.lower(), catalogue), one.prefix.lower())]
    places = {(one.prefix, one.base_url, one.base_name) for one in hits}
    return tuple(one for one in inventory.routes if (one.prefix, one.base_url, one.base_name) in places)


def by_maker(inventory: Inventory, workload: str, vendor: str, catalogue: Catalogue) -> tuple[Route, ...]:
    """All routes to models that this vendor made, whoever serves them, where the workload has one of them. What a
    person may mean by the vendor where the workload's models are asked of a reseller (openrouter/anthropic/…).
    """
    keys = _behind(inventory, workload)
    made = tuple(one for one in inventory.routes if _made_by(one.model, vendor, catalogue))
    return made if keys & {one.key for one in made} else ()


def _behind(inventory: Inventory, workload: str) -> frozenset[str]:
    word = workload.strip().casefold()
    return frozenset(key for name, keys in inventory.workloads.items() if name.casefold() == word for key in keys)


def _made_by(model: str, vendor: str, catalogue: Catalogue) -> bool:
    """By the words of a model's path: 'us.anthropic.claude-x', 'meta-llama/llama-x', 'openai/gpt-x:free'."""
    words = re.split(r"[/.:@]", model.lower())
    return any(vendor in (word, word.partition("-")[0], by_word(word, catalogue), _by_model(word))
               for word in words if word)


def _called(inventory: Inventory, word: str) -> tuple[str, ...]:
    """Routes by a word that is no vendor's: a prefix or a name; part of a prefix; a variable; a host. The narrowest."""
    word = word.removeprefix("@")
    ways: tuple[Callable[[Route], Iterable[str]], ...] = (
        lambda one: (one.prefix.removeprefix("@"), one.name),
        lambda one: re.split(r"[_/.-]", one.prefix.removeprefix("@")),
        lambda one: (one.key_name, one.base_name),
        lambda one: (one.base_url.rstrip("/"), urlsplit(one.base_url).netloc if _host(one.base_url) else "",
                     _host(one.base_url) or ""),
    )
    for way in ways:
        found = tuple(one.key for one in inventory.routes if word in {said.lower() for said in way(one) if said})
        if found:
            return found
    return ()


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname if "://" in url else None
    except ValueError:
        return None


def _by_host(host: str, url: str, catalogue: Catalogue) -> str | None:
    """An exact surface first; then a template's; then another host under a domain that one vendor alone has."""
    exact = _exact(catalogue.places).get(host, ())
    for provider, pattern in () if exact else _templates(catalogue.places):
        if pattern.fullmatch(host):
            return provider
    if len({owner for owner, _ in exact}) > 1 or "." not in host or host.startswith("127."):   # here: the port tells
        exact = tuple((owner, base) for owner, base in exact if urlsplit(base).netloc == urlsplit(url).netloc)
    if exact:
        return exact[0][0]
    if "aiplatform" in host and host.endswith(".googleapis.com"):      # a domain that Gemini's own API shares
        return "vertex"
    return next((owner for domain, owner in _domains(catalogue.places) if host.endswith(f".{domain}")), None)


@lru_cache(maxsize=8)
def _exact(places: Places) -> Mapping[str, Places]:
    """By host."""
    found: dict[str, Places] = {}
    for owner, base in places:
        host = _host(base) or ""
        found[host] = (*found.get(host, ()), (owner, base))
    return found


@lru_cache(maxsize=8)
def _templates(places: Places) -> tuple[tuple[str, re.Pattern[str]], ...]:
    made = []
    for owner, base in places:
        host = _HOLE.sub("HOLE", base).partition("://")[2].partition("/")[0].partition(":")[0]
        if "HOLE" in host and "." in host:
            made.append((owner, re.compile(re.escape(host).replace("HOLE", "[a-z0-9.-]+"))))
    return tuple(made)


@lru_cache(maxsize=8)
def _domains(places: Places) -> tuple[tuple[str, str], ...]:
    """(domain, vendor) where no two vendors share it."""
    owners: dict[str, set[str]] = {}
    for owner, base in places:
        parts = (_host(_HOLE.sub("x", base)) or "").split(".")
        if len(parts) > 2 and not parts[-1].isdecimal():
            for domain in (".".join(parts[1:]), ".".join(parts[-2:])):
                owners.setdefault(domain, set()).add(owner)
    lone = ((domain, next(iter(ids))) for domain, ids in owners.items() if len(ids) == 1)
    return tuple(sorted(lone, key=lambda pair: -len(pair[0])))


def _by_variables(route: Route, catalogue: Catalogue) -> str | None:
    """By the usual names of variables; else by a vendor's name among a name's words: QWEN_KEY, MY_DEEPSEEK_TOKEN."""
    named = [name for name in (route.key_name, route.base_name) if name]
    for name in named:
        if name in catalogue.by_variable:
            return catalogue.by_variable[name]
    for name in named:
        for word in re.split(r"[^a-z0-9]+", name.lower()):
            found = catalogue.lookup(word) if word else None
            if found is not None:
                return found.id
    return None


def by_word(word: str, catalogue: Catalogue, but: Iterable[str] = ()) -> str | None:
    """By a prefix: 'vertex_ai' and 'together_ai' are what gateways call vertex and together; '@our-qwen' is a slug."""
    word = word.removeprefix("@")
    if not word or word in but:
        return None
    for form in (word, word.replace("-", "_"), word.removesuffix("_ai"), word.removeprefix("hosted_"),
                 word.partition("_")[0], word.partition("-")[0], *re.split(r"[_.-]", word)):
        found = catalogue.lookup(form)
        if found is not None:
            return found.id
    return "openai" if word in DIALECTS else None


def _by_model(model: str) -> str | None:
    found = _MAKER.match(model)
    return _MAKERS[found.group(1).lower()] if found else None
