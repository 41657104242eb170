"""A real repository: one commit on a branch of its own; the user's branch, index and working tree stay as they are."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts.branch import Branch
from alerts.channel import DeliveryError
from alerts.gateway import PatchRefused
from alerts.landing import Label, digest

OLD, NEW = "a: 1\r\n", "a: 2\r\n"
AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FORTH = Label("c1", subject="Move smart away from anthropic", words="403 from eu\nEvidence: 7, 8", at=AT)
BACK = Label("c1", back=True, subject="Take it back", at=AT)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    repo = tmp_path / "repo"
    (repo / "gw").mkdir(parents=True)
    file = repo / "gw" / "config.yaml"
    file.write_bytes(OLD.encode())
    (repo / "other").write_text("o\n")
    git(repo, "init", "-q", "-b", "main")
    git(repo, "config", "core.autocrlf", "true")      # what git would do to line ends is not ours
    git(repo, "-c", "core.autocrlf=false", "add", ".")
    git(repo, "-c", "user.name=u", "-c", "user.email=u@x", "commit", "-q", "-m", "first")
    hook = repo / ".git" / "hooks" / "reference-transaction"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    return file


def git(place: Path, *words: str) -> str:
    where = place if place.is_dir() else place.parent
    return subprocess.run(["git", *words], cwd=where, check=True, capture_output=True, text=True).stdout


def state(file: Path) -> tuple[object, ...]:
    repo = file.parents[1]
    return (git(file, "rev-parse", "HEAD"), git(file, "symbolic-ref", "HEAD"), git(file, "status", "--porcelain"),
            (repo / ".git" / "index").read_bytes(), file.read_bytes(), (repo / "other").read_text())


def test_one_commit_on_a_branch_of_its_own_and_the_user_sees_nothing(file: Path) -> None:
    (file.parents[1] / "other").write_text("at work\n")
    (file.parent / "config.yaml").write_bytes(b"a: 1\r\nnot: committed\n")
    git(file.parents[1], "-c", "core.hooksPath=/dev/null", "add", "other")
    before = state(file)
    said = Branch(file).put(NEW, digest(OLD), FORTH)
    assert state(file) == before
    assert said["branch"] == "vendorwatch/c1"
    tip = git(file, "rev-parse", "vendorwatch/c1").strip()
    assert (tip, said["base"]) == (said["commit"], git(file, "rev-parse", "main").strip())
    raw = subprocess.run(["git", "show", f"{tip}:gw/config.yaml"], cwd=file.parent, check=True, capture_output=True)
    assert raw.stdout == NEW.encode()
    assert git(file, "diff", "--name-only", "main", tip).split() == ["gw/config.yaml"]
    message = git(file, "log", "-1", "--format=%an|%B", tip)
    assert message.startswith("vendorwatch|Move smart away from anthropic\n\n403 from eu\nEvidence: 7, 8\n")
    git(file, "fsck", "--strict")


def test_twice_is_once_also_where_the_branch_was_not_made_in_time(file: Path) -> None:
    first = Branch(file).put(NEW, digest(OLD), FORTH)
    assert Branch(file).put(NEW, digest(OLD), FORTH)["commit"] == first["commit"]
    git(file, "-c", "core.hooksPath=/dev/null", "branch", "-D", "vendorwatch/c1")
    assert Branch(file).landed(FORTH) == digest(OLD)
    assert Branch(file).put(NEW, digest(OLD), FORTH) == first
    assert Branch(file).landed(FORTH) == digest(NEW)


def test_merged_it_is_taken_back_on_another_branch(file: Path) -> None:
    Branch(file).put(NEW, digest(OLD), FORTH)
    assert Branch(file).left(FORTH, digest(OLD)) == OLD
    assert Branch(file).read() == OLD, "not merged yet"
    git(file, "-c", "core.hooksPath=/dev/null", "reset", "-q", "--hard", "vendorwatch/c1")
    assert Branch(file).read() == NEW
    said = Branch(file).put(OLD, digest(NEW), BACK)
    assert said["branch"] == "vendorwatch/c1-revert"
    assert digest(OLD) == Branch(file).landed(BACK)
    assert git(file, "diff", "HEAD~1", "vendorwatch/c1-revert") == ""


def test_what_has_moved_on_is_refused(file: Path) -> None:
    with pytest.raises(PatchRefused, match="has changed in HEAD since"):
        Branch(file).put(NEW, digest("a: 3\n"), FORTH)
    Branch(file).put(NEW, digest(OLD), FORTH)
    with pytest.raises(PatchRefused, match="there already and says something else"):
        Branch(file).put("a: 9\n", digest(OLD), FORTH)
    with pytest.raises(PatchRefused, match="git rev-parse: "):
        Branch(file, "nowhere").read()


def test_what_is_no_committed_file_of_a_repository_is_refused(file: Path, tmp_path: Path) -> None:
    (file.parent / "new.yaml").write_text("a: 1\n")
    with pytest.raises(PatchRefused, match="git cat-file: "):
        Branch(file.parent / "new.yaml").read()
    lone = tmp_path / "lone.yaml"
    lone.write_text("a\n")
    with pytest.raises(PatchRefused, match="not a git repository"):
        Branch(lone).read()
    assert Branch(file).left(FORTH, digest(OLD)) is None


def test_without_git_it_says_so(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(DeliveryError, match="git cannot be run"):
        Branch(file).put(NEW, digest(OLD), FORTH)


def test_variables_of_another_repository_mislead_nobody(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert Branch(file).read() == OLD


def test_also_where_names_of_commits_are_longer(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main", "--object-format=sha256")
    file = tmp_path / "config.yaml"
    file.write_bytes(OLD.encode())
    git(tmp_path, "add", ".")
    git(tmp_path, "-c", "user.name=u", "-c", "user.email=u@x", "commit", "-q", "-m", "first")
    said = Branch(file).put(NEW, digest(OLD), FORTH)
    assert len(str(said["commit"])) == 64
    assert Branch(file).landed(FORTH) == digest(NEW)


@pytest.mark.parametrize("name", ["käse ü.yaml", 'a "b", c.yaml', "[x]*.yaml"])
def test_whatever_the_file_is_called(file: Path, name: str) -> None:
    odd = file.parent / name
    odd.write_bytes(OLD.encode())
    repo = file.parents[1]
    git(repo, "-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false", "add", ".")
    git(repo, "-c", "core.hooksPath=/dev/null", "-c", "user.name=u", "-c", "user.email=u@x", "commit", "-q", "-m", "x")
    Branch(odd).put(NEW, digest(OLD), FORTH)
    assert git(file, "diff", "-z", "--name-only", "HEAD", "vendorwatch/c1") == f"gw/{name}\0"
    assert Branch(odd).landed(FORTH) == digest(NEW)


def test_a_link_is_followed_into_the_repository_that_it_leads_to(file: Path, tmp_path: Path) -> None:
    """By its target's name: what is called as the link is there too is another file."""
    target = file.rename(file.with_name("prod.yaml"))
    (file.parent / "config.yaml").symlink_to("prod.yaml")
    outside = tmp_path / "config.yaml"
    outside.symlink_to(target)
    repo = file.parents[1]
    git(repo, "-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false", "add", "-A")
    git(repo, "-c", "core.hooksPath=/dev/null", "-c", "user.name=u", "-c", "user.email=u@x", "commit", "-q", "-m", "x")
    for link in (outside, file.parent / "config.yaml"):
        assert Branch(link).read() == OLD
    Branch(outside).put(NEW, digest(OLD), FORTH)
    assert git(file, "diff", "--name-only", "HEAD", "vendorwatch/c1") == "gw/prod.yaml\n"
