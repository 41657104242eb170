"""Extraction items: the facts count, not the wrapping."""

import json
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from probes.dialect import Answer
from probes.quality.extraction import draw, find_object


@given(st.integers())
def test_right_facts_pass_bare_or_fenced_and_wrong_ones_do_not(seed):
    item = draw(Random(seed), 64)
    right = json.dumps(dict(item.expected))
    assert item.grade(Answer(text=right))
    assert item.grade(Answer(text=f"Here you are:\n```json\n{right}\n```"))
    for wrong in ({**item.expected, "count": 0}, {**item.expected, "more": 1}, {**item.expected, "name": "Nobody"},
                  {**item.expected, "count": str(item.expected["count"])}):
        assert not item.grade(Answer(text=json.dumps(wrong)))


@given(st.text(max_size=40))
def test_no_text_makes_it_raise(text):
    find_object(text)
    assert not draw(Random(1), 64).grade(Answer(text=text))
