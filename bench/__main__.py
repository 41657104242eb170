"""`make bench`: every figure beside its yardstick, and one table at the end. `python -m bench NAME …` runs some.

A missed goal is a line of the table, not an error: only a bench that breaks is one. Timings are never tests.
"""

import importlib
import pkgutil
import sys
import time
import traceback

import bench
from bench._table import LINES, Line, say, show


def main() -> int:
    wanted = sys.argv[1:] or sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if not m.name.startswith("_"))
    broken = [name for name in wanted if not _run(name)]
    show()
    return 1 if broken else 0


def _run(name: str) -> bool:
    print(f"\n== {name}", flush=True)
    started, before = time.monotonic(), len(LINES)
    try:
        code = importlib.import_module(f"bench.{name}").main()
    except Exception:      # the other benches still run
        traceback.print_exc()
        say(Line(name, "broke off", "-", None))
        return False
    if len(LINES) == before:      # it printed its own sentence
        say(Line(name, "as printed above", "as printed above", code == 0))
    print(f"   ({time.monotonic() - started:.0f} s)", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
