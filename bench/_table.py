"""What the benches found, one line a goal; `python -m bench` closes with all of them."""

import os
import platform
import sys
import time
from dataclasses import astuple, dataclass, fields
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Line:
    """One figure beside its yardstick, as text; `met` is None where it could not be compared."""

    what: str
    measured: str
    goal: str
    met: bool | None
    yardstick: str = "-"
    ratio: str = "-"


LINES: list[Line] = []
_ORDER = ("what", "measured", "yardstick", "ratio", "goal", "met")


def say(line: Line) -> bool:
    """Print a line and keep it for the closing table; False if the goal was missed."""
    beside = "" if line.yardstick == "-" else f"; yardstick {line.yardstick}"
    ratio = "" if line.ratio == "-" else f"; ratio {line.ratio}"
    sys.stdout.write(f"{line.what}: {line.measured}{beside}{ratio} (goal {line.goal}: {_verdict(line.met)})\n")
    sys.stdout.flush()
    LINES.append(line)
    return line.met is not False


def show() -> None:
    """The closing table, in the form of docs/benchmarks.md."""
    names = [field.name for field in fields(Line)]
    rows = [dict(zip(names, astuple(line), strict=True)) | {"met": _verdict(line.met)} for line in LINES]
    cells = [list(_ORDER), *([str(row[name]) for name in _ORDER] for row in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(_ORDER))]
    cells.insert(1, ["-" * width for width in widths])
    lines = ("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
             for row in cells)
    missed = sum(line.met is False for line in LINES)
    sys.stdout.write(f"\n{_machine()}\n\n" + "\n".join(lines) + f"\n\n{len(LINES)} figures, {missed} missed\n")


def _verdict(met: bool | None) -> str:
    return {True: "met", False: "MISSED", None: "not compared"}[met]


def _machine() -> str:
    info = Path("/proc/cpuinfo")
    models = [line.split(":", 1)[1].strip() for line in info.read_text(encoding="utf-8").splitlines()
              if line.startswith("model name")] if info.exists() else [platform.machine()]
    return (f"{time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC, {os.cpu_count()} x {models[0]}, "
            f"{platform.system()} {platform.release()}, Python {platform.python_version()}, "
            f"load {os.getloadavg()[0]:.1f} at the end")
