"""The folder is the registry: every file here exports one class `Rule`, and its file's name is the rule's name."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from monitor.rule import Rule


@cache
def rule_names() -> tuple[str, ...]:
    """The names of all rules, sorted: the order in which a sample is shown to them."""
    return tuple(sorted(found.name for found in iter_modules(__path__)))


def standing_rules(numbers: Mapping[str, tuple[int, int]] | None = None) -> dict[str, Rule[Any]]:
    """All rules by file name; `numbers` gives another (k, n) by name."""
    made: dict[str, Rule[Any]] = {}
    for name in rule_names():
        kind = import_module(f"{__name__}.{name}").Rule
        k_n = (numbers or {}).get(name)
        made[name] = kind(k=k_n[0], n=k_n[1]) if k_n else kind()
    return made
