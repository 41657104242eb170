"""A program under a drill: its words are kept, it ends with its children, and one that never answers is told."""

import asyncio
import sys
from pathlib import Path

import psutil
import pytest

from monitor.rig import RigFailed, free_port, listening, program, written

FAMILY = ("import subprocess, sys, time; "
          "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
          "print('child', child.pid, flush=True); time.sleep(60)")


def test_a_program_ends_with_all_its_children(tmp_path: Path) -> None:
    async def run() -> int:
        async with program([sys.executable, "-c", FAMILY], {}, tmp_path) as started:
            for _ in range(100):
                if "child" in started.last_words():
                    break
                await asyncio.sleep(0.05)
            return int(started.last_words().split()[1])

    child = asyncio.run(run())
    _, alive = psutil.wait_procs([psutil.Process(child)] if psutil.pid_exists(child) else [], timeout=5)
    assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]


def test_one_that_never_answers_is_told_with_its_last_words(tmp_path: Path) -> None:
    async def run(code: str) -> None:
        async with program([sys.executable, "-c", code], {}, tmp_path) as started:
            await listening(free_port(), started, within_s=3)

    with pytest.raises(RigFailed, match="did not answer within 3 s; its last words: hm"):
        asyncio.run(run("import time; print('hm', flush=True); time.sleep(60)"))
    with pytest.raises(RigFailed, match="ended with 7; its last words: bad config"):       # nobody waits for the dead
        asyncio.run(run("print('bad config'); raise SystemExit(7)"))


def test_every_config_is_a_file_of_its_own(tmp_path: Path) -> None:
    assert written("a", tmp_path, ".yaml") != written("b", tmp_path, ".yaml")
    assert sorted(file.read_text() for file in tmp_path.iterdir()) == ["a", "b"]
