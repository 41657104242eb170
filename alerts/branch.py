"""A gateway's file in a git repository: the new text as one commit on a branch of its own, for a merge request.

The user's branch, index and working tree are never touched: the commit is made of a temporary index, from what the
base says, not from what lies in the working tree. Nothing is pushed, no hook is run; the same change is one commit.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from alerts.channel import DeliveryError
from alerts.gateway import PatchRefused
from alerts.inplace import InPlace
from alerts.landing import Label, digest
from alerts.surgery.text import decoded

DEADLINE_S: Final = 60.0
_PREFIX: Final = "vendorwatch"
_OURS: Final = {"GIT_AUTHOR_NAME": _PREFIX, "GIT_AUTHOR_EMAIL": "vendorwatch@localhost",
                "GIT_COMMITTER_NAME": _PREFIX, "GIT_COMMITTER_EMAIL": "vendorwatch@localhost",
                "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


@dataclass(frozen=True, slots=True)
class Branch:
    """A file of a repository. `base`: the branch or commit that a change starts from; HEAD: the one checked out."""

    file: Path
    base: str = "HEAD"

    @contextmanager
    def locked(self) -> Iterator[None]:
        with InPlace(self.file).locked():
            yield

    def read(self) -> str:
        """The text as committed. Raises PatchRefused: no repository, not committed there, no UTF-8."""
        try:
            return self._show(self._git("rev-parse", "--verify", f"{self.base}^{{commit}}").strip())
        except DeliveryError as error:
            raise PatchRefused(error.reason) from error

    def put(self, text: str, base_sha256: str, label: Label) -> Mapping[str, object]:
        name = _name(label)
        there = self._tip(name)
        base = self._git("rev-parse", "--verify", f"{self.base}^{{commit}}").strip()
        if there and digest(self._show(there)) == digest(text):
            return {"branch": name, "commit": there}
        if digest(self._show(base)) != base_sha256:
            raise PatchRefused(f"{self.file} has changed in {self.base} since; nothing was committed")
        if there:
            raise PatchRefused(f"the branch {name} is there already and says something else; delete or rename it")
        commit = self._commit(text, base, label)
        self._git("update-ref", f"refs/heads/{name}", commit, "")          # made, never moved
        return {"branch": name, "commit": commit, "base": base}

    def landed(self, label: Label) -> str:
        tip = self._tip(_name(label))
        return digest(self._show(tip) if tip else self.read())

    def left(self, label: Label, base_sha256: str) -> str | None:
        """Of the commit that the branch started from."""
        tip = self._tip(_name(label))
        try:
            text = self._show(f"{tip}^") if tip else ""
        except PatchRefused:
            return None
        return text if tip and digest(text) == base_sha256 else None

    def forget(self, label: Label) -> None:
        """Branches are people's to delete."""

    def _real(self) -> Path:
        """Where a link leads: it is that repository, and that name in it."""
        return Path(os.path.realpath(self.file))

    def _tip(self, name: str) -> str:
        return self._git("for-each-ref", "--format=%(objectname)", f"refs/heads/{name}").strip()

    def _show(self, commit: str) -> str:
        return decoded(self._run("cat-file", "blob", f"{commit}:./{self._real().name}"), self.file)

    def _commit(self, text: str, base: str, label: Label) -> str:
        listed = self._run("ls-tree", "-z", "--full-name", base, f"./{self._real().name}")    # -z: names unquoted
        entry = os.fsdecode(listed)
        mode, _, rest = entry.partition(" ")
        if mode not in {"100644", "100755"}:
            raise PatchRefused(f"{self.file} is no ordinary file in git (mode {mode or 'none'}); name the file itself")
        path = rest.partition("\t")[2].rstrip("\0")
        blob = self._run("hash-object", "-w", "--stdin", "--no-filters", given=text.encode()).decode().strip()
        with tempfile.TemporaryDirectory(prefix="vendorwatch-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._run("read-tree", base, more=index)
            self._run("update-index", "--cacheinfo", f"{mode},{blob},{path}", more=index)
            tree = self._run("write-tree", more=index).decode().strip()
        message = f"{label.subject}\n\n{label.words}".rstrip() + "\n"
        dated = {f"GIT_{who}_DATE": _date(label.at) for who in ("AUTHOR", "COMMITTER")} if label.at else {}
        made = self._run("commit-tree", tree, "-p", base, "-F", "-", given=message.encode(), more=dated)
        return made.decode().strip()

    def _git(self, *words: str) -> str:
        return self._run(*words).decode(errors="replace")

    def _run(self, *words: str, given: bytes = b"", more: Mapping[str, str] | None = None) -> bytes:
        """Raises PatchRefused for what git will not do here, DeliveryError where it cannot be run."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsync=committed", *words]
        try:
            done = subprocess.run(  # noqa: S603 (words of ours, no shell)
                command, cwd=self._real().parent, input=given, check=False, capture_output=True,
                timeout=DEADLINE_S, env={**inherited, **_OURS, **(more or {})})
        except (OSError, subprocess.TimeoutExpired) as error:
            reason = f"git cannot be run for {self.file} ({type(error).__name__})"
            raise DeliveryError(reason, permanent=True) from error
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ").partition("\n")[0]
            raise PatchRefused(f"git {words[0]}: {said or 'failed'} ({self.file})")
        return done.stdout


def _name(label: Label) -> str:
    return f"{_PREFIX}/{label.change}{'-revert' if label.back else ''}"


def _date(at: datetime) -> str:
    return f"{int(at.timestamp())} +0000"
