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
    leaves_routes: tuple[str, ...]      # keys (or names) of the routes of that provider, as found in the text at hand
    takes_over: str                     # name of the model group or deployment that takes over
    strength: Strength
    cause: str
    because: str
    incident: str = ""
    region: str | None = None
    proven_at: datetime | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    environment: str | None = None      # of the gateway: prod, staging …
    proven_from: tuple[str, ...] = ()   # regions the fallback answered from
    proof_score: float | None = None    # share of what the workload needs that it passed, 0 to 1
    evidence: tuple[str, ...] = ()      # ids of the rows it rests on


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call of a gateway's admin API: what to send, what must be there before, and how to take it back.

    `path` is below the gateway's base URL; bodies are JSON-able and name variables, never keys. `read` is the path
    that shows the present value, `before` what it must hold there (a subset of its keys).
    """

    method: str
    path: str
    body: Mapping[str, object] = field(default_factory=dict)
    read: str = ""
    before: Mapping[str, object] = field(default_factory=dict)
    inverse: Mapping[str, object] = field(default_factory=dict)     # the body that takes it back, same method and path


@dataclass(frozen=True, slots=True)
class Patch:
    """A change rendered for one gateway: the new text and the diff. `reverted` is the text after taking it back.

    `files`: what goes beside it, name to text (a kustomize overlay); `calls`: the same move through the admin API.
    """

    change: str
    gateway: str
    path: str
    diff: str
    patched: str
    reverted: str
    warnings: tuple[str, ...] = ()
    apply: str = ""                     # what to run to make it live
    files: Mapping[str, str] = field(default_factory=dict)
    calls: tuple[ApiCall, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault a linter found: where (line, 1-based, or key path), what, and what to do."""

    where: str
    what: str
    severity: Severity = Severity.WARNING


@dataclass(frozen=True, slots=True)
class Route:
    """One deployment in a gateway's config. `key_name` is the name of the key variable, never a key.

    `name` is what a person calls it by (of a model group: all its deployments share it), `key` where it stands in the
    file: no two have the same. `also`: other names it goes by (a deployment's id).
    """

    name: str
    prefix: str = ""
    model: str = ""
    base_url: str = ""                  # as written out
    key_name: str = ""
    base_name: str = ""                 # the variable that holds the base URL
    key: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a gateway config serves: its routes, and existing fallbacks and aliases by public name.

    `workloads`: public names apps ask for, each with the keys of the routes that serve it, first choice first.
    """

    routes: tuple[Route, ...] = ()
    fallbacks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    workloads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
