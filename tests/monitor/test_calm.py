from datetime import timedelta

import pytest
from histories import T0, Ledger, grid, history

from monitor.calm import calm_of
from monitor.judge import Desk
from monitor.model import Cause, Incident, Scope, Stage
from monitor.policy import Known, Policy

GRID = grid(("eu", "us"), ("claude", "openai", "qwen"), controls=1)


def calm(answer, cause, scope, regions, minutes=20):
    book = Ledger()
    book.take(history(GRID, minutes, answer))
    desk = Desk(book.states, [], Policy(), Known())
    desk.unpack()
    incident = Incident(1, "k", Stage.OPEN, cause, scope, 1, "", T0, T0, T0, regions=regions)
    return calm_of(incident, desk.board, T0 + timedelta(minutes=minutes - 1))


@pytest.mark.parametrize(("end", "clean"), [(20, 0), (18, 2), (15, 5), (9, 6)])
def test_calm_counts_clears_since_the_last_hit(end, clean):
    found = calm(lambda one, m: "geo_restricted" if one.provider == "claude" and one.region == "eu" and 3 <= m < end
                 else "ok", Cause.REGION_RESTRICTED, Scope("claude", "eu"), ("eu",))
    assert found == clean


def test_silence_is_not_calm_but_those_who_report_speak_for_one_vendor_everywhere():
    def answer(one, m):
        if one.region == "eu" and m >= 10:
            return None
        return "provider_outage" if one.provider == "claude" and 3 <= m < 12 else "ok"
    assert calm(answer, Cause.PROVIDER_OUTAGE, Scope("claude"), ("eu", "us")) == 6
    assert calm(answer, Cause.PROVIDER_OUTAGE, Scope("claude", "eu"), ("eu",)) is None
    assert calm(answer, Cause.REGION_RESTRICTED, Scope("claude"), ("eu", "us")) is None


def test_our_own_network_is_calm_when_most_witnesses_of_every_region_are():
    def answer(one, m):
        return "network_dns" if one.region == "eu" and 5 <= m < 16 else "ok"
    assert calm(answer, Cause.OWN_NETWORK, Scope(region="eu"), ("eu",)) == 4
    assert calm(answer, Cause.OWN_NETWORK, Scope(), ("eu", "us")) == 4
    assert calm(answer, Cause.OWN_NETWORK, Scope(region="us"), ("us",)) == 6
