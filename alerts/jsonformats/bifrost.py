"""What a Bifrost config.json says: providers and their models, routing rules, virtual keys. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from alerts.gateway import PatchRefused
from alerts.jsonformats.reading import same, variable
from alerts.model import Route
from alerts.surgery.jsonnodes import Node, Path, child, elements, figure, parse, string

RULES: Final[Path] = ("governance", "routing_rules")
_TERM: Final = re.compile(
    r"""\(?\s*(model|provider)\s*(?:==\s*(?:"([^"\\]*)"|'([^'\\]*)')|in\s*\[([^\]]*)\])\s*\)?""")
_LISTED: Final = re.compile(r"""["']([^"']*)["']""")
_URLS: Final = (("network_config", "base_url"), ("network_config", "baseUrl"))
_KEY_URLS: Final = (("ollama_key_config", "url"), ("vllm_key_config", "url"), ("sgl_key_config", "url"),
                    ("azure_key_config", "endpoint"))


@dataclass(frozen=True, slots=True)
class Hop:
    """One target or fallback of a rule. '' for what the request keeps."""

    path: Path
    provider: str
    model: str

    @property
    def said(self) -> str:
        return f"{self.provider}/{self.model}"


@dataclass(frozen=True, slots=True)
class Rule:
    path: Path
    names: tuple[str, ...]
    cel: str
    scope: str
    priority: float
    enabled: bool
    targets: tuple[Hop, ...] = ()
    fallbacks: tuple[Hop, ...] = ()
    flat: bool = False                      # provider and model in the rule itself, as before targets came

    def matches(self, provider: str, model: str) -> bool:
        """For a request of any kind; what a rule asks besides the model and provider may hold: only those of these two
        alone are sure.
        """
        if self.cel.strip() in ("", "true"):
            return True
        terms = self.cel.split("&&")
        found = [_TERM.fullmatch(one.strip()) for one in terms]
        return all(one is not None and _holds(one, provider, model) for one in found)


@dataclass(frozen=True, slots=True)
class Reading:
    root: Node
    providers: dict[str, tuple[str, ...]] = field(default_factory=dict)     # name -> models; () for any
    routes: dict[str, Route] = field(default_factory=dict)                  # by provider/model, and by provider
    rules: tuple[Rule, ...] = ()

    def route(self, provider: str, model: str) -> Route | None:
        """The route of a pair; the provider's own where the model is none that it lists."""
        return self.routes.get(f"{provider}/{model}") or self.routes.get(provider)

    def led(self, provider: str, model: str) -> tuple[Hop, ...]:
        """Where a request ends up by the rules for everyone, then their fallbacks."""
        everyone = [one for one in self.rules if one.enabled and one.scope in ("", "global")]
        for rule in sorted(everyone, key=lambda one: one.priority):
            if rule.matches(provider, model):
                return (*(Hop(one.path, one.provider or provider, one.model or model) for one in rule.targets),
                        *(Hop(one.path, one.provider, one.model or model) for one in rule.fallbacks))
        return (Hop((), provider, model),)


@lru_cache(maxsize=4)
def read(text: str) -> Reading:
    """Raises PatchRefused for what has no providers with keys."""
    root = parse(text)
    providers = child(root, "providers")
    if providers is None or providers.kind != "object":
        raise PatchRefused("no providers by name: is this Bifrost's config.json?")
    rules = tuple(rules_of(root))
    models: dict[str, tuple[str, ...]] = {}
    routes: dict[str, Route] = {}
    for member in providers.members:
        if member.node.kind == "object":
            listed = tuple(dict.fromkeys(_models(member.node)))
            models[member.key] = listed
            used = [hop.model for rule in rules for hop in (*rule.targets, *rule.fallbacks)
                    if hop.provider == member.key and hop.model]
            for model in dict.fromkeys(("", *listed, *used)):
                route = _route(member.key, member.node, model)
                routes[route.name] = route
    return Reading(root, models, routes, rules)


def split(reading: Reading, word: str) -> tuple[str, str]:
    """provider/model, where the provider is one of the file; ('', word) else. Models have slashes of their own."""
    for sign in ("/", ",", ":"):
        head, found, rest = word.partition(sign)
        name = next((one for one in reading.providers if same(one, head)), "")
        if found and name and rest.strip():
            return name, rest.strip()
    return "", word


def cel_broken(cel: str) -> bool:
    """Whether an expression cannot be CEL: quotes or brackets that do not close, = or and/or for == && ||."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|' r"'(?:[^'\\]|\\.)*'", '""', cel)
    uneven = any(bare.count(one) != bare.count(other) for one, other in ("()", "[]", "{}"))
    return uneven or "'" in bare or bare.count('"') % 2 == 1 or re.search(
        r"(?<![=!<>])=(?!=)|\b(?:and|or|not)\b(?!\()|(?<!&)&(?!&)|(?<!\|)\|(?!\|)", bare) is not None


def _models(provider: Node) -> Iterator[str]:
    for key in elements(provider, "keys"):
        for one in elements(key, "models"):
            if one.kind == "string" and one.value != "*":
                yield one.value
        for table in (("aliases",), ("azure_key_config", "deployments"), ("bedrock_key_config", "deployments")):
            named = child(key, *table)
            yield from (one.key for one in named.members) if named is not None and named.kind == "object" else ()


def _route(name: str, provider: Node, model: str) -> Route:
    keys = elements(provider, "keys")
    url = next((said for path in _URLS if (said := string(provider, *path))), "") or next(
        (said for key in keys for path in _KEY_URLS if (said := string(key, *path))), "")
    variables = [variable(string(key, "value")) for key in keys]
    key_name = next((one for one in variables if one), "")
    where = f"providers.{name}" + (f".{model}" if model else "")
    also = (model, f"{name},{model}", f"{name}:{model}") if model else tuple(
        said for key in keys if (said := string(key, "name")))
    return Route(f"{name}/{model}" if model else name, name.lower(), model, url, key_name, variable(url), where, also)


def rules_of(root: Node) -> Iterator[Rule]:
    for at, node in enumerate(elements(root, *RULES)):
        path = (*RULES, at)
        enabled = child(node, "enabled")
        flat = child(node, "targets") is None and bool(string(node, "provider"))
        targets = (Hop(path, string(node, "provider"), string(node, "model")),) if flat else tuple(
            Hop((*path, "targets", index), string(one, "provider"), string(one, "model"))
            for index, one in enumerate(elements(node, "targets")))
        names = tuple(said for key in ("name", "id") if (said := string(node, key)))
        yield Rule(path, names, string(node, "cel_expression"), string(node, "scope") or "global",
                   figure(child(node, "priority")) or 0.0, enabled is None or enabled.value is not False,
                   targets, tuple(_fallbacks(node, path)), flat)


def _fallbacks(node: Node, path: Path) -> Iterator[Hop]:
    for at, one in enumerate(elements(node, "fallbacks")):
        head, _, rest = one.value.partition("/") if one.kind == "string" else (
            string(one, "provider"), "", string(one, "model"))
        yield Hop((*path, "fallbacks", at), head, rest)


def _holds(term: re.Match[str], provider: str, model: str) -> bool:
    what, double, single, listed = term.groups()
    wanted = _LISTED.findall(listed) if listed is not None else [double if double is not None else single]
    return (model if what == "model" else provider) in wanted
