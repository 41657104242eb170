"""The OpenAI chat dialect, which most of the world speaks with an accent.

The accents are the catalogue's `quirks`: token_limit_field, thinking_off, min_tokens, stream_options, extra_body.
What a server complains of is left out once and remembered by the probe (`blame`, `without`).
"""

import re
from typing import Any

from probes.dialect import (
    Answer,
    Json,
    Minted,
    ModelList,
    Question,
    as_count,
    as_date,
    as_dict,
    as_list,
    as_text,
    build_get,
    build_headers,
    build_post,
    join_url,
    merge,
    parse_json,
)
from probes.model import Exchange, HttpCall, Target
from probes.wire.sse import Draft, read_payloads

_END_DATES = ("shutdown_date", "deprecation", "expiration_date", "deprecation_date")
_LIMITS = ("max_tokens", "max_completion_tokens")
# in the order in which they are to be given up: the narrower name first
_BLAMABLE = (
    ("stream_options", ("stream_options", "include_usage", "include_obfuscation")),
    ("token_limit_field", ("max_completion_tokens", "max_tokens")),
    ("json_mode", ("response_format", "json_object")),
    ("thinking_off", ("enable_thinking", "thinking", "reasoning_effort", "reasoning")),
)


class Dialect:
    """OpenAI chat completions, and the hosts that are compatible with it."""

    def list_models(self, target: Target) -> HttpCall:
        """GET …/models; without a key, the list that the vendor publishes for everyone where it has one (Cerebras)."""
        public = as_text(target.provider.quirks.get("public_models_url"))
        if public and target.account is None:
            return HttpCall("GET", public, build_headers(target, ("accept", "application/json")), max_bytes=4_000_000,
                            ca_file=target.provider.ca_file)
        return build_get(target, "models")

    def chat(
        self, target: Target, model: str, question: Question, without: frozenset[str] = frozenset()
    ) -> HttpCall:
        """POST …/chat/completions. No temperature: reasoning models, Kimi and others refuse it or fix it."""
        quirks = target.provider.quirks
        body: Json = {"model": model, "messages": self._messages(target, question)}
        body[self._limit_field(target, without)] = max(question.max_tokens, as_count(quirks.get("min_tokens")) or 0)
        if question.tools:
            body["tools"] = [
                {
                    "type": "function",
                    "function": {
                        "name": tool.name, "description": tool.description, "parameters": dict(tool.parameters),
                    },
                }
                for tool in question.tools
            ]
        if question.json_mode and "json_mode" not in without:
            body["response_format"] = {"type": "json_object"}
        if question.stream:
            body["stream"] = True
            if quirks.get("stream_options", True) and "stream_options" not in without:
                body["stream_options"] = self._stream_options(target)
        if "thinking_off" not in without:
            body = merge(body, quirks.get("thinking_off"))
        body = merge(body, quirks.get("extra_body"))
        path = (target.surface.chat_path or "chat/completions").replace("{model}", model)
        return build_post(target, join_url(target.surface.base_url, path), body, question)

    def _messages(self, target: Target, question: Question) -> list[Json]:
        """Thinking goes where this vendor writes its own; whose it is cannot be told from it."""
        field = as_text(target.provider.quirks.get("thinking_field")) or "reasoning_content"
        messages: list[Json] = [{"role": "user", "content": question.prompt}]
        for turn in question.turns:
            function = {"name": turn.call.name, "arguments": turn.call.arguments}
            said: Json = {"role": "assistant", "content": turn.text,
                          "tool_calls": [{"id": turn.call.id, "type": "function", "function": function}]}
            messages.append(said | ({field: turn.thinking} if turn.thinking else {}))
            messages.append({"role": "tool", "tool_call_id": turn.call.id, "content": turn.result})
        return messages

    def mint(self, order: int) -> Minted:
        """`call_` and 24 letters; thinking goes unsigned."""
        return Minted(f"call_{order:02d}{'Yp3kRt9xVb2nLq7mWd5sZc'}")

    def _limit_field(self, target: Target, without: frozenset[str]) -> str:
        usual = as_text(target.provider.quirks.get("token_limit_field")) or "max_tokens"
        if "token_limit_field" not in without:
            return usual
        return _LIMITS[1] if usual == _LIMITS[0] else _LIMITS[0]

    def _stream_options(self, target: Target) -> Json:
        """Usage in the last chunk; padding off where it exists – OpenAI alone knows the field, others answer 400."""
        options: Json = {"include_usage": True}
        if target.provider.id == "openai":
            options["include_obfuscation"] = False
        return options

    def read_models(self, exchange: Exchange) -> ModelList | None:
        """`data`, `models` or a bare array (Together); end dates in four spellings."""
        return read_model_list(parse_json(exchange.body))

    def read_answer(self, exchange: Exchange) -> Answer:
        """Fold the chunks. Nothing is indexed blindly: a chunk may have no choices, an empty delta, or an error."""
        draft = Draft()
        for at_s, name, payload in read_payloads(exchange):
            if payload.get("") == "[DONE]":
                draft.done = True
                continue
            trouble = find_error(payload) or (payload if name == "error" else None)
            if trouble is not None:
                draft.fail(trouble)
            self._read_chunk(draft, at_s, payload)
        return draft.finish_up()

    def _read_chunk(self, draft: Draft, at_s: float, payload: Json) -> None:
        draft.model = as_text(payload.get("model")) or draft.model
        _read_usage(draft, payload.get("usage"))
        _read_usage(draft, as_dict(payload.get("x_groq")).get("usage"))
        choices = as_list(payload.get("choices"))
        choice = as_dict(choices[0]) if choices else {}
        _read_usage(draft, choice.get("usage"))
        part = as_dict(choice.get("delta")) or as_dict(choice.get("message"))
        draft.think(at_s, as_text(part.get("reasoning_content")) or as_text(part.get("reasoning")))
        draft.say(at_s, as_text(part.get("content")) or as_text(part.get("refusal")))
        for order, call in enumerate(as_list(part.get("tool_calls"))):
            function = as_dict(as_dict(call).get("function"))
            slot = as_dict(call).get("index", order)
            draft.call(at_s, slot, as_text(function.get("name")), as_text(function.get("arguments")))
        draft.finish = as_text(choice.get("finish_reason")) or draft.finish

    def blame(self, exchange: Exchange) -> str | None:
        """Which of our options a 400 or 422 names."""
        return blame_option(exchange, _BLAMABLE)


def read_model_list(whole: Any) -> ModelList | None:
    """Model entries of any of the usual shapes."""
    entries = whole
    if isinstance(whole, dict):
        entries = whole.get("data", whole.get("models"))
    if not isinstance(entries, list):
        return None
    found = [(as_text(entry.get("id")) or as_text(entry.get("name")), entry) for entry in entries if as_dict(entry)]
    named = [(name, entry) for name, entry in found if name]
    if entries and not named:
        return None
    ends = {name: day for name, entry in named for day in [_end_date(entry)] if day is not None}
    marked = tuple(name for name, entry in named if entry.get("deprecated") is True)
    return ModelList(tuple(dict.fromkeys(name for name, _ in named)), ends, marked)


def _end_date(entry: Json) -> Any:
    return next((day for key in _END_DATES for day in [as_date(entry.get(key))] if day is not None), None)


def find_error(payload: Json) -> Json | None:
    """The payload, if it is an error sent with a 200: `error` (OpenRouter, Ark), `base_resp` (MiniMax), a bare code."""
    if payload.get("error"):
        return payload
    if as_dict(payload.get("base_resp")).get("status_code", 0) not in (0, None):
        return payload
    bare = "choices" not in payload and "object" not in payload
    if bare and payload.get("message") and str(payload.get("code", "")) not in ("", "0", "20000"):
        return payload
    return None


def blame_option(exchange: Exchange, blamable: tuple[tuple[str, tuple[str, ...]], ...]) -> str | None:
    """The first option whose field name stands, as a whole word, in the text of a 400 or 422."""
    if exchange.status not in (400, 422):
        return None
    text = exchange.body[:4000].decode("utf-8", errors="replace")
    for option, fields in blamable:
        if any(re.search(rf"(?<![A-Za-z_]){field}(?![A-Za-z_])", text) for field in fields):
            return option
    return None


def _read_usage(draft: Draft, usage: object) -> None:
    usage = as_dict(usage)
    tokens_in, tokens_out = as_count(usage.get("prompt_tokens")), as_count(usage.get("completion_tokens"))
    draft.tokens_in = tokens_in if tokens_in is not None else draft.tokens_in
    draft.tokens_out = tokens_out if tokens_out is not None else draft.tokens_out
    hidden = as_count(as_dict(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    draft.hidden = hidden if hidden is not None else draft.hidden
