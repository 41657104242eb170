"""kill -9 at every step of applying and taking back: the text is the old one or the new one, and the row says which."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from changing import CONFIG, HOUR, NOON, World, a_world

from alerts.branch import Branch
from monitor.applying import apply, approve, reconcile
from monitor.chain import faults
from monitor.changes import Stand
from monitor.ground import label_of
from monitor.reverting import revert

DRIVER = Path(__file__).parent.parent / "support" / "killed_patch.py"
HALF_WAY = {"apply": (Stand.APPROVED, Stand.APPLIED), "revert": (Stand.APPLIED, Stand.REVERTED)}


def ends(folder: Path, outlet: str, way: str) -> list[int]:
    words = [sys.executable, str(DRIVER), str(folder), outlet, way]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout


def begin(folder: Path, outlet: str, way: str) -> None:
    """Approved, or applied and merged: the file lies as it will be met."""
    folder.mkdir()
    with a_world(folder) as world:
        if outlet == "git":
            git(world.file.parent, "init", "-q", "-b", "main")
            git(world.file.parent, "add", "config.yaml")
            git(world.file.parent, "-c", "user.name=u", "-c", "user.email=u@x", "commit", "-q", "-m", "first")
            world.landing = Branch(world.file, "main")
        world.propose()
        approve(world.ground, "vw-1", "mei", NOON)
        if way == "revert":
            apply(world.ground, "vw-1", "mei", NOON)
        if way == "revert" and outlet == "git":
            git(world.file.parent, "reset", "-q", "--hard", "vendorwatch/vw-1")


def texts_of(world: World) -> tuple[str, str]:
    life = world.life()
    return life.drawn.base_sha256, life.drawn.patched_sha256


def check(folder: Path, outlet: str, way: str, step: int) -> None:
    """After the kill, and again after the next life."""
    with a_world(folder) as world:
        world.landing = Branch(world.file, "main") if outlet == "git" else None
        base, patched = texts_of(world)
        old, new = (base, patched) if way == "apply" else (patched, base)
        label = label_of(world.life(), back=way == "revert")
        landed = world.places["gw"].lands.landed(label)
        assert landed in (old, new), f"half a text after a kill at step {step}"
        list(reconcile(world.ground, NOON + HOUR))
        stands = dict(zip((old, new), HALF_WAY[way], strict=True))
        assert world.stand() is stands[landed], f"the row does not say which after a kill at step {step}"
        assert world.places["gw"].lands.landed(label) == landed
        (apply if way == "apply" else revert)(world.ground, "vw-1", "mei", NOON + HOUR)
        assert world.stand() is HALF_WAY[way][1]
        assert world.places["gw"].lands.landed(label) == new
        assert list(faults(world.store.entries(), {"vw-1": world.life().head})) == []
        left = [one.name for one in world.file.parent.iterdir() if "draft" in one.name]
        assert left == []
        if outlet == "git":
            git(world.file.parent, "fsck", "--strict")
            assert git(world.file.parent, "status", "--porcelain") == ""


@pytest.mark.parametrize("way", ["apply", "revert"])
@pytest.mark.parametrize("outlet", ["file", "git"])
def test_whenever_it_is_killed(tmp_path: Path, outlet: str, way: str) -> None:
    begin(tmp_path / "ready", outlet, way)
    whole, *killed = ends(tmp_path, outlet, way)
    assert whole == 0
    assert len(killed) > 10
    assert set(killed) == {signal.SIGKILL}
    texts = {(tmp_path / f"at{step}" / "gw" / "config.yaml").read_text() for step in range(len(killed) + 1)}
    assert CONFIG in texts if outlet == "file" else len(texts) == 1
    assert len(texts) == (2 if outlet == "file" else 1), "the old text and the new one, and nothing else"
    for step in range(1, len(killed) + 1):
        check(tmp_path / f"at{step}", outlet, way, step)
