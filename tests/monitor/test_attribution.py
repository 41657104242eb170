"""Whose doing it is: the posterior over causes, and what nobody can tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.attribution import UNWITNESSED, Seen, attribute, class_of, tables
from monitor.model import Cause
from probes.outcome import NO_EVIDENCE, Outcome

FINE = {"neutral": {"ok": 3.0}, "others": {"ok": 3.0}}


def seen(here, spread="few", **roles):
    return Seen({"here": here, **FINE, **roles}, spread)


@pytest.mark.parametrize(("said", "cause"), [
    ("geo", Cause.REGION_RESTRICTED), ("account", Cause.ACCOUNT_RESTRICTED), ("auth", Cause.AUTH_FAILED),
    ("billing", Cause.BILLING), ("model", Cause.MODEL_RETIRED), ("rate", Cause.RATE_LIMITED), ("ours", Cause.OWN_FAULT),
    ("robot", Cause.UNKNOWN)])
@pytest.mark.parametrize("spread", ["few", "most", "all", ""])
def test_what_is_said_in_so_many_words_is_believed(said, cause, spread):
    found = attribute(seen({said: 2.0}, spread))
    assert found.cause is cause
    assert found.confidence >= 0.9


@pytest.mark.parametrize(("here", "spread", "elsewhere", "cause"), [
    ("error", "all", {"error": 4.0}, Cause.PROVIDER_OUTAGE), ("late", "all", {"late": 4.0}, Cause.PROVIDER_OUTAGE),
    ("error", "few", {"ok": 4.0}, Cause.PROVIDER_OUTAGE), ("late", "few", {"ok": 4.0}, Cause.REGIONAL_PATH),
    ("cut", "few", {"ok": 4.0}, Cause.NETWORK_INTERFERENCE), ("dns", "few", {"ok": 4.0}, Cause.NETWORK_INTERFERENCE),
    ("busy", "all", {"busy": 4.0}, Cause.PROVIDER_OVERLOADED)])
def test_the_same_silence_is_read_by_who_else_is_silent(here, spread, elsewhere, cause):
    found = attribute(seen({here: 6.0}, spread, elsewhere=elsewhere))
    assert found.cause is cause
    assert found.confidence >= 0.8


def test_where_neutral_hosts_and_other_vendors_fail_too_no_vendor_is_blamed():
    """Whether it is our own network is the place's to say: here it leaves nothing to be sure of."""
    blind = {"neutral": {"fail": 3.0}, "others": {"fail": 3.0}, "elsewhere": {"ok": 4.0}}
    assert attribute(seen({"late": 6.0}, **blind)).confidence < 0.01


@given(st.sampled_from(["late", "cut", "dns"]), st.integers(1, 60))
def test_silence_from_one_region_alone_is_unknown_and_never_surer_than_that(way, count):
    found = attribute(seen({way: float(count)}, ""))
    assert found.cause is Cause.UNKNOWN
    assert found.confidence <= UNWITNESSED


def test_silence_that_nothing_neutral_witnesses_is_not_sure():
    bare = Seen({"here": {"late": 6.0}, "elsewhere": {"ok": 4.0}}, "few", witnessed=False)
    assert attribute(bare).confidence <= UNWITNESSED


CLASSES = sorted(set(tables()["classes"].values()) - {"ok"})
ROLES = st.dictionaries(st.sampled_from(["here", "elsewhere", "kin"]),
                        st.dictionaries(st.sampled_from([*CLASSES, "ok", "other"]), st.integers(0, 50).map(float)))


@given(ROLES, st.sampled_from(["", "few", "most", "all"]))
def test_it_is_a_distribution_whatever_was_seen(roles, spread):
    found = attribute(Seen(roles, spread))
    assert 0 < found.confidence <= 1 + 1e-9
    assert sum(found.posterior.values()) == pytest.approx(1, abs=0.02)
    assert found.table == tables()["id"]
    assert found.mechanism in {h["id"] for h in tables()["hypotheses"]}


@given(st.sampled_from(["ours", "robot"]), st.integers(1, 30), st.sampled_from(["", "few", "most", "all"]))
def test_our_own_fault_is_never_a_vendors_restriction(said, count, spread):
    found = attribute(seen({said: float(count)}, spread, elsewhere={"ok": 2.0}))
    assert found.cause in {Cause.OWN_FAULT, Cause.UNKNOWN}


@given(st.integers(1, 30), st.integers(1, 5))
def test_an_unknown_answer_never_vetoes(said, others):
    assert attribute(seen({"geo": float(said + others), "other": float(others)})).cause is Cause.REGION_RESTRICTED


def test_every_outcome_that_is_evidence_has_a_class():
    assert {o for o in Outcome if class_of(o) == "other"} == NO_EVIDENCE - {Outcome.PROBE_ERROR}


def test_every_mechanism_has_a_cause_of_the_list_and_a_name_of_its_own():
    hypotheses = tables()["hypotheses"]
    assert {Cause(h["cause"]) for h in hypotheses}
    assert len({h["id"] for h in hypotheses}) == len(hypotheses)
    known = {*tables()["classes"].values(), "fail", "other"}
    assert {name for h in hypotheses for role in ("here", "elsewhere", "neutral", "others", "kin")
            for name in h[role]} <= known
    assert all(set(h["spread"]) == {"few", "most", "all"} for h in hypotheses)


@pytest.mark.parametrize(("here", "cause"), [
    ({"error": 4.0, "late": 2.0}, Cause.PROVIDER_OUTAGE), ({"error": 2.0, "late": 4.0}, Cause.UNKNOWN),
])
def test_from_one_region_a_vendor_that_mostly_answers_says_itself_what_is_wrong(here, cause):
    assert attribute(Seen({"here": here, "neutral": {"ok": 2.0}, "others": {"ok": 2.0}})).cause is cause
