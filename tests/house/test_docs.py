"""Docs against code: every command, file and make target that a document names exists."""

import re

import pytest
from house import ROOT
from typer.main import get_command

from monitor.cli import build

DOCUMENTS = sorted([ROOT / "README.md", ROOT / "README.zh.md", *(ROOT / "docs").glob("*.md")])


def _commands() -> set[str]:
    return set(get_command(build()).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_named_exists(document: object) -> None:
    text = document.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    code = "\n".join(re.findall(r"^```.*?^```|`[^`\n]+`", text, re.MULTILINE | re.DOTALL))
    named = set(re.findall(r"(?:`|^|\s|\$ )vendorwatch ([a-z]+)\b", code, re.MULTILINE))
    assert named - _commands() == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_linked_file_exists(document: object) -> None:
    text = document.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    folder = document.parent  # type: ignore[attr-defined]
    links = [link for link in re.findall(r"\]\(([^)#\s]+)\)", text) if "://" not in link]
    assert [link for link in links if not (folder / link).exists()] == []


def test_every_make_target_named_in_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"^make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert named
    assert named <= targets


def test_every_required_top_level_is_there() -> None:
    for required in ("monitor", "probes", "migrations", "alerts", "tests", "pyproject.toml", "README.md"):
        assert (ROOT / required).exists(), required
