"""One batch of measurements judged: evidence brought up to date, causes read, actions decided. A fold.

Sample by sample, so that a history cut into other batches comes to the same incidents. The clock of every move is the
slot of the sample that caused it; only reminders look at the batch's own `now`. No I/O, no clock, nothing drawn.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitor.batch import Act, Batch
from monitor.ending import acted, heed
from monitor.forgetting import sweep
from monitor.gaps import told_gaps
from monitor.known import Known, Policy
from monitor.memory import DAY_S, INCIDENTS, SNAPSHOT, Memory, dump_incidents, load_incidents, load_memory
from monitor.model import Incident, Judged, Move, Sample, Stage
from monitor.news import expected, silent
from monitor.policy import SOON, remind
from monitor.proof import take_proof
from monitor.reading import read
from monitor.rule import stamp
from monitor.standing import Standing
from probes.outcome import Outcome

MUTE = frozenset({Outcome.UNKNOWN.value, Outcome.SKIPPED.value})
SNAPSHOT_S = 900.0       # of slots, between two times that the memory is stored whole


@dataclass(slots=True)
class Judge:
    """The memory between batches, and the incidents as they are after the last sample."""

    memory: Memory = field(default_factory=Memory)
    incidents: list[Incident] = field(default_factory=list)
    cursor: int = 0                      # of the memory as it was last stored
    last: float = 0.0                    # stamp of the latest slot
    stored_at: float | None = None
    written: dict[str, str] = field(default_factory=dict)

    def judge(self, batch: Sequence[Sample], incidents: Sequence[Incident], policy: Policy, now: datetime,
              cursor: int, known: Known) -> Judged:
        """What the batch comes to. `incidents`: those standing, as their rows say; a person may have changed them."""
        self._meet(incidents)
        standing = Standing(self.memory, self.incidents, policy, known)
        t = 0.0
        for sample in sorted(batch, key=lambda s: (s.slot, not s.control, s.seq)):
            t = max(t, self.take(sample, standing))
        if batch:
            standing.propose(t)
            standing.actions += silent(self.memory, policy, known, t)
            standing.actions += told_gaps(self.memory, policy, known, t)
        self.last = max(self.last, t)
        standing.apply(list(remind(standing.open(), policy, now, standing.context(self.last or stamp(now)))))
        self.incidents = standing.incidents
        after = max((sample.seq for sample in batch), default=cursor)
        states = self._snapshot(t, max(cursor, after)) if batch else {}
        return Judged(cursor, max(cursor, after), now, states, tuple(standing.actions), known.config_version)

    def again(self, past: Iterable[Batch], policy: Policy, known: Known) -> None:
        """What was judged since the memory was stored, once more. What it comes to is carried out already, and the
        snapshots on the way are not written: what is stored is still what was.
        """
        stored = self.written, self.cursor
        for one in past:
            self.heed(one.acts)
            if one.samples:
                self.judge(one.samples, self.incidents, policy, one.now, one.cursor, known)
        self.written, self.cursor = stored

    def agree(self, policy: Policy, known: Known) -> None:
        """Let the memory agree with the incidents, which are the rows'."""
        Standing(self.memory, self.incidents, policy, known).agree()

    def heed(self, acts: Iterable[Act]) -> list[Move]:
        """What was done apart from any measurement. Twice heeded is once done."""
        moves = []
        for act in acts:
            for n, incident in enumerate(self.incidents):
                move = acted(incident, act) if incident.key == act.key else None
                if move is not None:
                    self.incidents[n] = move.incident
                    heed(self.memory, move, act)
                    moves.append(move)
        return moves

    def take(self, sample: Sample, standing: Standing) -> float:
        """One sample: into its stream's evidence, then what it means. Returns its slot as a stamp."""
        t = stamp(sample.slot)
        take_proof(self.memory.proofs, sample)
        if sample.outcome in MUTE:
            return t
        if t - self.memory.swept >= DAY_S:
            sweep(self.memory, t)
        track = self.memory.track_of(sample)
        if sample.every_s and not track.slow_s:
            track.slow_s = standing.policy.slow_every.total_seconds()
        if track.known and t <= track.last:     # late or told twice: it does not undo what is known since
            return t
        touched = read(self.memory, track, sample, t)
        if track.expect:
            standing.expect(track, t)
            standing.actions += expected(self.memory, track, standing.policy, standing.known, t)
        elif touched or standing.concerns(track):
            standing.conclude(track, touched, t)
        return t

    def _meet(self, incidents: Sequence[Incident]) -> None:
        """Rows win over memory: acknowledged or resumed by a person. What was closed lately may still come back: lately
        by the slots, not by the clock of who judges late.
        """
        rows = {incident.key: incident for incident in incidents}
        lately = [i for i in self.incidents if i.key not in rows and i.stage is Stage.CLOSED and i.closed_at
                  and self.last - stamp(i.closed_at) <= 2 * SOON.total_seconds()]
        self.incidents = [*incidents, *lately]

    def _snapshot(self, t: float, cursor: int) -> Mapping[str, str]:
        if self.stored_at is None:
            self.stored_at = t
        if t - self.stored_at < SNAPSHOT_S:
            return {}
        return self.store(t, cursor)

    def store(self, t: float, cursor: int) -> Mapping[str, str]:
        """The memory as it is after `cursor`: what changed since it was last stored, '' for what is gone."""
        self.stored_at, self.cursor = t, cursor
        now = {**dict(self.memory.dump()), INCIDENTS: dump_incidents(self.incidents)}
        gone = {key: "" for key in self.written if key not in now}
        changed = {key: text for key, text in now.items() if self.written.get(key) != text}
        self.written = now
        return {**changed, **gone, SNAPSHOT: str(cursor)}


def load_judge(states: Mapping[str, str]) -> Judge:
    """The judge as it was when its memory was last stored, with the incidents as they were then."""
    return Judge(load_memory(states), load_incidents(states), int(states.get(SNAPSHOT) or 0),
                 written={key: text for key, text in states.items() if text})
