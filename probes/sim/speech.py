"""How a stand-in speaks each dialect when it serves: listings, whole answers, streams with usage."""

import json
from dataclasses import dataclass

from probes.sim import responses
from probes.sim.bodies import Answer
from probes.sim.brain import Thought, think
from probes.sim.world import Behaviour


@dataclass(frozen=True, slots=True)
class Speech:
    """A stream: its events as bytes, and the pause before each in seconds."""

    events: tuple[bytes, ...]
    pause_s: float = 0.002


def speak(dialect: str, path: str, body: bytes, models: tuple[str, ...],
          manner: Behaviour = Behaviour.SERVE) -> Answer | Speech:
    """The answer of a vendor that serves; in the manner of a worse model behind the same name, or of one that cannot
    call tools or write JSON.
    """
    if path.partition("?")[0].endswith("/models"):
        return _whole(_listing(dialect, models))
    asked = json.loads(body or b"{}")
    thought = think(asked, manner)
    if dialect == "anthropic":
        return _sse(_anthropic_events(asked, thought), named=True) if asked.get("stream") else \
            _whole(_anthropic_message(asked, thought))
    if dialect == "gemini":
        chunk = _gemini_chunk(thought)
        return _sse([chunk]) if "stream" in path else _whole(chunk)
    if dialect == "openai_responses":
        return _sse(responses.events(asked, thought), named=True) if asked.get("stream") else \
            _whole(responses.response(asked, thought))
    return _sse([*_openai_chunks(asked, thought), "[DONE]"]) if asked.get("stream") else \
        _whole(_openai_message(asked, thought))


def _whole(value: object) -> Answer:
    return Answer(200, json.dumps(value, ensure_ascii=False).encode())


def _sse(events: list[object], *, named: bool = False) -> Speech:
    out = []
    for event in events:
        data = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
        name = f"event: {event['type']}\n" if named and isinstance(event, dict) else ""
        out.append(f"{name}data: {data}\n\n".encode())
    return Speech(tuple(out))


def _listing(dialect: str, models: tuple[str, ...]) -> object:
    if dialect == "gemini":
        methods = ["generateContent", "countTokens"]
        return {"models": [{"name": f"models/{m}", "supportedGenerationMethods": methods} for m in models]}
    if dialect == "anthropic":
        return {"data": [{"type": "model", "id": m, "display_name": m} for m in models], "has_more": False}
    return {"object": "list", "data": [{"id": m, "object": "model", "created": 1, "owned_by": "x"} for m in models]}


def _openai_chunks(asked: dict[str, object], thought: Thought) -> list[object]:
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": asked.get("model")}

    def chunk(delta: object, finish: str | None = None) -> object:
        return {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    parts: list[object] = [chunk({"role": "assistant", "content": ""})]
    if thought.tool:
        call = {"index": 0, "id": "call_1", "type": "function",
                "function": {"name": thought.tool, "arguments": json.dumps(thought.arguments, ensure_ascii=False)}}
        parts += [chunk({"tool_calls": [call]}), chunk({}, "tool_calls")]
    else:
        parts += [*(chunk({"content": piece}) for piece in thought.pieces), chunk({}, "stop")]
    return [*parts, {**base, "choices": [], "usage": _openai_usage(thought)}]


def _openai_usage(thought: Thought) -> dict[str, int]:
    return {"prompt_tokens": thought.tokens_in, "completion_tokens": thought.tokens_out,
            "total_tokens": thought.tokens_in + thought.tokens_out}


def _openai_message(asked: dict[str, object], thought: Thought) -> object:
    message: dict[str, object] = {"role": "assistant", "content": None if thought.tool else thought.text}
    if thought.tool:
        function = {"name": thought.tool, "arguments": json.dumps(thought.arguments, ensure_ascii=False)}
        message["tool_calls"] = [{"id": "call_1", "type": "function", "function": function}]
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if thought.tool else "stop"}
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": asked.get("model"),
            "choices": [choice], "usage": _openai_usage(thought)}


def _anthropic_content(thought: Thought) -> dict[str, object]:
    if thought.tool:
        return {"type": "tool_use", "id": "toolu_1", "name": thought.tool, "input": thought.arguments}
    return {"type": "text", "text": thought.text}


def _anthropic_message(asked: dict[str, object], thought: Thought) -> dict[str, object]:
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": asked.get("model"),
            "content": [_anthropic_content(thought)], "stop_sequence": None,
            "stop_reason": "tool_use" if thought.tool else "end_turn",
            "usage": {"input_tokens": thought.tokens_in, "output_tokens": thought.tokens_out}}


def _anthropic_events(asked: dict[str, object], thought: Thought) -> list[object]:
    message = {**_anthropic_message(asked, thought), "content": [], "stop_reason": None}
    block = _anthropic_content(thought)
    if thought.tool:
        start: dict[str, object] = {**block, "input": {}}
        deltas: list[object] = [{"type": "input_json_delta",
                                 "partial_json": json.dumps(thought.arguments, ensure_ascii=False)}]
    else:
        start = {"type": "text", "text": ""}
        deltas = [{"type": "text_delta", "text": piece} for piece in thought.pieces]
    return [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": start},
        {"type": "ping"},
        *({"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use" if thought.tool else "end_turn",
                                            "stop_sequence": None}, "usage": {"output_tokens": thought.tokens_out}},
        {"type": "message_stop"},
    ]


def _gemini_chunk(thought: Thought) -> object:
    part: object = {"functionCall": {"name": thought.tool, "args": thought.arguments}} if thought.tool \
        else {"text": thought.text}
    return {"candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}],
            "usageMetadata": {"promptTokenCount": thought.tokens_in, "candidatesTokenCount": thought.tokens_out,
                              "totalTokenCount": thought.tokens_in + thought.tokens_out}}
