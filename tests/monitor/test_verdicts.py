"""From evidence to verdicts: what is one story, since when, whom it is about, and how surely."""

import json
from dataclasses import replace
from datetime import timedelta
from math import inf

import pytest
from histories import T0, Asked, Ledger, grid, history

from monitor.known import Policy
from monitor.model import Cause, Tier
from monitor.rule import Family
from monitor.tiers import Budgets
from monitor.verdicts import Bench, verdicts

REGIONS = ("eu", "sg", "us")
GRID = grid(REGIONS, ("claude", "openai", "qwen"), controls=2)
NOBODY = Budgets(*[inf] * 4)          # the evidence is looked at here, before anything stands on it


def found(answer, family, minutes=20, asked=GRID, budgets=NOBODY, paces=None, weight=None, **more):
    book = Ledger(Policy(budgets=budgets))
    samples = history(asked, minutes, answer, **more)
    book.take([replace(one, every_s=paces[one.kind]) for one in samples] if paces else samples)
    memory = book.judge.memory
    # a weight that is given is one that no stream has by itself
    bench = Bench(memory.vendors, memory.places, NOBODY if weight else Budgets(), {"claude": "Anthropic"})
    at = (T0 + timedelta(minutes=minutes - 1)).timestamp()
    return list(verdicts(memory.vendors["claude"], family, bench, at, weight))


def hit(outcome, *regions, since=5):
    return lambda one, m: outcome if one.provider == "claude" and one.region in regions and m >= since else "ok"


def test_what_is_well_has_no_verdict():
    assert all(found(lambda one, m: "ok", family) == [] for family in Family if family is not Family.OWN)


@pytest.mark.parametrize(("outcome", "regions", "family", "cause"), [
    ("geo_restricted", ("eu",), Family.REGION, Cause.REGION_RESTRICTED),
    ("geo_restricted", REGIONS, Family.REGION, Cause.REGION_RESTRICTED),
    ("provider_outage", REGIONS, Family.REACH, Cause.PROVIDER_OUTAGE),
    ("network_timeout", REGIONS, Family.REACH, Cause.PROVIDER_OUTAGE),
    ("provider_outage", ("us",), Family.REACH, Cause.PROVIDER_OUTAGE),
    ("network_timeout", ("us",), Family.REACH, Cause.REGIONAL_PATH),
    ("network_blocked", ("us",), Family.REACH, Cause.NETWORK_INTERFERENCE),
    ("network_dns", ("us",), Family.REACH, Cause.NETWORK_INTERFERENCE),
    ("overloaded", REGIONS, Family.REACH, Cause.PROVIDER_OVERLOADED),
    ("bad_request", REGIONS, Family.OURS, Cause.OWN_FAULT)])
def test_the_decision_table(outcome, regions, family, cause):
    one, = found(hit(outcome, *regions), family)
    assert (one.cause, one.regions, one.scope.provider) == (cause, tuple(sorted(regions)), "claude")
    assert one.scope.region == (regions[0] if len(regions) == 1 and family is not Family.OURS else None)
    assert abs(one.onset - T0 - timedelta(minutes=5)) <= timedelta(minutes=1)
    assert one.tier >= Tier.CONFIRM
    assert one.samples
    assert one.members


def test_the_why_can_be_read_again():
    one, = found(hit("network_timeout", "us"), Family.REACH)
    why = json.loads(one.why)
    assert why["mechanism"] in why["posterior"]
    assert (why["fine"], why["neutral"]) == (["eu", "sg"], {"us": [2, 2]})
    assert why["seen"]["others"]["ok"] == 2
    assert why["spread"] == "few"
    assert why["tier"] == one.tier


HOURLY = [*(Asked(v, r) for v in ("claude", "openai") for r in ("eu", "us")),
          Asked("claude", "us", kind="quality"), Asked("neutral", "eu", control=True)]
PACES = {"reachability": 600.0, "quality": 3600.0}
MINUTES = 12 * 1440


def once_there(here_since):
    """Claude fails in eu from then on; of its hourly calls in us one did, an hour before the end."""
    def answer(one, m):
        if m % (PACES[one.kind] // 60):
            return None
        late = m >= (MINUTES - 60 if one.kind == "quality" else here_since if one.region == "eu" else MINUTES)
        return "network_timeout" if late and one.provider == "claude" else "ok"
    return answer


def test_one_failure_of_what_is_asked_every_hour_is_no_trouble_of_its_region():
    """It is rare, and so much evidence of its own; of its region's it is next to nothing."""
    one, = found(once_there(MINUTES - 60), Family.REACH, MINUTES, HOURLY, paces=PACES)
    assert (one.regions, one.scope.region) == (("eu",), "eu")


def test_where_no_stream_has_enough_the_one_speaks_that_adds_most():
    """An hour of one call weighs more by itself than ten minutes of another; in its region it is one of many."""
    one, = found(once_there(MINUTES - 10), Family.REACH, MINUTES, HOURLY, paces=PACES, weight=(Tier.CONFIRM, 1e9))
    assert one.regions == ("eu",)


def test_what_began_apart_in_another_region_is_another_story():
    begins = {"eu": 5, "us": 40}

    def answer(one, m):
        return "geo_restricted" if one.provider == "claude" and m >= begins.get(one.region, 10**9) else "ok"
    stories = found(answer, Family.REGION, minutes=60)
    assert sorted(one.regions for one in stories) == [("eu",), ("us",)]
    together = found(hit("geo_restricted", "eu", "us"), Family.REGION, minutes=60)
    assert [one.regions for one in together] == [("eu", "us")]


KEYED = [Asked("claude", "eu", account=a, kind="completion") for a in ("main", "spare")]


def test_one_banned_account_is_that_accounts_and_all_banned_the_organisations():
    one, = found(lambda a, m: "account_restricted" if a.account == "main" and m >= 5 else "ok", Family.ACCOUNT,
                 asked=GRID + KEYED)
    assert one.scope.account == "main"
    assert "keyless calls, spare are served" in one.because
    all_, = found(lambda a, m: "account_restricted" if a.account and m >= 5 else "ok", Family.ACCOUNT,
                  asked=GRID + KEYED)
    assert (all_.scope.account, all_.scope.region) == (None, None)
    assert "every account that reports is affected" in all_.because


def test_two_accounts_out_of_money_are_two_bills():
    bills = found(lambda a, m: "quota_exhausted" if a.account and m >= 5 else "ok", Family.BILLING, asked=GRID + KEYED)
    assert sorted(one.scope.account for one in bills) == ["main", "spare"]


def test_what_fails_while_our_own_network_does_is_masked():
    assert found(lambda one, m: "network_dns" if m >= 5 else "ok", Family.REACH) == []


@pytest.mark.parametrize("controls", [0, 2])
def test_from_one_region_alone_silence_is_unreachable_from_here_and_no_more(controls):
    one, = found(hit("network_timeout", "eu"), Family.REACH, asked=grid(("eu",), ("claude", "openai"), controls))
    assert (one.cause, one.scope.region) == (Cause.UNKNOWN, "eu")
    assert one.confidence <= 0.6
    assert "unreachable from here" in one.because


def test_a_region_in_the_dark_is_not_among_those_asked():
    """us is cut off itself: that claude does not answer from there says nothing of how far it spreads."""
    def answer(one, m):
        if one.region == "us" and m >= 3:
            return "network_timeout"
        return hit("network_timeout", "eu", "sg")(one, m)
    one, = found(answer, Family.REACH, minutes=25)
    assert (one.cause, one.regions) == (Cause.PROVIDER_OUTAGE, ("eu", "sg"))


def mixed(busy, rate):
    """Of each ten calls `busy` are told that it is overloaded, `rate` that they are too many."""
    def answer(one, m):
        if one.kind != "completion" or m < 30 or m % 10 >= busy + rate:
            return "ok"
        return "overloaded" if m % 10 < busy else "rate_limited"
    keyed = [Asked("claude", region, account="main", kind="completion", model="m") for region in REGIONS]
    return [*GRID, *keyed], answer


@pytest.mark.parametrize(("busy", "rate", "family", "cause"), [
    (6, 2, Family.REACH, Cause.PROVIDER_OVERLOADED), (2, 6, Family.RATE, Cause.RATE_LIMITED),
])
def test_throttling_among_a_shortage_is_the_shortages_and_the_other_way_round(busy, rate, family, cause):
    asked, answer = mixed(busy, rate)
    other = {Family.REACH: Family.RATE, Family.RATE: Family.REACH}[family]
    assert {one.cause for one in found(answer, family, 90, asked)} == {cause}
    assert not found(answer, other, 90, asked)


def test_throttled_without_a_key_is_a_regions():
    [one] = found(hit("rate_limited", "eu"), Family.RATE)
    assert one.scope.region == "eu"
    keyed = [Asked("claude", "eu", account="main", kind="completion", model="m")]
    [one] = found(lambda a, m: "rate_limited" if a.account and m >= 5 else "ok", Family.RATE, asked=[*GRID, *keyed])
    assert (one.scope.region, one.scope.account) == (None, "main")
