"""JSON extraction: three facts out of a fresh sentence, graded by value, not by wording."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from probes.dialect import Answer, Question

_NAMES = ("Amara", "Bjorn", "Chen", "Dolores", "Emeka", "Farah", "Goran", "Hana", "Ivo", "Jun", "Katya", "Lena")
_CITIES = ("Lisbon", "Osaka", "Nairobi", "Quito", "Tallinn", "Chengdu", "Perth", "Riga", "Cork", "Hanoi")
_THINGS = ("lamps", "chairs", "kettles", "bicycles", "mirrors", "radios", "ladders", "blankets")
_FENCE = re.compile(r"```[a-zA-Z]*\s*(.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Item:
    """One sentence and what is in it."""

    question: Question
    expected: Mapping[str, str | int]

    def grade(self, answer: Answer) -> bool:
        """Right if the answer is (or holds, in a code fence) one JSON object with exactly these facts."""
        found = find_object(answer.text)
        if found is None or set(found) != set(self.expected):
            return False
        return all(_same(found[key], value) for key, value in self.expected.items())


def draw(dice: Random, max_tokens: int) -> Item:
    """A sentence with a name, a city and a number, and one number that is not asked for."""
    name, city, thing = dice.choice(_NAMES), dice.choice(_CITIES), dice.choice(_THINGS)
    count, year = dice.randint(2, 480), dice.randint(1990, 2020)
    sentence = f"In {year} a dealer from {city} named {name} sold {count} {thing} in a single week."
    prompt = (
        f'Text: "{sentence}"\nReturn only a JSON object with the keys "name" (string), "city" (string) and '
        '"count" (integer: how many things were sold). No other keys, no explanation.'
    )
    question = Question(prompt, max_tokens=max_tokens, stream=False, json_mode=True)
    return Item(question, {"name": name, "city": city, "count": count})


def find_object(text: str) -> dict[str, object] | None:
    """The one JSON object in a text, bare or fenced."""
    fenced = _FENCE.search(text)
    inner = fenced.group(1) if fenced else text
    start, end = inner.find("{"), inner.rfind("}")
    if start < 0 or end < start:
        return None
    try:
        value = json.loads(inner[start : end + 1])
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _same(found: object, expected: str | int) -> bool:
    if isinstance(expected, int):
        return found == expected and not isinstance(found, bool)
    return isinstance(found, str) and found.strip().casefold() == expected.casefold()
