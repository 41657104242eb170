"""Arithmetic items: one right answer, however it is written."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.dialect import Answer
from probes.quality.arithmetic import Item, draw


@given(st.integers())
def test_the_right_answer_passes_and_its_neighbour_does_not(seed):
    item = draw(Random(seed), 64)
    assert item.grade(Answer(text=str(item.expected)))
    assert item.grade(Answer(text=f"12 * 3 is 36, so the answer is **{item.expected:,}**."))
    assert not item.grade(Answer(text=str(item.expected + 1)))
    assert str(item.expected) not in item.question.prompt.split()


@pytest.mark.parametrize(
    ("text", "right"),
    [("-1,234", True), ("−1234", True), ("-1234.0", True), ("1234", False), ("", False), ("none", False),
     ("-1234 or 5", False), ("$-1{,}234$".replace("{,}", "\\,"), True)],
)
def test_spellings(text, right):
    assert Item(draw(Random(1), 64).question, -1234).grade(Answer(text=text)) is right
