"""What a stand-in model thinks: enough to pass our own quality items, and to fail them when told to.

It reads the question as any model would – from the prompt and the tool's schema – and knows none of the items' seeds.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

_SUM = re.compile(r"(-?\d+)\s*[*×x]\s*(-?\d+)(?:\s*([-+])\s*(\d+))?")
_SAID = (
    re.compile(r"from (?P<city>\w+) named (?P<name>\w+) sold (?P<count>-?\d+)"),
    re.compile(r"set the (?P<room>\w+) to (?P<celsius>-?\d+)"),
)


@dataclass(frozen=True, slots=True)
class Thought:
    """An answer: text, or a tool call. Token counts are rough, as a vendor's are opaque."""

    text: str = ""
    tool: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    tokens_in: int = 1

    @property
    def pieces(self) -> tuple[str, ...]:
        """The text as a stream would bring it."""
        return tuple(re.findall(r"\s*\S+", self.text)) or ("",)

    @property
    def tokens_out(self) -> int:
        return max(1, len(self.text) // 4 + len(json.dumps(self.arguments)) // 4)


def think(asked: dict[str, Any], *, wrong: bool = False) -> Thought:
    """Answer a request body of any of the dialects."""
    prompt = _prompt(asked)
    tokens_in = max(1, len(prompt) // 4)
    schema = _tool(asked)
    if schema is not None:
        known = {key: fact for key, fact in _facts(prompt).items() if key in schema[1].get("properties", {})}
        return Thought(tool=schema[0], arguments={} if wrong else known, tokens_in=tokens_in)
    text = _answer(prompt)
    return Thought(text="I am not sure." if wrong else text, tokens_in=tokens_in)


def _prompt(asked: dict[str, Any]) -> str:
    turns = asked.get("messages") or asked.get("contents") or asked.get("input") or []
    if isinstance(turns, str):
        return turns
    last = turns[-1] if turns else {}
    content = last.get("content") or last.get("parts") or ""
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content)


def _tool(asked: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    tools = asked.get("tools") or []
    if not tools:
        return None
    tool = tools[0]
    if "functionDeclarations" in tool:
        tool = tool["functionDeclarations"][0]
    tool = tool.get("function", tool)
    return tool["name"], tool.get("parameters") or tool.get("input_schema") or tool.get("parametersJsonSchema") or {}


def _facts(prompt: str) -> dict[str, str | int]:
    """What the prompt says, by the names our items ask it under; numbers as numbers."""
    found = [match.groupdict() for pattern in _SAID for match in pattern.finditer(prompt)]
    said = {key: word for group in found for key, word in group.items()}
    return {key: int(word) if word.lstrip("-").isdigit() else word for key, word in said.items()}


def _answer(prompt: str) -> str:
    found = _SUM.search(prompt)
    if found:
        left, right, sign, more = found.groups()
        value = int(left) * int(right) + (int(more) * (-1 if sign == "-" else 1) if more else 0)
        return str(value)
    facts = _facts(prompt)
    return json.dumps(facts, ensure_ascii=False) if facts and "JSON" in prompt else "ok"
