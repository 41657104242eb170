"""A file of measurements, judged by today's rules from nothing: what would have been told, and nothing is written."""

import json
from datetime import timedelta

import pytest
from histories import T0, Asked, grid
from histories import history as asked_history

from monitor.errors import UserError
from monitor.history import History
from monitor.known import Policy
from monitor.model import Cause, Tier
from monitor.replay import Replay, replay_file, text_of
from monitor.tiers import Budgets

GRID = grid(("eu", "us"), ("claude", "openai"), controls=2)
KEYS = {"incident", "provider", "region", "model", "cause", "confidence", "opened", "onset", "closed", "tier",
        "because"}


def lines(answer, minutes=60, asked=GRID):
    for sample in asked_history(asked, minutes, answer):
        kind = "control" if sample.control else sample.kind
        yield json.dumps({"slot": text_of(sample.slot), "kind": kind, "provider": sample.provider,
                          "model": sample.model, "region": sample.region, "account": sample.account,
                          "outcome": sample.outcome, "status": None, "total_s": 0.3})


def refused(end=10**9):
    return lambda one, m: "geo_restricted" if (one.provider, one.region) == ("claude", "eu") and 5 <= m < end else "ok"


def told(given, **more):
    return list(replay_file(given, History("f.jsonl"), Replay(**more)).results())


def test_a_line_an_incident_in_the_form_that_is_written():
    one, = told(lines(refused(30)))
    assert set(one) == KEYS
    assert (one["incident"], one["provider"], one["region"], one["model"]) == (1, "claude", "eu", None)
    assert (one["cause"], one["onset"], one["opened"]) == (
        "region_restricted", "2026-03-01T10:05:00Z", "2026-03-01T10:06:00Z")
    assert one["closed"] > "2026-03-01T10:30:00Z"
    assert json.loads(json.dumps(one)) == one


def test_what_still_stands_is_not_closed_and_our_own_network_is_no_vendors():
    assert told(lines(refused()))[0]["closed"] is None
    one, = told(lines(lambda a, m: "network_dns" if m >= 5 else "ok"))
    assert (one["cause"], one["provider"], one["region"]) == ("own_network", None, None)


def test_nothing_wrong_is_nothing_told():
    assert told(lines(lambda one, m: "ok")) == told([]) == told(["", "\n"]) == []


def test_a_lower_tier_tells_of_suspicions_too():
    def hiccup(one, m):
        return "network_timeout" if (one.provider, one.region) == ("claude", "eu") and 5 <= m < 11 else "ok"
    assert told(lines(hiccup)) == []
    [suspected] = told(lines(hiccup), at=Tier.SUSPECT)
    assert suspected["tier"] in ("suspect", "warn")


def test_a_budget_moves_when_it_opens():
    def down(one, m):
        return "network_timeout" if one.provider == "claude" and m >= 5 else "ok"
    hasty = told(lines(down), policy=Policy(budgets=Budgets(300, 600, 1200, 2400, 600)))
    assert hasty[0]["opened"] < told(lines(down))[0]["opened"]


def test_the_order_within_a_slot_does_not_matter():
    """Neutral hosts come first, wherever their lines are."""
    def cut(one, m):
        return "network_timeout" if one.region == "eu" and m >= 5 else "ok"
    given = list(lines(cut))
    apart = sorted(given, key=lambda line: (json.loads(line)["slot"], json.loads(line)["kind"] == "control"))
    assert given != apart
    assert told(given) == told(apart)


def test_cadences_may_differ_and_change_and_regions_fall_silent():
    def answer(one, m):
        if one.region == "us" and 50 <= m < 200:
            return None
        if m >= 100 and m % 5:
            return None
        return refused(180)(one, m)
    one, = told(lines(answer, minutes=400))
    assert (one["cause"], one["region"]) == ("region_restricted", "eu")
    assert one["closed"] is not None


def test_several_at_once_are_told_in_the_order_of_their_opening():
    asked = [*GRID, Asked("openai", "eu", account="main", kind="completion")]

    def answer(one, m):
        return "account_restricted" if one.account and m >= 15 else refused()(one, m)
    rows = told(lines(answer, asked=asked))
    assert [(row["incident"], row["cause"]) for row in rows] == [(1, "region_restricted"), (2, "account_restricted")]


def test_a_time_without_a_zone_is_utc():
    bare = [line.replace('Z"', '"') for line in lines(refused(30))]
    assert told(bare) == told(lines(refused(30)))


@pytest.mark.parametrize(("line", "said"), [
    ("{", "line 1: not a JSON object"), ("[1]", "line 1: not a JSON object"), ("{}", "slot, kind, provider"),
    ('{"slot": "soon", "kind": "network", "provider": "a", "region": "b", "outcome": "ok"}', "an ISO 8601 time"),
    ('{"slot": "2026-03-01T10:00:00Z", "kind": "network", "provider": "a", "region": "b", "outcome": "fine"}',
     "outcome: 'fine'"),
    ('{"slot": "2026-03-01T10:00:00Z", "kind": "network", "provider": 1, "region": "b", "outcome": "ok"}',
     "provider: expected text")])
def test_a_line_that_cannot_be_read_is_named(line, said):
    with pytest.raises(UserError) as caught:
        told([line])
    assert str(caught.value).startswith("f.jsonl")
    assert said in str(caught.value)


def test_causes_are_those_of_the_list():
    assert {row["cause"] for row in told(lines(refused()))} <= set(Cause)
    assert text_of(T0 + timedelta(milliseconds=250)) == "2026-03-01T10:00:00.250Z"
