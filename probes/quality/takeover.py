"""Taking over: another model has called two tools and thought about it; the next call is to follow from what came back.

The right call cannot be guessed from the prompt: its figure is in the results that were told to the other model.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from probes.dialect import Answer, Question, Tool, ToolCall, Turn, find_dialect
from probes.quality.tool_call import ROOMS, TOOL, made

READ = Tool(
    name="read_temperature",
    description="Read the temperature that one room of the house has now.",
    parameters={
        "type": "object",
        "properties": {"room": {"type": "string", "description": "Name of the room, one word, lower case"}},
        "required": ["room"],
    },
)


@dataclass(frozen=True, slots=True)
class Item:
    """A session under way, and the call that carries it on."""

    question: Question
    expected: Mapping[str, str | int]

    def grade(self, answer: Answer) -> bool:
        """Right if exactly one call was made: the one that is left to do, with what the results say."""
        return made(answer, self.expected)


def draw(dice: Random, max_tokens: int, origin: str = "openai", *, thinking: bool = True) -> Item:
    """`origin`: the dialect the session was begun in. `thinking`: whether its thinking goes along."""
    cold, warm = dice.sample(ROOMS, 2)
    has = {cold: dice.randint(5, 12), warm: dice.randint(15, 22)}
    more = dice.randint(2, 6)
    prompt = (f"First read the temperatures of the {cold} and of the {warm}. Then set the {cold} to {more} degrees "
              f"Celsius more than the {warm} has now. Use the tools, one at a time; do not ask back.")
    turns = tuple(_turn(order, room, has[room], origin, thinking) for order, room in enumerate((cold, warm), 1))
    question = Question(prompt, max_tokens=max_tokens, tools=(READ, TOOL), stream=False, turns=turns)
    return Item(question, {"room": cold, "celsius": has[warm] + more})


def _turn(order: int, room: str, celsius: int, origin: str, thinking: bool) -> Turn:
    minted = find_dialect(origin).mint(order)
    call = ToolCall(READ.name, json.dumps({"room": room}), minted.call_id)
    thought = f"I need to know how warm the {room} is, so I read it first." if thinking else ""
    return Turn(call, json.dumps({"room": room, "celsius": celsius}), f"I read the {room}.", thought,
                minted.signature if thinking else "", origin)
