"""What a stand-in model thinks: enough to pass our own quality items, and to fail them when told to.

It reads the question as any model would – from the prompt and the tool's schema – and knows none of the items' seeds.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from probes.sim.thread import Thread, read_thread
from probes.sim.world import Behaviour

_SUM = re.compile(r"(-?\d+)\s*[*×x]\s*(-?\d+)(?:\s*([-+])\s*(\d+))?")
_SAID = (
    re.compile(r"from (?P<city>\w+) named (?P<name>\w+) sold (?P<count>-?\d+)"),
    re.compile(r"set the (?P<room>\w+) to (?P<celsius>-?\d+)"),
)
_FOLLOWS = re.compile(r"temperatures of the (?P<first>\w+) and of the (?P<second>\w+)\. Then set the (?P<room>\w+) to "
                      r"(?P<more>\d+) degrees Celsius more than the (?P<other>\w+) has")
_COUNT = re.compile(r"[Cc]ount from one to ten")
_NEEDLE = re.compile(r"the code word is (\w+)")


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


def think(asked: dict[str, Any], manner: Behaviour = Behaviour.SERVE) -> Thought:
    """Answer a request body of any of the dialects, rightly or in the manner of a model that cannot."""
    thread = read_thread(asked)
    tokens_in = max(1, sum(len(str(part)) for part in (thread.prompt, *thread.tools.items(), *thread.told)) // 4)
    if thread.tools and manner is not Behaviour.NO_TOOLS:
        name, arguments = _call(thread)
        return Thought(tool=name, arguments={} if manner is Behaviour.WRONG else arguments, tokens_in=tokens_in)
    text = "I am not sure." if manner is Behaviour.WRONG else _answer(thread.prompt)
    if manner is Behaviour.BROKEN_JSON and text.startswith("{"):
        text = text[:-1]
    return Thought(text=text, tokens_in=tokens_in)


def _call(thread: Thread) -> tuple[str, dict[str, Any]]:
    """The next call: what is asked for in so many words, or what follows from what the tools have answered."""
    follows = _FOLLOWS.search(thread.prompt)
    if follows is None:
        name = next(iter(thread.tools))
        return name, {key: fact for key, fact in _facts(thread.prompt).items() if key in thread.tools[name]}
    has = {one["room"]: int(one["celsius"]) for one in thread.told if {"room", "celsius"} <= set(one)}
    for room in follows.group("first", "second"):
        if room not in has:
            return "read_temperature", {"room": room}
    return "set_temperature", {"room": follows["room"], "celsius": has[follows["other"]] + int(follows["more"])}


def _facts(prompt: str) -> dict[str, str | int]:
    """What the prompt says, by the names our items ask it under; numbers as numbers."""
    found = [match.groupdict() for pattern in _SAID for match in pattern.finditer(prompt)]
    said = {key: word for group in found for key, word in group.items()}
    return {key: int(word) if word.lstrip("-").isdigit() else word for key, word in said.items()}


def _answer(prompt: str) -> str:
    if _COUNT.search(prompt):
        return "one two three four five six seven eight nine ten"
    if needle := _NEEDLE.search(prompt):
        return needle[1]
    found = _SUM.search(prompt)
    if found:
        left, right, sign, more = found.groups()
        value = int(left) * int(right) + (int(more) * (-1 if sign == "-" else 1) if more else 0)
        return str(value)
    facts = _facts(prompt)
    return json.dumps(facts, ensure_ascii=False) if facts and "JSON" in prompt else "ok"
