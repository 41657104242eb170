from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from histories import T0, Asked, Ledger, grid, history, story
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Cause, Incident, Stage
from monitor.policy import Fallback, Known, KnownCheck, KnownWorkload, Policy

REGIONS = ("eu", "sg", "us")
VENDORS = ("claude", "openai", "gemini", "qwen")
GRID = grid(REGIONS, VENDORS)


def spread(asked, seed=1):
    """The same streams, each at its own second of the minute, as the timetable spreads them."""
    draw = Random(seed)
    return [replace(one, phase_s=draw.randrange(60)) for one in asked]


def only(book: Ledger) -> Incident:
    assert len(book.all()) == 1, [(i.cause, i.scope, i.because) for i in book.all()]
    return book.all()[0]


def geo_in(*regions, start=5, end=10**9):
    def answer(one, minute):
        hit = one.provider == "claude" and one.region in regions and start <= minute < end
        return "geo_restricted" if hit else "ok"
    return answer


def test_a_restriction_is_told_after_two_sightings_with_its_reason():
    book = story(GRID, 8, geo_in("eu"), known=Known(names={"claude": "Claude"}, channels=("ops",)))
    found = only(book)
    assert (found.cause, found.stage, found.scope.provider, found.scope.region) == (
        Cause.REGION_RESTRICTED, Stage.OPEN, "claude", "eu")
    assert found.confidence >= 0.97
    assert found.onset == T0 + timedelta(minutes=5)
    assert found.opened_at == T0 + timedelta(minutes=6)
    tell, = book.told()
    assert tell.channels == ("ops",)
    assert tell.alert.incident == found.key
    assert "Claude" in tell.alert.because
    assert "since 10:05" in tell.alert.because
    assert "sg, us are served" in tell.alert.because


@pytest.mark.parametrize("seed", range(5))
def test_one_vendor_failing_in_all_regions_is_one_message(seed):
    for outcome, cause in (("geo_restricted", Cause.REGION_RESTRICTED), ("provider_outage", Cause.PROVIDER_OUTAGE),
                           ("network_timeout", Cause.PROVIDER_OUTAGE)):
        book = story(spread(GRID, seed), 20,
                     lambda one, m, o=outcome: o if one.provider == "claude" and m >= 5 else "ok")
        found = only(book)
        assert found.cause is cause
        assert found.regions == REGIONS
        assert found.scope.region is None
        assert len(book.told()) == 1
        assert not book.told("updated")


@pytest.mark.parametrize("seed", range(5))
def test_one_of_three_regions_blocked_for_ever_alerts(seed):
    book = story(spread(GRID, seed), 60, geo_in("sg"))
    assert only(book).stage is Stage.OPEN
    assert only(book).regions == ("sg",)
    assert len(book.told()) == 1


def test_a_region_that_joins_later_updates_and_one_that_recovers_does_not_close():
    def answer(one, m):
        hit = one.provider == "claude" and ((one.region == "eu" and m >= 5) or (one.region == "us" and 12 <= m < 20))
        return "geo_restricted" if hit else "ok"

    book = story(GRID, 60, answer)
    assert only(book).stage is Stage.OPEN
    assert len(book.told()) == 1
    assert len(book.told("updated")) == 1
    assert book.told("updated")[0].alert.regions == ("eu", "us")


def test_recovery_comes_after_a_long_calm_and_is_told_once():
    book = story(GRID, 40, geo_in("eu", start=5, end=12))
    assert only(book).stage is Stage.CLOSED
    stages = [(m.before, m.incident.stage) for m in book.moves()]
    assert stages == [(None, Stage.OPEN), (Stage.OPEN, Stage.RECOVERING), (Stage.RECOVERING, Stage.CLOSED)]
    assert len(book.told("recovered")) == 1
    assert only(book).closed_at == T0 + timedelta(minutes=17)


def test_a_condition_that_returns_is_a_new_incident_with_a_new_key():
    book = story(GRID, 60, lambda one, m: "geo_restricted" if one.provider == "claude" and one.region == "eu"
                 and (5 <= m < 12 or 30 <= m < 36) else "ok")
    assert len(book.all()) == 2
    assert len({t.key for t in book.told()}) == 2


KEYED = [Asked("openai", "eu", account=a, kind="completion") for a in ("main", "spare")]


def test_a_banned_account_is_left_alone():
    checks = tuple(KnownCheck(one.key, one.provider, one.region, one.account, one.account is not None)
                   for one in GRID + KEYED)
    book = story(GRID + KEYED, 10, lambda one, m: "account_restricted" if one.account == "main" and m >= 3 else "ok",
                 known=Known(checks=checks))
    found = only(book)
    assert (found.cause, found.scope.account) == (Cause.ACCOUNT_RESTRICTED, "main")
    assert found.opened_at == T0 + timedelta(minutes=4)
    watch, = book.watches()
    assert (watch.check_keys, watch.every, watch.until) == (("openai/eu/main/completion",), None, None)


def test_a_ban_does_not_end_because_a_slower_check_of_the_account_had_not_seen_it():
    """Its keyed checks are stopped (law 11): what the model list said hours before the ban is no sign of calm."""
    slow = Asked("openai", "eu", "main", kind="models")
    listed = [replace(sample, every_s=21_600.0) if sample.kind == "models" else sample for sample in history(
        [*GRID, *KEYED, slow], 60,
        lambda one, m: (("ok" if m == 1 else None) if one is slow else
                        "ok" if one.account != "main" or m < 3 else "account_restricted" if m < 6 else None))]
    book = Ledger()
    book.take(listed)
    assert only(book).cause is Cause.ACCOUNT_RESTRICTED
    assert only(book).stage is Stage.OPEN


def test_all_accounts_banned_is_the_organisation_and_one_incident():
    book = story(spread(GRID + KEYED), 10, lambda one, m: "account_restricted" if one.account and m >= 3 else "ok")
    found = only(book)
    assert found.scope.account is None
    assert len(book.told()) == 1
    assert "every account" in found.because


def test_errors_in_one_region_only_are_a_regional_outage():
    book = story(GRID, 12, lambda one, m: "provider_outage" if one.provider == "qwen" and one.region == "us"
                 and m >= 4 else "ok")
    assert (only(book).cause, only(book).scope.region) == (Cause.PROVIDER_OUTAGE, "us")


@pytest.mark.parametrize(("outcome", "cause"), [("network_blocked", Cause.NETWORK_INTERFERENCE),
                                                ("network_dns", Cause.NETWORK_INTERFERENCE),
                                                ("network_timeout", Cause.REGIONAL_PATH)])
def test_silence_on_the_wire_of_one_region_is_the_path_not_the_vendor(outcome, cause):
    book = story(spread(GRID), 14, lambda one, m: outcome if one.provider == "qwen" and one.region == "us"
                 and m >= 4 else "ok")
    assert (only(book).cause, only(book).scope.region, only(book).confidence) == (cause, "us", 0.8)


def test_without_a_neutral_host_it_is_unreachable_from_here_and_not_surer_than_that():
    book = story(grid(("eu",), VENDORS, controls=0), 14,
                 lambda one, m: "network_timeout" if one.provider == "qwen" and m >= 4 else "ok")
    assert only(book).confidence <= 0.6
    assert "unreachable from here" in only(book).because


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("length", [2, 3, 4, 7, 30])
def test_own_network_lost_blames_no_vendor_and_nothing_recovers_that_was_never_down(seed, length):
    book = story(spread(GRID, seed), 60, lambda one, m: "network_timeout" if 5 <= m < 5 + length else "ok")
    assert {i.cause for i in book.all()} <= {Cause.OWN_NETWORK}
    if length >= 3:
        found = only(book)
        assert found.stage is Stage.CLOSED
        assert found.regions == REGIONS
        assert found.scope.region is None
        assert len(book.told()) == 1
        assert not book.told("updated")
        assert len(book.told("recovered")) == 1


@pytest.mark.parametrize("seed", range(4))
def test_one_region_cut_off_names_the_region(seed):
    book = story(spread(GRID, seed), 60, lambda one, m: "network_dns" if one.region == "sg" and 5 <= m < 20 else "ok")
    assert (only(book).cause, only(book).scope.region) == (Cause.OWN_NETWORK, "sg")


def test_a_machine_without_internet_from_the_start_blames_no_vendor():
    book = story(spread(grid(("here",), VENDORS)), 10, lambda one, m: "network_dns")
    assert only(book).cause is Cause.OWN_NETWORK


def test_an_explicit_refusal_is_not_masked_by_our_own_network():
    book = story(GRID, 12, lambda one, m: "ok" if m < 5 else "geo_restricted" if (one.provider, one.region) == (
        "claude", "eu") else "network_timeout")
    assert {i.cause for i in book.all()} == {Cause.OWN_NETWORK, Cause.REGION_RESTRICTED}


CHINA = [Asked("baidu", "cn", control=True, zone="cn", region_zone="cn"),
         Asked("example", "cn", control=True, region_zone="cn"),
         *(Asked(v, "cn", zone="cn", region_zone="cn") for v in ("qwen", "kimi")),
         *(Asked(v, "cn", region_zone="cn") for v in ("claude", "openai", "gemini"))]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("controls", [True, False])
def test_a_cut_link_abroad_blames_no_vendor(seed, controls):
    asked = [one for one in CHINA if controls or not one.control or one.zone == "cn"]
    book = story(spread(asked + GRID, seed), 40,
                 lambda one, m: "network_timeout" if one.region == "cn" and one.zone == "global" and 5 <= m < 15
                 else "ok")
    assert (only(book).cause, only(book).scope.region) == (Cause.OWN_NETWORK, "cn")
    assert "link abroad" in only(book).because
    assert only(book).stage is Stage.CLOSED


def test_what_is_expected_is_quiet_and_its_end_is_told_once():
    asked = [*GRID, Asked("claude", "cn", expect=True)]
    book = story(asked, 40, lambda one, m: ("geo_restricted" if m < 10 else "network_timeout" if m < 15 else "ok")
                 if one.expect else "ok")
    assert not book.all()
    assert len(book.actions) == 1
    assert "served now although expected restricted" in book.told("finding")[0].alert.because


@pytest.mark.parametrize("outcome", ["unknown", "probe_error", "skipped", "bot_challenge", "content_filtered",
                                     "bad_request"])
def test_what_is_no_evidence_is_nobodys_fault(outcome):
    assert not story(GRID, 30, lambda one, m: outcome if one.provider == "claude" and m > 3 else "ok").actions


@pytest.mark.parametrize(("outcome", "cause"), [
    ("auth_failed", Cause.AUTH_FAILED), ("quota_exhausted", Cause.BILLING), ("rate_limited", Cause.RATE_LIMITED),
    ("overloaded", Cause.PROVIDER_OVERLOADED), ("model_unavailable", Cause.MODEL_RETIRED)])
def test_what_a_vendor_says_is_taken_at_its_word(outcome, cause):
    book = story(GRID + KEYED, 12, lambda one, m: outcome if one.account == "main" and m > 3 else "ok")
    assert only(book).cause is cause


def test_a_keyless_call_that_is_asked_for_a_key_is_alive():
    assert not story(GRID, 12, lambda one, m: "auth_failed" if not one.control else "ok").actions


def test_a_silent_region_ages_out_and_never_recovers_by_silence():
    def answer(one, m):
        if one.region == "eu" and m >= 10:
            return None
        return geo_in("eu")(one, m)
    assert only(story(GRID, 60, answer)).stage is Stage.OPEN

    def outage(one, m):
        if one.region == "eu" and m >= 10:
            return None
        return "provider_outage" if one.provider == "claude" and 5 <= m < 20 else "ok"
    assert only(story(GRID, 60, outage)).stage is Stage.CLOSED


def test_a_restart_while_firing_says_nothing_twice_and_still_resolves():
    book = Ledger()
    for minute_batch in _per_minute(history(GRID, 40, geo_in("eu", start=5, end=15))):
        book = Ledger(book.policy, book.known, dict(book.states), dict(book.incidents), book.actions, book.cursor)
        book.take(minute_batch)
    assert (len(book.told()), len(book.told("recovered"))) == (1, 1)


def test_deciding_twice_on_the_same_state_changes_nothing():
    book = story(GRID, 10, geo_in("eu"))
    states = dict(book.states)
    assert book.take((), T0 + timedelta(minutes=10)) == []
    assert states == book.states


def test_reminders_back_off_and_end_with_an_acknowledgement():
    book = story(GRID, 10, geo_in("eu"))
    for hour in range(1, 31):      # after 1 h, 4 h more, 24 h more
        book.take((), T0 + timedelta(hours=hour, minutes=10))
    assert [t.key.rpartition(":")[2] for t in book.told("reminder")] == ["1", "2", "3"]
    found = only(book)
    book.incidents[found.key] = replace(found, acked_by="ann")
    assert book.take((), T0 + timedelta(days=9)) == []


def test_a_workload_is_moved_to_a_fallback_that_is_not_hurt_itself():
    work = KnownWorkload("smart", "claude", (Fallback("qwen-max", "qwen"), Fallback("gpt", "openai")), "litellm",
                         ("claude-sonnet",))

    def answer(one, m):
        if one.provider == "qwen" and m >= 1:
            return "provider_outage"
        return geo_in("eu")(one, m)
    book = story(GRID, 12, answer, known=Known(workloads=(work,)))
    reroute, = book.reroutes()
    assert (reroute.change.takes_over, reroute.change.leaves_routes, reroute.mode, reroute.gateway) == (
        "gpt", ("claude-sonnet",), "propose", "litellm")
    assert reroute.change.expires_at == reroute.change.created_at + timedelta(days=7)
    again = story(GRID, 12, answer, known=Known(workloads=(work,))).reroutes()[0]
    assert again == reroute
    lone = story(GRID, 12, answer, known=Known(workloads=(replace(work, fallbacks=work.fallbacks[:1]),)))
    assert not lone.reroutes()
    assert any("no fallback is proven to work for smart" in t.alert.because for t in lone.told())


@pytest.mark.parametrize("unproven", [
    lambda one: replace(one, expect=True),                                   # never asked to serve eu, and so quiet
    lambda one: replace(one, region="us2") if one.region == "eu" else one,   # nobody asks it from eu
])
def test_quiet_is_no_proof_that_a_fallback_works(unproven):
    work = KnownWorkload("smart", "claude", (Fallback("qwen-max", "qwen"),), "litellm", ("claude-sonnet",))
    asked = [unproven(one) if one.provider == "qwen" else one for one in GRID]

    def answer(one, m):
        return "geo_restricted" if one.expect else geo_in("eu")(one, m)
    book = story(asked, 12, answer, known=Known(workloads=(work,)))
    assert [i.scope.provider for i in book.incidents.values()] == ["claude"]
    assert not book.reroutes()


def test_slow_answers_are_told_by_the_streams_own_measure():
    slow = history([Asked("claude", "eu"), Asked("n", "eu", control=True)], 40, lambda one, m: "ok")
    slow = [replace(s, total_s=5.0 if s.provider == "claude" and s.slot >= T0 + timedelta(minutes=25) else 0.4)
            for s in slow]
    book = Ledger()
    book.take(slow)
    assert only(book).cause is Cause.LATENCY_DEGRADED


def test_fewer_right_answers_are_told_by_model():
    graded = history([Asked("claude", r, kind="quality", model="m1") for r in REGIONS], 40, lambda one, m: "ok")
    graded = [replace(s, items=6, passed=3 if s.slot >= T0 + timedelta(minutes=30) else 6) for s in graded]
    book = Ledger()
    book.take(graded)
    assert (only(book).cause, only(book).scope.model) == (Cause.QUALITY_DEGRADED, "m1")


def _per_minute(samples):
    minutes = {}
    for sample in samples:
        minutes.setdefault(sample.slot, []).append(sample)
    return list(minutes.values())


OUTCOMES = st.sampled_from(["ok"] * 6 + ["network_timeout", "network_dns", "geo_restricted", "provider_outage",
                                         "unknown", "account_restricted", "rate_limited"])


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_one_batch_or_many_come_to_the_same_incidents(data):
    asked = spread(grid(("eu", "us"), ("claude", "qwen"), controls=1), data.draw(st.integers(0, 5)))
    episodes = data.draw(st.lists(st.tuples(st.integers(0, len(asked) - 1), st.integers(0, 15), st.integers(1, 12),
                                            OUTCOMES), max_size=8))

    def answer(one, m):
        return next((o for i, a, n, o in episodes if asked[i] == one and a <= m < a + n), "ok")
    samples = history(asked, 20, answer)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(samples) - 1), max_size=12)))
    whole, parts = Ledger(), Ledger()
    whole.take(samples)
    for start, end in zip([0, *cuts], [*cuts, len(samples)], strict=True):
        parts.take(samples[start:end])
    assert whole.incidents == parts.incidents
    assert {k: v for k, v in whole.states.items() if v} == {k: v for k, v in parts.states.items() if v}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["unknown", "probe_error", "skipped", None]), min_size=1, max_size=30))
def test_no_evidence_never_moves_a_stage(tail):
    book = Ledger()
    samples = history(GRID, 8 + len(tail), lambda one, m: geo_in("eu")(one, m) if m < 8 else tail[m - 8])
    first = [s for s in samples if s.slot < T0 + timedelta(minutes=8)]
    book.take(first)
    before = only(book)
    assert not book.take(samples[len(first):], T0 + timedelta(minutes=9))
    assert only(book) == before


def test_policy_numbers_reach_the_rules():
    book = story(GRID, 12, geo_in("eu"), policy=Policy(counts={"refusals": (5, 6)}))
    assert only(book).opened_at == T0 + timedelta(minutes=9)


def test_a_region_that_stops_reporting_is_told_once_and_blames_nobody():
    checks = tuple(KnownCheck(one.key, one.provider, one.region) for one in GRID)
    book = Ledger(known=Known(checks=checks))
    for batch in _per_minute(history(GRID, 30, lambda one, m: None if one.region == "sg" and 8 <= m < 25 else "ok")):
        book.take(batch)
    assert not book.all()
    tell, = book.told("finding")
    assert tell.alert.regions == ("sg",)


def test_what_looked_regional_and_is_not_is_one_incident_with_another_cause():
    def answer(one, m):
        return "network_timeout" if one.provider == "claude" and m >= (5 if one.region == "eu" else 15) else "ok"

    work = KnownWorkload("smart", "claude", (Fallback("gpt", "openai"),), "litellm", ("claude-sonnet",))
    book = story(GRID, 30, answer, known=Known(workloads=(work,)))
    assert (only(book).cause, only(book).regions) == (Cause.PROVIDER_OUTAGE, REGIONS)
    assert len(book.told()) == 1
    assert {r.change.takes_over for r in book.reroutes()} == {"gpt"}
