"""Does a model answer, and how fast? One short streamed answer: first byte, first token, speed, tokens, money."""

from dataclasses import dataclass, replace

from probes.asking import ask
from probes.dialect import Question
from probes.model import Occasion, Target
from probes.probe import Steps


@dataclass(frozen=True, slots=True)
class Kind:
    """Asks for a short text, streamed, over a fresh connection.

    A pinned model is asked and no other; else the first candidate of the catalogue that is listed and answers. An
    answer cut by `max_tokens` is a success, also an empty one: thinking models spend the limit before they speak.
    A stream that ends without a finish is *degraded*, one that never said anything is an *outage*.
    """

    prompt: str = "Count from one to ten in words."
    max_tokens: int = 64
    deadline_s: float = 60.0
    stream: bool = True

    def steps(self, target: Target, occasion: Occasion) -> Steps:
        """The question, to as many candidates as it takes."""
        question = Question(
            self.prompt, max_tokens=self.max_tokens, stream=self.stream, deadline_s=self.deadline_s
        )
        asked = yield from ask(target, question, occasion, occasion.memory)
        changed = dict(asked.notes) != dict(occasion.memory)
        return replace(asked.reading, memory=dict(asked.notes) if changed else None)
