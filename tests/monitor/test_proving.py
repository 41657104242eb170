"""Every fallback is probed from where it is used, with what its workload needs, and with no key from elsewhere."""

from datetime import timedelta

import pytest

from alerts.model import Inventory, Route
from monitor.catalogue import load_catalogue
from monitor.knowing import known_of
from monitor.plan import plan
from monitor.proving import EVERY, EVERY_LONG, asks_of
from monitor.settings import Config
from monitor.workloads import workloads_of

CATALOGUE = load_catalogue()
REGIONS = {"eu": {}, "sh": {"country": "CN"}}
KEYS = [{"name": "kimi-eu", "vendor": "kimi", "key_env": "A", "region": "eu", "host": "api.moonshot.ai"},
        {"name": "kimi-cn", "vendor": "kimi", "key_env": "B", "region": "sh"}]
INVENTORY = {"gw": Inventory((Route("smart", "anthropic", "claude"),
                              Route("cn", "openai", "kimi-k3", "https://api.moonshot.cn/v1", "B")))}
NEEDS = {"tools": True, "json": True}


def made(workloads, inventories=None, **sections):
    config = Config.model_validate({"regions": REGIONS, "accounts": KEYS, "workloads": workloads,
                                    "vendors": {"kimi": {}, "claude": {}}, **sections})
    checks = plan(config, CATALOGUE, (), inventories)
    return config, checks, [check for check in checks if check.kind == "readiness"]


def test_every_region_with_an_account_has_its_own_proof():
    _, _, checks = made({"smart": {"primary": "claude", "fallbacks": ["kimi"], "needs": NEEDS}})
    assert [check.key for check in checks] == [
        "readiness/moonshot/international/kimi-eu/-/json+takeover.anthropic+tools@eu",
        "readiness/moonshot/mainland/kimi-cn/-/json+takeover.anthropic+tools@sh"]
    for check in checks:
        assert check.target.account is not None
        assert check.target.account.region == check.vantage.region
        assert check.options == {"features": ("tools", "takeover", "json"), "context": 0, "origin": "anthropic"}
        assert check.every == EVERY


def test_only_where_it_runs_and_only_what_can_be_asked():
    _, _, checks = made({"smart": {"primary": "claude", "fallbacks": ["kimi", "glm"], "regions": ["eu"]}})
    assert [check.key for check in checks] == ["readiness/moonshot/international/kimi-eu/-/answer@eu"]


def test_equal_needs_share_a_proof_and_others_have_their_own():
    work = {"primary": "claude", "fallbacks": ["kimi"], "regions": ["eu"]}
    _, _, checks = made({"a": {**work, "needs": ["json", "tools"]}, "b": {**work, "needs": ["tools", "json"]},
                         "c": {**work, "needs": ["streaming"]}})
    assert [check.key.split("/")[-1] for check in checks] == ["json+takeover.anthropic+tools@eu", "streaming@eu"]


def test_the_gateways_route_says_which_model_and_whose_key():
    work = {"smart": {"primary": "claude", "fallbacks": ["cn"], "gateway": "gw"}}
    gateways = {"gw": {"type": "litellm", "file": "c.yaml"}}
    config, checks, proofs = made(work, INVENTORY, gateways=gateways)
    assert [check.key for check in proofs] == ["readiness/moonshot/mainland/kimi-cn/kimi-k3/answer@sh"]
    [known] = known_of(config, CATALOGUE, checks, INVENTORY).workloads
    assert known.fallbacks[0].proofs == {"sh": (proofs[0].key,)}


def test_a_long_prompt_is_rare_and_a_proof_of_its_own():
    work = {"smart": {"primary": "claude", "fallbacks": ["kimi"], "regions": ["eu"],
                      "needs": {"tools": True, "context": 200_000, "context_by": "probe"}}}
    config, checks, proofs = made(work)
    assert [(check.key.split("/")[-1], check.every) for check in proofs] == [
        ("takeover.anthropic+tools@eu", EVERY), ("long.200000@eu", EVERY_LONG)]
    [known] = known_of(config, CATALOGUE, checks).workloads
    assert known.fallbacks[0].proofs == {"eu": tuple(check.key for check in proofs)}
    [workload] = workloads_of(config, CATALOGUE)
    assert len(asks_of(workload)) == 2


def test_a_catalogued_context_is_asked_about_with_an_answer():
    work = {"smart": {"primary": "claude", "fallbacks": ["kimi"], "regions": ["eu"], "needs": {"context": 9000}}}
    [check] = made(work)[2]
    assert (check.options["features"], check.options["context"]) == (("answer", "context"), 9000)
    assert check.key.endswith("/answer+context.9000@eu")


def test_half_of_the_checks_prove_nothing():
    work = {"smart": {"primary": "claude", "fallbacks": ["kimi"], "regions": ["eu"],
                      "needs": {"tools": True, "context": 9, "context_by": "probe"}}}
    config, checks, proofs = made(work)
    [known] = known_of(config, CATALOGUE, [one for one in checks if one is not proofs[0]]).workloads
    assert known.fallbacks[0].proofs == {}


def test_an_endpoint_of_our_own_is_asked_from_everywhere_without_a_key():
    base = {"name": "house", "base_url": "http://10.0.0.7:8000/v1", "model": "qwen3", "context": 32_000}
    work = {"smart": {"primary": "claude", "fallbacks": ["house"], "needs": {"context": 16_000}}}
    _, _, checks = made(work, endpoints=[base])
    assert {check.vantage.region for check in checks} == {"eu", "sh"}
    assert not any(check.keyed for check in checks)
    assert {check.target.provider.probe_models[0].context for check in checks} == {32_000}


def test_how_often_and_whether_is_the_vendors_setting():
    def of(**readiness):
        work = {"smart": {"primary": "claude", "fallbacks": ["kimi"], "regions": ["eu"], "needs": {
            "tools": True, "context": 9, "context_by": "probe"}}}
        return made(work, vendors={"kimi": {"checks": {"readiness": readiness}}, "claude": {}})[2]

    assert [check.every for check in of(every="30m")] == [timedelta(minutes=30), EVERY_LONG]
    assert {check.options["max_tokens"] for check in of(max_tokens=99)} == {99}
    assert of(enabled=False) == []


def test_embeddings_are_no_conversation():
    assert made({"embed": {"primary": "claude", "fallbacks": ["kimi"], "embedding": True, "needs": ["tools"]}})[2] == []


@pytest.mark.parametrize("kinds", [{}, {"readiness": {}}])
def test_no_workload_no_proof(kinds):
    assert made({}, vendors={"kimi": {"checks": kinds}})[2] == []
