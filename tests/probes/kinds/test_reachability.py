"""Reachability: alive, asks for a key, or really refused."""

import pytest
from builders import a_provider, a_target, an_exchange, an_occasion
from playbook import play

from probes.kinds.reachability import Kind
from probes.model import Exchange, Failure, HttpCall, Secret, Surface, Target
from probes.outcome import Outcome

LIST = {"object": "list", "data": [{"id": "acme-small"}, {"id": "acme-older"}]}


def ask(target: Target, exchange: Exchange):
    return play(Kind().steps(target, an_occasion()), [exchange])


def test_a_listed_vendor_is_well_and_leaves_no_evidence():
    played = ask(a_target(), an_exchange(200, LIST))
    assert played.reading.outcome is Outcome.OK
    assert played.reading.figures.extra["models"] == 2
    assert played.reading.figures.total_s == 0.2
    assert played.reading.exchanges == ()


def test_the_key_is_a_name_bound_to_host_and_region():
    call = ask(a_target(), an_exchange(200, LIST)).calls[0]
    assert isinstance(call, HttpCall)
    assert call.method == "GET"
    assert call.url == "https://api.acme.test/v1/models"
    assert dict(call.headers)["authorization"] == Secret("ACME_API_KEY", "api.acme.test", "eu", "Bearer ")
    assert call.fresh


def test_without_an_account_no_secret_goes_along():
    call = ask(a_target(keyed=False), an_exchange(200, LIST)).calls[0]
    assert isinstance(call, HttpCall)
    assert not any(isinstance(value, Secret) for _, value in call.headers)


@pytest.mark.parametrize("status", [401, 403])
def test_a_keyless_call_that_is_asked_for_a_key_is_alive(status):
    body = {"error": {"message": "Missing API key", "type": "authentication_error", "code": "invalid_api_key"}}
    reading = ask(a_target("openai", keyed=False), an_exchange(status, body)).reading
    assert reading.outcome is Outcome.OK
    assert "asks for a key" in reading.reason


def test_a_keyed_call_that_is_refused_as_unauthorised_is_not_well():
    body = {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}
    reading = ask(a_target("openai"), an_exchange(401, body)).reading
    assert reading.outcome is Outcome.AUTH_FAILED
    assert reading.exchanges


def test_a_refusal_by_place_stays_one_without_a_key():
    body = {"error": {"code": "unsupported_country_region_territory",
                      "message": "Country, region, or territory not supported", "type": "request_forbidden"}}
    reading = ask(a_target("openai", keyed=False), an_exchange(403, body)).reading
    assert reading.outcome is Outcome.GEO_RESTRICTED


@pytest.mark.parametrize("keyed", [True, False])
def test_a_server_error_is_never_alive(keyed):
    reading = ask(a_target(keyed=keyed), an_exchange(500, {"error": {"message": "Internal error"}})).reading
    assert reading.outcome not in (Outcome.OK, Outcome.UNKNOWN)


def test_a_timeout_is_a_network_failure_that_lasted_as_long_as_the_deadline():
    from probes.model import Phases

    exchange = an_exchange(failure=Failure.TCP_TIMEOUT, phases=Phases(dns_s=0.01))
    reading = ask(a_target(keyed=False), exchange).reading
    assert reading.outcome is Outcome.NETWORK_TIMEOUT
    assert reading.figures.total_s == 15.0


def test_a_200_without_a_list_is_not_called_well():
    reading = ask(a_target(), an_exchange(200, {"hello": "there"})).reading
    assert reading.outcome is not Outcome.OK


@pytest.mark.parametrize(("status", "well"), [(200, True), (301, True), (404, True), (503, False)])
def test_a_control_host_only_has_to_answer(status, well):
    control = a_provider("control", neutral=True, surfaces=(Surface("control", "https://control.test", "none"),))
    played = ask(a_target(control, keyed=False), an_exchange(status, "<html>hello</html>"))
    assert (played.reading.outcome is Outcome.OK) == well
    call = played.calls[0]
    assert isinstance(call, HttpCall)
    assert call.url == "https://control.test/"
