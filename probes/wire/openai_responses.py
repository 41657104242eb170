"""OpenAI's Responses dialect: typed events, items instead of choices, at least 16 output tokens."""

from probes.dialect import (
    Answer,
    Json,
    Minted,
    Question,
    as_count,
    as_dict,
    as_list,
    as_text,
    build_post,
    join_url,
    merge,
)
from probes.model import Exchange, HttpCall, Target
from probes.wire import openai
from probes.wire.openai import blame_option
from probes.wire.sse import Draft, read_payloads

_SEALED = "gAAAAABofDEmb3JlaWduIHNpZ25hdHVyZSBvZiBhIG1hZGUtdXAgaGlzdG9yeQ=="
_LEAST_TOKENS = 16  # the specification's minimum
_BLAMABLE = (
    ("stream_options", ("stream_options", "include_obfuscation")),
    ("thinking_off", ("reasoning",)),
    ("json_mode", ("text.format", "json_object")),
)
_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed"})


class Dialect(openai.Dialect):
    """OpenAI Responses; models are listed as in the chat dialect."""

    def chat(
        self, target: Target, model: str, question: Question, without: frozenset[str] = frozenset()
    ) -> HttpCall:
        """POST …/responses. `store` off: a probe leaves nothing behind at the vendor."""
        quirks = target.provider.quirks
        least = max(_LEAST_TOKENS, as_count(quirks.get("min_tokens")) or 0)
        body: Json = {
            "model": model, "input": _input(question), "store": False,
            "max_output_tokens": max(question.max_tokens, least),
        }
        if question.tools:
            body["tools"] = [
                {"type": "function", "name": tool.name, "description": tool.description,
                 "parameters": dict(tool.parameters), "strict": False}
                for tool in question.tools
            ]
        if question.json_mode and "json_mode" not in without:
            body["text"] = {"format": {"type": "json_object"}}
        if question.stream:
            body["stream"] = True
            if "stream_options" not in without and quirks.get("stream_options", True):
                body["stream_options"] = {"include_obfuscation": False}
        if "thinking_off" not in without:
            body = merge(body, _respell(as_dict(quirks.get("thinking_off"))))
        body = merge(body, quirks.get("extra_body"))
        path = (target.surface.chat_path or "responses").replace("{model}", model)
        return build_post(target, join_url(target.surface.base_url, path), body, question)

    def mint(self, order: int) -> Minted:
        """The chat dialect's ids; thinking is sealed, for OpenAI to open."""
        return Minted(super().mint(order).call_id, _SEALED)

    def read_answer(self, exchange: Exchange) -> Answer:
        """Fold the events, or read one response object."""
        draft = Draft()
        for at_s, name, payload in read_payloads(exchange):
            kind = as_text(payload.get("type")) or name
            if kind == "error" or (payload.get("error") and "object" not in payload):
                draft.fail(payload)
            elif kind in _ENDS:
                _read_end(draft, as_dict(payload.get("response")))
            elif payload.get("object") == "response":
                _read_whole(draft, at_s, payload)
            else:
                _read_delta(draft, at_s, kind, payload)
        return draft.finish_up()

    def blame(self, exchange: Exchange) -> str | None:
        """Which of our options a 400 names."""
        return blame_option(exchange, _BLAMABLE)


def _input(question: Question) -> str | list[Json]:
    """The prompt alone, or the items since. What others thought has no place here: a reasoning item must be sealed."""
    if not question.turns:
        return question.prompt
    items: list[Json] = [{"role": "user", "content": question.prompt}]
    for order, turn in enumerate(question.turns, 1):
        if turn.thinking and turn.signature and turn.origin == "openai_responses":
            summary = {"type": "summary_text", "text": turn.thinking}
            items.append({"type": "reasoning", "id": f"rs_{order:02d}{'68b1f0c4a9d3'}", "summary": [summary],
                          "encrypted_content": turn.signature})
        if turn.text:
            items.append({"role": "assistant", "content": turn.text})
        items.append({"type": "function_call", "call_id": turn.call.id, "name": turn.call.name,
                      "arguments": turn.call.arguments})
        items.append({"type": "function_call_output", "call_id": turn.call.id, "output": turn.result})
    return items


def _respell(switch: Json) -> Json:
    """The chat dialect's `reasoning_effort` is `reasoning.effort` here."""
    effort = switch.get("reasoning_effort")
    rest = {key: value for key, value in switch.items() if key != "reasoning_effort"}
    return {**rest, "reasoning": {"effort": effort}} if effort is not None else rest


def _read_delta(draft: Draft, at_s: float, kind: str, payload: Json) -> None:
    delta = as_text(payload.get("delta"))
    if kind in ("response.output_text.delta", "response.refusal.delta"):
        draft.say(at_s, delta)
    elif kind.startswith("response.reasoning") and kind.endswith(".delta"):
        draft.think(at_s, delta)
    elif kind == "response.output_item.added":
        item = as_dict(payload.get("item"))
        if item.get("type") == "function_call":
            draft.call(at_s, payload.get("output_index"), as_text(item.get("name")), "")
    elif kind == "response.function_call_arguments.delta":
        draft.call(at_s, payload.get("output_index"), "", delta)
    else:
        draft.model = as_text(as_dict(payload.get("response")).get("model")) or draft.model


def _read_whole(draft: Draft, at_s: float, response: Json) -> None:
    for slot, item in enumerate(map(as_dict, as_list(response.get("output")))):
        if item.get("type") == "function_call":
            draft.call(at_s, slot, as_text(item.get("name")), as_text(item.get("arguments")))
        for part in map(as_dict, as_list(item.get("content"))):
            draft.say(at_s, as_text(part.get("text")) or as_text(part.get("refusal")))
    _read_end(draft, response)


def _read_end(draft: Draft, response: Json) -> None:
    draft.model = as_text(response.get("model")) or draft.model
    if response.get("error"):
        draft.fail({"error": response["error"]})
    elif response.get("status") == "failed":
        draft.fail({"error": {"message": "response failed"}})
    why = as_text(as_dict(response.get("incomplete_details")).get("reason"))
    draft.finish = why or as_text(response.get("status")) or draft.finish
    usage = as_dict(response.get("usage"))
    draft.tokens_in = as_count(usage.get("input_tokens"))
    draft.tokens_out = as_count(usage.get("output_tokens"))
    draft.hidden = as_count(as_dict(usage.get("output_tokens_details")).get("reasoning_tokens")) or 0
