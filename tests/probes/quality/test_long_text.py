"""A long text is at least as long as it should be, and its word stands at the beginning."""

from random import Random

import pytest

from probes.dialect import Answer
from probes.quality.long_text import draw


@pytest.mark.parametrize("tokens", [1, 1000, 50_000])
def test_it_is_long_enough_and_not_much_longer(tokens):
    prompt = draw(Random(1), 64, tokens).question.prompt
    assert tokens * 5 <= len(prompt) <= tokens * 5 + 400
    assert len(prompt.split()) >= tokens * 0.8, "a word is a token at the least"


def test_the_word_is_at_the_beginning_and_nowhere_else():
    item = draw(Random(2), 64, 2000)
    assert item.question.prompt.count(item.word) == 1
    assert item.question.prompt.index(item.word) < 60


def test_one_word_is_right():
    item = draw(Random(2), 64, 100)
    assert item.grade(Answer(text=f"The code word is {item.word.upper()}."))
    assert not item.grade(Answer(text="I do not know."))
    assert not item.grade(Answer(text="heron saffron granite lantern walnut meadow copper pepper"))
