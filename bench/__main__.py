"""`make bench`: every figure beside its yardstick. `python -m bench NAME …` runs some."""

import importlib
import pkgutil
import sys
import time

import bench


def main() -> int:
    wanted = sys.argv[1:] or sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if not m.name.startswith("_"))
    worst = 0
    for name in wanted:
        print(f"\n== {name}", flush=True)
        started = time.monotonic()
        worst = max(worst, importlib.import_module(f"bench.{name}").main())
        print(f"   ({time.monotonic() - started:.0f} s)", flush=True)
    return worst


if __name__ == "__main__":
    sys.exit(main())
