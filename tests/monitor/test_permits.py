"""A workload never moves where it may not: enforced where a Reroute is made, and provable by drawing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from histories import T0
from hypothesis import given
from hypothesis import strategies as st

from monitor.known import Allowance, Deciding, Fallback, Known, KnownWorkload, Policy, Stay
from monitor.model import Cause, Incident, Scope, Stage, Tier
from monitor.permits import candidates, reaches, refusal, same_model, shown
from monitor.telling import reroutes

QWEN = Fallback("qwen-max", "qwen", jurisdiction="CN", weights="open", proofs={"eu": ("q@eu",)})
GPT = Fallback("gpt", "openai", jurisdiction="US", proofs={"eu": ("g@eu", "g7@eu")})
OURS = Fallback("house", "our-vllm", weights="open")
WORK = KnownWorkload("smart", "claude", (QWEN, GPT, OURS), "litellm", ("sonnet",))
INCIDENT = Incident(0, "k", Stage.OPEN, Cause.REGION_RESTRICTED, Scope("claude", "eu"), 0.97, "why", T0, T0, T0,
                    regions=("eu",), tier=Tier.PATCH)
GREEN = {name: {"eu": T0, "us": T0} for name in ("qwen", "openai", "our-vllm", "claude")}
SEEN = T0 - timedelta(hours=2)


def allowed(*vendors):
    return tuple(Allowance(vendor, "mei", date(2026, 11, 2)) for vendor in vendors)


def taker(workload, incident=INCIDENT, others=(), **more):
    context = Deciding(Known(workloads=(workload,)), green=GREEN, **more)
    made, bare = reroutes(incident, others, Policy(), T0, context)
    assert bool(made) is not bool(bare)
    return made[0].change.takes_over if made else None


def test_only_who_is_allowed_takes_over():
    assert taker(WORK) == "qwen-max"
    assert taker(replace(WORK, allowed=allowed("claude", "openai"))) == "gpt"
    assert taker(replace(WORK, allowed=())) is None
    assert "not among the vendors allowed for smart" in refusal(QWEN, replace(WORK, allowed=allowed("openai")))


def test_data_stays_where_it_must():
    eu = Stay("eu", jurisdictions=("US", "DE"))
    assert taker(replace(WORK, stays=(eu,))) == "gpt"
    assert taker(replace(WORK, stays=(eu,), regions=("us",)), replace(INCIDENT, regions=("us",))) == "qwen-max"
    assert taker(replace(WORK, stays=(eu, Stay("us", ("our-vllm",))))) is None, "of all regions where it runs"
    assert taker(replace(WORK, stays=(Stay("eu", ("our-vllm",)),))) == "house"
    assert refusal(OURS, replace(WORK, stays=(eu,))) == "data of eu may not go to our-vllm (unknown)"


@pytest.mark.parametrize(("one", "other", "same"), [
    ("BAAI/bge-m3", "bge-m3", True), ("bge-m3:latest", "Pro/BAAI/BGE-M3", True),
    ("text-embedding-3-small", "text-embedding-3-large", False), ("bge-m3", None, False), (None, None, False),
    ("", "", False)])
def test_one_model_has_several_names_and_an_unknown_one_is_none(one, other, same):
    assert same_model(one, other) is same


def test_an_embedding_workload_moves_only_to_the_same_model_elsewhere():
    work = replace(WORK, embedding=True, model="BAAI/bge-m3")
    assert taker(work) is None
    ours = replace(OURS, model="bge-m3")
    assert taker(replace(work, fallbacks=(replace(GPT, model="text-embedding-3-small"), ours))) == "house"
    assert "text-embedding-3-small" in refusal(replace(GPT, model="text-embedding-3-small"), work)


def test_the_ban_of_one_account_is_the_whole_vendors_unless_the_team_says_otherwise():
    banned = replace(INCIDENT, cause=Cause.ACCOUNT_RESTRICTED, scope=Scope("claude", account="one"), regions=())
    again = Fallback("sonnet-two", "claude", account="two")
    work = replace(WORK, fallbacks=(again, QWEN), accounts=("one",))
    assert taker(work, banned) == "qwen-max"
    assert taker(replace(work, ban="account"), banned) == "sonnet-two"
    assert not reaches(banned, replace(work, ban="account", accounts=("two",)))
    assert reaches(banned, replace(work, ban="account", accounts=())), "whose key it uses is unknown"
    assert reaches(banned, replace(work, accounts=("two",)))
    whole = replace(banned, cause=Cause.PROVIDER_OUTAGE, scope=Scope("claude"))
    assert taker(replace(work, ban="account"), whole) == "qwen-max"
    same = replace(work, ban="account", fallbacks=(replace(again, account="one"), replace(again, account=None)))
    assert candidates(same, banned, ()) == (), "the banned key, or one that nobody knows"


def test_who_is_hurt_takes_nothing_over_and_who_was_does():
    hurt = replace(INCIDENT, key="q", scope=Scope("qwen"))
    assert [one.provider for one in candidates(WORK, INCIDENT, [hurt])] == ["openai", "our-vllm"]
    assert candidates(WORK, INCIDENT, [replace(hurt, stage=Stage.CLOSED)])[0] is QWEN


def test_needs_are_proven_by_all_that_proves_them_and_by_the_vendor_being_well():
    work = replace(WORK, needs=("tools",))
    assert taker(work) is None, "that a vendor answers proves no tool"
    assert taker(work, proofs={"q@eu": SEEN}) == "qwen-max"
    assert taker(work, proofs={"g@eu": SEEN}) is None, "half of a proof is none"
    assert taker(work, proofs={"g@eu": SEEN, "g7@eu": T0}) == "gpt"
    context = Deciding(green={"openai": {"eu": T0}}, proofs={"g@eu": SEEN, "g7@eu": T0, "q@eu": T0})
    assert shown(GPT, work, context) == {"eu": SEEN}
    assert shown(QWEN, work, context) == {}, "it does not answer now"
    assert shown(GPT, WORK, context) == {"eu": T0}
    assert shown(GPT, WORK, replace(context, failed=frozenset({"g7@eu"}))) == {}, "its own probe says no"
    assert shown(QWEN, WORK, Deciding(green=GREEN, failed=frozenset({"g7@eu"}))) == GREEN["qwen"]


vendors = st.sampled_from(["qwen", "openai", "our-vllm", "mistral"])
fallbacks = st.builds(Fallback, st.sampled_from("abcd"), vendors, st.sampled_from([None, "m1", "x/m1", "m2"]),
                      st.none(), st.sampled_from(["", "CN", "US", "FR"]))
workloads = st.builds(
    KnownWorkload, st.just("w"), st.just("claude"), st.lists(fallbacks, max_size=4).map(tuple), st.just("gw"),
    model=st.sampled_from([None, "m1"]), embedding=st.booleans(),
    allowed=st.none() | st.lists(vendors, max_size=3).map(lambda names: allowed(*names)),
    stays=st.lists(st.builds(Stay, st.sampled_from(["eu", "us"]), st.lists(vendors, max_size=2).map(tuple),
                             st.lists(st.sampled_from(["CN", "US", "FR"]), max_size=2).map(tuple)),
                   max_size=2).map(tuple))


@given(workloads)
def test_law_12_whatever_the_config_nothing_moves_to_a_vendor_it_may_not_use(work):
    green = {one: {"eu": T0, "us": T0} for one in ("qwen", "openai", "our-vllm", "mistral")}
    made, _ = reroutes(INCIDENT, (), Policy(), T0, Deciding(Known(workloads=(work,)), green=green))
    for one in made:
        takes = next(f for f in work.fallbacks if f.route == one.change.takes_over and not refusal(f, work))
        assert work.allowed is None or takes.provider in {a.provider for a in work.allowed}
        assert not work.embedding or same_model(work.model, takes.model)
        for stay in work.stays:
            assert takes.provider in stay.providers or takes.jurisdiction in stay.jurisdictions
