from datetime import timedelta

from histories import T0
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Sample, Scope
from monitor.rule import ANSWERED, SERVED, Coding, StreamKey, moment, stamp, stream_of
from probes.outcome import NETWORK, NO_EVIDENCE, Outcome


@given(st.integers(0, 10**9))
def test_stamps_come_back_to_the_millisecond(ms):
    assert abs(moment(stamp(T0 + timedelta(milliseconds=ms))) - T0 - timedelta(milliseconds=ms)) < timedelta(
        milliseconds=1)


def test_a_stream_is_its_check_where_there_is_one():
    sample = Sample(1, T0, "models", "claude", "eu", "ok", account="main", check_key="c-1")
    assert stream_of(sample).text == "c-1"
    assert StreamKey("claude", "eu", "models").text == "claude|eu|-|-|models|-"
    assert stream_of(sample).scope == Scope("claude", "eu", "main")


NAMES = st.sampled_from(["a", "b"])
SAMPLES = st.builds(lambda p, r, k, s, a, m: Sample(1, T0, k, p, r, "ok", surface=s, account=a, model=m), NAMES, NAMES,
                    NAMES, st.sampled_from(["", "cn"]), st.none() | NAMES, st.none() | NAMES)


@given(SAMPLES, SAMPLES)
def test_what_differs_in_anything_is_another_stream(one, other):
    assert (stream_of(one).text == stream_of(other).text) == (stream_of(one) == stream_of(other))


def test_an_answer_is_what_is_neither_silence_nor_unknown():
    assert not ANSWERED & (NETWORK | NO_EVIDENCE)
    assert set(Outcome) == ANSWERED | NETWORK | NO_EVIDENCE
    assert SERVED < ANSWERED


class Refused(Coding):
    hits = frozenset({Outcome.AUTH_FAILED, Outcome.GEO_RESTRICTED})


def test_a_keyless_call_that_is_asked_for_its_key_was_let_in():
    assert Refused().reads(Outcome.AUTH_FAILED, keyless=False) is True
    assert Refused().reads(Outcome.AUTH_FAILED, keyless=True) is False
    assert Coding().reads(Outcome.AUTH_FAILED, keyless=False) is None
    assert Coding().reads(Outcome.AUTH_FAILED, keyless=True) is False


def test_an_outcome_nobody_named_is_no_evidence():
    assert Refused().reads(Outcome.GEO_RESTRICTED, keyless=True) is True
    assert Refused().reads(Outcome.OK, keyless=True) is False
    assert Refused().reads(Outcome.OVERLOADED, keyless=True) is None
