"""What the start says: what will be done, and what was left out."""

import pytest

from monitor.commands.run import _greet
from monitor.settings import Config
from monitor.setup import setup_of


def test_the_start_says_what_is_not_planned_and_which_keys_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    config = Config.model_validate({"vendors": {"claude": {"checks": {"completion": {}}}}})
    _greet(setup_of(config, {"ANTHROPIC_API_KEY": "sk-canary"}))
    said = capsys.readouterr().err
    assert "note: vendors.claude.checks: not planned, for want of an account: completion" in said
    assert "key ANTHROPIC_API_KEY (anthropic): found, not used" in said
    assert "canary" not in said
