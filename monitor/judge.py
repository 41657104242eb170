"""One batch of measurements judged: rules stepped, causes read, actions decided. A pure fold, sample by sample.

Sample by sample, so that a history cut into other batches comes to the same incidents. The clock of every move is the
slot of the sample that caused it; only reminders look at the batch's own `now`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alerts.model import Alert, Occasion, Severity
from monitor.attribution import attribute, findings, own_network
from monitor.board import Board, Line, dump_line, line_of, load_dark, load_line
from monitor.calm import calm_of
from monitor.known import Deciding, Known, Policy
from monitor.model import Action, Cause, Holds, Incident, Judged, Move, Sample, Stage, Tell, Verdict
from monitor.policy import decide, remind
from monitor.rule import SPOTLESS, Context, Rule, stream_of
from monitor.rules import standing_rules
from probes.outcome import NO_EVIDENCE, Outcome

LINE, DARK, NEWS, SILENT = "line.1 ", "dark.1 ", "news.1 ", "silent.1 "
EXPECTED_ONLY = "recovery"


def judge(batch: Sequence[Sample], states: Mapping[str, str], incidents: Sequence[Incident],  # noqa: PLR0913
          policy: Policy, now: datetime, cursor: int, *, known: Known) -> Judged:
    """What the batch comes to. `states` in the result are only those that changed; an empty text means none."""
    desk = Desk(dict(states), list(incidents), policy, known)
    desk.unpack()
    for sample in sorted(batch, key=lambda s: (s.slot, not s.control, s.seq)):
        desk.take(sample)
    if batch:
        desk.hear()
    standing = desk.standing()
    desk.apply(list(remind(standing, policy, now, Deciding(known, standing=tuple(standing)))))
    after = max((sample.seq for sample in batch), default=cursor)
    changed = {key: text for key, text in desk.changed.items() if states.get(key, "") != text}
    return Judged(cursor, max(cursor, after), now, changed, tuple(desk.actions), known.config_version)


@dataclass(slots=True)
class Desk:
    """What lies open while one batch is judged. Local to `judge`; nothing outlives it but the result."""

    states: dict[str, str]
    incidents: list[Incident]
    policy: Policy
    known: Known
    board: Board = field(init=False)
    changed: dict[str, str] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)

    def unpack(self) -> None:
        """Lay out the stored states."""
        rules = standing_rules(self.policy.counts)
        self.board = Board(rules, self.known.names, self.policy.slow_every.total_seconds())
        for key, text in self.states.items():
            if key.startswith(LINE):
                self.board.put(load_line(text))
            elif key.startswith(DARK):
                region, _, zone = key.removeprefix(DARK).rpartition("|")
                self.board.darks[region, zone] = load_dark(text)
        ids = {rule.id: (name, rule) for name, rule in rules.items()}
        for key, text in self.states.items():
            identity, _, stream = key.partition(" ")
            line = self.board.lines.get(stream)
            if identity in ids and line is not None and text:
                name, rule = ids[identity]
                _, evidence = rule.tick(rule.load(text, line.stream), line.last)
                self._keep(name, line, evidence)

    def standing(self) -> list[Incident]:
        return [incident for incident in self.incidents if incident.stage is not Stage.CLOSED]

    def take(self, sample: Sample) -> None:
        """One sample: on the board, past the rules, then what it means."""
        if Outcome(sample.outcome) in NO_EVIDENCE:
            return
        line = line_of(sample)
        self.board.put(line)
        self._write(LINE + line.stream.text, dump_line(self.board.lines[line.stream.text]))
        dark = self.board.observe_dark(line)
        if dark is not None:
            self._write(f"{DARK}{line.stream.region}|{line.zone}", dark.dump())
        declared = any(i.scope.provider == sample.provider for i in self.standing())
        context = Context(self.board.is_dark(sample.region, sample.zone), declared)
        for name, rule in self.board.rules.items():
            if name != EXPECTED_ONLY or line.expect:
                self._step(name, rule, sample, line, context)
        self._conclude(line)

    def _step(self, name: str, rule: Rule[Any], sample: Sample, line: Line, context: Context) -> None:
        key, stream = f"{rule.id} {line.stream.text}", stream_of(sample)
        text = self.states.get(key)
        start = rule.start(stream)
        state, evidence = rule.step(rule.load(text, stream) if text else start, sample, context)
        self._write(key, "" if state == start else rule.dump(state))
        self._keep(name, line, evidence)

    def _keep(self, name: str, line: Line, evidence: Any) -> None:
        if evidence.times or evidence.clean < SPOTLESS:
            self.board.evidence[name, line.stream.text] = evidence
        else:
            self.board.evidence.pop((name, line.stream.text), None)

    def _write(self, key: str, text: str) -> None:
        if self.states.get(key, "") != text:
            self.states[key] = self.changed[key] = text

    def _conclude(self, line: Line) -> None:
        """Read the causes that this sample can have changed, and decide."""
        now = line.last
        self._expected(line)
        providers = self.board.warm() if line.control else {line.stream.provider}
        own = [i for i in self.standing() if i.cause is Cause.OWN_NETWORK]
        if own or line.failing:
            self._decide(own_network(self.board, now), own, now)
        for provider in sorted(providers):
            verdicts = attribute(findings(self.board, provider, now), self.board, now)
            about = [i for i in self.standing() if i.scope.provider == provider]
            if verdicts or about:
                self._decide(verdicts, about, now)

    def _decide(self, verdicts: Sequence[Verdict], about: Sequence[Incident], now: datetime) -> None:
        calm = {i.key: clean for i in about if (clean := calm_of(i, self.board, now)) is not None}
        takers = {f.provider for workload in self.known.workloads for f in workload.fallbacks}
        green = {taker: self.board.green(taker, now) for taker in takers}
        context = Deciding(self.known, calm, tuple(self.standing()), green)
        self.apply(list(decide(verdicts, about, self.policy, now, context)))

    def apply(self, actions: Sequence[Action]) -> None:
        """Moves count at once: the next sample meets the incidents as they are now."""
        for action in actions:
            self.actions.append(action)
            if isinstance(action, Move):
                others = [i for i in self.incidents if i.key != action.incident.key]
                self.incidents = [*others, action.incident]

    def hear(self) -> None:
        """A region of the plan that stopped reporting is told once: nobody knows anything of it, good or bad."""
        planned = {check.region for check in self.known.checks}
        silent = self.board.silent()
        for region in sorted(planned & set(self.board.by_region)):
            last, key = silent.get(region), SILENT + region
            if last is None:
                self._write(key, "")
            elif not self.states.get(key):
                self._write(key, last.isoformat())
                mark = f"silent:{region}:{last.isoformat()}"
                because = f"nothing has been heard from {region} since {last:%H:%M} UTC; what is known of it is old"
                alert = Alert(mark, Occasion.FINDING, Severity.WARNING, Cause.UNKNOWN, max(
                    line.last for line in self.board.lines.values()), last, regions=(region,), because=because,
                    run=("vendorwatch status",))
                self._find(mark, alert)

    def _expected(self, line: Line) -> None:
        """Law 12: where a refusal is expected, being served is the news. Told once, until it is refused again."""
        if not line.expect:
            return
        stream, key = line.stream, f"{NEWS}{line.stream.provider}|{line.stream.region}"
        if self.board.weighed("refusals", line).holds is Holds.HOLDS:
            self._write(key, "")
        served = self.board.weighed(EXPECTED_ONLY, line)
        if served.holds is not Holds.HOLDS or self.states.get(key):
            return
        self._write(key, line.last.isoformat())
        name = self.board.name(stream.provider)
        times = f"{name} answered {stream.region} {len(served.times)} times in a row"
        because = f"served now although expected restricted: {times}"
        mark = f"expected:{stream.provider}|{stream.region}:{served.times[0].isoformat()}"
        alert = Alert(mark, Occasion.FINDING, Severity.INFO, Cause.UNKNOWN, line.last, served.times[0], stream.provider,
                      name, (stream.region,), confidence=0.9, because=because,
                      run=(f"vendorwatch check {stream.provider}",))
        self._find(mark, alert)

    def _find(self, mark: str, alert: Alert) -> None:
        hearers = self.policy.hearers(alert.severity, self.known.channels)
        self.actions.append(Tell(f"{mark}:finding:0", alert, hearers))
