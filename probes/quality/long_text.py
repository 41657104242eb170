"""A long text: a word that stands at its very beginning is asked for at its end. Graded by that word.

At the beginning, because servers that cannot take so much often cut it off there and say nothing of it.
"""

from dataclasses import dataclass
from random import Random

from probes.dialect import Answer, Question

_WORDS = ("heron", "saffron", "granite", "lantern", "walnut", "meadow", "copper", "pepper")
_FILLER = "The ferry left the quiet harbour at seven and came back in the evening with nobody on board. "
_SIGNS_A_TOKEN = 5        # more than any tokenizer makes of this text: the prompt is never shorter than it should be


@dataclass(frozen=True, slots=True)
class Item:
    """The text with its question, and the word."""

    question: Question
    word: str

    def grade(self, answer: Answer) -> bool:
        """Right if the answer names the word and no other that could have been it."""
        said = answer.text.casefold()
        return [word for word in _WORDS if word in said] == [self.word]


def draw(dice: Random, max_tokens: int, tokens: int) -> Item:
    """A text of at least so many tokens."""
    word = dice.choice(_WORDS)
    filler = _FILLER * (tokens * _SIGNS_A_TOKEN // len(_FILLER) + 1)
    prompt = f"Remember: the code word is {word}. {filler}\nWhat is the code word? Answer with the word alone."
    return Item(Question(prompt, max_tokens=max_tokens, stream=False), word)
