"""What every probe kind must hold to, whatever a vendor answers. Walks the folder: a new kind is covered at once."""

import dataclasses
import importlib
import inspect
import pkgutil

import pytest
from builders import a_provider, a_target, an_exchange, an_occasion
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import probes.kinds
from probes.model import DnsCall, Exchange, Failure, HttpCall, Reading, Secret, StatusSource, TcpCall, TlsCall
from probes.outcome import Outcome

KINDS = sorted(module.name for module in pkgutil.iter_modules(probes.kinds.__path__))
STATUS = (StatusSource("https://status.acme.test/feed", "x"), StatusSource("https://s.acme.test/a.json", "x", "json"))
DIALECTS = ("openai", "openai_responses", "anthropic", "gemini")
BODIES = (b"", b"{}", b"[]", b"null", b"<html>", b"data: {}\n\n", b"data: [DONE]\n\n", b'{"error": "x"}', b"\xff\x00",
          b'{"data": [{"id": "acme-small"}]}', b'{"choices": [{"delta": null}]}', b'{"incidents": [1, null]}')
exchanges = st.builds(
    lambda status, body, failure: an_exchange(status, body, failure=failure),
    st.sampled_from([200, 204, 301, 304, 400, 401, 403, 404, 429, 451, 500, 503, 529]), st.sampled_from(BODIES),
    st.none() | st.sampled_from(list(Failure)))


def kind_of(name):
    return importlib.import_module(f"probes.kinds.{name}").Kind


@pytest.mark.parametrize("name", KINDS)
def test_it_is_a_documented_frozen_value_with_defaults(name):
    kind = kind_of(name)
    assert dataclasses.is_dataclass(kind)
    assert kind() == kind()
    assert len(inspect.getdoc(kind) or "") > 40
    for field in dataclasses.fields(kind):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(kind(), field.name, None)


@pytest.mark.parametrize("name", KINDS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(answers=st.lists(exchanges, max_size=4), keyed=st.booleans(), dialect=st.sampled_from(DIALECTS))
def test_any_answers_come_to_a_reading(name, answers, keyed, dialect):
    """Ends, raises nothing, keeps evidence of what is not well, and shows a key only where there is an account."""
    target = a_target(a_provider(dialect=dialect, status=STATUS), keyed=keyed)
    steps = kind_of(name)().steps(target, an_occasion())
    reply = None
    for turn in range(60):
        try:
            call = next(steps) if reply is None else steps.send(reply)
        except StopIteration as end:
            reading = end.value
            break
        assert isinstance(call, HttpCall | DnsCall | TcpCall | TlsCall)
        if isinstance(call, HttpCall):
            for _, value in call.headers:
                if isinstance(value, Secret):
                    assert keyed
                    assert (value.host, value.region) == ("api.acme.test", "eu")
        known = answers[turn] if turn < len(answers) else an_exchange(500)
        reply = dataclasses.replace(known, call=call)
    else:
        pytest.fail("it does not end")
    assert isinstance(reading, Reading)
    assert isinstance(reading.outcome, Outcome)
    assert reading.reason
    if reading.outcome not in (Outcome.OK, Outcome.SKIPPED):
        assert reading.exchanges
        assert all(isinstance(exchange, Exchange) for exchange in reading.exchanges)
    if reading.memory is not None:
        assert all(isinstance(text, str) for pair in reading.memory.items() for text in pair)


@pytest.mark.parametrize("name", KINDS)
def test_the_same_occasion_asks_the_same(name):
    def first():
        return next(kind_of(name)().steps(a_target(a_provider(status=STATUS)), an_occasion(seed=3)), None)

    assert first() == first()
