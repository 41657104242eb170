"""The life of a routing change: where it stands, what may happen to it, and the rows that say what did (law 5). Pure.

The machine is a table (law 4). `applying` and `reverting` are said before a file is touched, so that whoever comes
after a crash knows what to look for: the file is then the one text or the other.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import takewhile

from alerts.model import ApiCall, RoutingChange
from alerts.surgery.merging import Span


class Stand(StrEnum):
    """Where a change stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    APPLYING = "applying"
    APPLIED = "applied"
    VERIFIED = "verified"           # seen at the gateway itself
    OVERDUE = "overdue"             # in place, and past its time
    REVERTING = "reverting"
    REVERTED = "reverted"
    ROLLED_BACK = "rolled_back"     # by itself: the gateway did not do what the change meant
    REJECTED = "rejected"
    EXPIRED = "expired"             # before anybody applied it
    CONFLICT = "conflict"           # the file is neither as it was nor as it was meant


class What(StrEnum):
    """What happened: the word of an audit row."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    APPLYING = "applying"
    APPLIED = "applied"
    NOT_APPLIED = "not_applied"
    FOUND = "found"                 # in place: somebody has applied it by hand, or their pipeline did
    VERIFIED = "verified"
    NOT_LIVE = "applied_not_live"
    BACK_PROPOSED = "back_proposed"
    REVERTING = "reverting"
    REVERTED = "reverted"
    NOT_REVERTED = "not_reverted"
    ROLLED_BACK = "rolled_back"
    EXPIRED = "expired"
    REFUSED = "refused"
    CONFLICT = "conflict"
    STOPPED = "stopped"             # of no one change: nothing is changed until
    LET_GO = "let_go"


SWITCH = "*"                        # stands for the change in the rows of the last two
SWITCHES: Mapping[str, str] = {What.STOPPED: "stopped", What.LET_GO: "going"}      # and where all stand then
IN_PLACE = frozenset({Stand.APPLIED, Stand.VERIFIED, Stand.OVERDUE})
WAITING = frozenset({Stand.PROPOSED, Stand.APPROVED})
UNDER_WAY = frozenset({Stand.APPLYING, Stand.REVERTING})
OVER = frozenset({Stand.REVERTED, Stand.ROLLED_BACK, Stand.REJECTED, Stand.EXPIRED})
# what is put down beside a change and moves it nowhere
NOTES = frozenset({What.REFUSED, What.NOT_LIVE, What.BACK_PROPOSED, What.CONFLICT})

_FAILED = frozenset({What.NOT_APPLIED, What.NOT_REVERTED})
_TRIED = _FAILED | NOTES | {What.APPLYING, What.REVERTING, What.EXPIRED}
SHORTEST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(hours=1)

MOVES: Mapping[tuple[Stand | None, What], Stand] = {
    (None, What.PROPOSED): Stand.PROPOSED,
    (Stand.PROPOSED, What.PROPOSED): Stand.PROPOSED,        # anew, of a file that has changed
    (Stand.APPROVED, What.PROPOSED): Stand.PROPOSED,        # what was approved is no longer what would be written
    (Stand.PROPOSED, What.APPROVED): Stand.APPROVED,
    (Stand.PROPOSED, What.REJECTED): Stand.REJECTED,
    (Stand.APPROVED, What.REJECTED): Stand.REJECTED,
    (Stand.PROPOSED, What.EXPIRED): Stand.EXPIRED,
    (Stand.APPROVED, What.EXPIRED): Stand.EXPIRED,
    (Stand.PROPOSED, What.FOUND): Stand.APPLIED,
    (Stand.APPROVED, What.FOUND): Stand.APPLIED,
    (Stand.APPROVED, What.APPLYING): Stand.APPLYING,
    (Stand.APPLYING, What.APPLIED): Stand.APPLIED,
    (Stand.APPLYING, What.NOT_APPLIED): Stand.APPROVED,
    (Stand.APPLYING, What.CONFLICT): Stand.CONFLICT,
    (Stand.APPLIED, What.VERIFIED): Stand.VERIFIED,
    (Stand.APPLIED, What.EXPIRED): Stand.OVERDUE,
    (Stand.VERIFIED, What.EXPIRED): Stand.OVERDUE,
    (Stand.APPLIED, What.REVERTING): Stand.REVERTING,
    (Stand.VERIFIED, What.REVERTING): Stand.REVERTING,
    (Stand.OVERDUE, What.REVERTING): Stand.REVERTING,
    (Stand.CONFLICT, What.REVERTING): Stand.REVERTING,
    (Stand.CONFLICT, What.REJECTED): Stand.REJECTED,        # a person has seen to it
    (Stand.APPLIED, What.REJECTED): Stand.REJECTED,         # the same, where the way back met somebody's edit
    (Stand.VERIFIED, What.REJECTED): Stand.REJECTED,
    (Stand.OVERDUE, What.REJECTED): Stand.REJECTED,
    (Stand.REVERTING, What.REVERTED): Stand.REVERTED,
    (Stand.REVERTING, What.ROLLED_BACK): Stand.ROLLED_BACK,
    (Stand.REVERTING, What.NOT_REVERTED): Stand.APPLIED,
    (Stand.REVERTING, What.CONFLICT): Stand.CONFLICT,
}


def follow(stand: Stand | None, what: What) -> Stand | None:
    """Where it stands afterwards; None: that cannot happen to it there."""
    moved = MOVES.get((stand, what))
    return stand if moved is None and stand is not None and what in NOTES else moved


def rests(entries: Sequence["Entry"], now: datetime) -> bool:
    """Whether a change is let be for a while, because it could not be written: longer each time, up to an hour.
    `entries`: its rows.
    """
    failed = [one for one in takewhile(lambda one: one.what in _TRIED, reversed(entries))
              if one.what in _FAILED and "why" in json.loads(one.detail)]     # else found so after an interruption
    return bool(failed) and now < failed[0].at + min(SHORTEST_REST * 2.0 ** min(len(failed) - 1, 16), LONGEST_REST)


def diagram() -> str:
    """The table as a mermaid state diagram, for the docs."""
    lines = [f"    {before or '[*]'} --> {after}: {what}" for (before, what), after in MOVES.items()]
    return "\n".join(["stateDiagram-v2", *lines, *(f"    {one} --> [*]" for one in sorted(OVER))]) + "\n"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A change rendered for its gateway's file as it is: what a person approves, and how it is taken back. Never the
    whole text: a config may hold secrets of its own.
    """

    file: str
    diff: str
    base_sha256: str
    patched_sha256: str
    undo: tuple[Span, ...] = ()             # of the patched text
    warnings: tuple[str, ...] = ()
    calls: tuple[ApiCall, ...] = ()         # the same move through an admin API, each with its inverse


@dataclass(frozen=True, slots=True)
class Life:
    """A change as it stands now: a row. `head`: the hash of its last audit row."""

    change: RoutingChange
    gateway: str
    mode: str
    stand: Stand
    drawn: Drawn
    created_at: datetime
    changed_at: datetime
    from_sha256: str = ""                   # while applying or reverting: of the file as it was,
    to_sha256: str = ""                     # and as it is to be
    head: str = ""

    @property
    def id(self) -> str:
        return self.change.id

    def words(self) -> str:
        """What a person needs to know before a yes, but for the diff."""
        change = self.change
        return (f"{self.id}: {self.stand} (gateway {self.gateway}, {self.drawn.file}, mode {self.mode})\n"
                f"{change.workload}: from {change.leaves} to {change.takes_over}, because {change.because}\n"
                f"proven {change.proven_at or 'never'}; expires {change.expires_at or 'never'}; "
                f"incident {change.incident}")

    def step(self, what: What, by: str, detail: Mapping[str, object] | None = None,
             shas: tuple[str, str] | None = None) -> "Step":
        """What may happen to it as it stands."""
        return Step(self.id, self.stand, what, by, detail or {}, shas=shas)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens to a change that stands somewhere: one audit row. `detail` is JSON-able, without secrets.

    `start`: the change itself, where it is proposed; `shas`: of the file before and after, where it is to be written.
    """

    change: str
    stand: Stand | None
    what: What
    by: str
    detail: Mapping[str, object] = field(default_factory=dict)
    start: Life | None = None
    shas: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An audit row, as it was written. `detail`: JSON text; `previous`: the hash of the row before, of any change."""

    seq: int
    at: datetime
    change: str
    what: str
    stand: str                              # where the change stands after it
    by: str
    detail: str
    base_sha256: str
    patched_sha256: str
    previous: str
    hash: str

    def words(self) -> str:
        """In one line, times UTC; whatever somebody put into name or reason makes no other."""
        detail = json.loads(self.detail)
        why = detail.get("why") or detail.get("because") or detail.get("how") or detail.get("branch") or detail.get(
            "host") or ""
        return f"{self.seq}  {self.at:%Y-%m-%d %H:%M:%S}  {self.change}  {self.what}  by {_line(self.by)}" + (
            f": {_line(str(why))}" if why else "")


def _line(said: str) -> str:
    return "".join(filter(str.isprintable, " ".join(said.split())))
