"""Where the sources are, read as trees: what the house tests look at."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("probes", "alerts", "monitor")


@cache
def sources() -> tuple[Path, ...]:
    return tuple(sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> set[str]:
    """Dotted names of all modules imported anywhere in the file."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def street() -> dict[str, bool]:
    """Files and folders of the three rooms as docs/architecture.md draws them, and whether it calls them pure."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    found, room = {}, ""
    for line in text.split("## 3. The street")[1].split("```")[1].splitlines():
        head = re.split(r"\s{2,}", line.strip())[0]
        names = re.findall(r"(?<!\S)[a-z_0-9]+(?:\.py|/)(?!\S)", head)
        if not line.startswith(" "):
            room = head
        elif room in ("probes/", "alerts/", "monitor/"):
            found |= {room + each.rstrip("/"): line.endswith(" pure") for each in names}
    return found
