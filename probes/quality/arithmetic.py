"""Exact-answer arithmetic: a fresh sum each time, so that no answer can be remembered, graded to the digit."""

import re
from dataclasses import dataclass
from random import Random

from probes.dialect import Answer, Question

_NUMBER = re.compile(r"[-−]?\d(?:[\d,_\u2009\u202f ]*\d)?(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Item:
    """One sum with its one right answer."""

    question: Question
    expected: int

    def grade(self, answer: Answer) -> bool:
        """Right if the last number of the answer is the one: models like to show their working first."""
        numbers = _NUMBER.findall(answer.text.replace("\\,", ","))
        return bool(numbers) and _read(numbers[-1]) == self.expected


def draw(dice: Random, max_tokens: int) -> Item:
    """A sum of the kind a child can do on paper: two-step, whole numbers."""
    first, second, third = dice.randint(12, 99), dice.randint(3, 19), dice.randint(100, 999)
    sign = dice.choice(("+", "-"))
    expected = first * second + third if sign == "+" else first * second - third
    if expected in {first, second, third}:      # an echo of the question would pass
        return draw(dice, max_tokens)
    prompt = f"Compute {first} * {second} {sign} {third}. Answer with the number only."
    return Item(Question(prompt, max_tokens=max_tokens, stream=False), expected)


def _read(text: str) -> float:
    return float(re.sub(r"[,_\s\u2009\u202f]", "", text.replace("−", "-")))
