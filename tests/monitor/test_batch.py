"""An act is known by the words of its move, and by nothing else a move may say."""

import pytest
from worlds import NOON

from monitor.batch import CLOSED_BY, RESUMED, UNWATCHED, UNWATCHED_FROM, Act, act_of
from monitor.lifecycle import Sign


@pytest.mark.parametrize(("because", "sign", "gone"), [
    (f"{RESUMED}mei", Sign.RESUMED, ()), (f"{CLOSED_BY}mei: no longer watched from eu", Sign.ENDED, ()),
    (UNWATCHED, Sign.UNWATCHED, ()), (f"{UNWATCHED_FROM}eu, us", None, ("eu", "us"))])
def test_its_words_say_what_was_done(because: str, sign: Sign | None, gone: tuple[str, ...]) -> None:
    assert act_of("k", NOON, because) == Act("k", NOON, because, sign, gone)


@pytest.mark.parametrize("because", ["", "acknowledged by closed by", "answers are as they should be again", "resumed"])
def test_other_words_are_no_act(because: str) -> None:
    assert act_of("k", NOON, because) is None
