"""The wheel runs away from its sources: all four packages with their data, migrations included."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from house import ROOT


def _build(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
                   cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("vendorwatch-*.whl"))


def test_the_wheel_holds_everything_and_runs_elsewhere(tmp_path: Path) -> None:
    wheel = _build(tmp_path)
    inside = tmp_path / "inside"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(inside)
    empty = tmp_path / "empty"
    empty.mkdir()
    clean = {**os.environ, "PYTHONPATH": str(inside), "PYTHONSAFEPATH": "1", "HOME": str(empty),
             "XDG_STATE_HOME": str(empty / "state"), "XDG_CONFIG_HOME": str(empty / "config")}
    script = ("import monitor, probes, alerts, sys; from monitor.store.sql import open_store; "
              "from monitor.catalogue import load_catalogue; "
              f"assert monitor.__file__.startswith({str(inside)!r}), monitor.__file__; "
              f"open_store({str(empty / 'w.db')!r}).close(); print(len(load_catalogue().providers))")

    done = subprocess.run([sys.executable, "-P", "-c", script], cwd=empty, env=clean, check=False,
                          capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 28
    for needed in ("monitor/py.typed", "migrations/versions/0001_first.py", "migrations/script.py.mako",
                   "probes/providers/anthropic.yaml"):
        assert (inside / needed).exists(), needed


def test_the_lock_names_no_host() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text(encoding="utf-8")
