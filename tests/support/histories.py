"""Histories for the judge, written as who answers what, where and when; and a stand-in for the store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from monitor.judge import Judge, load_judge
from monitor.model import Action, Incident, Move, Reroute, Sample, Stage, Tell, Watch
from monitor.policy import Known, Policy

T0 = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
Answer = Callable[["Asked", int], "str | None"]


@dataclass(frozen=True)
class Asked:
    """One stream of a history: `phase_s` is when within its minute it is asked."""

    provider: str
    region: str
    account: str | None = None
    control: bool = False
    zone: str = "global"
    region_zone: str = "global"
    expect: bool = False
    phase_s: float = 0.0
    model: str | None = None
    kind: str = "reachability"

    @property
    def key(self) -> str:
        return f"{self.provider}/{self.region}/{self.account or 'keyless'}/{self.kind}"


def grid(regions: Sequence[str], vendors: Sequence[str], controls: int = 3) -> list[Asked]:
    hosts = [Asked(f"neutral{n}", r, control=True) for r in regions for n in range(controls)]
    return hosts + [Asked(v, r) for r in regions for v in vendors]


def history(asked: Sequence[Asked], minutes: int, answer: Answer, **more: object) -> list[Sample]:
    """`answer(asked, minute)` gives an outcome; None leaves a gap."""
    found = []
    for minute in range(minutes):
        for one in asked:
            outcome = answer(one, minute)
            if outcome is not None:
                slot = T0 + timedelta(minutes=minute, seconds=one.phase_s)
                found.append(Sample(0, slot, one.kind, one.provider, one.region, outcome, account=one.account,
                                    zone=one.zone, region_zone=one.region_zone, control=one.control,
                                    expect_restricted=one.expect, check_key=one.key, model=one.model, **more))
    found.sort(key=lambda s: (s.slot, not s.control))
    return [replace(sample, seq=n) for n, sample in enumerate(found, 1)]


@dataclass
class Ledger:
    """What a store would remember."""

    policy: Policy = field(default_factory=Policy)
    known: Known = field(default_factory=Known)
    judge: Judge = field(default_factory=Judge)
    incidents: dict[str, Incident] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    cursor: int = 0

    def take(self, batch: Sequence[Sample], now: datetime | None = None) -> list[Action]:
        now = now or (batch[-1].slot if batch else T0)
        standing = [i for i in self.incidents.values() if i.stage is not Stage.CLOSED]
        judged = self.judge.judge(batch, standing, self.policy, now, self.cursor, self.known)
        self.cursor = judged.cursor_after
        self.states.update(judged.states)
        for action in judged.actions:
            if isinstance(action, Move):
                known = self.incidents.get(action.incident.key)
                number = known.id if known else len(self.incidents) + 1
                self.incidents[action.incident.key] = replace(action.incident, id=number)
        self.actions += judged.actions
        return list(judged.actions)

    def restart(self) -> None:
        """The daemon ends and begins again: all that is left is what was stored."""
        self.states.update(self.judge.store(self.judge.last, self.cursor))
        self.judge = load_judge(self.states)

    def told(self, occasion: str = "opened") -> list[Tell]:
        return [a for a in self.actions if isinstance(a, Tell) and a.alert.occasion == occasion]

    def moves(self) -> list[Move]:
        return [a for a in self.actions if isinstance(a, Move)]

    def watches(self) -> list[Watch]:
        return [a for a in self.actions if isinstance(a, Watch)]

    def reroutes(self) -> list[Reroute]:
        return [a for a in self.actions if isinstance(a, Reroute)]

    def all(self) -> list[Incident]:
        """Those that people were told of, or would have been."""
        return [incident for incident in self.incidents.values() if incident.opened_at is not None]


def story(asked: Sequence[Asked], minutes: int, answer: Answer, **ledger: object) -> Ledger:
    """A whole history judged in one batch."""
    book = Ledger(**ledger)  # type: ignore[arg-type]
    book.take(history(asked, minutes, answer))
    return book
