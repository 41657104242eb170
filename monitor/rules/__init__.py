"""The folder is the registry: every file here exports one class `Rule`, and its file's name is the rule's name."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from monitor.rule import Coding, Family
from probes.outcome import Outcome

COMPARED = "regional"          # read by looking at the vendor's other regions (monitor.judge)
BY_PLACE = "own_network"       # read of a place as a whole (monitor.place)
BY_VENDOR = "widespread"       # read of a vendor as a whole (monitor.vendor)
BY_FIGURE = ("latency", "quality")


@dataclass(frozen=True, slots=True)
class Read:
    """What an outcome says to the rules that count: names of those it is a hit for, and of those it clears."""

    hits: tuple[str, ...]
    clears: frozenset[str]


@cache
def rule_names() -> tuple[str, ...]:
    """The names of all rules, sorted: the order in which a sample is shown to them."""
    return tuple(sorted(found.name for found in iter_modules(__path__)))


@cache
def rules() -> Mapping[str, Coding]:
    """All rules by file name."""
    return {name: import_module(f"{__name__}.{name}").Rule() for name in rule_names()}


@cache
def families() -> Mapping[Family, tuple[str, ...]]:
    """The rules of each family."""
    found: dict[Family, tuple[str, ...]] = {}
    for name, rule in rules().items():
        found[rule.family] = (*found.get(rule.family, ()), name)
    return found


@cache
def reads() -> Mapping[tuple[str, bool], Read]:
    """By outcome and whether the call was keyless: what every counting rule makes of it."""
    apart = (COMPARED, BY_PLACE, BY_VENDOR, *BY_FIGURE)
    counting = {name: rule for name, rule in rules().items() if name not in apart}
    table = {}
    for outcome in Outcome:
        for keyless in (False, True):
            told = {name: rule.reads(outcome, keyless) for name, rule in counting.items()}
            hits = tuple(name for name, hit in told.items() if hit)
            compared = rules()[COMPARED].reads(outcome, keyless)
            clears = {name for name, hit in told.items() if hit is False} | ({COMPARED} if compared is False else set())
            table[outcome.value, keyless] = Read(hits, frozenset(clears))
    return table
