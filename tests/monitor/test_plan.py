from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.catalogue import is_template, load_catalogue
from monitor.errors import UserError
from monitor.keys import FoundKey, found_keys
from monitor.model import Check
from monitor.places import first_per_zone, host_of
from monitor.plan import plan, trusted_by
from monitor.settings import Config
from probes.model import Zone

CATALOGUE = load_catalogue()
TWO = {"here": {}, "shanghai": {"country": "CN"}}


def made(keys: Sequence[FoundKey] = (), **sections: object) -> tuple[Check, ...]:
    return plan(Config.model_validate(sections), CATALOGUE, keys)


def of(checks: Sequence[Check], provider: str) -> list[str]:
    return [check.key for check in checks if check.target.provider.id == provider]


def test_zero_config_asks_everybody_without_a_key() -> None:
    checks = made()
    asked = {check.target.provider.id for check in checks if check.kind == "reachability"}
    assert asked == {one.id for one in CATALOGUE.providers if not is_template(one.surfaces[0])}
    assert len(asked) == 22
    assert not any(check.keyed for check in checks)
    assert {check.kind for check in checks} == {"reachability", "notices", "network"}
    assert all(check.every == timedelta(seconds=60) for check in checks if check.kind == "reachability")
    assert all(check.every == timedelta(minutes=10) for check in checks if check.kind == "notices")


def test_zero_config_asks_one_surface_on_each_side_of_the_wall() -> None:
    assert of(made(), "dashscope") == [
        "reachability/dashscope/mainland/keyless/-@here", "reachability/dashscope/international/keyless/-@here"]


def test_every_region_has_its_controls() -> None:
    controls = [check for check in made(regions=TWO) if check.control]
    assert len(controls) == 10
    assert {check.vantage.region for check in controls} == {"here", "shanghai"}
    assert {check.target.surface.zone for check in controls} == {Zone.CN, Zone.GLOBAL}
    assert all(check.kind == "network" and check.target.provider.neutral for check in controls)


def test_notices_are_read_once() -> None:
    assert [key for key in of(made(regions=TWO), "anthropic") if key.startswith("notices")] == [
        "notices/anthropic/international/keyless/-@here"]


def test_an_account_adds_keyed_checks_from_its_own_region() -> None:
    checks = made(regions=TWO, vendors={"kimi": {}}, accounts=[
        {"name": "cn", "vendor": "Kimi", "key_env": "K", "host": "api.moonshot.ai", "region": "shanghai"}])
    keyed = {check.key: check.every for check in checks if check.keyed}
    assert keyed == {
        "completion/moonshot/international/cn/-@shanghai": timedelta(minutes=5),
        "models/moonshot/international/cn/-@shanghai": timedelta(hours=6),
        "quality/moonshot/international/cn/-@shanghai": timedelta(hours=1),
    }


def test_a_foreign_host_is_refused_even_here() -> None:
    with pytest.raises(UserError, match=r"relay\.example is no host of Kimi"):
        made(accounts=[{"name": "a", "vendor": "kimi", "key_env": "K", "host": "relay.example"}])


def test_keys_are_used_only_after_a_yes_and_only_if_usable() -> None:
    keys = found_keys(CATALOGUE, {
        "OPENAI_API_KEY": "x", "ANTHROPIC_API_KEY": "y", "ANTHROPIC_BASE_URL": "https://relay.example",
        "GEMINI_API_KEY": "z", "GOOGLE_API_KEY": "z"})
    assert not any(check.keyed for check in made(keys))
    keyed = [check for check in made(keys, use_keys=True) if check.keyed]
    assert {check.target.provider.id for check in keyed} == {"openai", "gemini"}
    assert {check.target.account.key_env for check in keyed if check.target.account} == {
        "OPENAI_API_KEY", "GEMINI_API_KEY"}


@given(
    regions=st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3, unique=True),
    accounts=st.lists(st.tuples(st.sampled_from(["claude", "kimi", "glm", "gpt"]), st.integers(0, 2)), max_size=5),
    use_keys=st.booleans(),
)
def test_law_11_and_unique_keys(regions: list[str], accounts: list[tuple[str, int]], use_keys: bool) -> None:
    """No key leaves from another region or goes to a host that is not the vendor's; every check's key is its own."""
    config = Config.model_validate({
        "regions": {name: {"vantages": [{"name": f"{name}1"}, {"name": f"{name}2"}]} for name in regions},
        "accounts": [
            {"name": f"n{at}", "vendor": vendor, "key_env": "K", "region": regions[region % len(regions)]}
            for at, (vendor, region) in enumerate(accounts)
        ],
        "use_keys": use_keys,
    })
    checks = plan(config, CATALOGUE, [FoundKey("DEEPSEEK_API_KEY", "deepseek", True, "")])
    assert len({check.key for check in checks}) == len(checks)
    assert checks == plan(config, CATALOGUE, [FoundKey("DEEPSEEK_API_KEY", "deepseek", True, "")])
    for check in checks:
        assert check.key == f"{check.kind}/{check.target.key}@{check.vantage.name}"
        account = check.target.account
        if account is not None:
            assert check.vantage.region == account.region
            assert account.host == host_of(check.target.surface.base_url)


def test_expected_refusal_is_known_to_the_check() -> None:
    checks = made(regions=TWO, vendors={"claude": {"expect": {"shanghai": "restricted"}}})
    expecting = {check.vantage.region: check.expect_restricted for check in checks if check.kind == "reachability"}
    assert expecting == {"here": False, "shanghai": True}


def test_naming_vendors_leaves_the_others_out() -> None:
    checks = made(vendors={"claude": {"regions": ["here"]}, "gpt": {"enabled": False}}, regions=TWO)
    assert {check.target.provider.id for check in checks if not check.control} == {"anthropic"}
    assert {check.vantage.region for check in checks if not check.control} == {"here"}


def test_checks_can_be_changed_added_and_switched_off() -> None:
    checks = made(vendors={"claude": {"checks": {
        "reachability": {"every": "2m", "deadline_s": 3}, "network": {}, "notices": {"enabled": False}}}})
    mine = {check.kind: check for check in checks if check.target.provider.id == "anthropic"}
    assert set(mine) == {"reachability", "network"}
    assert mine["reachability"].every == timedelta(minutes=2)
    assert mine["reachability"].options == {"deadline_s": 3}


def test_pages_can_be_added_where_there_is_no_feed() -> None:
    assert "pages/zhipu/mainland/keyless/-@here" in of(made(vendors={"glm": {"checks": {"pages": {}}}}), "zhipu")


def test_pinned_models_are_asked_each() -> None:
    checks = made(vendors={"kimi": {"models": ["a", "b"]}},
                  accounts=[{"name": "k", "vendor": "kimi", "key_env": "K"}])
    keys = of(checks, "moonshot")
    assert {"completion/moonshot/mainland/k/a@here", "completion/moonshot/mainland/k/b@here"} <= set(keys)
    assert "models/moonshot/mainland/k/-@here" in keys
    assert "reachability/moonshot/mainland/keyless/-@here" in keys


def test_templates_wait_for_their_variables() -> None:
    [check] = [one for one in made(vendors={"bedrock": {"variables": {"region": "eu-west-1"}}})
               if one.kind == "reachability"]
    assert check.target.surface.base_url == "https://bedrock-mantle.eu-west-1.api.aws/openai/v1"
    assert of(made(vendors={"bedrock": {}}), "bedrock") == []
    azure = of(made(vendors={"azure": {"variables": {"resource": "r"}}}), "azure_openai")
    asked = [key for key in azure if key.startswith("reachability")]
    assert asked == ["reachability/azure_openai/international/keyless/-@here"]


def test_an_endpoint_of_ones_own_is_asked_everything() -> None:
    checks = made(regions=TWO, endpoints=[{
        "name": "ours", "base_url": "http://10.0.0.1:8000/v1/", "model": "q", "headers": {"X-Team": "a"},
        "ca_file": "/ca.pem"}])
    mine = [check for check in checks if check.target.provider.id == "ours"]
    assert sorted(check.key for check in mine) == [
        "completion/ours/own/keyless/q@here", "models/ours/own/keyless/-@here", "quality/ours/own/keyless/q@here",
        "reachability/ours/own/keyless/-@here", "reachability/ours/own/keyless/-@shanghai"]
    provider = mine[0].target.provider
    assert (provider.surfaces[0].base_url, provider.ca_file) == ("http://10.0.0.1:8000/v1", "/ca.pem")
    assert provider.auth.extra == (("X-Team", "a"),)


def test_a_relays_key_goes_to_the_relay_only() -> None:
    checks = made(endpoints=[{"name": "relay", "base_url": "https://relay.example/v1", "key_env": "RELAY_KEY"}])
    keyed = [check for check in checks if check.keyed]
    assert {check.target.provider.id for check in keyed} == {"relay"}
    assert {check.target.account.host for check in keyed if check.target.account} == {"relay.example"}


def test_a_renamed_region_keeps_its_history() -> None:
    before = {check.key for check in made(regions={"sh": {}})}
    after = made(regions={"shanghai": {"was": "sh"}})
    assert {check.key for check in after} == before
    assert {check.vantage.region for check in after} == {"shanghai"}


def test_two_checks_with_one_key_are_an_error() -> None:
    with pytest.raises(UserError, match="duplicate check reachability/ours"):
        made(endpoints=[{"name": "ours", "base_url": "http://a/v1"}, {"name": "ours", "base_url": "http://b/v1"}])


def test_first_per_zone_keeps_the_order() -> None:
    surfaces = CATALOGUE.find("qwen").surfaces
    assert [one.name for one in first_per_zone(surfaces)] == ["mainland", "international"]


def test_where_a_vendor_serves_nobody_refusal_is_expected_by_default() -> None:
    def expecting(**said: object) -> set[tuple[str, str]]:
        checks = made(regions=TWO, vendors={"claude": said, "kimi": {}})
        return {(check.target.provider.id, check.vantage.region) for check in checks if check.expect_restricted}

    assert expecting() == {("anthropic", "shanghai")}
    assert expecting(expect={"shanghai": "served"}) == set()
    assert expecting(expect={"here": "restricted"}) == {("anthropic", "here"), ("anthropic", "shanghai")}


def test_what_is_trusted_is_a_set_for_each_context() -> None:
    checks = made(regions={"here": {}, "shanghai": {"vantages": [{"ca_file": "/s.pem"}]}}, vendors={"kimi": {}},
                  endpoints=[{"name": "ours", "base_url": "https://a/v1", "ca_file": "/o.pem", "regions": ["here"]}],
                  controls=[])
    assert trusted_by(checks) == {(None, None), ("/s.pem", None), (None, "/o.pem")}
