"""Envoy's own view of the backends (admin `/clusters`), under the names that Envoy Gateway gives them."""

import pytest
from observing import Judged, answer, judged, refused, written

from alerts.model import Strength
from alerts.observer import Seen
from alerts.observers.envoy_ai_gateway import Observer

NAMED = ", modelNameOverride: {}"


def manifest(claude: str = "", qwen: str = "") -> str:
    refs = "".join(f"    - {{name: {name}, priority: {at}{more}}}\n" for at, (name, more) in enumerate((
        ("claude", claude), ("qwen", qwen))))
    backends = "".join(
        f"---\napiVersion: aigateway.envoyproxy.io/v1beta1\nkind: AIServiceBackend\nmetadata: {{name: {name}}}\n"
        f"spec: {{schema: {{name: OpenAI}}, backendRef: {{name: {name}}}}}\n" for name in ("claude", "qwen"))
    return ("apiVersion: aigateway.envoyproxy.io/v1beta1\nkind: AIGatewayRoute\nmetadata: {name: llm.a}\nspec:\n"
            "  rules:\n"
            "  - matches: [{headers: [{type: Exact, name: x-ai-eg-model, value: smart}]}]\n"
            f"    backendRefs:\n{refs}{backends}")


NAMES = NAMED.format("claude-opus-4"), NAMED.format("qwen3-max")
MOVED = written("envoy", manifest(NAMES[0], f"{NAMES[1]}, weight: 0"), "smart", "qwen")
BEHIND = written("envoy", manifest(*NAMES), "smart", "qwen")
PLAIN = written("envoy", manifest(), "smart", "qwen")
LAST = written("envoy", manifest(), "smart", "qwen", Strength.DEMOTE)
(PATH,) = Observer().reads(MOVED)


def host(backend: int, priority: int = 0, rule: int = 0, route: str = "llm.a") -> dict[str, object]:
    region = f"httproute/default/{route}/rule/{rule}/backend/{backend}"
    return {"locality": {"region": region}, **({"priority": priority} if priority else {}), "weight": 1}


def seen(*hosts: object) -> dict[str, Seen]:
    return {PATH: Seen(200, {"cluster_statuses": [{"name": "httproute/default/llm.a/rule/0", "host_statuses": [*hosts]},
                                                  {"name": "admin"}, "junk"]})}


OLD, NEW, SWAPPED = seen(host(0), host(1, 1)), seen(host(1)), seen(host(1), host(0, 1))


@pytest.mark.parametrize(("strength", "there", "took"), [
    ("exclude", OLD, False), ("exclude", NEW, True), ("exclude", SWAPPED, False), ("demote", OLD, False),
    ("demote", SWAPPED, True), ("exclude", seen(host(0), host(1)), False),
    ("exclude", seen(host(1, route="other")), None), ("exclude", seen(host(7)), None), ("exclude", seen(), None),
    ("exclude", {PATH: Seen(failed="could not reach gw")}, None), ("exclude", {PATH: Seen(200, "junk")}, None)])
def test_by_the_endpoints_that_envoy_has(strength: str, there: dict[str, Seen], took: bool | None) -> None:
    found = Observer().loaded(LAST if strength == "demote" else PLAIN, there)
    assert found.took is took
    assert found.because


def test_without_the_admin_ports_address_it_says_so() -> None:
    assert Observer.apart
    assert "admin_url" in Observer().loaded(PLAIN, {}).because


@pytest.mark.parametrize(("there", "canary", "expected"), [
    ({}, answer("qwen3-max"), (True, False)), ({}, answer("claude-opus-4"), (False, False)),
    ({}, answer("smart"), (None, False)), (NEW, refused("down", 503), (True, True)),
    ({}, refused("down", 503), (None, False))])
def test_by_the_model_of_the_answer(there: dict[str, Seen], canary: Seen, expected: Judged) -> None:
    assert judged(Observer().judge(MOVED, there, canary)) == expected


def test_a_fallback_that_stood_there_proves_nothing_by_answering() -> None:
    assert judged(Observer().judge(BEHIND, {}, answer("qwen3-max"))) == (None, False)
    assert judged(Observer().judge(BEHIND, NEW, answer("qwen3-max"))) == (True, False)
    assert judged(Observer().judge(BEHIND, {}, answer("claude-opus-4"))) == (False, False)


def test_where_both_serve_the_name_itself_the_answer_tells_nothing() -> None:
    assert judged(Observer().judge(PLAIN, {}, answer("smart"))) == (None, False)
