"""A file is the old one or the new one, whatever fails on the way."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from alerts.wholefile import write_whole


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def put(folder: Path, look: Callable[[], None] | None = None) -> None:
    write_whole(folder / "a", "new\r\n", folder / ".draft", lambda handle: os.fchmod(handle, 0o640), look)


def test_the_new_text_with_the_mode_that_fits(tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / "a").write_bytes(b"old")
    seen: list[bytes] = []
    put(tmp_path, lambda: seen.append((tmp_path / "a").read_bytes()))
    assert ((tmp_path / "a").read_bytes(), seen) == (b"new\r\n", [b"old"])
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("step", ["os.fsync", "os.fchmod", "pathlib.Path.replace"])
def test_whatever_fails_the_old_one_stays_and_no_draft_is_left(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr(step, fail)
    with pytest.raises(OSError, match="No space"):
        put(tmp_path)
    assert ((tmp_path / "a").read_bytes(), names(tmp_path)) == (b"old", ["a"])


def test_a_draft_that_is_another_s_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / ".draft").write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        put(tmp_path)
    assert (tmp_path / ".draft").read_bytes() == b"theirs"
