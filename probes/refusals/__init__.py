"""What vendors, edges, gateways and networks say when they refuse: rules as data, loaded once.

Each YAML file says who its rules listen to and which `rank` it has: lower ranks are stronger evidence, tried first
(who answered, machine code before prose, prose before a generic code, a generic code before a bare status).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from probes.data import read_data
from probes.outcome import Outcome

SENTENCE = 80   # characters between two pieces of a phrase: farther apart they are not one statement


@dataclass(frozen=True, slots=True)
class Phrases:
    """Any of these in a text: plain words, or pieces that must follow each other (written with * between them)."""

    words: tuple[str, ...] = ()
    chains: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.chains)

    def said_in(self, text: str) -> bool:
        """Whether the text, in lower case, has one of them."""
        for word in self.words:   # a plain loop: this line is where classifying spends its time
            if word in text:
                return True
        return any(_follow(text, chain) for chain in self.chains)


def _follow(text: str, pieces: tuple[str, ...]) -> bool:
    start = text.find(pieces[0])
    while start >= 0:
        at = start + len(pieces[0])
        for piece in pieces[1:]:
            found = text.find(piece, at, at + len(piece) + SENTENCE)
            if found < 0:
                break
            at = found + len(piece)
        else:
            return True
        start = text.find(pieces[0], start + 1)
    return False


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to refuse. Every predicate that is not empty must hold; within one predicate any entry will do."""

    id: str
    outcome: Outcome
    says: str
    source: str
    date: str
    confidence: float = 0.9
    others: tuple[tuple[Outcome, float], ...] = ()   # what the same bytes may also mean
    provider: frozenset[str] = frozenset()
    who: frozenset[str] = frozenset()
    status: frozenset[int] = frozenset()
    code: frozenset[str] = frozenset()
    number: frozenset[str] = frozenset()
    header: tuple[tuple[str, str], ...] = ()         # name and a part of the value, '' = any
    phrase: Phrases = Phrases()
    unless: Phrases = Phrases()                      # phrases that speak against it
    advice: str = ""


def normal(code: str) -> str:
    """One spelling for `RateLimitExceeded`, `rate_limit_exceeded` and `RATE-LIMIT-EXCEEDED`."""
    return "".join(filter(str.isalnum, code.lower()))


@cache
def read_rules() -> tuple[Rule, ...]:
    """All rules of this folder, strongest evidence first."""
    files = [data for name, data in _read_folder() if "rules" in data]
    files.sort(key=lambda data: int(data["rank"]))
    return tuple(_rule({"source": data["source"], "date": data["date"], **entry})
                 for data in files for entry in data["rules"])


@cache
def read_advice() -> Mapping[Outcome, str]:
    """What to do about each outcome, in a sentence."""
    data = dict(_read_folder())["advice.yaml"]
    return {Outcome(key): str(text).strip() for key, text in data["advice"].items()}


@cache
def read_names() -> tuple[Mapping[str, str], tuple[tuple[str, str], ...]]:
    """Everyday name -> vendor family, and (piece of text that gives the vendor away, family)."""
    data = dict(_read_folder())["names.yaml"]
    aliases = {str(alias): family for family, entry in data["families"].items()
               for alias in (family, *entry.get("aliases", ()))}
    marks = tuple((str(mark), family) for family, entry in data["families"].items() for mark in entry.get("marks", ()))
    return aliases, marks


@cache
def _read_folder() -> tuple[tuple[str, dict[str, Any]], ...]:
    return tuple((path.name, read_data(path)) for path in sorted(Path(__file__).parent.glob("*.yaml")))


def _rule(entry: Mapping[str, Any]) -> Rule:
    unknown = entry.keys() - {"or"} - set(Rule.__slots__)
    if unknown:
        raise ValueError(f"rule {entry.get('id')}: unknown keys {sorted(unknown)}")
    return Rule(
        id=entry["id"],
        outcome=Outcome(entry["outcome"]),
        says=entry["says"],
        source=entry["source"],
        date=str(entry["date"]),
        confidence=float(entry.get("confidence", 0.9)),
        others=tuple((Outcome(name), float(share)) for name, share in entry.get("or", {}).items()),
        provider=frozenset(entry.get("provider", ())),
        who=frozenset(entry.get("who", ())),
        status=frozenset(entry.get("status", ())),
        code=frozenset(normal(str(code)) for code in _entries(entry.get("code", ()), None)),
        number=frozenset(_numbers(entry.get("number", {}))),
        header=tuple((name.lower(), str(part).lower()) for name, part in entry.get("header", {}).items()),
        phrase=_phrases(entry.get("phrase", ())),
        unless=_phrases(entry.get("unless", ())),
        advice=entry.get("advice", ""),
    )


def _numbers(places: Mapping[str, Any]) -> Iterator[str]:
    for place, numbers in places.items():
        for number in numbers:
            yield f"{place}/{number}"


def _entries(listed: Any, separator: str | None) -> Iterator[str]:
    """A list, or a block of text: codes stand apart by blanks, phrases have a line each, quoted where blanks count."""
    for entry in listed.split(separator) if isinstance(listed, str) else listed:
        word = entry.strip() if isinstance(listed, str) else str(entry)
        if word:
            yield word[1:-1] if word[0] == word[-1] == '"' and len(word) > 1 else word


def _phrases(lines: Any) -> Phrases:
    split = [tuple(piece for piece in line.lower().split("*") if piece) for line in _entries(lines, "\n")]
    return Phrases(words=tuple(pieces[0] for pieces in split if len(pieces) == 1),
                   chains=tuple(pieces for pieces in split if len(pieces) > 1))
