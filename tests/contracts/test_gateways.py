"""Every gateway format, by walking the folder: its form, and the laws of a patch on a sample of its own."""

import dataclasses
import importlib
from pathlib import Path
from typing import Any

import pytest

import alerts.gateways
from alerts.gateway import PatchRefused
from alerts.model import RoutingChange, Strength

NAMES = sorted(file.stem for file in Path(alerts.gateways.__path__[0]).glob("*.py") if file.stem != "__init__")
# one config a format, in which `smart` is served by a vendor that leaves, and `smart-qwen` by another
SAMPLES = {
    "litellm": (
        "model_list:\n"
        "  - {model_name: smart, litellm_params: {model: anthropic/claude, api_key: os.environ/A}} # primary\n"
        "  - {model_name: smart-qwen, litellm_params: {model: dashscope/qwen, api_key: os.environ/B}}\n"
    ),
}
CHANGE = RoutingChange("vw-1", "smart", "claude", ("smart",), "smart-qwen", Strength.EXCLUDE, "geo", "403")


def made(name: str) -> Any:
    return importlib.import_module(f"alerts.gateways.{name}").Gateway()


@pytest.mark.parametrize("name", NAMES)
def test_form(name: str) -> None:
    gateway = made(name)
    assert dataclasses.is_dataclass(gateway)
    assert type(gateway).__doc__
    assert name in SAMPLES, "give the new format a sample"


@pytest.mark.parametrize("name", NAMES)
def test_laws_of_a_patch(name: str) -> None:
    text = SAMPLES[name]
    patch = made(name).render(CHANGE, text, "config")
    assert patch.gateway == name
    assert patch.change == CHANGE.id
    assert patch.apply
    assert patch.patched != text == patch.reverted
    assert patch.diff
    assert CHANGE.id in patch.patched
    again = made(name).render(CHANGE, patch.patched, "config")
    assert again.diff == ""
    assert again.patched == patch.patched == again.reverted
    assert list(made(name).lint(text)) == list(made(name).lint(patch.patched)) == []


@pytest.mark.parametrize("name", NAMES)
def test_law_8_no_patch_adds_a_way_round(name: str) -> None:
    added = [line for line in made(name).render(CHANGE, SAMPLES[name]).diff.splitlines() if line.startswith("+")]
    assert not any(word in line.lower() for line in added for word in ("proxy", "http", "socks", "api_base"))


@pytest.mark.parametrize("name", NAMES)
def test_inventory_names_what_is_served(name: str) -> None:
    assert {"smart", "smart-qwen"} <= {route.name for route in made(name).inventory(SAMPLES[name]).routes}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("junk", ["", "\x00", "[]", "{", "<html>", "a: [", "\ufeff", "- a\n- b\n"])
def test_junk_is_refused_and_linted_never_a_traceback(name: str, junk: str) -> None:
    with pytest.raises(PatchRefused):
        made(name).render(CHANGE, junk)
    with pytest.raises(PatchRefused):
        made(name).inventory(junk)
    assert list(made(name).lint(junk))
