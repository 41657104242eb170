"""The values that telling is made of. All frozen; alerts know nothing of probes or of the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Occasion(StrEnum):
    """Why we speak."""

    OPENED = "opened"
    UPDATED = "updated"
    REMINDER = "reminder"
    RECOVERED = "recovered"
    ENDED = "ended"           # nobody follows it any more; whether it is over was not seen
    TEST = "test"
    FINDING = "finding"       # something to know that is no incident: a model candidate switched, a channel failed


LAST = frozenset({Occasion.RECOVERED, Occasion.ENDED})     # after these there is no more to say of it


@dataclass(frozen=True, slots=True)
class Alert:
    """What is to be said. Times are aware UTC; `incident` is the thread key, the same for all alerts of one
    incident.
    """

    incident: str
    occasion: Occasion
    severity: Severity
    cause: str                              # a member of monitor's Cause, as text
    at: datetime
    since: datetime | None = None           # estimated onset
    provider: str | None = None             # id, None: our own network
    provider_name: str = ""
    regions: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    account: str | None = None
    confidence: float = 0.0
    because: str = ""
    touches: tuple[str, ...] = ()           # workloads
    proposed: str = ""                      # unified diff, or ''
    run: tuple[str, ...] = ()               # commands for the reader
    ended: datetime | None = None
    late: bool = False                      # delivered after the condition had ended
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered alert: what one channel will send. `body` is the channel's own payload, as JSON-able value or text."""

    subject: str
    text: str
    body: object = None
    thread: str = ""
    key: str = ""                           # idempotency key: the same errand tried again has the same key


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side said. `reference` (message ts, Message-ID) lets a later message join the thread."""

    reference: str = ""
    detail: str = ""


class Strength(StrEnum):
    EXCLUDE = "exclude"     # bans and geo-blocks: no call reaches the vendor
    DEMOTE = "demote"       # degradation: last resort only


@dataclass(frozen=True, slots=True)
class RoutingChange:
    """The vendor-neutral intent: what leaves, what takes over, why, until when. `id` is a stable hash."""

    id: str
    workload: str                       # public model name the apps ask for
    leaves: str                         # provider id
    leaves_routes: tuple[str, ...]      # names of model groups or deployments in the gateway that leave
    takes_over: str                     # name of the model group that takes over
    strength: Strength
    cause: str
    because: str
    incident: str = ""
    region: str | None = None
    proven_at: datetime | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Patch:
    """A change rendered for one gateway: the new text and the diff. `reverted` is the text after taking it back."""

    change: str
    gateway: str
    path: str
    diff: str
    patched: str
    reverted: str
    warnings: tuple[str, ...] = ()
    apply: str = ""                     # what to run to make it live


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault a linter found: where (line, 1-based, or key path), what, and what to do."""

    where: str
    what: str
    severity: Severity = Severity.WARNING


@dataclass(frozen=True, slots=True)
class Route:
    """One deployment in a gateway's config. `key_name` is the name of the key variable, never a key."""

    name: str
    prefix: str = ""
    model: str = ""
    base_url: str = ""
    key_name: str = ""


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a gateway config serves: its routes, and existing fallbacks and aliases by public name."""

    routes: tuple[Route, ...] = ()
    fallbacks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
