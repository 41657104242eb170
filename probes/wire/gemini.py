"""Google's Gemini dialect: the model in the path, one whole response object a chunk, no `[DONE]`."""

import json
from collections.abc import Mapping
from urllib.parse import quote

from probes.dialect import (
    Answer,
    Json,
    Minted,
    ModelList,
    Question,
    Turn,
    as_count,
    as_dict,
    as_list,
    as_text,
    build_get,
    build_post,
    join_url,
    merge,
    parse_json,
)
from probes.model import Exchange, HttpCall, Target
from probes.wire.openai import blame_option, read_model_list
from probes.wire.sse import Draft, read_payloads

_OTHERS = "skip_thought_signature_validator"
_SIGNATURE = "CpIBAXLI2nxmb3JlaWduIHNpZ25hdHVyZSBvZiBhIG1hZGUtdXAgaGlzdG9yeQ=="
_BLAMABLE = (
    ("thinking_off", ("thinkingConfig", "thinking_config", "thinkingBudget", "thinking_budget", "thinkingLevel",
                      "thinking_level", "Budget 0", "thinking mode")),
    ("json_mode", ("responseMimeType", "response_mime_type", "JSON mode")),
)


class Dialect:
    """Gemini generateContent, on the Gemini API and, by the catalogue's paths, on Vertex."""

    def list_models(self, target: Target) -> HttpCall:
        """GET …/models; the longest page, so that one call is enough."""
        return build_get(target, "models?pageSize=1000")

    def chat(
        self, target: Target, model: str, question: Question, without: frozenset[str] = frozenset()
    ) -> HttpCall:
        """POST …/models/M:streamGenerateContent?alt=sse. The thinking switch lives inside generationConfig."""
        quirks = target.provider.quirks
        config: Json = {"maxOutputTokens": max(question.max_tokens, as_count(quirks.get("min_tokens")) or 0)}
        if question.json_mode and "json_mode" not in without:
            config["responseMimeType"] = "application/json"
        body: Json = {"contents": [{"role": "user", "parts": [{"text": question.prompt}]},
                                   *(content for turn in question.turns for content in _carry(turn))]}
        if question.tools:
            body["tools"] = [{"functionDeclarations": [
                {"name": tool.name, "description": tool.description, "parameters": _spell(tool.parameters)}
                for tool in question.tools
            ]}]
        if "thinking_off" not in without:
            switch = as_dict(quirks.get("thinking_off"))
            config = merge(config, switch.get("generationConfig", switch))
        body["generationConfig"] = config
        body = merge(body, quirks.get("extra_body"))
        return build_post(target, self._url(target, model, question.stream), body, question)

    def _url(self, target: Target, model: str, stream: bool) -> str:
        name = quote(model.removeprefix("models/"), safe="-._")
        verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
        path = (target.surface.chat_path or "models/{model}:{verb}").replace("{model}", name).replace("{verb}", verb)
        return join_url(target.surface.base_url, path)

    def mint(self, order: int) -> Minted:
        """No ids of its own: gateways make them up in OpenAI's form. Every call is signed, in base64."""
        return Minted(f"call_{order:02d}{'e71b0c5d9a3f48e2b6d4'}", _SIGNATURE)

    def read_models(self, exchange: Exchange) -> ModelList | None:
        """`models`, whose names carry a prefix that no call needs."""
        listed = read_model_list(parse_json(exchange.body))
        if listed is None:
            return None
        return ModelList(tuple(name.removeprefix("models/") for name in listed.ids))

    def read_answer(self, exchange: Exchange) -> Answer:
        """Fold the response objects; a blocked prompt has no candidates and is a finish of its own."""
        draft = Draft()
        for at_s, _, payload in read_payloads(exchange):
            if payload.get("error"):
                draft.fail(payload)
            draft.model = as_text(payload.get("modelVersion")) or draft.model
            _read_usage(draft, as_dict(payload.get("usageMetadata")))
            candidates = as_list(payload.get("candidates"))
            candidate = as_dict(candidates[0]) if candidates else {}
            for part in as_list(as_dict(candidate.get("content")).get("parts")):
                _read_part(draft, at_s, as_dict(part))
            blocked = as_text(as_dict(payload.get("promptFeedback")).get("blockReason"))
            draft.finish = as_text(candidate.get("finishReason")) or blocked or draft.finish
        return draft.finish_up()

    def blame(self, exchange: Exchange) -> str | None:
        """Which of our options a 400 names."""
        return blame_option(exchange, _BLAMABLE)


def _carry(turn: Turn) -> tuple[Json, Json]:
    """Since Gemini 3 a call without a signature is refused; for one that another model made, Google names a word that
    stands for it (ai.google.dev/gemini-api/docs/thought-signatures).
    """
    own = turn.origin == "gemini" and turn.signature
    parts: list[Json] = [{"text": turn.thinking, "thought": True}] if turn.thinking else []
    parts += [{"text": turn.text}] if turn.text else []
    given = as_dict(parse_json(turn.call.arguments))
    parts.append({"functionCall": {"name": turn.call.name, "args": given},
                  "thoughtSignature": turn.signature if own else _OTHERS})
    told = parse_json(turn.result)
    answer = {"name": turn.call.name, "response": told if isinstance(told, dict) else {"result": told}}
    return {"role": "model", "parts": parts}, {"role": "user", "parts": [{"functionResponse": answer}]}


def _spell(schema: object) -> object:
    """A JSON schema with the type names that Google's specification has: OBJECT, STRING, INTEGER …"""
    if isinstance(schema, Mapping):
        return {
            key: value.upper() if key == "type" and isinstance(value, str) else _spell(value)
            for key, value in schema.items()
        }
    return schema


def _read_part(draft: Draft, at_s: float, part: Json) -> None:
    text = as_text(part.get("text"))
    if part.get("thought") is True:
        draft.think(at_s, text)
    else:
        draft.say(at_s, text)
    call = as_dict(part.get("functionCall"))
    if call:
        draft.call(at_s, len(draft.tools), as_text(call.get("name")), json.dumps(as_dict(call.get("args"))))


def _read_usage(draft: Draft, usage: Json) -> None:
    tokens_in = as_count(usage.get("promptTokenCount"))
    spoken, thought = as_count(usage.get("candidatesTokenCount")), as_count(usage.get("thoughtsTokenCount"))
    draft.tokens_in = tokens_in if tokens_in is not None else draft.tokens_in
    if spoken is not None or thought is not None:
        draft.tokens_out = (spoken or 0) + (thought or 0)
        draft.hidden = thought or 0
