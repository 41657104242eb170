"""Anthropic's Messages dialect: named events, no `[DONE]`, usage in two halves, errors as an event after a 200."""

import json

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

_VERSION = ("anthropic-version", "2023-06-01")
_BLAMABLE = (("thinking_off", ("thinking", "output_config")),)
_SIGNATURE = "EqQBCkYIBRgCKkDmb3JlaWduIHNpZ25hdHVyZSBvZiBhIG1hZGUtdXAgaGlzdG9yeRIMdmVuZG9yd2F0Y2ga"


class Dialect:
    """Anthropic messages, also as other vendors' compatible surfaces speak it."""

    def list_models(self, target: Target) -> HttpCall:
        """GET …/v1/models; the longest page, so that one call is enough."""
        return build_get(target, f"{_root(target)}models?limit=1000", _VERSION)

    def chat(
        self, target: Target, model: str, question: Question, without: frozenset[str] = frozenset()
    ) -> HttpCall:
        """POST …/v1/messages."""
        quirks = target.provider.quirks
        body: Json = {
            "model": model,
            "max_tokens": max(question.max_tokens, as_count(quirks.get("min_tokens")) or 0),
            "messages": [{"role": "user", "content": question.prompt},
                         *(message for turn in question.turns for message in _carry(turn))],
        }
        if question.tools:
            body["tools"] = [
                {"name": tool.name, "description": tool.description, "input_schema": dict(tool.parameters)}
                for tool in question.tools
            ]
        if question.stream:
            body["stream"] = True
        if "thinking_off" not in without:
            body = merge(body, quirks.get("thinking_off"))
        body = merge(body, quirks.get("extra_body"))
        path = (target.surface.chat_path or f"{_root(target)}messages").replace("{model}", model)
        return build_post(target, join_url(target.surface.base_url, path), body, question, _VERSION)

    def mint(self, order: int) -> Minted:
        """`toolu_01` and 22 letters; thinking is signed, in base64."""
        return Minted(f"toolu_01{order:02d}{'A9f4Kq2wXj8mTz6vRbLc'}", _SIGNATURE)

    def read_models(self, exchange: Exchange) -> ModelList | None:
        """`data` with ids; no end dates: Anthropic states them on a page only."""
        return read_model_list(parse_json(exchange.body))

    def read_answer(self, exchange: Exchange) -> Answer:
        """Fold the events, or read one message."""
        draft = Draft()
        for at_s, _, payload in read_payloads(exchange):
            kind = payload.get("type")
            if kind == "error" or payload.get("error"):
                draft.fail(payload)
            elif kind == "message":
                self._read_message(draft, at_s, payload)
            elif kind == "message_start":
                _read_head(draft, as_dict(payload.get("message")))
            else:
                self._read_event(draft, at_s, payload)
        return draft.finish_up()

    def _read_message(self, draft: Draft, at_s: float, message: Json) -> None:
        _read_head(draft, message)
        for slot, block in enumerate(map(as_dict, as_list(message.get("content")))):
            _read_block(draft, at_s, slot, block)
        draft.finish = as_text(message.get("stop_reason")) or draft.finish

    def _read_event(self, draft: Draft, at_s: float, payload: Json) -> None:
        kind, slot = payload.get("type"), payload.get("index", 0)
        delta = as_dict(payload.get("delta"))
        if kind == "content_block_start":
            _read_block(draft, at_s, slot, as_dict(payload.get("content_block")))
        elif kind == "content_block_delta":
            draft.say(at_s, as_text(delta.get("text")))
            draft.think(at_s, as_text(delta.get("thinking")))
            if delta.get("type") == "input_json_delta":
                draft.call(at_s, slot, "", as_text(delta.get("partial_json")))
        elif kind == "message_delta":
            draft.finish = as_text(delta.get("stop_reason")) or draft.finish
            _read_usage(draft, payload.get("usage"))
        elif kind == "message_stop":
            draft.done = True

    def blame(self, exchange: Exchange) -> str | None:
        """Which of our options a 400 names."""
        return blame_option(exchange, _BLAMABLE)


def _carry(turn: Turn) -> tuple[Json, Json]:
    """A thinking block must be signed: what others thought has no place here, and is left out as gateways do."""
    blocks: list[Json] = []
    if turn.thinking and turn.signature and turn.origin == "anthropic":
        blocks.append({"type": "thinking", "thinking": turn.thinking, "signature": turn.signature})
    if turn.text:
        blocks.append({"type": "text", "text": turn.text})
    given = as_dict(parse_json(turn.call.arguments))
    blocks.append({"type": "tool_use", "id": turn.call.id, "name": turn.call.name, "input": given})
    result = {"type": "tool_result", "tool_use_id": turn.call.id, "content": turn.result}
    return {"role": "assistant", "content": blocks}, {"role": "user", "content": [result]}


def _root(target: Target) -> str:
    return "" if target.surface.base_url.rstrip("/").endswith("/v1") else "v1/"


def _read_head(draft: Draft, message: Json) -> None:
    draft.model = as_text(message.get("model")) or draft.model
    _read_usage(draft, message.get("usage"))


def _read_block(draft: Draft, at_s: float, slot: object, block: Json) -> None:
    draft.say(at_s, as_text(block.get("text")))
    draft.think(at_s, as_text(block.get("thinking")))
    if block.get("type") == "tool_use":
        given = as_dict(block.get("input"))
        draft.call(at_s, slot, as_text(block.get("name")), json.dumps(given) if given else "")


def _read_usage(draft: Draft, usage: object) -> None:
    """Input counts come at the start, output counts cumulate; a later zero must not wipe an earlier figure."""
    usage = as_dict(usage)
    parts = [as_count(usage.get(key)) for key in
             ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")]
    if any(part is not None for part in parts):
        draft.tokens_in = max(draft.tokens_in or 0, sum(part or 0 for part in parts))
    tokens_out = as_count(usage.get("output_tokens"))
    if tokens_out is not None:
        draft.tokens_out = max(draft.tokens_out or 0, tokens_out)
