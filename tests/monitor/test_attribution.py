from datetime import timedelta

import pytest
from histories import T0, Ledger, grid, history

from monitor.attribution import attribute, findings, own_network
from monitor.judge import Desk
from monitor.model import Cause
from monitor.policy import Known, Policy

NOW = T0 + timedelta(minutes=7)
GRID = grid(("eu", "us"), ("claude", "openai", "qwen"), controls=2)


def board_after(answer, minutes=8, asked=GRID):
    book = Ledger(known=Known(names={"claude": "Anthropic"}))
    book.take(history(asked, minutes, answer, status=403, reason="Request not allowed"))
    desk = Desk(book.states, [], Policy(), book.known)
    desk.unpack()
    return desk.board


def verdicts(answer, **more):
    board = board_after(answer, **more)
    return attribute(findings(board, "claude", NOW), board, NOW)


def hit(outcome, *regions, since=5):
    return lambda one, m: outcome if one.provider == "claude" and one.region in regions and m >= since else "ok"


def test_the_reason_is_one_a_person_outside_understands():
    one, = verdicts(hit("geo_restricted", "eu"))
    assert one.because == ("Anthropic answers 403 to keyless calls from eu since 10:05 UTC (Request not allowed); "
                           "us is served; neutral hosts answer from eu (2)")


@pytest.mark.parametrize(("outcome", "regions", "cause"), [
    ("geo_restricted", ("eu",), Cause.REGION_RESTRICTED),
    ("provider_outage", ("eu", "us"), Cause.PROVIDER_OUTAGE),
    ("network_timeout", ("eu", "us"), Cause.PROVIDER_OUTAGE),
    ("provider_outage", ("us",), Cause.PROVIDER_OUTAGE),
    ("network_timeout", ("us",), Cause.REGIONAL_PATH),
    ("network_blocked", ("us",), Cause.NETWORK_INTERFERENCE),
    ("overloaded", ("us",), Cause.PROVIDER_OVERLOADED)])
def test_the_decision_table(outcome, regions, cause):
    one, = verdicts(hit(outcome, *regions))
    assert (one.cause, one.regions) == (cause, regions)
    assert one.onset == T0 + timedelta(minutes=5)
    assert one.samples


def test_other_regions_that_begin_to_fail_are_waited_for():
    def answer(one, m):
        return hit("provider_outage", one.region, since=5 if one.region == "eu" else 6)(one, m)
    assert verdicts(answer) == []


def test_a_neutral_host_that_fails_too_makes_it_ours():
    board = board_after(lambda one, m: "network_dns" if one.region == "eu" and m > 3 else "ok")
    assert attribute(findings(board, "claude", NOW), board, NOW) == []
    own, = own_network(board, NOW)
    assert (own.cause, own.scope.provider, own.regions) == (Cause.OWN_NETWORK, None, ("eu",))


def test_the_same_cut_in_many_regions_is_said_once():
    board = board_after(lambda one, m: "network_dns" if m > 3 else "ok")
    own, = own_network(board, NOW)
    assert len(own.regions) > 1
    assert own.because.count("cut off") == 1
    assert f"from {', '.join(own.regions)} since" in own.because


def test_neutral_hosts_alone_failing_are_not_our_network():
    board = board_after(lambda one, m: "network_dns" if one.control and m > 3 else "ok")
    assert own_network(board, NOW) == []


def test_confidence_is_less_without_a_neutral_host():
    bare = [one for one in GRID if not one.control]
    assert verdicts(hit("geo_restricted", "eu"), asked=bare)[0].confidence == 0.9
    assert verdicts(hit("network_timeout", "eu"), asked=bare)[0].confidence == 0.6
