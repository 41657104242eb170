"""Did it take? claude-code-router for real: not restarted, restarted, failing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alone import ALONE, SUPPORT, router

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.external, pytest.mark.skipif(bool(router()), reason=router() or "the router is here")]


@pytest.fixture(scope="module")
def stories() -> list[dict[str, Any]]:
    done = subprocess.run(
        [*ALONE, sys.executable, str(SUPPORT / "ccr_took.py")], capture_output=True, text=True, check=False,
        timeout=120, env={**os.environ, "PYTHONPATH": f"{ROOT}:{SUPPORT}"})
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_not_restarted_it_is_told(stories: list[dict[str, Any]]) -> None:
    said = "applied, not live: a request for default was answered 403 by claude/claude-sonnet-4, as before the change"
    assert stories[0]["told"][1] == said
    assert (stories[0]["stand"], stories[0]["fallback"]) == ("applied", 0)


def test_restarted_it_is_verified_by_the_model_of_the_answer(stories: list[dict[str, Any]]) -> None:
    assert stories[1]["stand"] == "verified"
    assert (stories[1]["banned"], stories[1]["fallback"]) == (0, 1)


def test_a_canary_that_fails_takes_it_back(stories: list[dict[str, Any]]) -> None:
    assert stories[2]["told"][1] == "rolled back: a request for default was answered 500 by qwen/qwen3-max"
    assert (stories[2]["stand"], stories[2]["as it was"], stories[2]["banned"]) == ("rolled_back", True, 0)
