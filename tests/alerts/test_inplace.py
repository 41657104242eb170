"""A file replaced whole: same mode and owner, links followed, nothing left behind, nothing written over an edit."""

import errno
import fcntl
import os
import stat
import struct
from pathlib import Path

import pytest

from alerts import inplace
from alerts.channel import DeliveryError
from alerts.gateway import PatchRefused
from alerts.inplace import InPlace
from alerts.landing import Label, digest

OLD, NEW = "\ufeffa: 1\r\n", "\ufeffa: 2\r\n"
FORTH, BACK = Label("c1"), Label("c1", back=True)
LIST = "system.posix_acl_access"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "config.yaml"
    made.write_bytes(OLD.encode())
    made.chmod(0o640)
    return made


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_there_and_back_to_the_byte_with_a_backup_between(file: Path) -> None:
    place = InPlace(file)
    said = place.put(NEW, digest(OLD), FORTH)
    assert file.read_bytes() == NEW.encode()
    assert place.landed(FORTH) == digest(NEW)
    backup = Path(str(said["backup"]))
    assert backup.name == ".config.yaml.c1.vendorwatch-backup"
    assert backup.read_bytes() == OLD.encode()
    assert place.left(FORTH, digest(OLD)) == OLD
    assert place.put(NEW, digest(OLD), FORTH) == {"file": str(file)}, "put twice is once"
    place.put(OLD, digest(NEW), BACK)
    assert file.read_bytes() == OLD.encode()
    assert names(file.parent) == ["config.yaml"]
    assert place.left(FORTH, digest(OLD)) is None


def test_what_was_kept_for_the_way_back_is_forgotten_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = InPlace(file)
    place.put(NEW, digest(OLD), FORTH)
    place.forget(FORTH)
    place.forget(FORTH)
    assert (names(file.parent), file.read_bytes()) == (["config.yaml"], NEW.encode())

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(inplace.Path, "unlink", refuse)
    place.forget(FORTH)


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664])
def test_mode_and_owner_stay(file: Path, mode: int) -> None:
    file.chmod(mode)
    if os.geteuid() == 0:
        os.chown(file, 12345, 23456)
    before = file.stat()
    said = InPlace(file).put(NEW, digest(OLD), FORTH)
    for after in (file.stat(), Path(str(said["backup"])).stat()):
        assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


def an_access_list(*entries: tuple[int, int, int]) -> bytes:
    """As the kernel keeps it: tag, rights and id of each entry."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *one) for one in entries)


NOBODYS_ID = 0xFFFFFFFF
LISTED = an_access_list((1, 6, NOBODYS_ID), (2, 4, 1234), (4, 0, NOBODYS_ID), (16, 4, NOBODYS_ID), (32, 0, NOBODYS_ID))


def listed(path: Path) -> bytes | None:
    return os.getxattr(path, LIST) if LIST in os.listxattr(path) else None


@pytest.mark.parametrize("at_the_folder", [False, True])
def test_the_access_list_stays_or_the_mode_would_let_in_the_group(file: Path, at_the_folder: bool) -> None:
    """User 1234 may read and the group may not, which a mode of 640 alone would turn round; nor does what the folder
    gives to new files let anybody in that the old one kept out.
    """
    try:
        os.setxattr(*((file.parent, "system.posix_acl_default") if at_the_folder else (file, LIST)), LISTED)
        if not at_the_folder:
            os.setxattr(file, "user.owner", b"mei")
    except (OSError, AttributeError):
        pytest.skip("no access lists here")
    before, mode = listed(file), stat.S_IMODE(file.stat().st_mode)
    assert (before is None) is at_the_folder
    said = InPlace(file).put(NEW, digest(OLD), FORTH)
    for path in (file, Path(str(said["backup"]))):
        assert (listed(path), stat.S_IMODE(path.stat().st_mode)) == (before, mode)
        assert ("user.owner" in os.listxattr(path)) is not at_the_folder
    InPlace(file).put(OLD, digest(NEW), BACK)
    assert listed(file) == before


def test_where_there_are_no_attributes_it_is_written_all_the_same(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: object) -> list[str]:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(os, "listxattr", none, raising=False)
    InPlace(file).put(NEW, digest(OLD), FORTH)
    monkeypatch.delattr(os, "listxattr")
    InPlace(file).put(OLD, digest(NEW), BACK)
    assert file.read_bytes() == OLD.encode()


def test_a_base_that_has_changed_is_refused(file: Path) -> None:
    file.write_text("a: 3\n")
    with pytest.raises(PatchRefused, match="has changed since"):
        InPlace(file).put(NEW, digest(OLD), FORTH)
    assert file.read_text() == "a: 3\n"
    assert names(file.parent) == ["config.yaml"]


def test_what_is_saved_while_we_write_is_not_lost(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fchmod

    def meanwhile(handle: int, mode: int) -> None:
        real(handle, mode)
        if names(file.parent)[0].endswith("draft"):
            file.write_text("a: person\n")

    monkeypatch.setattr(inplace.os, "fchmod", meanwhile)
    with pytest.raises(PatchRefused, match="this very moment"):
        InPlace(file).put(NEW, digest(OLD), FORTH)
    assert file.read_text() == "a: person\n"
    assert [name for name in names(file.parent) if "draft" in name] == []


def test_what_is_saved_once_it_was_read_is_not_lost(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = InPlace.read

    def read(place: InPlace) -> str:
        text = real(place)
        file.write_text("a: person\n")
        return text

    monkeypatch.setattr(InPlace, "read", read)
    with pytest.raises(PatchRefused, match="this very moment"):
        InPlace(file).put(NEW, digest(OLD), FORTH)
    assert file.read_text() == "a: person\n"


def test_where_there_are_no_locks_it_says_so(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(inplace.fcntl, "flock", none)
    with pytest.raises(DeliveryError, match=r"cannot be locked .No locks available"), InPlace(file).locked():
        pass


def test_a_link_stays_a_link(file: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.yaml"
    link.symlink_to(file)
    InPlace(link).put(NEW, digest(OLD), FORTH)
    assert link.is_symlink()
    assert file.read_bytes() == NEW.encode()
    assert names(link.parent) == ["link.yaml"]


def test_a_file_of_two_names_is_refused(file: Path, tmp_path: Path) -> None:
    (tmp_path / "second").hardlink_to(file)
    with pytest.raises(PatchRefused, match="2 names"):
        InPlace(file).put(NEW, digest(OLD), FORTH)


def test_drafts_of_the_dead_are_cleared(file: Path) -> None:
    (file.parent / ".config.yaml.vendorwatch-draft").write_text("half")
    InPlace(file).put(NEW, digest(OLD), BACK)
    assert names(file.parent) == ["config.yaml"]


def test_what_cannot_be_read_or_written_says_so(tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(draft: Path, to: Path) -> None:
        del draft, to
        raise OSError(16, "Device or resource busy")

    with pytest.raises(PatchRefused, match="cannot be read"):
        InPlace(tmp_path / "none.yaml").read()
    with pytest.raises(DeliveryError, match="folder cannot be opened"), InPlace(tmp_path / "no" / "f").locked():
        pass
    monkeypatch.setattr(inplace.Path, "replace", busy)
    with pytest.raises(DeliveryError, match=r"cannot be replaced .Device or resource busy"):
        InPlace(file).put(NEW, digest(OLD), FORTH)
    assert file.read_bytes() == OLD.encode()
    file.write_bytes(b"\xff")
    with pytest.raises(PatchRefused, match=r"not UTF-8 text .byte 0"):
        InPlace(file).read()


def test_one_at_a_time(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inplace, "WAIT_S", 0.1)
    other = os.open(file.parent, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(DeliveryError, match="at work on it"), InPlace(file).locked():
        pass
    os.close(other)
    with InPlace(file).locked(), pytest.raises(DeliveryError, match="at work"), InPlace(file).locked():
        pass
