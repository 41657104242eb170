"""Counting, streamed: whether the answer comes piece by piece. What it says is of little matter, and not how fast."""

from dataclasses import dataclass
from random import Random

from probes.dialect import Answer, Question


@dataclass(frozen=True, slots=True)
class Item:
    """A question whose answer is long enough to come in pieces."""

    question: Question

    def grade(self, answer: Answer) -> bool:
        """Right if it came in pieces; what a server writes whole into one event is no stream."""
        return answer.token_events > 1


def draw(dice: Random, max_tokens: int) -> Item:
    """Nothing is drawn: a stream is a stream."""
    del dice
    return Item(Question("Count from one to ten in words.", max_tokens=max_tokens, stream=True))
