"""Today's rules over yesterday's measurements: a file of them, or what the database holds. Pure.

A file is judged slot by slot, from nothing: no config, no database, no known vendor. What the database holds is judged
in the batches in which it was judged then, so that the same rules come to the same incidents, exactly (law 2).
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from monitor.batch import Batch
from monitor.history import History
from monitor.judge import Judge
from monitor.known import Known, Policy
from monitor.model import Action, Incident, Move, Sample, Stage, Tier
from monitor.standing import Standing


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
    told: list[Told] = field(default_factory=list)
    standing: Standing = field(init=False)
    _now: dict[str, Told] = field(default_factory=dict)      # by key: the last of it, for a key may come again

    def __post_init__(self) -> None:
        self.judge.stored_at = math.inf      # nothing is stored: snapshots would be made for nobody
        self.standing = Standing(self.judge.memory, self.judge.incidents, self.policy, self.known)

    def take(self, sample: Sample) -> Sequence[Action]:
        """The next sample, in judging order; what it came to."""
        self.judge.take(sample, self.standing)
        if not self.standing.actions:
            return ()
        actions, self.standing.actions = self.standing.actions, []
        self._note_all(actions)
        self.standing.tidy(sample.slot)
        return actions

    def take_batch(self, batch: Batch) -> None:
        """The next batch as it was cut then, and before it what was done meanwhile."""
        self._note_all(self.judge.heed(batch.acts))
        if not batch.samples:
            return
        standing = [incident for incident in self.judge.incidents if incident.stage is not Stage.CLOSED]
        judged = self.judge.judge(batch.samples, standing, self.policy, batch.now, batch.cursor, self.known)
        self._note_all(judged.actions)

    def _note_all(self, actions: Iterable[object]) -> None:
        for action in actions:
            if isinstance(action, Move):
                self._note(action)

    def _note(self, move: Move) -> None:
        incident = move.incident
        known = self._now.get(incident.key)
        if known is not None and not (move.before is None and known.incident.stage is Stage.CLOSED):
            known.incident = incident
        elif incident.tier >= self.at and (incident.stage is not Stage.SUSPECTED or self.at < Tier.CONFIRM):
            self._now[incident.key] = Told(move.at, incident)
            self.told.append(self._now[incident.key])

    def in_order(self) -> list[Told]:
        """The incidents told, in the order of their opening."""
        return sorted(self.told, key=lambda one: (one.opened, one.incident.key))

    def results(self) -> Iterator[Mapping[str, Any]]:
        """The same in the form of the output."""
        for number, told in enumerate(self.in_order(), 1):
            yield row_of(number, told)


def row_of(number: int | None, told: Told) -> dict[str, Any]:
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


def replay_file(lines: Iterable[str], history: History, replay: Replay) -> Replay:
    """All lines through the judge. Raises UserError."""
    take = replay.take
    for sample in history.samples(lines):
        take(sample)
    return replay
