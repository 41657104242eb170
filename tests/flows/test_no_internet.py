"""A machine without any network: the daemon says that its own network is down, and blames no vendor.

In a network namespace of its own with neither a route nor a resolver; nothing is simulated but the speed of the clock.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from running import running, vendorwatch

ALONE = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--user", "--map-root-user", "--net")


def _why_not() -> str:
    if shutil.which("unshare") is None:
        return "unshare is not installed: apt-get install -y util-linux"
    tried = subprocess.run([*ALONE, "true"], capture_output=True, text=True, check=False)
    return f"no network namespace may be made here: {tried.stderr.strip()}" if tried.returncode else ""


pytestmark = [pytest.mark.external, pytest.mark.skipif(bool(_why_not()), reason=_why_not() or "namespaces work")]

BLAMELESS = "own network is down from here; no vendor is blamed"


def test_the_daemon_without_a_config_blames_nobody(tmp_path: Path) -> None:
    with running(tmp_path, rate=120.0, prefix=ALONE) as daemon:
        daemon.wait("the headline", lambda: BLAMELESS in daemon.said)
        # long enough for every rule that counts failures to have had its fill of them
        vendors = "SELECT count(*) FROM v_measurement WHERE NOT control AND kind = 'reachability'"
        checks = "SELECT count(DISTINCT check_key) FROM v_measurement WHERE NOT control AND kind = 'reachability'"
        daemon.wait("six rounds", lambda: daemon.rows(vendors)[0][0] >= 6 * max(1, int(str(daemon.rows(checks)[0][0]))))
        assert daemon.stop() == 0
    assert daemon.rows(checks)[0][0] >= 20                # every vendor that can be asked without a key was asked
    assert {row[0] for row in daemon.rows("SELECT DISTINCT outcome FROM v_measurement WHERE kind != 'notices'")} <= {
        "network_dns", "network_timeout", "network_blocked", "skipped"}
    incidents = daemon.rows("SELECT cause, provider FROM v_incident")
    assert incidents == [("own_network", None)]
    told = [line for line in daemon.said.splitlines() if line.startswith("===")]
    assert told == [f"=== Our {BLAMELESS}"]


def test_one_question_ends_as_unknown_and_says_why(tmp_path: Path) -> None:
    done = vendorwatch(tmp_path, "check", "claude", prefix=ALONE)
    assert done.returncode == 3, done.stderr
    assert "own network down in here" in done.stdout
    done = vendorwatch(tmp_path, "check", "--json", prefix=ALONE)
    said = json.loads(done.stdout)
    assert (done.returncode, said["status"], said["own_network_down"]) == (3, "UNKNOWN", ["here"])
    assert {row["code"] for row in said["checks"]} == {3}
