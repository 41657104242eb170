"""Programs that listen on all interfaces are run in a network namespace of their own."""

import os
import shutil
import subprocess
from pathlib import Path

ALONE = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--user", "--map-root-user", "--net")
SUPPORT = Path(__file__).parent


def why_not(modules: str, install: str) -> str:
    """Why it cannot run here; '' where it can. `modules`: the folder of tests/support that npm filled."""
    if shutil.which("node") is None or not (SUPPORT / modules / "node_modules").is_dir():
        return f"it is not installed: {install}"
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return "unshare or ip is not installed: apt-get install -y util-linux iproute2"
    tried = subprocess.run([*ALONE, "true"], capture_output=True, text=True, check=False)
    return f"no network namespace may be made here: {tried.stderr.strip()}" if tried.returncode else ""


def portkey() -> str:
    return why_not("npm", "make gateways-npm (needs npm)")


def router() -> str:
    return why_not("npm-ccr", "make gateways-large (needs npm, 120 MB)")
