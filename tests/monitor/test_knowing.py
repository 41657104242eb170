"""A workload's words become routes and vendors, and open maintenance windows become silences."""

from datetime import datetime, timedelta

import pytest
from worlds import NOON

from alerts.model import Inventory, Route, Severity
from monitor.catalogue import load_catalogue
from monitor.knowing import known_of, maintenance_of, policy_of
from monitor.model import Cause, Tier
from monitor.plan import plan
from monitor.rule import StreamKey
from monitor.settings import Config
from monitor.telling import suspicion
from monitor.tiers import Budgets
from monitor.track import Track

ROUTES = Inventory((Route("smart", "anthropic", "claude"), Route("backup", "openai", "gpt"),
                    Route("cn", "openai", "kimi", "https://api.moonshot.cn/v1")))


def a_config(**more: object) -> Config:
    return Config.model_validate({
        "gateways": {"gw": {"type": "litellm", "file": "c.yaml"}},
        "workloads": {"smart": {"primary": "claude", "fallbacks": ["kimi", "backup"]}}, **more})


def test_vendors_and_routes_are_both_understood() -> None:
    [workload] = known_of(a_config(), load_catalogue(), (), {"gw": ROUTES}).workloads
    assert (workload.primary, workload.leaves_routes, workload.gateway) == ("anthropic", ("smart",), "gw")
    assert [(one.route, one.provider) for one in workload.fallbacks] == [("cn", "moonshot"), ("backup", "openai")]


def test_a_route_to_an_endpoint_of_our_own_is_the_endpoints() -> None:
    base = "http://10.20.0.7:8000/v1"
    routes = Inventory((*ROUTES.routes, Route("house", "openai", "qwen3", f"{base}/")))
    config = a_config(endpoints=[{"name": "our-vllm", "base_url": base}],
                      workloads={"smart": {"primary": "claude", "fallbacks": ["house", "our-vllm"]}})
    [workload] = known_of(config, load_catalogue(), (), {"gw": routes}).workloads
    assert [(one.route, one.provider) for one in workload.fallbacks] == [("house", "our-vllm")] * 2


def test_a_group_of_several_vendors_is_its_first_ones() -> None:
    routes = Inventory((*ROUTES.routes, Route("smart", "openai", "gpt")))
    [workload] = known_of(a_config(), load_catalogue(), (), {"gw": routes}).workloads
    assert (workload.primary, workload.leaves_routes, workload.model) == ("anthropic", ("smart",), "claude")


def test_every_decision_says_under_which_config_it_was_made() -> None:
    def version(**more: object) -> str:
        return known_of(a_config(**more), load_catalogue(), ()).config_version

    assert version() == version() != version(budget={"usd_per_day": 2}) != ""


def test_a_window_that_is_open_silences() -> None:
    window = {"start": NOON.isoformat(), "end": (NOON + timedelta(hours=1)).isoformat(), "vendors": ["claude"]}
    config, catalogue = a_config(maintenance=[window]), load_catalogue()
    [silence] = maintenance_of(config, catalogue, NOON)
    assert silence.provider == "anthropic"
    assert maintenance_of(config, catalogue, NOON + timedelta(hours=1)) == ()


OPEN = {"start": NOON.isoformat(), "end": (NOON + timedelta(hours=1)).isoformat()}


def test_a_window_is_a_silence_for_each_vendor_in_each_region_once() -> None:
    config = a_config(regions={"eu": {}, "us": {}, "cn": {}}, maintenance=[
        {**OPEN, "vendors": ["claude", "anthropic", "kimi"], "regions": ["eu", "us"], "because": "moving"}])
    found = maintenance_of(config, load_catalogue(), NOON)
    assert [(one.provider, one.region) for one in found] == [
        ("anthropic", "eu"), ("anthropic", "us"), ("moonshot", "eu"), ("moonshot", "us")]
    assert {(one.until, one.cause, one.because) for one in found} == {(NOON + timedelta(hours=1), None, "moving")}
    [all_] = maintenance_of(a_config(maintenance=[OPEN]), load_catalogue(), NOON)
    assert (all_.provider, all_.region) == (None, None)


def test_an_endpoint_of_our_own_has_its_windows_too() -> None:
    config = a_config(endpoints=[{"name": "our-vllm", "base_url": "http://10.0.0.7/v1"}],
                      maintenance=[{**OPEN, "vendors": ["our-vllm"]}])
    assert [one.provider for one in maintenance_of(config, load_catalogue(), NOON)] == ["our-vllm"]


@pytest.mark.parametrize(("zones", "opens"), [
    ({}, "22:30"), ({"timezone": "Europe/Berlin"}, "21:30"),
    ({"timezone": "Europe/Berlin", "own": "Asia/Shanghai"}, "14:30"), ({"own": "Asia/Shanghai"}, "14:30")])
@pytest.mark.parametrize("form", [{"cron": "30 22 2 3 *", "for": "2h"}, {"interval": "2026-03-02T22:30/PT2H"},
                                  {"start": "2026-03-02T22:30", "end": "2026-03-03T00:30"}])
def test_the_three_forms_mean_the_same_in_their_own_zone_or_the_configs(
    form: dict[str, str], zones: dict[str, str], opens: str
) -> None:
    own = {"timezone": zones["own"]} if "own" in zones else {}
    config = a_config(maintenance=[{**form, **own}], timezone=zones.get("timezone", "UTC"))
    start, second = datetime.fromisoformat(f"2026-03-02T{opens}:00+00:00"), timedelta(seconds=1)
    [silence] = maintenance_of(config, load_catalogue(), start)
    assert silence.until == start + timedelta(hours=2)
    assert maintenance_of(config, load_catalogue(), start - second) == ()
    assert maintenance_of(config, load_catalogue(), silence.until) == ()


def test_dst_forward_and_back_a_weekly_window_of_the_config_is_there_and_as_long_as_it_says() -> None:
    config = a_config(timezone="Europe/Berlin", maintenance=[{"cron": "30 2 * * 0", "for": "2h"}])
    for opens, shuts in (("2026-03-29T01:00", "2026-03-29T03:00"), ("2026-10-25T00:30", "2026-10-25T02:30")):
        start, end = (datetime.fromisoformat(f"{one}:00+00:00") for one in (opens, shuts))
        assert [one.until for one in maintenance_of(config, load_catalogue(), start)] == [end]
        assert maintenance_of(config, load_catalogue(), start - timedelta(seconds=1)) == ()
        assert maintenance_of(config, load_catalogue(), end) == ()


def test_who_hears_what_is_the_teams_wish() -> None:
    config = a_config(channels={"ops": {"type": "console"}, "all": {"type": "console"}},
                      policy={"channels": {"critical": ["ops"], "info": []}})
    assert policy_of(config).channels == {Severity.CRITICAL: ("ops",), Severity.INFO: ()}


def test_pauses_and_regions_reach_those_who_decide() -> None:
    config = a_config(policy={"reminders": ["5m", "2h", "1d"]}, regions={"eu": {}, "us": {}})
    assert policy_of(config).reminders == (timedelta(minutes=5), timedelta(hours=2), timedelta(days=1))
    assert policy_of(a_config(policy={"reminders": []})).reminders == ()
    there = a_config(workloads={"smart": {"primary": "claude", "regions": ["us"]}}, regions={"eu": {}, "us": {}})
    [workload] = known_of(there, load_catalogue(), ()).workloads
    assert workload.regions == ("us",)


def test_false_alarms_are_a_wish_and_the_rest_is_as_it_is_by_default() -> None:
    assert policy_of(a_config()).budgets == Budgets()
    wished = policy_of(a_config(policy={"budgets": {"suspect": "4/day", "patch": "1/2 years"}})).budgets
    assert (wished.suspect_s, wished.patch_s) == (Budgets().suspect_s / 4, Budgets().patch_s * 2)
    assert wished.confirm_s == Budgets().confirm_s


def test_a_rule_knows_its_vendor_by_any_name() -> None:
    rules = [{"when": {"vendor": "claude", "causes": ["billing"], "tier": "patch"}, "channels": [], "hold": "5m"}]
    [wish] = policy_of(a_config(policy={"rules": rules}), load_catalogue()).rules
    assert (wish.when.vendor, wish.when.causes, wish.when.tier) == ("anthropic", {Cause.BILLING}, Tier.PATCH)
    assert (wish.channels, wish.hold, wish.remind, wish.severity) == ((), timedelta(minutes=5), None, None)


def test_what_is_dear_is_never_asked_fast_also_where_it_needs_no_key() -> None:
    config = a_config(endpoints=[{"name": "house", "base_url": "http://10.0.0.7/v1", "model": "q"}],
                      workloads={"smart": {"primary": "claude", "fallbacks": ["house"], "needs": ["tools"]}})
    catalogue = load_catalogue()
    known = known_of(config, catalogue, plan(config, catalogue))
    [proof] = [check for check in known.checks if check.key.startswith("readiness/")]
    assert (proof.keyed, proof.every_s) == (True, 4 * 3600.0)
    silent = Track(StreamKey("house", "here", "reachability"), 60.0)
    fast = [key for one in suspicion(silent, (), policy_of(config), known, NOON) for key in one.check_keys]
    assert proof.key not in fast
    assert {key.partition("/")[0] for key in fast} == {"network", "reachability", "models"}, "tokens cost time too"
