"""How long a vendor wants to be left alone, in every spelling that is known."""

import pytest
from builders import SLOT, an_exchange
from hypothesis import given
from hypothesis import strategies as st

from probes.limits import LONGEST_S, allowed_requests, wait_s


@pytest.mark.parametrize(("headers", "seconds"), [
    ({"Retry-After": "7"}, 7),
    ({"retry-after": "0.5"}, 0.5),
    ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
    ({"retry-after": "Tue, 24 Nov 2026 12:00:30 GMT"}, 30),
    ({"retry-after": "Tue, 24 Nov 2026 13:00:30 GMT", "date": "Tue, 24 Nov 2026 13:00:00 GMT"}, 30),
    ({"anthropic-ratelimit-requests-remaining": "0", "anthropic-ratelimit-requests-reset": "2026-11-24T12:00:42Z"}, 42),
    ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s"}, 360),
    ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "12ms"}, 0.012),
    ({"x-ratelimit-reset-requests": "2m59.56s"}, 179.56),
    ({"x-ratelimit-reset-requests": "1h0m1s"}, 3601),
    ({"x-ratelimit-remaining-requests-day": "9", "x-ratelimit-reset-requests-day": "33011.3",
      "x-ratelimit-remaining-tokens-minute": "0", "x-ratelimit-reset-tokens-minute": "11.3"}, 11.3),
    ({"x-ratelimit-reset-requests": "90s", "x-ratelimit-reset-tokens": "3s"}, 3),       # which, it does not say
    ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(SLOT.timestamp()) + 20)}, 20),
    ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str((int(SLOT.timestamp()) + 20) * 1000)}, 20),
    ({"ratelimit": '"api";r=0;t=55'}, 55),
    ({"retry-after": "99999999"}, LONGEST_S),
    ({"retry-after": "Tue, 24 Nov 2026 11:00:00 GMT"}, 0),
    ({"retry-after": "soon"}, None),
    ({"retry-after": "nan"}, None),
    ({"x-ratelimit-reset-requests": "-1"}, None),
    ({"x-ratelimit-limit-requests": "60"}, None),
    ({}, None),
])
def test_every_spelling(headers: dict[str, str], seconds: float | None) -> None:
    found = wait_s(an_exchange(429, headers=headers, started_at=SLOT))
    assert found == (None if seconds is None else pytest.approx(seconds))


def test_google_says_it_in_the_body() -> None:
    detail = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}
    assert wait_s(an_exchange(429, {"error": {"details": [detail]}})) == 34.5


def test_only_a_429_says_wait() -> None:
    assert wait_s(an_exchange(200, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9"})) is None
    assert wait_s(an_exchange(503, headers={"retry-after": "9"})) is None


@given(st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "x-ratelimit-reset", "ratelimit", "date"]),
                       st.text(max_size=30)))
def test_no_text_breaks_it(headers: dict[str, str]) -> None:
    found = wait_s(an_exchange(429, headers=headers, started_at=SLOT))
    assert found is None or 0 <= found <= LONGEST_S


@pytest.mark.parametrize(("headers", "requests"), [
    ({"x-ratelimit-limit-requests": "60", "x-ratelimit-limit-tokens": "9"}, 60),
    ({"anthropic-ratelimit-requests-limit": "50"}, 50),
    ({"x-ratelimit-limit-requests-day": "1000", "x-ratelimit-limit-requests": "5"}, 5),
    ({"x-ratelimit-limit-requests": "0"}, None),
    ({"x-ratelimit-limit-requests": "-1"}, None),
    ({}, None),
])
def test_how_many_are_allowed(headers: dict[str, str], requests: int | None) -> None:
    assert allowed_requests(an_exchange(429, headers=headers)) == requests
