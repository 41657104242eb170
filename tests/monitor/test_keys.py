from hypothesis import given
from hypothesis import strategies as st

from monitor.catalogue import load_catalogue
from monitor.keys import found_keys

CATALOGUE = load_catalogue()
SECRET = "canary-5f1c"


def test_nothing_set_nothing_found() -> None:
    assert found_keys(CATALOGUE, {"OPENAI_API_KEY": " ", "PATH": "/bin"}) == []


def test_a_plain_key_is_usable() -> None:
    [key] = found_keys(CATALOGUE, {"OPENAI_API_KEY": SECRET})
    assert (key.env, key.provider, key.usable, key.host) == ("OPENAI_API_KEY", "openai", True, "")


def test_a_base_url_elsewhere_makes_it_a_resellers() -> None:
    [key] = found_keys(CATALOGUE, {"ANTHROPIC_API_KEY": SECRET, "ANTHROPIC_BASE_URL": "https://relay.example/v1"})
    assert not key.usable
    assert key.foreign
    assert "relay.example" in key.why


def test_the_vendors_other_host_is_its_own() -> None:
    [key] = found_keys(CATALOGUE, {"MOONSHOT_API_KEY": SECRET, "MOONSHOT_BASE_URL": "https://API.moonshot.ai/v1"})
    assert key.usable
    assert key.host == "api.moonshot.ai"


def test_two_hosts_are_unclear() -> None:
    [key] = found_keys(CATALOGUE, {
        "ZHIPUAI_API_KEY": SECRET, "ZHIPUAI_BASE_URL": "https://open.bigmodel.cn/api/paas/v4",
        "ZAI_BASE_URL": "https://api.z.ai/api/paas/v4"})
    assert not key.usable


def test_an_address_of_ones_own_needs_the_config() -> None:
    [key] = found_keys(CATALOGUE, {"AZURE_OPENAI_API_KEY": SECRET})
    assert not key.usable
    assert not key.foreign


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1))
def test_no_base_url_but_the_vendors_ever_lets_a_key_through(url: str) -> None:
    """Law 11: whatever stands in the variable, a usable key goes to a host of the vendor's own."""
    own = {"api.openai.com"}
    for key in found_keys(CATALOGUE, {"OPENAI_API_KEY": SECRET, "OPENAI_BASE_URL": url}):
        assert not key.usable or not url.strip() or key.host in own
        assert SECRET not in repr(key)


def test_a_host_that_only_looks_alike_is_another() -> None:
    for url in ("https://api.openai.com.evil.example/v1", "https://api.openai.com@evil.example/", "http://[bad"):
        [key] = found_keys(CATALOGUE, {"OPENAI_API_KEY": SECRET, "OPENAI_BASE_URL": url})
        assert not key.usable, url
