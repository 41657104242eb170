"""A drill for real, with the stand-in gateway: moved, nothing more reaches the vendor, and back with the same bytes."""

import asyncio
from dataclasses import replace

import pytest

from alerts.gateways.litellm import Gateway
from alerts.model import Patch, Strength
from monitor.catalogue import load_catalogue
from monitor.drillrun import Ran, Script, drill, rig_for
from monitor.formats import format_named, moved
from monitor.standin import StandInRig

CATALOGUE = load_catalogue()
TEXT = (
    "model_list:\n"
    "- {model_name: smart, litellm_params: {model: anthropic/claude}}\n"
    "- {model_name: backup, litellm_params: {model: dashscope/qwen}}\n"
    "- {model_name: house, litellm_params: {model: openai/llama, api_base: 'http://10.0.0.9/v1'}}\n"
)


@pytest.fixture(scope="module")
def patch() -> Patch:
    return moved(format_named("litellm"), TEXT, "c.yaml", ("smart", "claude", "backup", Strength.EXCLUDE), CATALOGUE)


def ran(patch: Patch) -> Ran:
    return asyncio.run(drill(StandInRig(Gateway()), Script("smart", "anthropic", Gateway(), TEXT, patch), CATALOGUE))


def test_after_the_move_the_vendor_is_asked_no_more(patch: Patch) -> None:
    found = ran(patch)
    assert found.passed
    assert found.hits_before > 0 == found.hits_after
    assert found.lost < found.asked
    assert found.moved_s is not None


def test_a_patch_that_moves_nothing_fails_the_drill(patch: Patch) -> None:
    found = ran(replace(patch, patched=TEXT))
    assert not found.passed
    assert found.hits_after > 0
    assert found.lost > 0
    assert found.moved_s is None


def test_another_text_than_before_fails_it(patch: Patch) -> None:
    assert not ran(replace(patch, reverted=TEXT + "# left behind\n")).same_bytes


def test_where_no_program_is_known_or_installed_a_stand_in_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    rig, note = rig_for("litellm", Gateway())
    assert isinstance(rig, StandInRig)
    assert "pip install" in note
    rig, note = rig_for("dotenv", Gateway())
    assert isinstance(rig, StandInRig)
    assert "no program to start is known for dotenv" in note
