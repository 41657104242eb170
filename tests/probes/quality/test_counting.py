"""A stream is more than one piece; what is said in it does not matter."""

from random import Random

import pytest

from probes.dialect import Answer
from probes.quality.counting import draw


@pytest.mark.parametrize(("events", "streamed"), [(0, False), (1, False), (2, True), (40, True)])
def test_pieces_are_counted(events, streamed):
    item = draw(Random(1), 64)
    assert item.question.stream
    assert item.grade(Answer(text="one two", token_events=events)) is streamed
