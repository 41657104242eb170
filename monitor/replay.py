"""Today's rules over yesterday's measurements: a file of them, or what the database holds. Pure but for reading lines.

A file is judged slot by slot, controls first, from nothing: no config, no database, no known vendor. What comes out is
what would have been told: a line an incident that reached the tier, with its final cause.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from monitor.errors import UserError
from monitor.judge import Judge
from monitor.known import Known, Policy
from monitor.model import Action, Incident, Move, Sample, Stage, Tier
from monitor.standing import Standing
from probes.outcome import Outcome

KINDS = frozenset({"reachability", "completion", "quality", "network", "models", "control"})
OUTCOMES = frozenset(outcome.value for outcome in Outcome)
NEEDED = ("slot", "kind", "provider", "region", "outcome")


def samples(lines: Iterable[str], name: str) -> Iterator[Sample]:
    """The file's lines as samples. Raises UserError: which line, which key, what was expected."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _sample(line, number, name)


def _sample(line: str, number: int, name: str) -> Sample:
    try:
        row = json.loads(line)
        if row["outcome"] not in OUTCOMES or row["kind"] not in KINDS:
            raise UserError(_complaint(row, number, name))
        if not isinstance(row["provider"], str) or not isinstance(row["region"], str):
            raise UserError(_complaint(row, number, name))
        return sample_of(row, number)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(_wrong(line, number, name, error)) from None


def sample_of(row: Mapping[str, Any], number: int, every_s: float = 0.0, check: str = "") -> Sample:
    """One row of the file form. `every_s` 0: how often it is asked is not known, and is read from the slots."""
    slot, read = datetime.fromisoformat(row["slot"]), row.get
    return Sample(number, slot if slot.tzinfo else slot.replace(tzinfo=UTC), row["kind"], row["provider"],
                  row["region"], row["outcome"], "", read("account"), read("model"), "global", "global",
                  row["kind"] == "control", False, every_s, read("status"), "", read("total_s"), read("ttft_s"),
                  read("items"), read("passed"), read("score"), check)


def _wrong(line: str, number: int, name: str, error: Exception) -> str:
    try:
        return _complaint(json.loads(line), number, name)
    except ValueError:
        return f"{name}, line {number}: not a JSON object ({error}); every line is one measurement"


def _complaint(row: Any, number: int, name: str) -> str:
    at = f"{name}, line {number}"
    if not isinstance(row, dict):
        return f"{at}: not a JSON object; every line is one measurement"
    missing = [key for key in NEEDED if key not in row]
    if missing:
        return f"{at}: {', '.join(missing)} missing"
    if row["outcome"] not in OUTCOMES:
        return f"{at}: outcome: {row['outcome']!r} is none of {', '.join(sorted(OUTCOMES))}"
    if row["kind"] not in KINDS:
        return f"{at}: kind: {row['kind']!r} is none of {', '.join(sorted(KINDS))}"
    wrong = [key for key in ("provider", "region") if not isinstance(row[key], str)]
    if wrong:
        return f"{at}: {wrong[0]}: expected text"
    return f"{at}: slot: {row['slot']!r} is no ISO 8601 time"


def by_slot(rows: Iterable[Sample]) -> Iterator[Sample]:
    """Within a slot the neutral hosts come first: whether our own network is well is known before a vendor's turn."""
    held: list[Sample] = []
    for sample in rows:
        if held and sample.slot != held[0].slot:
            yield from held if len(held) == 1 else sorted(held, key=lambda s: not s.control)
            held = []
        held.append(sample)
    yield from sorted(held, key=lambda s: not s.control)


@dataclass(slots=True)
class Told:
    """One incident as it went: the slot at which it reached the tier, and as it is at the end."""

    opened: datetime
    incident: Incident


@dataclass(slots=True)
class Replay:
    """Judges a history and keeps what came of it. `at`: the tier that counts as told."""

    policy: Policy = field(default_factory=Policy)
    known: Known = field(default_factory=Known)
    at: Tier = Tier.CONFIRM
    judge: Judge = field(default_factory=Judge)
    told: dict[str, Told] = field(default_factory=dict)
    standing: Standing = field(init=False)

    def __post_init__(self) -> None:
        self.standing = Standing(self.judge.memory, self.judge.incidents, self.policy, self.known)

    def take(self, sample: Sample) -> Sequence[Action]:
        """The next sample, in judging order; what it came to."""
        self.judge.take(sample, self.standing)
        if not self.standing.actions:
            return ()
        actions, self.standing.actions = self.standing.actions, []
        for action in actions:
            if isinstance(action, Move):
                self._note(action)
        self.standing.tidy(sample.slot)
        return actions

    def _note(self, move: Move) -> None:
        incident = move.incident
        known = self.told.get(incident.key)
        if known is not None:
            known.incident = incident
        elif incident.tier >= self.at and (incident.stage is not Stage.SUSPECTED or self.at < Tier.CONFIRM):
            self.told[incident.key] = Told(move.at, incident)

    def results(self) -> Iterator[Mapping[str, Any]]:
        """The incidents told, in the order of their opening."""
        for number, told in enumerate(sorted(self.told.values(), key=lambda one: (one.opened, one.incident.key)), 1):
            yield row_of(number, told)


def row_of(number: int, told: Told) -> dict[str, Any]:
    """One incident in the form of the output."""
    i = told.incident
    return {
        "incident": number, "provider": i.scope.provider, "region": i.scope.region, "model": i.scope.model,
        "cause": i.cause.value, "confidence": round(i.confidence, 4), "opened": text_of(told.opened),
        "onset": text_of(i.onset), "closed": text_of(i.closed_at) if i.closed_at else None,
        "tier": i.tier.name.lower(), "because": i.because,
    }


def text_of(at: datetime) -> str:
    """UTC with Z."""
    text = at.astimezone(UTC).isoformat(timespec="milliseconds" if at.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def replay_file(lines: Iterable[str], name: str, replay: Replay) -> Replay:
    """All lines through the judge. Raises UserError."""
    for sample in by_slot(samples(lines, name)):
        replay.take(sample)
    return replay
