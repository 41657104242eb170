"""What a stand-in reads of a conversation, whatever the dialect: the task, the tools, what they answered, the thinking.

It looks at the request as a vendor would, from the body alone.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

OWN_WORD = "skip_thought_signature_validator"       # by which Google lets other models' calls pass


@dataclass(frozen=True, slots=True)
class Thread:
    """One request. `told`: the JSON that tools answered with. `thinking`: whether somebody's thinking is replayed."""

    prompt: str
    tools: dict[str, dict[str, Any]] = field(default_factory=dict)       # their schemas' properties, by name
    told: tuple[dict[str, Any], ...] = ()
    thinking: bool = False


def read_thread(asked: dict[str, Any]) -> Thread:
    """The prompt is the last thing said; where tools have answered since, the first."""
    turns = asked.get("messages") or asked.get("contents") or asked.get("input") or []
    if isinstance(turns, str):
        turns = [{"content": turns}]
    parts = [part for turn in turns for part in _parts(turn)]
    told = tuple(found for part in parts if (found := _told(part)) is not None)
    said = [text for turn in turns if turn.get("role", "user") == "user" and (text := _text(turn))]
    prompt = "" if not said else said[0] if told else said[-1]
    return Thread(prompt, dict(_tools(asked)), told, any(map(_is_thinking, parts)))


def _parts(turn: dict[str, Any]) -> list[dict[str, Any]]:
    """The turn itself, and what it is made of."""
    inner = turn.get("content") or turn.get("parts") or []
    return [turn, *(part for part in inner if isinstance(part, dict))] if isinstance(inner, list) else [turn]


def _text(turn: dict[str, Any]) -> str:
    if isinstance(content := turn.get("content"), str):
        return content
    return "\n".join(str(part["text"]) for part in _parts(turn)[1:] if part.get("text"))


def _told(part: dict[str, Any]) -> dict[str, Any] | None:
    if part.get("role") == "tool" or part.get("type") in ("tool_result", "function_call_output"):
        value = part.get("content", part.get("output"))
    else:
        value = (part.get("functionResponse") or {}).get("response")
    try:
        value = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _is_thinking(part: dict[str, Any]) -> bool:
    if part.get("reasoning_content") or part.get("reasoning") or part.get("thought"):
        return True
    return part.get("type") in ("thinking", "reasoning") or part.get("thoughtSignature", OWN_WORD) != OWN_WORD


def _tools(asked: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for tool in asked.get("tools") or []:
        for one in tool.get("functionDeclarations", [tool.get("function", tool)]):
            schema = one.get("parameters") or one.get("input_schema") or one.get("parametersJsonSchema") or {}
            yield one["name"], schema.get("properties", {})
