"""A patch in a folder: all of it or nothing, and no more of the config than the diff shows."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from alerts.channel import DeliveryError
from alerts.model import Patch, RoutingChange, Strength
from alerts.outlets import FileOutlet

CHANGE = RoutingChange("vw-1", "smart", "claude", ("smart",), "qwen", Strength.EXCLUDE, "region_restricted", "403")
PATCH = Patch("vw-1", "litellm", "c.yaml", "-a\r\n+中\r\n", "patched canary", "base canary", ("w",), "restart")


def test_diff_and_record(tmp_path: Path) -> None:
    path = FileOutlet().put(PATCH, CHANGE, tmp_path / "new" / "patches")
    assert FileOutlet().put(PATCH, CHANGE, tmp_path / "new" / "patches") == path
    record = json.loads(path.with_suffix(".json").read_text())
    assert path.name == "vw-1.diff"
    assert path.read_bytes() == PATCH.diff.encode()
    assert record["base_sha256"] == sha256(b"base canary").hexdigest()
    assert record["change"]["strength"] == "exclude"
    assert "canary" not in path.with_suffix(".json").read_text()
    assert sorted(file.name for file in path.parent.iterdir()) == ["vw-1.diff", "vw-1.json"]


def test_a_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    change = RoutingChange("../../x", "s", "c", (), "q", Strength.EXCLUDE, "", "")
    assert FileOutlet().put(PATCH, change, tmp_path / "in").parent == tmp_path / "in"


def test_a_folder_that_is_none_is_a_permanent_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DeliveryError, match="cannot be written") as caught:
        FileOutlet().put(PATCH, CHANGE, tmp_path / "file")
    assert caught.value.permanent


def test_a_crash_while_writing_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = FileOutlet().put(PATCH, CHANGE, tmp_path)

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(DeliveryError, match="No space"):
        FileOutlet().put(Patch("vw-1", "", "", "other", "", ""), CHANGE, tmp_path)
    assert path.read_bytes() == PATCH.diff.encode()
    assert len(list(tmp_path.iterdir())) == 2
