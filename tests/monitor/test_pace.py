"""A stated limit is never exceeded; a vendor's wish holds for the whole account and for nobody else; and what our own
probes overdid is our fault.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from builders import an_exchange
from hypothesis import given
from hypothesis import strategies as st
from worlds import NOON, a_check

from monitor.catalogue import load_catalogue
from monitor.model import Check
from monitor.pace import OURS, WINDOW, Pace, Run, payer_of, rates_of
from monitor.settings import Config
from probes.model import Account, Call, Exchange, Failure, Figures, HttpCall, Reading, TcpCall, Vantage
from probes.outcome import Outcome
from probes.probe import Steps

KEYED = a_check("keyed", keyed=True)
API = HttpCall("GET", "https://api.acme.test/v1/models")
ELSEWHERE = HttpCall("GET", "https://status.acme.test/feed")


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def limited(**headers: str) -> Exchange:
    return an_exchange(429, headers={name.replace("_", "-"): value for name, value in headers.items()})


def on_account(name: str) -> Check:
    account = Account(name, "K", "api.acme.test", "home")
    return replace(KEYED, key=name, target=replace(KEYED.target, account=account))


def asking(*calls: Call) -> Steps:
    """A probe that makes these calls, whatever comes of them, and adds up what each answer has cost."""
    seen: list[Exchange] = []
    for call in calls:
        seen.append((yield call))
    last = seen[-1].status if seen else None
    return Reading(Outcome.RATE_LIMITED if last == 429 else Outcome.OK, "concluded", status=last, exchanges=tuple(seen),
                   figures=Figures(tokens_in=sum(one.failure is None for one in seen)), memory={"a": "note"})


def ask(pace: Pace, at: float, check: Check = KEYED, *, answer: Exchange | None = None,
        calls: Sequence[Call] = (API,)) -> Reading:
    """A whole run at that second, as the cycle does it; each call is answered at once."""
    run = pace.begin(check, after(at))
    if run.held:
        return Reading(Outcome.SKIPPED, run.held)
    steps = pace.paced(run, asking(*calls), lambda: after(at))
    try:
        call = next(steps)
        while True:
            call = steps.send(replace(answer or an_exchange(200), call=call))
    except StopIteration as end:
        pace.end(run)
        return pace.heed(run, end.value, after(at))


def outcomes(*readings: Reading) -> list[str]:
    return [reading.outcome.value for reading in readings]


# -- what a 429 says
def test_the_whole_account_waits_and_nobody_else() -> None:
    pace = Pace()
    ask(pace, 0, answer=limited(retry_after="30"))
    for check in (KEYED, a_check("quality", kind="quality", keyed=True)):
        assert "until 12:00:30 UTC" in ask(pace, 29, check).reason
    others = (on_account("second"), a_check("keyless"), a_check("else", provider="else", keyed=True))
    assert outcomes(*(ask(pace, 1, check) for check in others)) == ["ok", "ok", "ok"]
    assert ask(pace, 30).outcome is Outcome.OK


def test_a_shorter_wish_does_not_cut_a_longer_one_short() -> None:
    pace = Pace()
    first, second = pace.begin(KEYED, NOON), pace.begin(KEYED, NOON)
    for run, wish in ((first, "30"), (second, "1")):
        steps = pace.paced(run, asking(API), lambda: NOON)
        next(steps)
        with pytest.raises(StopIteration):
            steps.send(limited(retry_after=wish))
    assert ask(pace, 20).outcome is Outcome.SKIPPED


def test_without_a_key_the_address_waits() -> None:
    pace, bare = Pace(), a_check("bare")
    ask(pace, 0, bare, answer=limited(retry_after="30"))
    other = replace(bare, vantage=Vantage("other", "home"))
    assert outcomes(*(ask(pace, 1, check) for check in (bare, other, KEYED))) == ["skipped", "ok", "ok"]
    assert payer_of(bare) != payer_of(KEYED)


def test_an_answer_that_is_no_429_or_names_no_time_holds_nobody_back() -> None:
    pace = Pace()
    ask(pace, 0, answer=limited())
    ask(pace, 0, answer=an_exchange(503, headers={"retry-after": "30"}))
    ask(pace, 0, answer=limited(retry_after="30"), calls=[ELSEWHERE])       # a status page is not the API
    assert ask(pace, 1).outcome is Outcome.OK


def test_a_wish_is_heard_though_the_probe_made_nothing_of_it() -> None:
    pace = Pace()
    run = pace.begin(KEYED, NOON)
    steps = pace.paced(run, asking(API, API), lambda: NOON)
    next(steps)
    steps.send(limited(retry_after="30"))
    with pytest.raises(StopIteration) as end:
        steps.send(an_exchange(200))
    assert pace.heed(run, end.value.value, NOON).outcome is Outcome.OK
    assert ask(pace, 1).outcome is Outcome.SKIPPED


@pytest.mark.parametrize(("allowed", "apart_s", "ours"), [("3", 10, True), ("4", 10, False), ("3", 40, False)])
def test_a_limit_that_our_own_probes_reached_is_our_fault(allowed: str, apart_s: int, ours: bool) -> None:
    pace = Pace()
    for number in range(2):
        assert ask(pace, apart_s * number).outcome is Outcome.OK
    answer = limited(x_ratelimit_limit_requests=allowed)
    seen = ask(pace, apart_s * 2, answer=answer)
    assert (seen.outcome, seen.rule) == ((Outcome.PROBE_ERROR, OURS) if ours else (Outcome.RATE_LIMITED, ""))
    assert (seen.status, len(seen.exchanges)) == (429, 1)      # what was seen stays in the row
    if ours:
        assert "3 within a minute, 3 requests allowed" in seen.reason


def test_a_429_at_the_last_request_that_is_allowed_is_ours_and_before_it_the_vendors() -> None:
    for requests, ours in ((1, False), (2, True)):
        seen = ask(Pace({"acme": 2}), 0, answer=limited(), calls=[API] * requests)
        assert (seen.rule == OURS) is ours, requests


def test_another_refusal_in_a_429_is_not_taken_for_ours() -> None:
    pace = Pace()
    run = pace.begin(KEYED, NOON)
    run.said.append(limited(x_ratelimit_limit_requests="1"))
    pace.asked[payer_of(KEYED)] = run.asked
    run.asked.answered.append(NOON)
    spent = Reading(Outcome.QUOTA_EXHAUSTED, "no balance", status=429)
    assert pace.heed(run, spent, NOON) == spent
    assert pace.heed(run, replace(spent, outcome=Outcome.RATE_LIMITED), NOON).rule == OURS


# -- what a vendor states
def test_a_run_for_which_the_minute_has_no_room_is_held_back() -> None:
    pace = Pace({"acme": 2})
    assert outcomes(*(ask(pace, at) for at in (0, 10, 59, 60, 61, 70))) == [
        "ok", "ok", "skipped", "ok", "skipped", "ok"]
    assert "more requests than the 2 a minute" in ask(pace, 71).reason
    assert outcomes(ask(pace, 71, on_account("second")), ask(pace, 71, a_check("keyless"))) == ["ok", "ok"]


def test_only_requests_to_the_api_count() -> None:
    pace, news = Pace({"acme": 1}), a_check("news", kind="notices", keyed=True)
    assert outcomes(*(ask(pace, at, news, calls=[ELSEWHERE, TcpCall("api.acme.test")]) for at in (0, 1))) == ["ok"] * 2
    assert outcomes(ask(pace, 2), ask(pace, 3)) == ["ok", "skipped"]
    assert ask(pace, 4, news, calls=[ELSEWHERE]).outcome is Outcome.OK, "it needs none of what is used up"


def test_a_run_that_asks_too_much_on_its_way_keeps_what_it_has_cost_and_is_not_begun_again() -> None:
    pace = Pace({"acme": 2})
    seen = ask(pace, 0, calls=[API] * 4)
    assert (seen.outcome, seen.figures.tokens_in, seen.memory) == (Outcome.SKIPPED, 2, None)
    assert [one.failure for one in seen.exchanges] == [None, None, Failure.LOCAL, Failure.LOCAL]
    assert "a run makes 3 requests within a minute, 2 are allowed" in ask(pace, 120, calls=[API] * 4).reason
    pace.renew({"acme": 4})
    assert ask(pace, 240, calls=[API] * 4).outcome is Outcome.OK


def test_room_is_kept_for_what_runs_under_way_still_need() -> None:
    pace, quality = Pace({"acme": 4}), a_check("quality", kind="quality", keyed=True)
    assert ask(pace, 0, quality, calls=[API] * 3).outcome is Outcome.OK
    run = pace.begin(quality, after(100))
    assert not run.held
    assert outcomes(ask(pace, 100), ask(pace, 100, on_account("second"))) == ["ok", "ok"]
    assert "more requests" in ask(pace, 101).reason
    pace.end(run)
    assert ask(pace, 102).outcome is Outcome.OK


def test_a_run_that_is_cut_off_has_been_sent_all_the_same() -> None:
    pace = Pace({"acme": 1})
    run = pace.begin(KEYED, NOON)
    steps = pace.paced(run, asking(API), lambda: NOON)
    next(steps)
    assert pace.begin(KEYED, NOON).held
    steps.close()
    pace.end(run)
    assert outcomes(ask(pace, 59), ask(pace, 60)) == ["skipped", "ok"]


def test_the_config_knows_its_contract_better_than_the_catalogue() -> None:
    catalogue = load_catalogue()
    stating = replace(catalogue, providers=tuple(
        replace(one, max_per_minute=20 if one.id in {"openai", "anthropic"} else None) for one in catalogue.providers))
    config = Config.model_validate({"vendors": {"claude": {"max_per_minute": 60}, "kimi": {"max_per_minute": 3}}})
    assert rates_of(config, stating) == {"openai": 20, "anthropic": 60, "moonshot": 3}
    assert rates_of(Config(), catalogue) == {}


# -- the law
@dataclass
class Sent:
    begun: datetime
    answered: datetime | None = None      # it reached the vendor at any time between, or may still


class Line:
    """Runs of several checks of one payer, their calls answered in any order."""

    def __init__(self, rate: int) -> None:
        self.pace, self.now, self.sent = Pace({"acme": rate}), NOON, list[Sent]()
        self.open: dict[int, tuple[Run, Steps, Sent]] = {}

    def begin(self, number: int, calls: int) -> None:
        if number in self.open:
            return
        run = self.pace.begin(replace(KEYED, key=str(number)), self.now)
        if not run.held:
            self._go_on(number, run, self.pace.paced(run, asking(*[API] * calls), lambda: self.now), None)

    def answer(self, number: int) -> None:
        if number in self.open:
            run, steps, sent = self.open.pop(number)
            sent.answered = self.now
            self._go_on(number, run, steps, an_exchange(200))

    def _go_on(self, number: int, run: Run, steps: Generator[Call, Exchange, Reading], said: Exchange | None) -> None:
        try:
            next(steps) if said is None else steps.send(said)
        except StopIteration:
            self.pace.end(run)
        else:
            self.sent.append(Sent(self.now))
            self.open[number] = run, steps, self.sent[-1]

    def most(self) -> int:
        """The most requests that the vendor may have counted within any minute."""
        return max((sum(one.begun <= each.begun and (one.answered is None or each.begun - one.answered < WINDOW)
                        for one in self.sent) for each in self.sent), default=0)


STEP = st.one_of(
    st.tuples(st.just("begin"), st.integers(0, 4), st.integers(0, 4)),
    st.tuples(st.just("answer"), st.integers(0, 4), st.just(0)),
    st.tuples(st.just("wait"), st.sampled_from([0, 1, 20, 59, 60]), st.just(0)),
)


@given(rate=st.integers(1, 5), steps=st.lists(STEP, max_size=60))
def test_no_order_of_runs_asks_more_often_than_is_allowed(rate: int, steps: list[tuple[str, int, int]]) -> None:
    line = Line(rate)
    for what, number, calls in steps:
        if what == "begin":
            line.begin(number, calls)
        elif what == "answer":
            line.answer(number)
        else:
            line.now += timedelta(seconds=number)
        assert line.most() <= rate


def test_the_law_can_tell() -> None:
    line = Line(3)
    for number in range(3):
        line.begin(number, 1)
    assert line.most() == 3
    line.pace.rates = {}
    line.begin(3, 1)
    assert line.most() == 4
