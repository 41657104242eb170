"""Docs against code: every command, file and make target that a document names exists."""

import re
from pathlib import Path

import pytest
from house import ROOT, street
from typer.main import get_command

from monitor.cli import build
from monitor.config import load_config
from monitor.lifecycle import diagram

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


def test_the_street_draws_every_file_and_no_other() -> None:
    inside = [path for room in ("probes", "alerts", "monitor") for path in (ROOT / room).iterdir()]
    files = [path for path in inside if path.suffix == ".py" and path.stem != "__init__"]
    folders = [path for path in inside if path.name != "__pycache__" and any(path.glob("*.*"))]
    standing = {path.relative_to(ROOT).as_posix() for path in (*files, *folders)}
    drawn = set(street())
    assert standing - drawn == set(), "draw it in docs/architecture.md §3"
    assert drawn - standing == set(), "docs/architecture.md §3 draws what is not there"


def test_the_incident_machine_is_drawn_from_its_table() -> None:
    assert f"```mermaid\n{diagram()}```" in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_the_config_that_operating_shows_is_a_good_one(tmp_path: Path) -> None:
    """With the variables that it names: else a reader's first config is refused."""
    shown = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8").split("```yaml\nregions:")[1].split("```")[0]
    file = tmp_path / "vendorwatch.yaml"
    file.write_text(f"database: v.db\nregions:{shown}", encoding="utf-8")
    named = dict.fromkeys(re.findall(r"_env: (\w+)", shown), "https://hooks.example.org/x")
    assert load_config(file, named).regions.keys() == {"frankfurt", "shanghai"}
