"""What a patch costs: changed lines for the same move in every format, and the time to plan on a 5,000-line config.

The configs are those of the contract suite (tests/alerts/gateways), each grown with routes that have nothing to do with
the move. "Plan" is what `patch render` does: read, find whose every route is, render, check, and the diff.
"""

import importlib.util
import json
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

from alerts.model import Strength
from bench._table import Line, say
from monitor.catalogue import load_catalogue
from monitor.formats import changed_lines, formats, moved

SAMPLES: Final = Path(__file__).parent.parent / "tests" / "alerts" / "gateways"
LINES: Final = 5_000
RUNS: Final = 5
LIMIT_S: Final = 0.150
SCALAR: Final = frozenset({"dotenv", "higress", "tensorzero"})      # one value says who answers
MOST: Final = {"litellm": 4, **dict.fromkeys(SCALAR, 2)}


def main() -> int:
    catalogue, all_lines = load_catalogue(), []
    for name, form in formats():
        text, workload, target = _sample(name)
        counts = []
        for strength in Strength:
            patch = moved((name, form), text, name, (workload, "claude", target, strength), catalogue)
            assert patch.reverted == text
            counts.append(changed_lines(patch))       # the note of ownership is a line too
        all_lines += counts
        most = MOST.get(name)
        say(Line(f"{name}: changed lines, exclude and demote", " and ".join(map(str, counts)),
                 f"<= {most}" if most else "-", max(counts) <= most if most else None))
        grown = GROWN.get(name)
        if grown is not None:
            long = grown(text)
            took_s = _timed(partial(moved, (name, form), long, name, (workload, "claude", target, Strength.EXCLUDE),
                                    catalogue))
            say(Line(f"{name}: a plan on {long.count(chr(10))} lines", f"{took_s * 1e3:.0f} ms", f"< {LIMIT_S * 1e3:.0f} ms",
                     took_s < LIMIT_S))
    say(Line("median of changed lines over all formats", f"{median(all_lines):.0f}", "-", None))
    return 0


def _timed(work: Callable[[], object]) -> float:
    """CPU time, the best of some: a shared machine only adds."""
    best = float("inf")
    for _ in range(RUNS):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def _sample(name: str) -> tuple[str, str, str]:
    spec = importlib.util.spec_from_file_location(f"sample_{name}", SAMPLES / f"test_{name}.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    support = str(SAMPLES.parent.parent / "support")
    sys.path[:0] = [] if support in sys.path else [support, str(SAMPLES)]
    spec.loader.exec_module(found)
    return found.SAMPLE, found.WORKLOAD, found.TARGET


def _until(text: str, piece: Callable[[int], str]) -> str:
    out, lines = [text], text.count("\n")
    for at in range(LINES):
        if lines >= LINES:
            break
        out.append(piece(at))
        lines += out[-1].count("\n")
    return "".join(out)


def _litellm(text: str) -> str:
    return _until(text, lambda at: (
        f"  - model_name: group-{at}\n    litellm_params:\n"
        f"      model: openai/m-{at}\n      api_key: os.environ/K{at}\n"
        f"      rpm: {at}   # as agreed\n    model_info:\n      id: d-{at}\n"))


def _dotenv(text: str) -> str:
    return _until(text, lambda at: f"SERVICE_{at}_URL=https://service-{at}.example/v1   # another\n")


def _tensorzero(text: str) -> str:
    return _until(text, lambda at: (
        f'\n[models.m{at}]\nrouting = ["p"]\n\n[models.m{at}.providers.p]\ntype = "openai"\nmodel_name = "m-{at}"\n'))


def _json(key: str, piece: Callable[[int], Any]) -> Callable[[str], str]:
    def grown(text: str) -> str:
        config = json.loads(text)
        place = config
        for part in key.split("."):
            place = place[part]
        at = 0
        while json.dumps(config, indent=2).count("\n") < LINES:
            for _ in range(100):
                if isinstance(place, list):
                    place.append(piece(at))
                else:
                    place[f"p{at}"] = piece(at)
                at += 1
        return json.dumps(config, indent=2) + "\n"

    return grown


GROWN: Final[Mapping[str, Callable[[str], str]]] = {
    "litellm": _litellm, "dotenv": _dotenv, "tensorzero": _tensorzero,
    "portkey": _json("targets", lambda at: {"provider": "openai", "override_params": {"model": f"m-{at}"}}),
    "bifrost": _json("providers", lambda at: {"keys": [{"name": "k", "value": f"env.K{at}", "models": ["m"]}]}),
}

if __name__ == "__main__":
    sys.exit(main())
