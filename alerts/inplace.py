"""A gateway's file, replaced in place: the old text or the new one, never half of either, whenever the power fails.

A new file in the same folder, flushed, with the mode and the owner of the old one, then renamed over it. The old text
stays beside it as long as the change stands: a hidden file, so that no folder of configs takes it for one.
"""

import errno
import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alerts.channel import DeliveryError
from alerts.gateway import PatchRefused
from alerts.landing import Label, digest
from alerts.surgery.text import decoded
from alerts.wholefile import write_whole

WAIT_S: Final = 10.0
_DRAFT: Final = ".vendorwatch-draft"
_BACKUP: Final = ".vendorwatch-backup"
_LIST: Final = "system.posix_acl_access"


@dataclass(frozen=True, slots=True)
class InPlace:
    """One file. A link is followed: what it leads to is replaced, the link stays."""

    file: Path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """By a lock on the folder: the file itself is replaced, and a lock file would be one more in the folder."""
        until = time.monotonic() + WAIT_S
        try:
            folder = os.open(self._real().parent, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise _failed(self.file, "its folder cannot be opened", error) from error
        try:
            while True:
                try:
                    fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise DeliveryError(f"{self.file}: another vendorwatch is at work on it") from None
                    time.sleep(0.05)
                except OSError as error:      # some network file systems have no locks
                    raise _failed(self.file, "its folder cannot be locked", error) from error
            yield
        finally:
            os.close(folder)

    def read(self) -> str:
        return self._bytes().decode()

    def put(self, text: str, base_sha256: str, label: Label) -> Mapping[str, object]:
        """Raises PatchRefused for a base that has changed, DeliveryError (permanent) where it cannot be written."""
        real = self._real()
        try:
            self._clear(real)
            seen = real.stat()          # before it is read: what is saved from now on is seen before the renaming
            old = self.read()
            if digest(old) == digest(text):
                return {"file": str(self.file)}
            if digest(old) != base_sha256:
                raise PatchRefused(f"{self.file} has changed since; nothing was written")
            _fit(real, seen)
            backup = self._backup(label)
            if not label.back:
                self._replace(old, backup, seen)
            self._replace(text, real, seen, unless_changed=True)
            if label.back:
                self.forget(label)
        except OSError as error:
            raise _failed(self.file, "cannot be replaced", error) from error
        return {"file": str(self.file)} if label.back else {"file": str(self.file), "backup": str(backup)}

    def landed(self, label: Label) -> str:
        del label
        return digest(self.read())

    def left(self, label: Label, base_sha256: str) -> str | None:
        """Of the backup, if nobody has touched it."""
        try:
            text = self._backup(label).read_bytes().decode()
        except (OSError, UnicodeDecodeError):
            return None
        return text if digest(text) == base_sha256 else None

    def forget(self, label: Label) -> None:
        with suppress(OSError):
            self._backup(label).unlink(missing_ok=True)

    def _real(self) -> Path:
        return Path(os.path.realpath(self.file))

    def _bytes(self) -> bytes:
        try:
            raw = self.file.read_bytes()
        except OSError as error:
            raise PatchRefused(f"{self.file} cannot be read ({error.strerror})") from error
        decoded(raw, self.file)
        return raw

    def _backup(self, label: Label) -> Path:
        real = self._real()
        return real.with_name(f".{real.name}.{label.change}{_BACKUP}")

    @staticmethod
    def _clear(real: Path) -> None:
        """What a process that died has left behind. The lock is held: no other is being written."""
        for draft in real.parent.glob(f".*{_DRAFT}"):
            draft.unlink(missing_ok=True)

    def _replace(self, text: str, to: Path, seen: os.stat_result, *, unless_changed: bool = False) -> None:
        def look() -> None:
            if unless_changed and _mark(to.stat()) != _mark(seen):
                raise PatchRefused(f"{self.file} was changed this very moment; nothing was written")

        draft = to.with_name(f".{to.name.lstrip('.')}{_DRAFT}")
        write_whole(to, text, draft, lambda handle: _belong(handle, seen, self._real()), look)


def _belong(handle: int, seen: os.stat_result, old: Path) -> None:
    """The mode, the owner and the access list of the old file. Without its list a mode means something else: what the
    list leaves to others, it gives to the owner's group.
    """
    if (seen.st_uid, seen.st_gid) != (os.geteuid(), os.getegid()):
        os.fchown(handle, seen.st_uid, seen.st_gid)      # before the mode: chown takes set-id bits away
    if any(name == _LIST for name, _ in _attributes(handle)):
        os.removexattr(handle, _LIST)                    # the folder's default, which the old file may not have had
    os.fchmod(handle, seen.st_mode & 0o7777)
    for name, value in _attributes(old):
        os.setxattr(handle, name, value)


def _attributes(file: int | Path) -> list[tuple[str, bytes]]:
    """The access list and the owner's own attributes: what else there is belongs to the system, which gives it anew."""
    if not hasattr(os, "listxattr"):        # Linux alone has it
        return []
    try:
        return [(name, os.getxattr(file, name)) for name in os.listxattr(file)
                if name == _LIST or name.startswith("user.")]
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return []
        raise


def _mark(seen: os.stat_result) -> tuple[int, ...]:
    return seen.st_ino, seen.st_mtime_ns, seen.st_size


def _fit(real: Path, seen: os.stat_result) -> None:
    if seen.st_nlink > 1:
        raise PatchRefused(f"{real} has {seen.st_nlink} names (hard links), and a new file would have one; "
                           "make it a file of its own, or a symbolic link")


def _failed(file: Path, what: str, error: OSError) -> DeliveryError:
    return DeliveryError(f"{file}: {what} ({error.strerror or type(error).__name__})", permanent=True)
