from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from histories import T0, Asked, Ledger, grid, history, story
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.known import Fallback, Known, KnownCheck, KnownWorkload, Policy
from monitor.model import Cause, Incident, Stage, Tier
from monitor.tiers import Budgets
from monitor.wishes import When, Wish

REGIONS = ("eu", "sg", "us")
VENDORS = ("claude", "openai", "gemini", "qwen")
GRID = grid(REGIONS, VENDORS)
HASTY = Budgets(300, 600, 1200, 2400, 600)       # a team that minds few false alarms: short histories suffice


def spread(asked, seed=1):
    """The same streams, each at its own second of the minute, as the timetable spreads them."""
    draw = Random(seed)
    return [replace(one, phase_s=draw.randrange(60)) for one in asked]


def only(book: Ledger) -> Incident:
    assert len(book.all()) == 1, [(i.cause, i.scope, i.because) for i in book.all()]
    return book.all()[0]


def stages(book: Ledger) -> list[tuple[Stage | None, Stage]]:
    return [(m.before, m.incident.stage) for m in book.moves() if m.before is not m.incident.stage]


def failing(outcome, provider="qwen", region=None, start=5, end=10**9):
    def answer(one, minute):
        hit = one.provider == provider and region in (None, one.region) and start <= minute < end
        return outcome if hit else "ok"
    return answer


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
        book = story(spread(GRID, seed), 30, failing(outcome, "claude"))
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
    assert stages(book) == [(None, Stage.SUSPECTED), (Stage.SUSPECTED, Stage.OPEN), (Stage.OPEN, Stage.RECOVERING),
                            (Stage.RECOVERING, Stage.CLOSED)]
    assert len(book.told("recovered")) == 1
    calm = only(book).closed_at - T0 - timedelta(minutes=12)
    assert timedelta(minutes=3) <= calm <= timedelta(minutes=15)


def test_a_condition_that_returns_long_after_is_a_new_incident_with_a_new_key():
    book = story(GRID, 120, lambda one, m: "geo_restricted" if one.provider == "claude" and one.region == "eu"
                 and (5 <= m < 12 or 80 <= m < 86) else "ok")
    assert len(book.all()) == 2
    assert len({t.key for t in book.told()}) == 2


def test_flapping_is_a_state_and_one_incident():
    def answer(one, m):
        return "provider_outage" if one.provider == "claude" and any(a <= m < a + 20 for a in (5, 40, 75)) else "ok"
    book = story(GRID, 85, answer)
    assert only(book).stage is Stage.FLAPPING
    assert only(book).flaps == 2
    assert len(book.told()) == 1
    before = len(book.told("recovered"))
    book = story(GRID, 180, answer)
    assert only(book).stage is Stage.CLOSED
    assert len(book.told("recovered")) == before + 1


def test_what_flaps_is_closed_only_after_a_longer_calm():
    def calm_of(*starts):
        book = story(GRID, starts[-1] + 100, lambda one, m: "provider_outage" if one.provider == "claude"
                     and any(a <= m < a + 20 for a in starts) else "ok")
        return only(book).closed_at - T0 - timedelta(minutes=starts[-1] + 20)
    assert calm_of(5, 40, 75) > calm_of(5)


KEYED = [Asked("openai", "eu", account=a, kind="completion") for a in ("main", "spare")]


def test_a_banned_account_is_left_alone():
    checks = tuple(KnownCheck(one.key, one.provider, one.region, one.account, one.account is not None)
                   for one in GRID + KEYED)
    book = story(GRID + KEYED, 10, lambda one, m: "account_restricted" if one.account == "main" and m >= 3 else "ok",
                 known=Known(checks=checks))
    found = only(book)
    assert (found.cause, found.scope.account) == (Cause.ACCOUNT_RESTRICTED, "main")
    assert found.opened_at == T0 + timedelta(minutes=4)
    watch, = (one for one in book.watches() if one.check_keys)
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
    book = story(GRID, 20, failing("provider_outage", region="us", start=4))
    assert (only(book).cause, only(book).scope.region) == (Cause.PROVIDER_OUTAGE, "us")


@pytest.mark.parametrize(("outcome", "cause"), [("network_blocked", Cause.NETWORK_INTERFERENCE),
                                                ("network_dns", Cause.NETWORK_INTERFERENCE),
                                                ("network_timeout", Cause.REGIONAL_PATH)])
def test_silence_on_the_wire_of_one_region_is_the_path_not_the_vendor(outcome, cause):
    book = story(spread(GRID), 20, failing(outcome, region="us", start=4))
    assert (only(book).cause, only(book).scope.region) == (cause, "us")
    assert only(book).confidence >= 0.9
    assert only(book).opened_at - only(book).onset <= timedelta(minutes=10)


@pytest.mark.parametrize("controls", [0, 3])
def test_without_another_region_it_is_unreachable_from_here_and_not_surer_than_that(controls):
    book = story(grid(("eu",), VENDORS, controls), 30, failing("network_timeout"))
    assert only(book).cause is Cause.UNKNOWN
    assert only(book).confidence <= 0.6
    assert "unreachable from here" in only(book).because
    assert not book.reroutes()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("length", [2, 4, 7, 30])
def test_own_network_lost_is_inconclusive_and_nothing_recovers_later_that_was_never_down(seed, length):
    book = story(spread(GRID, seed), 90, lambda one, m: "network_timeout" if 5 <= m < 5 + length else "ok")
    assert {i.cause for i in book.incidents.values()} <= {Cause.OWN_NETWORK}
    if length >= 30:
        found = only(book)
        assert found.stage is Stage.CLOSED
        assert found.regions == REGIONS
        assert found.scope.region is None
        assert not book.told("updated")
    assert len(book.told()) == len(book.told("recovered")) == len(book.all())
    assert len(book.all()) <= 1


@pytest.mark.parametrize("seed", range(4))
def test_one_region_cut_off_names_the_region(seed):
    book = story(spread(GRID, seed), 60, lambda one, m: "network_dns" if one.region == "sg" and 5 <= m < 30 else "ok")
    assert (only(book).cause, only(book).scope.region) == (Cause.OWN_NETWORK, "sg")


def test_a_vendor_that_is_down_does_not_recover_while_we_cannot_see_it():
    """Our own network fails in the middle of an outage: that is no calm, and no second incident of the vendor's."""
    def answer(one, m):
        if 30 <= m < 70:
            return "network_timeout"
        return "provider_outage" if one.provider == "qwen" and 5 <= m < 90 else "ok"
    book = story(GRID, 160, answer)
    assert {i.cause for i in book.all()} == {Cause.PROVIDER_OUTAGE, Cause.OWN_NETWORK}
    vendors = next(i for i in book.all() if i.cause is Cause.PROVIDER_OUTAGE)
    assert vendors.closed_at >= T0 + timedelta(minutes=90)
    assert vendors.flaps == 0
    assert len(book.all()) == 2


@pytest.mark.parametrize("seed", range(4))
def test_a_machine_without_internet_from_the_start_blames_no_vendor(seed):
    book = story(spread(grid(("here",), VENDORS), seed), 5, lambda one, m: "network_dns")
    assert only(book).cause is Cause.OWN_NETWORK
    assert {i.cause for i in book.incidents.values()} == {Cause.OWN_NETWORK}


def test_an_explicit_refusal_is_not_masked_by_our_own_network():
    book = story(GRID, 40, lambda one, m: "ok" if m < 5 else "geo_restricted" if (one.provider, one.region) == (
        "claude", "eu") else "network_timeout")
    assert {i.cause for i in book.all()} == {Cause.OWN_NETWORK, Cause.REGION_RESTRICTED}


CHINA = [Asked("baidu", "cn", control=True, zone="cn", region_zone="cn"),
         Asked("example", "cn", control=True, region_zone="cn"),
         *(Asked(v, "cn", zone="cn", region_zone="cn") for v in ("qwen", "kimi")),
         *(Asked(v, "cn", region_zone="cn") for v in ("claude", "openai", "gemini"))]


@pytest.mark.parametrize("seed", range(5))
def test_a_cut_link_abroad_blames_no_vendor(seed):
    book = story(spread(CHINA + GRID, seed), 80,
                 lambda one, m: "network_timeout" if one.region == "cn" and one.zone == "global" and 5 <= m < 35
                 else "ok")
    assert (only(book).cause, only(book).scope.region) == (Cause.OWN_NETWORK, "cn")
    assert "link abroad" in only(book).because
    assert only(book).stage is Stage.CLOSED
    assert {i.scope.provider for i in book.incidents.values()} == {None}


def test_what_is_expected_is_quiet_and_its_end_is_told_once():
    asked = [*GRID, Asked("claude", "cn", expect=True)]
    book = story(asked, 40, lambda one, m: ("geo_restricted" if m < 10 else "network_timeout" if m < 15 else "ok")
                 if one.expect else "ok")
    assert not book.all()
    assert len(book.actions) == 1
    assert "served now although expected restricted" in book.told("finding")[0].alert.because


@pytest.mark.parametrize("outcome", ["unknown", "skipped"])
def test_what_is_no_evidence_is_nobodys_fault(outcome):
    assert not story(GRID, 120, failing(outcome, "claude", start=4)).actions


@pytest.mark.parametrize(("outcome", "causes"), [
    ("content_filtered", {Cause.OWN_FAULT}), ("bad_request", {Cause.OWN_FAULT}), ("probe_error", {Cause.OWN_FAULT}),
    ("bot_challenge", {Cause.OWN_FAULT, Cause.UNKNOWN})])
@pytest.mark.parametrize("region", [None, "eu"])
def test_what_is_our_own_doing_is_never_a_restriction_however_long_it_lasts(outcome, causes, region):
    work = KnownWorkload("smart", "claude", (Fallback("gpt", "openai"),), "litellm", ("claude-sonnet",))
    book = story(GRID, 240, failing(outcome, "claude", region, start=4), known=Known(workloads=(work,)))
    assert {i.cause for i in book.incidents.values()} <= causes
    assert only(book).stage is Stage.OPEN
    assert len(book.told()) == 1
    assert not book.reroutes()


@pytest.mark.parametrize("outcome", ["content_filtered", "bad_request", "probe_error", "bot_challenge"])
def test_our_own_doing_now_and_then_is_nothing(outcome):
    assert not story(GRID, 240, lambda one, m: outcome if one.provider == "claude" and m % 60 == 7 else "ok").told()


@pytest.mark.parametrize(("outcome", "cause"), [
    ("auth_failed", Cause.AUTH_FAILED), ("quota_exhausted", Cause.BILLING), ("rate_limited", Cause.RATE_LIMITED),
    ("overloaded", Cause.PROVIDER_OVERLOADED), ("model_unavailable", Cause.MODEL_RETIRED)])
def test_what_a_vendor_says_is_taken_at_its_word(outcome, cause):
    book = story(GRID + KEYED, 25, lambda one, m: outcome if one.account == "main" and m > 3 else "ok")
    assert only(book).cause is cause


def test_a_keyless_call_that_is_asked_for_a_key_is_alive():
    assert not story(GRID, 12, lambda one, m: "auth_failed" if not one.control else "ok").actions


def test_a_silent_region_ages_out_of_the_quorum_and_never_recovers_by_silence():
    def answer(one, m):
        if one.region == "eu" and m >= 10:
            return None
        return geo_in("eu")(one, m)
    assert only(story(GRID, 120, answer)).stage is Stage.OPEN

    def outage(one, m):
        if one.region == "eu" and m >= 20:
            return None
        return "provider_outage" if one.provider == "claude" and 5 <= m < 30 else "ok"
    assert only(story(GRID, 120, outage)).stage is Stage.CLOSED


def test_what_a_region_said_before_it_fell_silent_does_not_vote_on_what_comes_after():
    """eu answered well and is heard of no more: with the two that are left failing it is everywhere."""
    def answer(one, m):
        if one.region == "eu" and m >= 10:
            return None
        return "network_timeout" if one.provider == "qwen" and m >= 40 else "ok"
    found = only(story(GRID, 70, answer))
    assert (found.cause, found.regions, found.scope.region) == (Cause.PROVIDER_OUTAGE, ("sg", "us"), None)
    assert " eu" not in found.because


@pytest.mark.parametrize("outcome", ["geo_restricted", "network_timeout"])
def test_2_of_2_and_then_1_of_2_recovers_stays_open(outcome):
    def answer(one, m):
        hit = one.provider == "claude" and (m >= 5 if one.region == "eu" else 5 <= m < 35)
        return outcome if hit else "ok"
    book = story(grid(("eu", "us"), VENDORS), 240, answer)
    assert only(book).stage is Stage.OPEN
    assert not book.told("recovered")


def test_1_of_5_blocked_for_ever_is_reminded_of_and_never_hidden_by_the_other_4():
    asked = grid(("eu", "hk", "sg", "us", "za"), ("claude", "openai", "qwen"), controls=1)
    book = Ledger()
    for batch in _per_hour(history(asked, 60 * 31, geo_in("hk"))):
        book.take(batch)
    assert (only(book).stage, only(book).regions) == (Stage.OPEN, ("hk",))
    assert [len(book.told(occasion)) for occasion in ("opened", "reminder", "recovered")] == [1, 3, 0]
    assert all(tell.alert.regions == ("hk",) for tell in book.told("reminder"))


def test_what_nobody_hears_of_for_hours_between_two_checks_is_counted_all_the_same():
    """Counter shorter than cadence: asked every six hours, what is refused twice is refused."""
    slow = [Asked("claude", r, kind="models") for r in REGIONS]
    samples = [replace(s, every_s=21_600.0) for s in history(slow, 60 * 24 * 8, lambda one, m: None if m % 360 else
               "geo_restricted" if one.region == "eu" and m >= 360 * 20 else "ok")]
    book = Ledger()
    for sample in samples:
        book.take([sample])
    assert (only(book).cause, only(book).regions) == (Cause.REGION_RESTRICTED, ("eu",))
    assert only(book).opened_at == T0 + timedelta(hours=6 * 21)


@pytest.mark.parametrize("outcome", ["geo_restricted", "provider_outage", "network_timeout"])
def test_a_restart_while_firing_says_nothing_twice_and_still_resolves(outcome):
    answer = failing(outcome, "claude", "eu", 5, 30)
    book, straight = Ledger(), story(GRID, 90, answer)
    for minute_batch in _per_minute(history(GRID, 90, answer)):
        book.take(minute_batch)
        book.restart()
    assert (len(book.told()), len(book.told("recovered"))) == (1, 1)
    assert book.incidents == straight.incidents, "and the counters survive: no later for the restarts"


def test_a_new_cause_with_its_own_onset_is_a_new_incident_even_while_another_recovers():
    def answer(one, m):
        if one.provider != "claude":
            return "ok"
        if one.region == "eu" and m >= 42:
            return "geo_restricted"
        return "provider_outage" if 5 <= m < 40 else "ok"
    book = story(GRID, 90, answer)
    outage, refusal = sorted(book.all(), key=lambda i: i.onset)
    assert (outage.cause, outage.stage) == (Cause.PROVIDER_OUTAGE, Stage.CLOSED)
    assert (refusal.cause, refusal.stage, refusal.onset) == (Cause.REGION_RESTRICTED, Stage.OPEN,
                                                             T0 + timedelta(minutes=42))
    assert refusal.opened_at <= outage.closed_at
    assert len(book.told()) == 2


def test_the_same_trouble_in_another_region_half_an_hour_later_is_another_incident():
    begins = {"eu": 5, "us": 40}

    def answer(one, m):
        return "geo_restricted" if one.provider == "claude" and m >= begins.get(one.region, 10**9) else "ok"
    assert sorted(i.regions for i in story(GRID, 60, answer).all()) == [("eu",), ("us",)]


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
        return geo_in("eu", start=15)(one, m)
    book = story(GRID, 22, answer, known=Known(workloads=(work,)))
    reroute, = book.reroutes()
    assert (reroute.change.takes_over, reroute.change.leaves_routes, reroute.mode, reroute.gateway) == (
        "gpt", ("claude-sonnet",), "propose", "litellm")
    assert reroute.change.expires_at == reroute.change.created_at + timedelta(days=7)
    again = story(GRID, 22, answer, known=Known(workloads=(work,))).reroutes()[0]
    assert again == reroute
    lone = story(GRID, 22, answer, known=Known(workloads=(replace(work, fallbacks=work.fallbacks[:1]),)))
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
    """Once every hour of the day is known: until then all that comes counts as usual."""
    draw, begins = Random(3), timedelta(hours=80)
    slow = history([Asked("claude", "eu"), Asked("n", "eu", control=True)], 60 * 84, lambda one, m: "ok")
    slow = [replace(s, total_s=draw.lognormvariate(0, 0.3) * (
        5.0 if s.provider == "claude" and s.slot >= T0 + begins else 0.4)) for s in slow]
    book = Ledger(PEACE)
    book.take(slow)
    found = only(book)
    assert (found.cause, found.stage) == (Cause.LATENCY_DEGRADED, Stage.OPEN)
    assert abs(found.onset - T0 - begins) <= timedelta(hours=3)
    assert found.opened_at - T0 - begins <= timedelta(hours=1)
    assert len(book.told()) == 1


def test_what_times_out_is_a_failure_and_not_a_slow_answer():
    """A time-out has its own streams; as a latency it counts in the reports (law 6: test_report)."""
    draw = Random(3)
    waited = history(grid(("eu",), ("claude", "qwen"), 1), 700, failing("network_timeout", "claude", start=600))
    waited = [replace(s, total_s=30.0 if s.outcome != "ok" else draw.lognormvariate(-1, 0.3)) for s in waited]
    book = Ledger()
    book.take(waited)
    assert only(book).cause is Cause.UNKNOWN


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


def _per_hour(samples):
    hours = {}
    for sample in samples:
        hours.setdefault(sample.slot.replace(minute=0, second=0), []).append(sample)
    return list(hours.values())


OUTCOMES = ["network_timeout", "network_dns", "geo_restricted", "provider_outage", "unknown", "account_restricted",
            "rate_limited", "overloaded", "bad_request", "quota_exhausted", None]
EPISODES = st.lists(st.tuples(st.sampled_from(["stream", "vendor", "region"]), st.integers(0, 30), st.integers(0, 35),
                              st.integers(1, 25), st.sampled_from(OUTCOMES)), min_size=1, max_size=8)
PEACE = Policy(reminders=())                     # a reminder falls due by the clock of a batch, not by a sample
WISHES = st.sampled_from([PEACE, replace(PEACE, budgets=HASTY)])
MIXED = grid(("eu", "us"), ("claude", "qwen"), controls=1) + [
    Asked("claude", "eu", account=a, kind="completion") for a in ("main", "spare")]


def drawn(seed, episodes, minutes=55):
    """A history with whatever troubles: of one stream, of a vendor everywhere, or of all that one region asks."""
    asked = spread(MIXED, seed)

    def concerns(how, which, one):
        hit = asked[which % len(asked)]
        return {"stream": one == hit, "vendor": one.provider == hit.provider,
                "region": one.region == hit.region}[how]

    def answer(one, m):
        return next((o for how, i, a, n, o in episodes if concerns(how, i, one) and a <= m < a + n), "ok")
    return history(asked, minutes, answer)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 5), EPISODES, WISHES, st.data())
def test_one_batch_or_many_come_to_the_same_incidents(seed, episodes, wishes, data):
    samples = drawn(seed, episodes)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(samples) - 1), max_size=12)))
    whole, parts = Ledger(wishes), Ledger(wishes)
    whole.take(samples)
    for start, end in zip([0, *cuts], [*cuts, len(samples)], strict=True):
        parts.take(samples[start:end])
    assert numberless(whole) == numberless(parts)
    assert [t.key for t in whole.actions if hasattr(t, "key")] == [t.key for t in parts.actions if hasattr(t, "key")]
    assert dict(whole.judge.memory.dump()) == dict(parts.judge.memory.dump())


def numberless(book: Ledger):
    """Numbers are the database's."""
    return {key: replace(incident, id=0) for key, incident in book.incidents.items()}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 5), EPISODES, WISHES, st.data())
def test_whenever_it_is_stored_and_read_again_it_comes_to_the_same_incidents(seed, episodes, wishes, data):
    samples = drawn(seed, episodes)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(samples) - 1), min_size=1, max_size=8)))
    on, again = Ledger(wishes), Ledger(wishes)
    for start, end in zip([0, *cuts], [*cuts, len(samples)], strict=True):
        on.take(samples[start:end])
        again.take(samples[start:end])
        again.restart()
    assert on.incidents == again.incidents
    assert on.actions == again.actions
    assert dict(on.judge.memory.dump()) == dict(again.judge.memory.dump())


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["unknown", "skipped", None]), min_size=1, max_size=60),
       st.sampled_from(["geo_restricted", "network_timeout", "provider_outage", "account_restricted"]))
def test_no_evidence_never_moves_a_stage(tail, outcome):
    book = Ledger(PEACE)
    asked = [*GRID, Asked("claude", "eu", account="main", kind="completion")]
    samples = history(asked, 20 + len(tail),
                      lambda one, m: failing(outcome, "claude", "eu")(one, m) if m < 20 else tail[m - 20])
    first = [s for s in samples if s.slot < T0 + timedelta(minutes=20)]
    book.take(first)
    before, memory = only(book), dict(book.judge.memory.dump())
    assert not book.take(samples[len(first):], T0 + timedelta(minutes=21))
    assert only(book) == before
    assert dict(book.judge.memory.dump()) == memory


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 5), EPISODES, WISHES, st.sampled_from(["eu", "us"]), st.integers(5, 50))
def test_silence_closes_nothing(seed, episodes, wishes, region, since):
    """What stood where a region fell silent, and only that region could tell, stands for ever."""
    samples = drawn(seed, episodes)
    cut = T0 + timedelta(minutes=since)
    book = Ledger(wishes)
    book.take([s for s in samples if s.slot < cut])
    stood = {i.key for i in book.all() if i.stage is Stage.OPEN and i.scope.region == region}
    later = [s for s in samples if s.slot >= cut and s.region != region]
    book.take(later, cut + timedelta(minutes=60))
    after = [book.incidents[key] for key in stood]
    # what has spread since to where somebody reports is judged by those
    assert all(one.stage is Stage.OPEN for one in after if one.scope.region == region)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 5), EPISODES, WISHES)
def test_deciding_twice_on_the_same_state_comes_to_the_same_keys(seed, episodes, wishes):
    samples = drawn(seed, episodes)
    half = len(samples) // 2
    one, two = Ledger(wishes), Ledger(wishes)
    for book in (one, two):
        book.take(samples[:half])
    assert one.take(samples[half:]) == two.take(samples[half:])
    memory = dict(one.judge.memory.dump())
    assert one.take((), samples[-1].slot) == []
    assert dict(one.judge.memory.dump()) == memory


def test_budgets_reach_the_rules():
    def opened(budgets):
        return only(story(GRID, 60, failing("network_timeout"), policy=Policy(budgets=budgets))).opened_at

    assert opened(HASTY) < opened(Budgets()) < opened(Budgets(confirm_s=3e9, patch_s=3e10))


def test_a_suspicion_that_comes_to_nothing_is_told_to_nobody():
    book = story(GRID, 60, failing("network_timeout", "qwen", "us", 5, 10))
    assert book.incidents
    assert {i.stage for i in book.incidents.values()} == {Stage.CLOSED}
    assert not book.told()
    assert not book.told("recovered")


def test_evidence_goes_up_the_tiers_and_the_patch_waits_for_the_last():
    work = KnownWorkload("smart", "claude", (Fallback("gpt", "openai"),), "litellm", ("claude-sonnet",))
    book = Ledger(known=Known(workloads=(work,)))
    for batch in _per_minute(history(GRID, 60, failing("provider_outage", "claude"))):
        book.take(batch)
        assert bool(book.reroutes()) == any(i.tier >= Tier.PATCH for i in book.all())
    assert [m.incident.tier for m in book.moves()] == sorted(m.incident.tier for m in book.moves())


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
    book = story(GRID, 60, answer, known=Known(workloads=(work,)))
    assert (only(book).cause, only(book).regions) == (Cause.PROVIDER_OUTAGE, REGIONS)
    assert len(book.told()) == 1
    assert {r.change.takes_over for r in book.reroutes()} == {"gpt"}


@pytest.mark.parametrize(("works", "bare"), [(True, False), (False, True)])
def test_the_first_word_of_what_was_held_back_knows_who_could_take_over(works, bare):
    work = KnownWorkload("smart", "claude", (Fallback("qwen-max", "qwen"),), "litellm", ("claude-sonnet",))
    held = Policy(rules=(Wish(When(), hold=timedelta(minutes=10)),))
    book = Ledger(policy=held, known=Known(workloads=(work,)))
    asked = [one for one in GRID if works or one.provider != "qwen"]
    for minute in range(30):
        book.take([one for one in history(asked, 30, geo_in("eu")) if one.slot == T0 + timedelta(minutes=minute)])
    tell, = book.told()
    assert ("no fallback is proven" in tell.alert.because) is bare
    assert bool(book.reroutes()) is works
