"""How a stand-in speaks OpenAI's Responses dialect: items and typed events, the whole response in the last one."""

import json

from probes.sim.brain import Thought


def response(asked: dict[str, object], thought: Thought) -> dict[str, object]:
    """One response object."""
    usage = {"input_tokens": thought.tokens_in, "output_tokens": thought.tokens_out,
             "total_tokens": thought.tokens_in + thought.tokens_out}
    return {"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": asked.get("model"),
            "output": [_item(thought)], "usage": usage}


def events(asked: dict[str, object], thought: Thought) -> list[object]:
    """The same as a stream."""
    whole, item = response(asked, thought), _item(thought)
    begun: dict[str, object] = {**whole, "status": "in_progress", "output": []}
    at = {"output_index": 0, "item_id": item["id"]}
    if thought.tool:
        deltas: list[object] = [{"type": "response.function_call_arguments.delta", **at,
                                 "delta": _arguments(thought)}]
    else:
        deltas = [{"type": "response.output_text.delta", **at, "content_index": 0, "delta": piece}
                  for piece in thought.pieces]
    empty = {**item, "arguments": ""} if thought.tool else {**item, "content": []}
    return [{"type": "response.created", "response": begun},
            {"type": "response.output_item.added", "output_index": 0, "item": empty}, *deltas,
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": whole}]


def _item(thought: Thought) -> dict[str, object]:
    if thought.tool:
        return {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": thought.tool,
                "arguments": _arguments(thought), "status": "completed"}
    text = {"type": "output_text", "text": thought.text, "annotations": []}
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [text]}


def _arguments(thought: Thought) -> str:
    return json.dumps(thought.arguments, ensure_ascii=False)
