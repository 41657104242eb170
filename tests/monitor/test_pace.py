"""A vendor's wish holds for the whole account and for nobody else; what our own probes overdid is our fault."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from builders import an_exchange
from worlds import NOON, a_check

from monitor.model import Check
from monitor.pace import OURS, Pace, payer_of
from probes.model import Account, Exchange, Reading, Vantage
from probes.outcome import Outcome

KEYED = a_check("keyed", keyed=True)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def limited(**headers: str) -> Reading:
    return reading_of(an_exchange(429, headers={name.replace("_", "-"): value for name, value in headers.items()}))


def reading_of(*exchanges: Exchange) -> Reading:
    return Reading(Outcome.RATE_LIMITED, "429", status=429, exchanges=exchanges)


def on_account(name: str) -> Check:
    account = Account(name, "K", "api.acme.test", "home")
    return replace(KEYED, key=name, target=replace(KEYED.target, account=account))


def test_the_whole_account_waits_and_nobody_else() -> None:
    pace = Pace()
    pace.heed(KEYED, limited(retry_after="30"), NOON)
    for check in (KEYED, a_check("quality", kind="quality", keyed=True)):
        assert "until 12:00:30 UTC" in pace.refuses(check, after(29))
    others = (on_account("second"), a_check("keyless"), a_check("else", provider="else", keyed=True))
    assert [pace.refuses(check, after(1)) for check in others] == ["", "", ""]
    assert pace.refuses(KEYED, after(30)) == ""


def test_a_shorter_wish_does_not_cut_a_longer_one_short() -> None:
    pace = Pace()
    pace.heed(KEYED, limited(retry_after="30"), NOON)
    pace.heed(KEYED, limited(retry_after="1"), NOON)
    assert pace.refuses(KEYED, after(20))


def test_without_a_key_the_address_waits() -> None:
    pace, bare = Pace(), a_check("bare")
    pace.heed(bare, limited(retry_after="30"), NOON)
    assert pace.refuses(bare, after(1))
    assert not pace.refuses(replace(bare, vantage=Vantage("other", "home")), after(1))
    assert not pace.refuses(KEYED, after(1))
    assert payer_of(bare) != payer_of(KEYED)


def test_an_answer_that_is_no_429_or_names_no_time_holds_nobody_back() -> None:
    pace = Pace()
    pace.heed(KEYED, limited(), NOON)
    pace.heed(KEYED, reading_of(an_exchange(503, headers={"retry-after": "30"})), NOON)
    assert pace.refuses(KEYED, after(1)) == ""


@pytest.mark.parametrize(("allowed", "apart_s", "ours"), [("3", 10, True), ("4", 10, False), ("3", 40, False)])
def test_a_limit_that_our_own_probes_reached_is_our_fault(allowed: str, apart_s: int, ours: bool) -> None:
    pace = Pace()
    for number in range(3):
        assert pace.refuses(KEYED, after(apart_s * number)) == ""
    answer = limited(x_ratelimit_limit_requests=allowed)
    seen = pace.heed(KEYED, answer, after(apart_s * 2 + 1))
    assert (seen.outcome, seen.rule) == ((Outcome.PROBE_ERROR, OURS) if ours else (Outcome.RATE_LIMITED, ""))
    assert (seen.status, seen.exchanges) == (429, answer.exchanges)      # what was seen stays in the row
    if ours:
        assert "3 within a minute, 3 requests allowed" in seen.reason


def test_another_refusal_in_a_429_is_not_taken_for_ours() -> None:
    pace = Pace()
    pace.refuses(KEYED, NOON)
    spent = replace(limited(x_ratelimit_limit_requests="1"), outcome=Outcome.QUOTA_EXHAUSTED)
    assert pace.heed(KEYED, spent, NOON) == spent
