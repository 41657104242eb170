"""What a tensorzero.toml says, and what is wrong with it. Pure; facts seen on TensorZero 2026.6.0.

Its loader is strict: a provider that is not in `routing`, a routing entry without provider, a duplicate, an unknown
field each stop the gateway.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from alerts.model import Problem, Route, Severity
from alerts.surgery.tomllines import Table, entry_at, load, tables

KINDS: Final = ("models", "embedding_models")
TYPES: Final = {       # what its provider types are called elsewhere
    "gcp_vertex_anthropic": "vertex", "gcp_vertex_gemini": "vertex", "google_ai_studio_gemini": "gemini",
    "aws_bedrock": "bedrock", "aws_sagemaker": "bedrock", "anthropic": "anthropic", "azure": "azure",
    "groq": "groq", "hyperbolic": "hyperbolic", "fireworks": "fireworks", "mistral": "mistral", "openai": "openai",
    "openrouter": "openrouter", "together": "together", "vllm": "vllm", "xai": "xai", "tgi": "tgi", "sglang": "sglang",
    "deepseek": "deepseek", "dummy": "dummy",
}
_TOP: Final = frozenset({
    "gateway", "clickhouse", "postgres", "rate_limiting", "object_storage", "models", "embedding_models", "functions",
    "metrics", "tools", "evaluations", "provider_types", "optimizers", "autopilot"})
_MODEL: Final = frozenset({"routing", "providers", "timeouts", "skip_relay", "namespace", "timeout_ms"})
_KEY_PLACE: Final = re.compile(r"(?:env|path|dynamic|path_from_env|file|sdk)::.+|sdk|none")
SHORT: Final = re.compile(r"([a-z_0-9]+)::(.+)")


@dataclass(frozen=True, slots=True)
class Reading:
    """One config. `asked`: by function, the paths of its variants' model values, and what they name."""

    text: str
    config: dict[str, Any]
    tables: tuple[Table, ...]
    asked: Mapping[str, Mapping[tuple[str, ...], str]]

    def model(self, kind: str, name: str) -> dict[str, Any]:
        found = self.config.get(kind, {}).get(name, {})
        return found if isinstance(found, dict) else {}

    def kinds_of(self, name: str) -> tuple[str, ...]:
        return tuple(kind for kind in KINDS if isinstance(self.config.get(kind), dict) and name in self.config[kind])


@lru_cache(maxsize=4)
def read(text: str) -> Reading:
    """Raises PatchRefused."""
    config = load(text)
    functions = config.get("functions")
    asked = {
        name: dict(_models_in(("functions", name, "variants"), body.get("variants")))
        for name, body in (functions.items() if isinstance(functions, dict) else ()) if isinstance(body, dict)}
    return Reading(text, config, tables(text), asked)


def _models_in(path: tuple[str, ...], body: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every `model` below a function's variants: those of evaluators and fusers too."""
    if not isinstance(body, dict):
        return
    for key, value in body.items():
        if key == "model" and isinstance(value, str):
            yield (*path, key), value
        else:
            yield from _models_in((*path, key), value)


def order(model: Mapping[str, Any]) -> tuple[str, ...]:
    """The providers of a model in their order."""
    listed = model.get("routing")
    return tuple(name for name in listed if isinstance(name, str)) if isinstance(listed, list) else ()


def providers(model: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found = model.get("providers")
    return {name: body for name, body in found.items() if isinstance(body, dict)} if isinstance(found, dict) else {}


def routes(reading: Reading) -> Iterator[Route]:
    for kind in KINDS:
        models = reading.config.get(kind)
        for name, model in (models.items() if isinstance(models, dict) else ()):
            for provider, body in providers(model if isinstance(model, dict) else {}).items():
                yield _route(kind, name, provider, body)
    asked = dict.fromkeys(value for paths in reading.asked.values() for value in paths.values())
    for value in filter(SHORT.fullmatch, asked):
        prefix, model = value.split("::", 1)
        yield Route(value, TYPES.get(prefix, prefix), model, key=f"shorthand.{value}")


def _route(kind: str, model: str, provider: str, body: Mapping[str, Any]) -> Route:
    base = str(body.get("api_base") or body.get("endpoint") or "")
    place = body.get("api_key_location")
    place = place.get("default", "") if isinstance(place, dict) else place
    named = re.fullmatch(r"(?:env|dynamic)::(.+)", place) if isinstance(place, str) else None
    prefix = TYPES.get(str(body.get("type", "")), str(body.get("type", "")))
    return Route(
        provider, prefix, str(body.get("model_name", "")), base if "://" in base else "",
        named.group(1) if named and named.group(0).startswith("env") else "",
        key=f"{kind}.{model}.providers.{provider}",
        also=(f"{model}/{provider}", f"{model}.{provider}", f"{model}::{provider}"))


def problems(reading: Reading) -> Iterator[Problem]:
    for name in reading.config:
        if name not in _TOP:
            yield _fault(reading, (name,), f"unknown section {name}: TensorZero does not start with it")
    for kind in KINDS:
        models = reading.config.get(kind)
        for name, model in (models.items() if isinstance(models, dict) else ()):
            yield from _model_faults(reading, (kind, name), model if isinstance(model, dict) else {})
    for function, paths in reading.asked.items():
        for path, model in paths.items():
            if not reading.kinds_of(model) and not _short_ok(model) and not model.startswith("dummy::"):
                yield _fault(reading, path, f"functions.{function} asks for model {model}, which is not here")
        yield from _weight_faults(reading, function)


def _short_ok(model: str) -> bool:
    found = SHORT.fullmatch(model)
    return bool(found) and found.group(1) in TYPES if found else False


def _model_faults(reading: Reading, path: tuple[str, str], model: Mapping[str, Any]) -> Iterator[Problem]:
    here = ".".join(path)
    listed, known = order(model), providers(model)
    for name in model:
        if name not in _MODEL:
            yield _fault(reading, (*path, name), f"unknown field {name} of {here}: TensorZero does not start with it")
    if not listed:
        yield _fault(reading, path, f"{here} has no routing")
    for name in dict.fromkeys(listed):
        if name not in known:
            yield _fault(reading, (*path, "routing"), f"routing of {here} names {name}, which is no provider of it")
        if listed.count(name) > 1:
            yield _fault(reading, (*path, "routing"), f"routing of {here} names {name} twice")
    for name, body in known.items():
        yield from _provider_faults(reading, (*path, "providers", name), body, listed=name in listed)


def _provider_faults(reading: Reading, place: tuple[str, ...], body: Mapping[str, Any], *,
                     listed: bool) -> Iterator[Problem]:
    said = f"provider {place[-1]} of {place[0]}.{place[1]}"
    if not listed:
        yield _fault(reading, place, f"{said} is not in its routing: TensorZero does not start")
    if body.get("type") not in TYPES:
        yield _fault(reading, place, f"{said} has type {body.get('type', 'none')}, which is unknown")
    key = body.get("api_key_location")
    if isinstance(key, str) and not _KEY_PLACE.fullmatch(key):
        yield _fault(reading, place, f"api_key_location of {said} is no place (env::NAME, path::FILE …)")


def _weight_faults(reading: Reading, function: str) -> Iterator[Problem]:
    variants = reading.config["functions"][function].get("variants")
    weights = [body.get("weight") for body in (variants.values() if isinstance(variants, dict) else ())
               if isinstance(body, dict)]
    given = [weight for weight in weights if isinstance(weight, int | float)]
    if any(weight < 0 for weight in given):
        yield _fault(reading, ("functions", function), f"functions.{function} has a negative weight")
    if len(weights) > 1 and len(given) == len(weights) and not any(given):
        yield _fault(reading, ("functions", function), f"functions.{function}: no variant has a weight above 0",
                     Severity.WARNING)


def _fault(reading: Reading, path: tuple[str, ...], what: str, severity: Severity = Severity.CRITICAL) -> Problem:
    entry = entry_at(reading.tables, path)
    at = entry.first if entry else next((one.first for one in reading.tables if one.path[:len(path)] == path), 0)
    return Problem(f"line {reading.text.count(chr(10), 0, at) + 1}", what, severity)
