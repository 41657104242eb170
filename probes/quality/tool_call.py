"""Tool call: one function is offered and plainly asked for; graded by name and arguments."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from probes.dialect import Answer, Question, Tool

ROOMS = ("kitchen", "cellar", "attic", "library", "workshop", "greenhouse", "hallway", "garage")
TOOL = Tool(
    name="set_temperature",
    description="Set the target temperature of one room of the house.",
    parameters={
        "type": "object",
        "properties": {
            "room": {"type": "string", "description": "Name of the room, one word, lower case"},
            "celsius": {"type": "integer", "description": "Target temperature in degrees Celsius"},
        },
        "required": ["room", "celsius"],
    },
)


@dataclass(frozen=True, slots=True)
class Item:
    """One wish and the call that grants it."""

    question: Question
    expected: Mapping[str, str | int]

    def grade(self, answer: Answer) -> bool:
        """Right if exactly one call was made, of this function, with these arguments."""
        return made(answer, self.expected)


def made(answer: Answer, expected: Mapping[str, str | int]) -> bool:
    """Whether exactly one call was made, to set these degrees in this room."""
    if len(answer.tool_calls) != 1 or answer.tool_calls[0].name != TOOL.name:
        return False
    try:
        given = json.loads(answer.tool_calls[0].arguments)
    except (ValueError, RecursionError):
        return False
    if not isinstance(given, dict) or set(given) != set(expected):
        return False
    room, celsius = given["room"], given["celsius"]
    right_room = isinstance(room, str) and room.strip().casefold() == expected["room"]
    return right_room and celsius == expected["celsius"] and not isinstance(celsius, bool)


def draw(dice: Random, max_tokens: int) -> Item:
    """A wish that names the room and the temperature."""
    room, celsius = dice.choice(ROOMS), dice.randint(11, 27)
    prompt = f"Please set the {room} to {celsius} degrees Celsius. Use the tool; do not ask back."
    question = Question(prompt, max_tokens=max_tokens, tools=(TOOL,), stream=False)
    return Item(question, {"room": room, "celsius": celsius})
