"""Did it take? A real Portkey behind an app that holds the config: not restarted, restarted, failing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alone import ALONE, SUPPORT, portkey

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.external, pytest.mark.skipif(bool(portkey()), reason=portkey() or "the gateway is here")]


@pytest.fixture(scope="module")
def stories() -> list[dict[str, Any]]:
    done = subprocess.run(
        [*ALONE, sys.executable, str(SUPPORT / "portkey_took.py")], capture_output=True, text=True, check=False,
        timeout=90, env={**os.environ, "TRUSTED_CUSTOM_HOSTS": "127.0.0.1", "PYTHONPATH": f"{ROOT}:{SUPPORT}"})
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_an_app_that_was_not_restarted_is_told(stories: list[dict[str, Any]]) -> None:
    told = stories[0]["told"]
    assert told[1].startswith("applied, not live: a request for smart was answered 200 by openai/qwen3-max")
    assert (stories[0]["stand"], stories[0]["as it was"]) == ("applied", False)


def test_restarted_it_is_verified(stories: list[dict[str, Any]]) -> None:
    assert stories[1]["stand"] == "verified"
    assert (stories[1]["banned"], stories[1]["fallback"]) == (0, 1)


def test_a_canary_that_fails_takes_it_back(stories: list[dict[str, Any]]) -> None:
    assert stories[2]["told"][1].startswith("rolled back: a request for smart was answered 500 by openai")
    assert (stories[2]["stand"], stories[2]["as it was"]) == ("rolled_back", True)
    assert stories[2]["banned"] == 0
