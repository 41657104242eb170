"""What a workload says of itself becomes values: whose routes, which models, what is needed, who may be used."""

from datetime import date

import pytest

from alerts.model import Inventory, Route
from monitor.catalogue import load_catalogue
from monitor.known import Allowance, Stay
from monitor.owning import vendor_of
from monitor.settings import Config
from monitor.workloads import gateway_of, needs_of, workloads_of
from monitor.workloadsettings import WorkloadSettings

CATALOGUE = load_catalogue()
ROUTES = Inventory((Route("smart", "anthropic", "claude-opus-5", key_name="CLAUDE_ONE"),
                    Route("cn", "openai", "kimi-k3", "https://api.moonshot.cn/v1", "KIMI_KEY"),
                    Route("relay", "openai", "m", "https://relay.example/v1")))


def one(inventory=ROUTES, workload=None, **sections):
    config = Config.model_validate({
        "gateways": {"gw": {"type": "litellm", "file": "c.yaml"}},
        "accounts": [{"name": "first", "vendor": "claude", "key_env": "CLAUDE_ONE"},
                     {"name": "k", "vendor": "kimi", "key_env": "KIMI_KEY"}],
        "workloads": {"smart": {"primary": "claude", "fallbacks": ["kimi"], **(workload or {})}}, **sections})
    [found] = workloads_of(config, CATALOGUE, {"gw": inventory})
    return found


def test_what_is_known_of_a_vendor_goes_along():
    work = one()
    assert (work.primary, work.jurisdiction, work.weights, work.dialect) == ("anthropic", "US", "closed", "anthropic")
    assert (work.model, work.accounts, work.leaves_routes) == ("claude-opus-5", ("first",), ("smart",))
    [kimi] = work.fallbacks
    assert (kimi.route, kimi.provider, kimi.model, kimi.account) == ("cn", "moonshot", "kimi-k3", "k")
    assert (kimi.jurisdiction, kimi.weights) == ("CN", CATALOGUE.find("kimi").weights)


def test_an_endpoint_of_our_own_stands_under_no_jurisdiction_but_ours():
    work = one(workload={"primary": "vllm-eu", "fallbacks": ["claude"], "model": "qwen3"},
               endpoints=[{"name": "vllm-eu", "base_url": "http://10.0.0.7/v1", "model": "qwen3-32b"}])
    assert (work.primary, work.jurisdiction, work.weights, work.dialect) == ("vllm-eu", "", "open", "openai")
    back = one(workload={"fallbacks": ["vllm-eu"]}, endpoints=[
        {"name": "vllm-eu", "base_url": "http://10.0.0.7/v1", "model": "qwen3-32b", "dialect": "openai"}])
    assert (back.fallbacks[0].provider, back.fallbacks[0].model) == ("vllm-eu", "qwen3-32b")


def test_without_a_gateway_the_model_is_the_configs():
    [kimi] = one(Inventory(), vendors={"kimi": {"models": ["kimi-k2.6"]}}).fallbacks
    assert (kimi.route, kimi.model) == ("kimi", "kimi-k2.6")
    assert one(Inventory()).fallbacks[0].model is None
    assert one(Inventory(), workload={"model": "bge-m3"}).model == "bge-m3"


def test_whose_a_route_is_that_nobody_knows_stays_unknown():
    [relay] = one(workload={"fallbacks": ["relay"]}).fallbacks
    assert (relay.route, relay.provider, relay.jurisdiction, relay.weights) == ("relay", "relay", "", "closed")
    assert vendor_of(ROUTES.routes[2], CATALOGUE) is None


@pytest.mark.parametrize(("needs", "features"), [
    (None, []), ({}, []), (["tools"], ["tools", "takeover"]),
    ({"tools": True, "thinking": "dropped"}, ["tools", "takeover-bare"]),
    ({"json": True, "streaming": True, "context": 128000}, ["json", "streaming", "context:128000"]),
    ({"context": 9, "context_by": "probe"}, ["context:9:probe"])])
def test_needs_become_the_features_that_prove_them(needs, features):
    assert list(needs_of(WorkloadSettings.model_validate({"primary": "x", "needs": needs}))) == features


def test_the_gateway_is_the_first_unless_another_or_none_is_named():
    two = {"gw": {"type": "litellm", "file": "a"}, "other": {"type": "litellm", "file": "b"}}

    def named(gateway, gateways):
        config = Config.model_validate({"gateways": gateways, "workloads": {"smart": {
            "primary": "x", "gateway": gateway}}})
        return gateway_of(config.workloads["smart"], config)

    assert [named(word, two) for word in (None, "other", "none")] == ["gw", "other", ""]
    assert named("none", {**two, "none": two["gw"]}) == "none"
    assert named(None, {}) == ""


def test_who_may_be_used_goes_by_any_name_and_keeps_its_approver():
    work = one(workload={"allowed": [{"vendor": "Claude", "by": "mei", "date": "2026-11-02", "because": "DPA 17"}],
                         "data_stays": {"here": {"vendors": ["kimi"], "jurisdictions": ["DE"]}},
                         "open_weights": "at_least_one", "jurisdictions": "any", "account_ban": "account"})
    assert work.allowed == (Allowance("anthropic", "mei", date(2026, 11, 2), "DPA 17"),)
    assert work.stays == (Stay("here", ("moonshot",), ("DE",)),)
    assert (work.spread, work.open_weights, work.ban) == (False, True, "account")
    usual = one()
    assert (usual.allowed, usual.stays, usual.spread, usual.open_weights, usual.ban) == (None, (), True, False,
                                                                                        "vendor")
