"""A history as a file: JSON Lines become samples, in judging order. Pure: it is given the lines, and opens nothing.

Made for files of any size: a line at a time, and what is alike from line to line is read once. What nobody could mean
is an error that names line and key; what can be left out is noted once and left out.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, dataclass, field, fields, make_dataclass
from datetime import UTC, datetime
from json import JSONDecoder
from typing import Any

from monitor.errors import UserError
from monitor.model import Sample
from probes.outcome import Outcome

KINDS = frozenset({"reachability", "completion", "quality", "network", "models", "control"})
OUTCOMES = frozenset(outcome.value for outcome in Outcome)
NEEDED = ("slot", "kind", "provider", "region", "outcome")
FIGURES = ("status", "total_s", "ttft_s", "items", "passed", "score")
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
MOST = 1e12               # of any figure: what is more was not measured
ONE_EACH = "every line is one measurement"


def _plain() -> Any:
    """A Sample that can be written to: freezing one costs more than reading it, and here one is made for each line."""
    parts = [(one.name, one.type) if one.default is MISSING else (one.name, one.type, field(default=one.default))
             for one in fields(Sample)]
    return make_dataclass("Row", parts, slots=True)


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no JSON")


_Row = _plain()
_read = JSONDecoder(parse_constant=_no_number).raw_decode


def _nobody(note: str) -> None:
    del note


@dataclass(slots=True)
class History:
    """The lines of one file. `note` hears of each oddity once."""

    name: str
    note: Callable[[str], None] = _nobody
    _noted: set[str] = field(default_factory=set)
    _text: str = ""                   # the slot as it was last written, and what it means: most lines share theirs
    _slot: datetime = EARLIEST
    _latest: datetime = EARLIEST

    def samples(self, lines: Iterable[str]) -> Iterator[Sample]:
        """In judging order: within a slot neutral hosts first. Raises UserError: which line, which key, what was
        expected.
        """
        held: list[Sample] = []
        for sample in self._rows(lines):
            if held and sample.slot != held[0].slot:
                yield from held if len(held) == 1 else _in_turn(held)
                held = []
            held.append(sample)
        yield from _in_turn(held)

    def _rows(self, lines: Iterable[str]) -> Iterator[Sample]:
        for number, line in enumerate(lines, 1):
            text = line.strip()
            if not text:
                continue
            try:
                row, end = _read(text)
                if end != len(text):
                    raise ValueError(f"more than one value: {text[end:end + 20]!r}")
            except (ValueError, RecursionError) as error:
                raise UserError(f"{self.name}, line {number}: not a JSON object ({error}); {ONE_EACH}") from None
            try:
                sample = self._sample(row, number)
            except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
                raise UserError(f"{self.name}, line {number}: {complaint(row)}") from None
            if sample is not None:
                yield sample

    def _sample(self, row: Any, number: int) -> Sample | None:
        """None: of a kind that says nothing to the judge. Any error means that `complaint` knows what is wrong."""
        if row["slot"] != self._text:
            self._turn_to(row["slot"], number)
        kind, outcome, read = row["kind"], row["outcome"], row.get
        control = kind == "control"
        provider, account, model = read("provider"), read("account"), read("model")
        if provider is None and control:
            provider = "control"
        for word in (provider + row["region"], account, model):
            if word is not None and word.__class__ is not str:
                raise ValueError
        figures = [read(name) for name in FIGURES]
        for figure in figures:
            if figure is not None and not 0 <= figure <= MOST:
                raise ValueError
        if outcome not in OUTCOMES or kind not in KINDS:
            self._leave_out(kind, outcome)
            return None
        status, total_s, ttft_s, items, passed, score = figures
        found: Sample = _Row(number, self._slot, kind, provider, row["region"], outcome, "", account or None,
                             model or None, "global", "global", control, False, 0.0, status, "", total_s, ttft_s, items,
                             passed, score)
        return found

    def _turn_to(self, text: str, number: int) -> None:
        self._slot, self._text = moment_of(text), text
        if self._slot < self._latest:
            self._once("order", f"line {number}: its slot, {text}, is before one above: whatever comes late is judged "
                                "by what is known by then, and of a stream only what is newer than its last counts")
        else:
            self._latest = self._slot

    def _leave_out(self, kind: object, outcome: object) -> None:
        if not isinstance(kind, str) or kind in KINDS or not isinstance(outcome, str):
            raise ValueError
        self._once(f"kind {kind}", f"kind {kind}: nothing is judged by it; such lines are left out")

    def _once(self, about: str, words: str) -> None:
        if about not in self._noted:
            self._noted.add(about)
            self.note(f"{self.name}: {words}")


def moment_of(text: str) -> datetime:
    """An ISO 8601 time; without an offset it is UTC. Raises ValueError, OverflowError, TypeError."""
    found = datetime.fromisoformat(text.upper() if text[-1:] == "z" else text)
    if found.tzinfo is UTC:
        return found
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _in_turn(held: list[Sample]) -> Iterator[Sample]:
    """The measurements of one slot: neutral hosts first, for whether our own network is well is to be known before a
    vendor's turn; what is written twice counts once.
    """
    if len(held) > 1:
        once = {(s.provider, s.region, s.kind, s.account, s.model, s.outcome, s.status, s.total_s, s.ttft_s, s.items,
                 s.passed, s.score): s for s in reversed(held)}
        held = sorted(once.values(), key=lambda s: (not s.control, s.seq))
    yield from held


def complaint(row: Any) -> str:
    """What is wrong with a line: the key, and what was expected."""
    if not isinstance(row, dict):
        return f"not a JSON object; {ONE_EACH}"
    if missing := [key for key in NEEDED if key not in row and (key, row.get("kind")) != ("provider", "control")]:
        return f"{', '.join(missing)} missing; expected {', '.join(NEEDED)} on every line"
    for key in ("kind", "provider", "region", "outcome", "account", "model"):
        value, optional = row.get(key), key in ("account", "model") or row["kind"] == "control"
        if not isinstance(value, str) and not (value is None and optional):
            return f"{key}: expected text{' or null' if optional else ''}, found {value!r:.40}"
    for key in FIGURES:
        if (value := row.get(key)) is not None and not (isinstance(value, int | float) and 0 <= value <= MOST):
            return f"{key}: expected a number from 0 on, or null, found {value!r:.40}"
    if row["outcome"] not in OUTCOMES and row["kind"] in KINDS:
        return f"outcome: {row['outcome']!r:.40} is none of {', '.join(sorted(OUTCOMES))}"
    return f"slot: expected an ISO 8601 time such as 2026-03-01T09:30:00Z, found {row['slot']!r:.40}"
