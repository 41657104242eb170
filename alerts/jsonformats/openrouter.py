"""What an app's JSON says to OpenRouter: bodies with a model, fallback models and a `provider` block. Pure.

On OpenRouter a model is one thing and the host that serves it another: anthropic/claude-… may be served by anthropic,
amazon-bedrock or google-vertex. Both are routes here: the models by their maker, the hosts by their slug.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from alerts.gateway import PatchRefused
from alerts.jsonformats.reading import variable
from alerts.model import Route
from alerts.surgery.jsonnodes import Node, Path, child, elements, member_of, parse, string, walk

BLOCKS: Final = ("provider", "provider_preferences", "providerRouting", "provider_routing", "providerPreferences")
_WRAPPERS: Final = ("extra_body", "extraBody")
_HOMES: Final = frozenset({*BLOCKS, *_WRAPPERS})
LISTS: Final = ("order", "only", "ignore")
_BLOCK: Final = frozenset({*LISTS, "allow_fallbacks", "sort", "data_collection", "require_parameters", "quantizations",
                           "zdr", "max_price"})
_SIGNS: Final = _BLOCK - {*LISTS, "sort"}       # nobody else's words: with a list of hosts, a block whatever its key
_NO_NAMES: Final = frozenset({"models", "provider", "extra_body", "extraBody", "openrouter", "body", "params",
                              "options", "request", "config", "llm"})
# slugs whose vendor the catalogue calls by another name
_VENDORS: Final[Mapping[str, str]] = {
    "z-ai": "zhipu", "thudm": "zhipu", "moonshotai": "moonshot", "x-ai": "xai", "mistralai": "mistral",
    "google": "gemini", "google-ai-studio": "gemini", "google-vertex": "vertex", "amazon-bedrock": "bedrock",
    "alibaba": "dashscope", "qwen": "dashscope", "bytedance": "volcengine", "bytedance-seed": "volcengine",
    "amazon bedrock": "bedrock", "google ai studio": "gemini", "google vertex": "vertex", "moonshot ai": "moonshot",
    "xiaomi": "xiaomi", "baidu": "qianfan", "minimaxai": "minimax",
}


@dataclass(frozen=True, slots=True)
class Body:
    """One request's parameters: where they stand, what they are called, the models and the hosts they name."""

    path: Path
    names: tuple[str, ...]
    node: Node
    block: Path | None = None           # of the provider block; the body's own where the block stands alone
    models: tuple[Route, ...] = ()      # first choice first
    hosts: tuple[Route, ...] = ()       # of order and only

    @property
    def home(self) -> Node | None:
        """The provider block."""
        return None if self.block is None else child(self.node, *self.block[len(self.path):])

    def listed(self, name: str) -> tuple[str, ...]:
        """The slugs of a list of the provider block."""
        return tuple(one.value for one in elements(self.home, name) if one.kind == "string")

    def open_to_others(self) -> bool:
        """Whether hosts that no list names may be called: not with `only`, nor with an order without fallbacks."""
        fallbacks = child(self.home, "allow_fallbacks")
        pinned = fallbacks is not None and fallbacks.value is False and bool(self.listed("order"))
        return not self.listed("only") and not pinned


@lru_cache(maxsize=4)
def read(text: str) -> tuple[Body, ...]:
    """Raises PatchRefused where nothing asks OpenRouter."""
    root = parse(text)
    found = tuple(_bodies(root))
    if not found:
        raise PatchRefused("no provider block (order, only, ignore …) and no model of the form maker/model: does this "
                           "ask OpenRouter?")
    return found


def is_block(node: Node | None) -> bool:
    return node is not None and node.kind == "object" and any(one.key in _BLOCK for one in node.members)


def _bodies(root: Node) -> Iterator[Body]:
    taken: set[Path] = set()
    for path, node in walk(root):
        if node.kind != "object" or (path and path[-1] in BLOCKS) or path in taken:
            continue
        block = path if _stands_alone(node) else _block(node, path)
        if block is not None and len(block) > len(path) + 1:        # in extra_body, which is no body of its own then
            taken.add(block[:-1])
        models = tuple(_models(node, path))
        if block is not None or models:
            around = _names(path, child(root, *path[:-1])) if block == path else ()
            names = tuple(dict.fromkeys((*_names(path, node), *around)))
            yield Body(path, names, node, block, models, tuple(_hosts(root, block)))


def _stands_alone(node: Node) -> bool:
    """A block that is no body's `provider`: a file of its own, or under a key that an app gave it."""
    keys = {one.key for one in node.members}
    return not keys.isdisjoint(_SIGNS) and any(elements(node, name) for name in LISTS) and "model" not in keys


def _block(node: Node, path: Path) -> Path | None:
    if _HOMES.isdisjoint(one.key for one in node.members):
        return None
    for name in BLOCKS:
        if is_block(child(node, name)):
            return (*path, name)
    for wrapper in _WRAPPERS:
        if string(node, "model") and is_block(child(node, wrapper, "provider")):
            return (*path, wrapper, "provider")
    return None


def _names(path: Path, node: Node | None) -> Iterator[str]:
    said = {one.key: one.node.value for one in (node.members if node else ()) if one.node.kind == "string"}
    yield from (said[key] for key in ("name", "id", "alias", "workload", "task", "role") if said.get(key))
    steps = [step for step in reversed(path) if isinstance(step, str)]
    yield from sorted(steps, key=_NO_NAMES.__contains__)        # what says more than 'body' comes first


def _models(node: Node, path: Path) -> Iterator[Route]:
    """`model`, then `models`; a list of bare texts is taken for models where they have a maker."""
    if _is_slug(string(node, "model")):
        yield _route(string(node, "model"), (*path, "model"))
    for at, one in enumerate(elements(node, "models")):
        if one.kind == "string" and _is_slug(one.value):
            yield _route(one.value, (*path, "models", at))


def _hosts(root: Node, block: Path | None) -> Iterator[Route]:
    if block is None:
        return
    for name in ("order", "only"):
        for at, one in enumerate(elements(child(root, *block), name)):
            if one.kind == "string" and not variable(one.value):
                slug = one.value.partition("/")[0].lower()          # deepinfra/fp8: a host's variant
                where = ".".join(map(str, (*block, name, at)))
                yield Route(one.value, _VENDORS.get(slug, slug), key=where, also=(slug,))


def _is_slug(value: str) -> bool:
    maker, slash, model = value.removeprefix("openrouter/").partition("/")
    return bool(slash and maker and model) and " " not in value and "://" not in value and not variable(value)


def _route(said: str, path: Path) -> Route:
    maker, _, model = said.removeprefix("openrouter/").partition("/")
    short = model.partition(":")[0]
    also = dict.fromkeys((model, short, f"{maker}/{short}", f"{maker}/{model}", f"{maker},{model}"))
    return Route(said, _VENDORS.get(maker.lower(), maker.lower()), model, key=".".join(map(str, path)),
                 also=tuple(one for one in also if one != said))


def has_list(body: Body, name: str) -> bool:
    """Whether the provider block has such a list at all."""
    return member_of(body.home, name) is not None
