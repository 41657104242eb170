from monitor.catalogue import load_catalogue
from monitor.places import host_of, refusal_expected, surfaces_of
from monitor.settings import VendorSettings

CATALOGUE = load_catalogue()


def names(provider: str, every: bool = False, **said: object) -> list[str]:
    settings = VendorSettings.model_validate(said)
    return [one.name for one in surfaces_of(CATALOGUE.find(provider), settings, every=every)]


def test_the_first_of_each_zone_unless_named() -> None:
    assert names("qwen") == ["mainland", "international"]
    assert names("qwen", surfaces=["us"]) == ["us"]
    assert names("qwen", every=True) == ["mainland", "international", "us", "hongkong"]


def test_one_way_only_where_the_address_is_ones_own() -> None:
    assert names("azure", variables={"resource": "r"}) == ["international"]
    assert names("ollama", surfaces=["cloud"]) == ["cloud"]


def test_hosts_have_no_port_and_no_case() -> None:
    assert host_of("https://API.Example.com:8443/v1") == "api.example.com"
    assert host_of("nothing") == ""


def test_refusal_is_expected_where_the_vendor_serves_nobody_unless_the_config_knows_better() -> None:
    claude, kimi = CATALOGUE.find("claude"), CATALOGUE.find("kimi")
    silent, served = VendorSettings(), VendorSettings(expect={"hk": "served"})
    assert refusal_expected(claude, silent, "hk", "HK")
    assert not refusal_expected(claude, silent, "sg", "SG")
    assert not refusal_expected(claude, served, "hk", "HK")
    assert refusal_expected(claude, VendorSettings(expect={"sg": "restricted"}), "sg", "SG")
    assert not refusal_expected(claude, silent, "here", None)      # nobody said where that is
    assert not refusal_expected(kimi, silent, "hk", "HK")          # it says nothing of countries
