"""TensorZero in a drill, the real gateway where it is installed: moved by its file, and back."""

import asyncio
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.model import Inventory, Patch, Route
from monitor.catalogue import load_catalogue
from monitor.drillrun import Script, drill
from monitor.rig import Place
from monitor.rigs.tensorzero import Rig

OWN = Path(__file__).parents[3] / ".gateways" / "bin" / "python"       # by `make gateways`
RIG = Rig(str(OWN)) if Rig().missing() else Rig()
TEXT = """\
[gateway]
bind_address = "0.0.0.0:3000"

[models.smart]
routing = ["claude", "qwen"]

[models.smart.providers.claude]
type = "anthropic"
model_name = "claude-opus"

[models.smart.providers.qwen]
type = "openai"
model_name = "qwen3-max"
api_base = "https://dashscope.aliyuncs.com/compatible-mode/v1"
api_key_location = "env::DASHSCOPE_API_KEY"
"""
MOVED = TEXT.replace('["claude", "qwen"]', '["qwen", "claude"]')


class Reader:
    """As much of the format as a drill needs; the format itself is alerts/gateways/tensorzero."""

    names = ()

    def inventory(self, text: str) -> Inventory:
        listed = tomllib.loads(text)["models"]["smart"]["providers"]
        return Inventory(tuple(
            Route(name, said["type"], said["model_name"], said.get("api_base", ""),
                  key=f"models.smart.providers.{name}") for name, said in listed.items()))


def test_every_provider_leads_to_its_stand_in() -> None:
    place = Place("http://127.0.0.1:9/v1", "openai", "x")
    said = tomllib.loads(Rig().adapted(TEXT, {
        f"models.smart.providers.{name}": place for name in ("claude", "qwen")}))
    assert said["models"]["smart"]["routing"] == ["claude", "qwen"]
    assert {one["api_base"] for one in said["models"]["smart"]["providers"].values()} == {place.base_url}
    assert "bind_address" not in said["gateway"]


def test_a_function_is_asked_by_its_own_name() -> None:
    text = TEXT + (
        "[functions.chat]\ntype = 'chat'\n[functions.chat.variants.a]\ntype = 'chat_completion'\nmodel = 'smart'\n"
        "[functions.chat.variants.b]\ntype = 'chat_completion'\nmodel = 'anthropic::claude'\n")
    place = Place("http://127.0.0.1:9/v1", "openai", "x")
    said = tomllib.loads(Rig().adapted(text, {f"models.smart.providers.{name}": place for name in ("claude", "qwen")}))
    assert set(said["functions"]["chat"]["variants"]) == {"a"}
    assert Rig().asked_as(text, "chat") == "tensorzero::function_name::chat"
    assert Rig().asked_as(text, "smart") == "tensorzero::model_name::smart"


@pytest.mark.skipif(bool(RIG.missing()), reason="no TensorZero here; to have it: make gateways")
def test_the_real_gateway_is_moved_and_moved_back() -> None:
    patch = Patch("1", "tensorzero", "t.toml", "diff", MOVED, TEXT)
    script = Script("smart", "anthropic", Reader(), TEXT, patch)  # type: ignore[arg-type]
    found = asyncio.run(drill(RIG, script, load_catalogue()))
    assert found.passed
    assert found.hits_before > 0 == found.hits_after
    stays = asyncio.run(drill(RIG, replace(script, patch=replace(patch, patched=TEXT)), load_catalogue()))
    assert stays.hits_after > 0          # any error falls through to the next, yet the vendor is asked each time
