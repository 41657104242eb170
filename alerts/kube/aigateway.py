"""What the manifests of Envoy AI Gateway say: rules, their backends, and whose these are. Pure.

From the CRDs `aigateway.envoyproxy.io` v1alpha1 and v1beta1 (0.4 to 0.6, 2026-08): a rule matches the header
`x-ai-eg-model`, its backendRefs name AIServiceBackends; priority 0 goes first; a ref of weight 0 is not among the
endpoints at all, so that no call reaches it, by retries neither.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from ruamel.yaml.nodes import Node

from alerts.gateway import PatchRefused
from alerts.kube.manifests import Document, documents
from alerts.model import Route
from alerts.surgery.yamlnodes import child, items, scalar

ROUTE: Final = "AIGatewayRoute"
KINDS: Final = (ROUTE, "AIServiceBackend", "Backend", "BackendSecurityPolicy", "BackendTrafficPolicy")
_NUMBER: Final = re.compile(r"\d{1,9}")
MODEL_HEADER: Final = "x-ai-eg-model"
# what LiteLLM calls whom such a schema is spoken with; OpenAI's is everybody's and says nothing
_PREFIXES: Final[Mapping[str, str]] = {
    "OpenAI": "", "Anthropic": "anthropic", "AWSBedrock": "bedrock", "AWSAnthropic": "bedrock", "AzureOpenAI": "azure",
    "GCPVertexAI": "vertex_ai", "GCPAnthropic": "vertex_ai", "Cohere": "cohere",
}


@dataclass(frozen=True, slots=True)
class Backend:
    """An AIServiceBackend as far as the file says: its schema, its host, the name of the secret with its key."""

    schema: str = ""
    host: str = ""
    secret: str = ""
    known: bool = False


@dataclass(frozen=True, slots=True)
class Ref:
    """One entry of backendRefs."""

    at: int
    node: Node
    route: Route
    namespace: str
    priority: int
    weight: int
    override: str
    pool: bool          # an InferencePool, which picks endpoints itself and stands alone


@dataclass(frozen=True, slots=True)
class Rule:
    document: Document
    at: int
    node: Node
    name: str
    models: tuple[str, ...]         # exact values of the model header
    patterns: tuple[str, ...]       # regular expressions for it
    refs: tuple[Ref, ...]

    @property
    def live(self) -> tuple[Ref, ...]:
        """First choice first."""
        return tuple(sorted((ref for ref in self.refs if ref.weight), key=lambda ref: ref.priority))

    @property
    def called(self) -> tuple[str, ...]:
        """What people call it by: the models it serves, else its own name or its route's."""
        return (*self.models, *self.patterns) or (self.name or self.document.name,)

    @property
    def namespace(self) -> str:
        return self.document.namespace


@dataclass(frozen=True, slots=True)
class Reading:
    rules: tuple[Rule, ...]
    documents: tuple[Document, ...]
    backends: Mapping[tuple[str, str], Backend] = field(default_factory=dict)


@lru_cache(maxsize=4)
def read(text: str) -> Reading:
    """Raises PatchRefused for what holds no AIGatewayRoute, or one that cannot be read."""
    found = documents(text, KINDS)
    if not any(document.kind == ROUTE for document in found):
        raise PatchRefused("no AIGatewayRoute is in this file; is it Envoy AI Gateway's manifest?")
    backends = _backends(found)
    rules = [
        _rule(document, at, node, backends)
        for document in found if document.kind == ROUTE
        for at, node in enumerate(items(child(document.root, "spec", "rules")))
    ]
    return Reading(tuple(rules), found, backends)


def serving(reading: Reading, workload: str) -> tuple[Rule, ...]:
    """The rules that a workload's calls meet: by its exact name; else by the rule's own name; else by a pattern."""
    exact = tuple(rule for rule in reading.rules if workload in rule.models)
    if exact:
        return exact
    named = tuple(rule for rule in reading.rules if workload in (*rule.called, rule.name))
    if not named:
        named = tuple(rule for rule in reading.rules if workload and workload == rule.document.name)
        if len(named) > 1:
            names = ", ".join(dict.fromkeys(name for rule in named for name in rule.called))
            raise PatchRefused(f"{workload!r} has several rules; name the model: {names}")
    return named or tuple(rule for rule in reading.rules if any(_matches(one, workload) for one in rule.patterns))[:1]


def odd_fields(ref: Ref) -> Iterator[str]:
    """The numbers of an entry that are none."""
    for key in ("priority", "weight"):
        node = child(ref.node, key)
        if node is not None and not _NUMBER.fullmatch(scalar(node) or ""):
            yield key


def _matches(pattern: str, workload: str) -> bool:
    """As Envoy does: the whole value. Its engine is RE2; what only that one takes matches nothing here."""
    try:
        return len(workload) < 200 and re.fullmatch(pattern, workload) is not None
    except (re.error, RecursionError):
        return False


def _rule(document: Document, at: int, node: Node, backends: Mapping[tuple[str, str], Backend]) -> Rule:
    exact, patterns = list[str](), list[str]()
    for match in items(child(node, "matches")):
        for header in items(child(match, "headers")):
            if (scalar(child(header, "name")) or "").lower() == MODEL_HEADER:
                kind = scalar(child(header, "type")) or "Exact"
                (exact if kind == "Exact" else patterns).append(scalar(child(header, "value")) or "")
    called = exact[0] if len(set(exact)) == 1 and not patterns else ""
    above = f"{document.at}/{document.name}.rules.{at}.backendRefs"
    refs = tuple(
        _ref(document, f"{above}.{index}", entry, (index, called), backends)
        for index, entry in enumerate(items(child(node, "backendRefs"))))
    name = scalar(child(node, "name")) or ""
    return Rule(document, at, node, name, tuple(dict.fromkeys(exact)), tuple(dict.fromkeys(patterns)), refs)


def _ref(document: Document, key: str, node: Node, place: tuple[int, str],
         backends: Mapping[tuple[str, str], Backend]) -> Ref:
    at, called = place
    name = scalar(child(node, "name")) or ""
    namespace = scalar(child(node, "namespace")) or document.namespace
    backend = backends.get((namespace, name)) or backends.get(("", name)) or Backend()
    override = scalar(child(node, "modelNameOverride")) or ""
    model = override or called
    route = Route(
        name=name, prefix=_PREFIXES.get(backend.schema, backend.schema.lower()), model=model,
        base_url=f"https://{backend.host}" if backend.host else "", key=key,
        key_name=backend.secret or name,        # a file without the secret's name: the backend's says whose it is
        also=tuple(dict.fromkeys(word for word in (f"{name}/{model}", model) if model and word)),
    )
    pool = (scalar(child(node, "kind")) or "AIServiceBackend") != "AIServiceBackend"
    if pool:        # one's own servers, whatever they are called after
        route = replace(route, prefix="", model="", key_name="")
    numbers = (_number(child(node, "priority"), 0), _number(child(node, "weight"), 1))
    return Ref(at, node, route, namespace, *numbers, override, pool)


def _number(node: Node | None, default: int) -> int:
    said = scalar(node) or ""
    return int(said) if _NUMBER.fullmatch(said) else default


def _backends(found: tuple[Document, ...]) -> dict[tuple[str, str], Backend]:
    hosts = {(one.namespace, one.name): host for one in found if one.kind == "Backend" for host in _hosts(one)}
    secrets = {
        (one.namespace, target): secret for one in found if one.kind == "BackendSecurityPolicy"
        for target in _targets(one) for secret in _secrets(child(one.root, "spec"))
    }
    made, of_policies = {}, dict[str, str]()
    for one in found:
        for name in _secrets(child(one.root, "spec")):
            of_policies.setdefault(one.name, name)
    for one in found:
        if one.kind != "AIServiceBackend":
            continue
        place = (one.namespace, one.name)
        led = scalar(child(one.root, "spec", "backendRef", "name")) or ""
        of_policy = scalar(child(one.root, "spec", "backendSecurityPolicyRef", "name"))   # v1alpha1 before 0.4
        secret = secrets.get(place, "") or of_policies.get(of_policy or "", "")
        made[place] = Backend(
            scalar(child(one.root, "spec", "schema", "name")) or "", hosts.get((one.namespace, led), ""), secret, True)
        made.setdefault(("", one.name), made[place])
    return made


def _hosts(document: Document) -> Iterator[str]:
    for endpoint in items(child(document.root, "spec", "endpoints")):
        host = scalar(child(endpoint, "fqdn", "hostname")) or scalar(child(endpoint, "ip", "address"))
        port = scalar(child(endpoint, "fqdn", "port")) or scalar(child(endpoint, "ip", "port")) or "443"
        if host and re.fullmatch(r"[\w.-]+", host):
            yield host if port == "443" else f"{host}:{port}"


def _targets(document: Document) -> Iterator[str]:
    for target in items(child(document.root, "spec", "targetRefs")):
        yield scalar(child(target, "name")) or ""


def _secrets(node: Node | None) -> Iterator[str]:
    """Names of secrets, at whatever depth a kind of credentials has them."""
    for key in ("apiKey", "anthropicAPIKey", "azureAPIKey", "awsCredentials", "azureCredentials", "gcpCredentials"):
        for path in (("secretRef",), ("credentialsFile", "secretRef"), ("clientSecretRef",)):
            name = scalar(child(node, key, *path, "name"))
            if name:
                yield name
