"""claude-code-router for real: the vendor that leaves is called before the patch, never after it.

In a network namespace of its own. 120 MB of npm, so only where `make gateways-large` was run.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from alone import ALONE, router
from jsonlaws import lawful, said

RUN = Path(__file__).parent.parent / "support" / "ccr_run.py"
REQUESTS = 4
CONFIG = """\
{
  // the router of this machine
  "HOST": "127.0.0.1", "PORT": 13456, "LOG": false,
  "Providers": [
    {"name": "claude", "api_base_url": "BANNED", "api_key": "$A_KEY", "models": ["claude-sonnet-4"]},
    {"name": "qwen", "api_base_url": "FALLBACK", "api_key": "$B_KEY", "models": ["qwen3-max"]},
  ],
  "Router": {
    "default": "claude,claude-sonnet-4",  // main
    "background": "qwen,qwen3-max"
  }
}
"""

pytestmark = [pytest.mark.external, pytest.mark.skipif(bool(router()), reason=router() or "the router is here")]


def test_no_call_reaches_the_vendor_and_every_request_is_answered() -> None:
    patch = lawful("ccr", CONFIG, "default", "claude", "qwen,qwen3-max")
    assert said(patch.patched)["Router"]["default"] == "qwen,qwen3-max"
    done = subprocess.run(
        [*ALONE, sys.executable, str(RUN)], input=json.dumps([patch.reverted, patch.patched]), capture_output=True,
        text=True, check=False, timeout=120, env={**os.environ, "A_KEY": "a", "B_KEY": "b"})
    assert done.returncode == 0, done.stderr
    before, after = json.loads(done.stdout)
    assert (before["banned"], before["fallback"]) == (REQUESTS, 0)
    assert all(status == 403 for status, _ in before["answers"])
    assert (after["banned"], after["fallback"]) == (0, REQUESTS)
    assert after["answers"] == [[200, "fallback"]] * REQUESTS
