"""What Higress's ai-proxy is told: providers, which of them is active where, and how models are mapped. Pure.

From the plugin's source (2026-08): a rule's config stands over defaultConfig, whose providers it inherits; the active
provider is the one whose id `activeProviderId` names; a lone `provider` object is the older form and needs no id.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

from ruamel.yaml.nodes import MappingNode, Node

from alerts.gateway import PatchRefused
from alerts.kube.manifests import Document, documents
from alerts.model import Route
from alerts.surgery.yamlnodes import child, compose, entries, items, scalar

KIND: Final = "WasmPlugin"
_PREFIXES: Final[Mapping[str, str]] = {
    "claude": "anthropic", "qwen": "dashscope", "zhipuai": "zhipu", "doubao": "volcengine", "baidu": "qianfan",
    "hunyuan": "tencent", "ai360": "360", "grok": "xai", "vertex": "vertex_ai", "together-ai": "together",
}
_PLACES: Final = (
    "openaiCustomUrl", "azureServiceUrl", "claudeCustomUrl", "qwenDomain", "doubaoDomain", "zhipuDomain",
    "vllmCustomUrl", "vllmServerHost", "ollamaServerHost", "genericHost", "providerDomain", "difyApiUrl",
)
_SECRETS: Final = ("apiTokens", "hunyuanAuthKey", "awsSecretKey", "awsAccessKey", "vertexAuthKey")


@dataclass(frozen=True, slots=True)
class Provider:
    node: Node
    route: Route
    kind: str
    mapping: Mapping[str, str]

    def model(self, name: str) -> str | None:
        """What a model's name becomes; '' stays as it is. None: nothing is said of it."""
        if name in self.mapping:
            return self.mapping[name]
        for pattern, model in sorted(self.mapping.items(), key=lambda pair: -len(pair[0])):
            if pattern.endswith("*") and fnmatchcase(name, pattern.replace("[", "[[]")):
                return model
        return None


@dataclass(frozen=True, slots=True)
class Scope:
    """A config that takes effect somewhere: for all (defaultConfig), for a domain, an Ingress or a service."""

    document: Document
    path: tuple[str | int, ...]
    labels: tuple[str, ...]
    services: tuple[str, ...]
    active: str
    providers: tuple[Provider, ...]
    inline: Provider | None

    @property
    def provider(self) -> Provider | None:
        return self.inline or next((one for one in self.providers if one.route.name == self.active), None)


@lru_cache(maxsize=4)
def found_in(text: str) -> tuple[Document, ...]:
    """The ai-proxy plugins of a file, or the plugin's bare config. Raises PatchRefused where it is neither."""
    plugins = documents(text, (KIND,))
    if not plugins:
        root = compose(text)
        if child(root, "activeProviderId") is None and child(root, "providers") is None:
            raise PatchRefused("no WasmPlugin is in this file; is it the manifest of Higress's ai-proxy?")
        return (Document(0, 0, text, root),)
    return plugins


@lru_cache(maxsize=4)
def scopes_of(text: str) -> tuple[Scope, ...]:
    return tuple(scope for document in found_in(text) for scope in _scopes(document))


def hidden_in(text: str) -> tuple[str, ...]:
    """Every key that is written out: ai-proxy knows no other way."""
    return tuple({secret for document in found_in(text) for secret in _secrets(document.root)})


def _scopes(document: Document) -> Iterator[Scope]:
    if document.kind != KIND:
        yield _scope(document, (), (), ())
        return
    common = _providers(document, ("spec", "defaultConfig"))
    disabled = scalar(child(document.root, "spec", "defaultConfigDisable")) == "true"
    if not disabled and child(document.root, "spec", "defaultConfig") is not None:
        yield _scope(document, ("spec", "defaultConfig"), (document.name,), (), common)
    for at, rule in enumerate(items(child(document.root, "spec", "matchRules"))):
        if scalar(child(rule, "configDisable")) == "true" or child(rule, "config") is None:
            continue
        said = {key: [scalar(one) or "" for one in items(child(rule, key))] for key in ("ingress", "domain", "service")}
        labels = [*said["ingress"], *said["domain"], *said["service"]]
        labels += [name.rpartition("/")[2] for name in said["ingress"]]
        scope = _scope(document, ("spec", "matchRules", at, "config"), tuple(dict.fromkeys(labels)), said["service"])
        yield replace(scope, providers=scope.providers or common)


def _scope(document: Document, path: tuple[str | int, ...], labels: tuple[str, ...], services: object,
           providers: tuple[Provider, ...] | None = None) -> Scope:
    node = _at(document.root, path)
    inline = child(node, "provider")
    where = ".".join(map(str, (document.at, *path)))
    lone = _provider(inline, f"{where}.provider") if isinstance(inline, MappingNode) else None
    if lone is not None and not lone.route.name:
        lone = replace(lone, route=replace(lone.route, name=labels[0] if labels else lone.kind))
    return Scope(
        document, path, labels, tuple(services) if isinstance(services, list) else (),
        scalar(child(node, "activeProviderId")) or "",
        _providers(document, path) if providers is None else providers, lone)


def _providers(document: Document, path: tuple[str | int, ...]) -> tuple[Provider, ...]:
    where = ".".join(map(str, (document.at, *path)))
    node = child(_at(document.root, path), "providers")
    return tuple(_provider(one, f"{where}.providers.{at}") for at, one in enumerate(items(node)))


def _at(node: Node | None, path: tuple[str | int, ...]) -> Node | None:
    for step in path:
        node = items(node)[step] if isinstance(step, int) else child(node, step)
    return node


def _provider(node: Node, key: str) -> Provider:
    kind = scalar(child(node, "type")) or ""
    mapping = {scalar(name) or "": scalar(value) or "" for name, value in entries(child(node, "modelMapping"))}
    place = next((said for name in _PLACES if (said := scalar(child(node, name)))), "")
    models = tuple(dict.fromkeys(value for value in mapping.values() if value))
    route = Route(
        name=scalar(child(node, "id")) or "", prefix=_PREFIXES.get(kind, kind), model=models[0] if models else "",
        base_url="" if not place or "@" in place else place if "://" in place else f"https://{place}", key=key,
        also=(kind,) if kind else ())
    return Provider(node, route, kind, mapping)


def _secrets(node: Node | None, named: bool = False) -> Iterator[str]:
    said = scalar(node)
    if said is not None:
        if named and len(said) > 3:     # shorter ones would hide everything, and open nothing
            yield said
        return
    for key, value in entries(node):
        yield from _secrets(value, named or scalar(key) in _SECRETS)
    for item in items(node):
        yield from _secrets(item, named)
