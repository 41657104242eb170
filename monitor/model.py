"""The words of deciding and remembering: checks, measurements, findings, incidents, actions. Frozen values, no I/O."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from alerts.model import Alert, RoutingChange
from probes.model import Reading, Target, Vantage


class Cause(StrEnum):
    """Whose doing it is. The same list everywhere: rows, reports, replay, docs."""

    REGION_RESTRICTED = "region_restricted"
    ACCOUNT_RESTRICTED = "account_restricted"
    AUTH_FAILED = "auth_failed"
    BILLING = "billing"
    RATE_LIMITED = "rate_limited"
    PROVIDER_OUTAGE = "provider_outage"
    PROVIDER_OVERLOADED = "provider_overloaded"
    MODEL_RETIRED = "model_retired"
    REGIONAL_PATH = "regional_path"
    NETWORK_INTERFERENCE = "network_interference"
    OWN_NETWORK = "own_network"
    LATENCY_DEGRADED = "latency_degraded"
    QUALITY_DEGRADED = "quality_degraded"
    OWN_FAULT = "own_fault"
    UNKNOWN = "unknown"


class Stage(StrEnum):
    SUSPECTED = "suspected"
    OPEN = "open"
    RECOVERING = "recovering"
    FLAPPING = "flapping"               # it has come back more than once: closes only after a longer calm
    CLOSED = "closed"


class Tier(IntEnum):
    """How much evidence there is, by the false alarms that a team accepts of it."""

    NONE = 0
    SUSPECT = 1
    WARN = 2
    CONFIRM = 3
    PATCH = 4


@dataclass(frozen=True, slots=True)
class Check:
    """A probe kind, a target, a vantage, and how often. `key` is stable: history hangs on it."""

    key: str
    kind: str
    target: Target
    vantage: Vantage
    every: timedelta
    options: Mapping[str, object] = field(default_factory=dict)
    expect_restricted: bool = False      # law 12: refusal here is not news, its end is
    control: bool = False                # a neutral host: never blamed, only witnesses

    @property
    def keyed(self) -> bool:
        """Whether it shows a key, and so stops when the account is banned (law 11)."""
        return self.target.account is not None


@dataclass(frozen=True, slots=True)
class Slot:
    """One time a check was meant to run, and when it did. `lateness_s` >= 0."""

    check: Check
    at: datetime
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Measurement:
    """A reading with check, region and slot: the stored row. `seq` is given by the store when it is committed."""

    check: Check
    slot: datetime
    started_at: datetime
    lateness_s: float
    reading: Reading
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """A measurement as the judge sees it: flat, and the same whether it came live, from the database or from a file."""

    seq: int
    slot: datetime
    kind: str
    provider: str
    region: str
    outcome: str                        # member of probes.outcome.Outcome, as text
    surface: str = ""
    account: str | None = None          # None: keyless
    model: str | None = None
    zone: str = "global"                # of the surface asked
    region_zone: str = "global"
    control: bool = False
    expect_restricted: bool = False
    every_s: float = 60.0
    status: int | None = None
    reason: str = ""
    total_s: float | None = None
    ttft_s: float | None = None
    items: int | None = None
    passed: int | None = None
    score: float | None = None
    check_key: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a finding or an incident is about. None: all, or does not apply."""

    provider: str | None = None
    region: str | None = None
    account: str | None = None
    model: str | None = None

    @property
    def key(self) -> str:
        return "|".join(part or "*" for part in (self.provider, self.region, self.account, self.model))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The cause read from evidence and board. `evidence_s`: seconds to a false alarm of so much evidence; `why`: what
    each mechanism came to, and what was counted, as JSON text; `members`: the streams it rests on, 'stream rule'.
    """

    family: str
    cause: Cause
    scope: Scope
    confidence: float
    because: str
    onset: datetime
    tier: Tier = Tier.CONFIRM
    evidence_s: float = 0.0
    regions: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    samples: tuple[int, ...] = ()
    members: tuple[str, ...] = ()
    share: float = 0.0                  # of calls that fail, where it shows
    why: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """A standing condition. `key` is unique among those not closed: scope and cause group. `confidence`: that it is no
    passing hiccup, and of this cause (a Verdict's is of the cause alone).
    """

    id: int
    key: str
    stage: Stage
    cause: Cause
    scope: Scope
    confidence: float
    because: str
    onset: datetime
    opened_at: datetime | None
    changed_at: datetime
    closed_at: datetime | None = None
    regions: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    told: str = ""                      # last occasion told, '' = nothing yet
    told_at: datetime | None = None
    reminders: int = 0
    acked_by: str | None = None
    family: str = ""
    tier: Tier = Tier.CONFIRM           # the highest that its evidence has reached
    peak: float = 0.0                   # the largest share of calls that failed, where it shows
    flaps: int = 0                      # how often it came back

    @property
    def short(self) -> str:
        """Names it before the database has given a number; can be pasted into a shell, which `key` cannot."""
        return "i" + hashlib.sha256(self.key.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Move:
    """One change of an incident: a row. `before` None opens it; `incident.id` 0 lets the store give the number."""

    incident: Incident                  # as it is after the move
    before: Stage | None
    at: datetime
    because: str
    samples: tuple[int, ...] = ()
    why: str = ""                       # the reasoning as JSON, where it was weighed anew


@dataclass(frozen=True, slots=True)
class Tell:
    """Queue an alert to channels (names of the config). `key` is idempotent: the same Tell twice is one errand."""

    key: str
    alert: Alert
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reroute:
    """Queue a routing change to a gateway (name in the config) in a mode: observe | propose."""

    key: str
    change: RoutingChange
    gateway: str
    mode: str = "propose"


@dataclass(frozen=True, slots=True)
class Watch:
    """Change how a set of checks runs. `every` None stops them (a banned account); `until` None:
    until told otherwise.
    """

    key: str
    check_keys: tuple[str, ...]
    every: timedelta | None
    until: datetime | None
    because: str


Action = Move | Tell | Reroute | Watch


@dataclass(frozen=True, slots=True)
class Judged:
    """One batch decided: from cursor to cursor, at `now`. Carried out in one transaction or not at all."""

    cursor_before: int
    cursor_after: int
    now: datetime
    # rule state by 'rule-id stream-key', JSON text; only what changed
    states: Mapping[str, str] = field(default_factory=dict)
    actions: tuple[Action, ...] = ()
    config_version: str = ""
    met: Mapping[int, Stage] | None = None      # the incidents it was decided on, by number, as their rows said


class ErrandKind(StrEnum):
    TELL = "tell"
    REROUTE = "reroute"


@dataclass(frozen=True, slots=True)
class Errand:
    """A queued Tell to ONE channel, or one Reroute: the outbox row. Claimed with a lease."""

    id: int
    key: str
    kind: ErrandKind
    channel: str                        # channel name, or gateway name
    payload: str                        # JSON of the Alert, or of the RoutingChange (+ mode)
    attempts: int
    incident: str
    created_at: datetime


class Settled(StrEnum):
    DONE = "done"
    RETRY = "retry"
    WAITS = "waits"                     # its turn has not come: no attempt was made, and none is counted
    FAILED = "failed"                   # permanent


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt of an errand with its outcome."""

    errand: Errand
    settled: Settled
    at: datetime
    detail: str = ""
    reference: str = ""
    retry_at: datetime | None = None
