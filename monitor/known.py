"""What deciding leans on besides evidence: the team's wishes, and what config and rows say. Frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from alerts.model import Severity
from monitor.model import Cause, Incident, Tier
from monitor.tiers import Budgets
from monitor.wishes import When, Wish, pause

PROVEN = 0.97        # a patch is proposed only for a cause as likely as this

SEVERITIES: Mapping[Cause, Severity] = {
    Cause.REGION_RESTRICTED: Severity.CRITICAL, Cause.ACCOUNT_RESTRICTED: Severity.CRITICAL,
    Cause.PROVIDER_OUTAGE: Severity.CRITICAL, Cause.AUTH_FAILED: Severity.WARNING, Cause.BILLING: Severity.CRITICAL,
    Cause.MODEL_RETIRED: Severity.WARNING, Cause.NETWORK_INTERFERENCE: Severity.CRITICAL,
}


@dataclass(frozen=True, slots=True)
class Policy:
    """The team's wishes. `budgets`: false alarms they accept. `channels`: who hears a severity; one not named goes to
    all. `rules`: the config's own, which have the word before all of these.
    """

    severities: Mapping[Cause, Severity] = field(default_factory=lambda: SEVERITIES)
    channels: Mapping[Severity, tuple[str, ...]] = field(default_factory=dict)
    reminders: tuple[timedelta, ...] = (timedelta(hours=1), timedelta(hours=4), timedelta(hours=24))
    patch_causes: frozenset[Cause] = frozenset({
        Cause.REGION_RESTRICTED, Cause.ACCOUNT_RESTRICTED, Cause.MODEL_RETIRED, Cause.PROVIDER_OUTAGE})
    demote_causes: frozenset[Cause] = frozenset({Cause.PROVIDER_OUTAGE})
    patch_mode: str = "propose"
    patch_lives: timedelta = timedelta(days=7)
    slow_every: timedelta = timedelta(minutes=5)
    fast_every: timedelta = timedelta(seconds=5)
    fast_for: timedelta = timedelta(minutes=5)
    budgets: Budgets = field(default_factory=Budgets)
    least_sure: float = 0.45            # below it nobody is told: there is evidence, and no telling of what
    rules: tuple[Wish, ...] = ()

    def wishes(self) -> tuple[Wish, ...]:
        """Everything said of telling and patching in the same terms: the rules, then what holds without any."""
        alike = {severity: frozenset(cause for cause, one in self.severities.items() if one is severity)
                 for severity in Severity}
        return (
            *self.rules,
            *(Wish(When(causes), severity) for severity, causes in alike.items() if causes),
            Wish(remind=self.reminders),
            Wish(When(self.patch_causes, PROVEN, Tier.PATCH), patch=self.patch_mode),
        )

    def pause(self, reminders: int) -> timedelta | None:
        """How long to wait with the next reminder after so many. None: the team wishes none."""
        return pause(self.reminders, reminders)

    def severity(self, cause: Cause) -> Severity:
        return self.severities.get(cause, Severity.WARNING)

    def hearers(self, severity: Severity, everybody: tuple[str, ...]) -> tuple[str, ...]:
        """The channels that hear of it. An empty list in the config is a wish too: nobody."""
        return self.channels.get(severity, everybody)


@dataclass(frozen=True, slots=True)
class KnownCheck:
    """What deciding needs of a check of the plan."""

    key: str
    provider: str
    region: str
    account: str | None = None
    keyed: bool = False
    expect_restricted: bool = False
    control: bool = False
    every_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Fallback:
    """A route of the gateway that can take over, and the vendor behind it. `proofs`: by region, the keys of the checks
    that prove it there; all of them must.
    """

    route: str
    provider: str
    model: str | None = None
    account: str | None = None          # whose key the route uses, where known
    jurisdiction: str = ""              # '': unknown, or our own machine
    weights: str = "closed"
    proofs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Allowance:
    """That a workload may use a vendor: who said so, and when (law 12)."""

    provider: str
    by: str
    on: date
    because: str = ""


@dataclass(frozen=True, slots=True)
class Stay:
    """Where the data of a region may go: to these vendors, and to any of these jurisdictions."""

    region: str
    providers: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownWorkload:
    """A public model name: its primary vendor, the routes that lead there, and its ordered fallbacks."""

    name: str
    primary: str
    fallbacks: tuple[Fallback, ...] = ()
    gateway: str = ""
    leaves_routes: tuple[str, ...] = ()
    model: str | None = None            # the model its primary route asks for, where known
    regions: tuple[str, ...] = ()       # where its apps run; none named: everywhere
    needs: tuple[str, ...] = ()         # features that a fallback must have been seen to have; (): that it answers
    jurisdiction: str = ""              # of the primary, as its weights and the dialect of its vendor
    weights: str = "closed"
    dialect: str = "openai"
    accounts: tuple[str, ...] = ()      # whose keys its own routes use, where known
    ban: str = "vendor"                 # what the ban of one account means: vendor | account
    embedding: bool = False             # moves only to the same model elsewhere
    allowed: tuple[Allowance, ...] | None = None         # None: every vendor
    stays: tuple[Stay, ...] = ()
    spread: bool = True                 # routes of more than one jurisdiction are wished for
    open_weights: bool = False          # at least one route of open weights is
    environment: str | None = None      # of its gateway


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing is told of what matches until then. None matches all."""

    until: datetime
    provider: str | None = None
    region: str | None = None
    cause: Cause | None = None
    because: str = ""

    def covers(self, incident: Incident, now: datetime) -> bool:
        regions = {*incident.regions, incident.scope.region}
        return (now < self.until and self.provider in (None, incident.scope.provider)
                and (self.region is None or self.region in regions) and self.cause in (None, incident.cause))


@dataclass(frozen=True, slots=True)
class Known:
    """What is known besides measurements: rows and config as of the batch, so that replay decides the same."""

    checks: tuple[KnownCheck, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    workloads: tuple[KnownWorkload, ...] = ()
    silences: tuple[Silence, ...] = ()
    channels: tuple[str, ...] = ()
    config_version: str = ""


@dataclass(frozen=True, slots=True)
class Deciding:
    """The context of one decision. `standing`: all incidents not closed.

    `green`: by vendor that may take something over, the regions it answers now, each with when that was seen (law 9).
    `proofs`: by key of a check that proves a fallback, when it was last seen to pass, where that still stands;
    `failed`: of those whose latest run did not pass.
    """

    known: Known = Known()
    standing: tuple[Incident, ...] = ()
    green: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)
    proofs: Mapping[str, datetime] = field(default_factory=dict)
    failed: frozenset[str] = frozenset()
