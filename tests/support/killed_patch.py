"""A driver whose children apply a change, or take it back, and kill themselves with SIGKILL at one step of it.

Usage: python killed_patch.py FOLDER OUTLET WAY. OUTLET: file or git; WAY: apply or revert. A step lies before and after
every row that is written and every call that touches the file or the repository. Each child works on a copy of
FOLDER/ready: FOLDER/at<step>; the first, FOLDER/at0, runs to the end. Prints how each ended, by step.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from changing import NOON, a_world

from alerts.branch import Branch
from monitor.applying import apply
from monitor.reverting import revert


class Steps:
    def __init__(self, die_at: int) -> None:
        self.count, self.die_at = 0, die_at

    def step(self) -> None:
        self.count += 1
        if self.count == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            self.step()
            out = real(*args, **named)
            self.step()
            return out

        return call


def live(folder: Path, outlet: str, way: str, die_at: int) -> int:
    steps = Steps(die_at)
    with a_world(folder) as world:
        if outlet == "git":
            world.landing = Branch(world.file, "main")
            subprocess.run = steps.around(subprocess.run)
        else:
            for name in ("open", "fsync", "fchmod", "fdopen"):
                setattr(os, name, steps.around(getattr(os, name)))
            for name in ("replace", "unlink"):
                setattr(Path, name, steps.around(getattr(Path, name)))
        world.store.step = steps.around(world.store.step)  # type: ignore[method-assign]
        (apply if way == "apply" else revert)(world.ground, "vw-1", "mei", NOON)
    return steps.count


def child(folder: Path, outlet: str, way: str, die_at: int) -> int:
    """How it ended, as waitpid says; the first one leaves the number of steps in FOLDER/steps."""
    shutil.copytree(folder / "ready", folder / f"at{die_at}", symlinks=True)
    number = os.fork()
    if not number:
        steps = live(folder / f"at{die_at}", outlet, way, die_at)
        (folder / "steps").write_text(str(steps))
        os._exit(0)
    return os.waitpid(number, 0)[1]


def main(folder: Path, outlet: str, way: str) -> None:
    ends = [child(folder, outlet, way, 0)]
    ends += [child(folder, outlet, way, step) for step in range(1, int((folder / "steps").read_text()) + 1)]
    print(json.dumps(ends))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
