"""kill -9 between every two steps of judge → tell: each message is delivered with its diff, once or twice."""

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

DRIVER = Path(__file__).parent.parent / "support" / "killed.py"


def live(folder: Path, die_at: int) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, str(DRIVER), str(folder / "v.db"), str(folder / "letters"), str(die_at)]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


def letters(folder: Path) -> Counter[str]:
    return Counter((folder / "letters").read_text().splitlines())


def test_every_alert_arrives_whenever_the_process_is_killed(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    done = live(whole, 0)
    assert done.returncode == 0, done.stderr
    expected = letters(whole)
    assert set(expected.values()) == {1}
    assert len(expected) == 2             # one opening, two channels
    assert all(letter.endswith(" diff") for letter in expected)
    steps = int(done.stdout)
    assert steps > 15
    for step in range(1, steps + 1):
        folder = tmp_path / f"at{step}"
        folder.mkdir()
        killed = live(folder, step)
        assert killed.returncode == -signal.SIGKILL, (step, killed.returncode, killed.stderr)
        assert live(folder, 0).returncode == 0
        seen = letters(folder)
        assert set(seen) == set(expected), f"lost after a kill at step {step}"
        assert max(seen.values()) <= 2, f"a message came more than twice after a kill at step {step}"
