"""What applying and taking back stand on: the rows of the changes, the gateways' places, the bounds and the proof."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import Protocol

from alerts.channel import DeliveryError
from alerts.gateway import PatchRefused
from alerts.landing import Label
from alerts.model import RoutingChange
from monitor import proposing
from monitor.changes import NOTES, SWITCH, Entry, Life, Stand, Step, What
from monitor.errors import UserError
from monitor.guards import Bounds, closed_doors
from monitor.proposing import Place
from monitor.switch import stopped_by

FAILURES = (PatchRefused, DeliveryError)


class Changes(proposing.Changes, Protocol):
    def lives(self, stands: Sequence[Stand] | None = None) -> Sequence[Life]: ...
    def entries(self, name: str | None = None) -> Sequence[Entry]: ...


class Refused(Exception):
    """A change is not made, or not taken back, for this reason. `lines`: of a conflict; `grave`: nobody answers for the
    workload if nothing is done; `fresh`: it is not in the rows from before.
    """

    def __init__(self, reason: str, lines: Sequence[str] = (), *, grave: bool = False, fresh: bool = False) -> None:
        super().__init__(reason)
        self.lines, self.grave, self.fresh = tuple(lines), grave, fresh


@dataclass(frozen=True, slots=True)
class Ground:
    """`prove`: why the fallback of a change is not proven now, '' where it is; `state`: the folder of the stop file."""

    changes: Changes
    places: Mapping[str, Place]
    bounds: Bounds
    prove: Callable[[RoutingChange, datetime], str]
    state: Path

    def find(self, name: str) -> Life:
        """By its id. Raises UserError."""
        life = self.changes.life(name)
        if life is None:
            raise UserError(f"no change {name}; `vendorwatch patch log` shows them. One rendered by hand is no row: "
                            "take it back with `patch --reverse` of its diff, or put the text of before back "
                            "(`reverted` of `patch render --json`)")
        return life

    def place(self, life: Life) -> Place:
        """Raises Refused where the config has lost it."""
        place = self.places.get(life.gateway)
        if place is None:
            raise Refused(f"the config has no gateway called {life.gateway} any more")
        return place

    def mode(self, life: Life) -> str:
        """What may be done with it now: as it was proposed, or less where the config says less since."""
        place = self.places.get(life.gateway)
        return "observe" if place is None else place.mode_for(life.change, life.mode)

    def closed(self, now: datetime) -> list[str]:
        """What stands against any change now."""
        return list(closed_doors(self.bounds, stopped_by(self.state, self.changes.entries(SWITCH)), now))

    def take(self, step: Step, now: datetime) -> Life:
        """Raises Refused where another was first."""
        after = self.changes.step(step, now)
        if after is None:
            raise Refused(f"change {step.change} is no longer {step.stand}: somebody else was first; look at it again")
        return after

    def over(self, life: Life) -> Life:
        """A change that is over for good: nothing of it stays beside the file."""
        if life.gateway in self.places:
            self.places[life.gateway].lands.forget(label_of(life))
        return life

    def note(self, step: Step, now: datetime) -> bool:
        """A row that moves nothing; said once, as long as the change has not moved since. Whether it was written."""
        since = takewhile(lambda entry: entry.what in NOTES, reversed(self.changes.entries(step.change)))
        if any(entry.what == step.what and json.loads(entry.detail).get("why") == step.detail.get("why")
               for entry in since):
            return False
        return self.changes.step(step, now) is not None

    def refuse(self, life: Life, reason: str, now: datetime, by: str, *, grave: bool = False) -> Refused:
        """The refusal as a row, and to raise."""
        fresh = self.note(life.step(What.REFUSED, by, {"why": reason}), now)
        return Refused(reason, grave=grave, fresh=fresh)

    def failed(self, life: Life, what: What, failure: Exception, now: datetime) -> Refused:
        """What could not be written, as a row, and to raise: the file is as it was."""
        rows = self.changes.entries(life.id)
        fresh = not any(entry.what == what and json.loads(entry.detail).get("why") == str(failure) for entry in rows)
        self.take(life.step(what, proposing.OURSELVES, {"why": str(failure)}), now)
        return Refused(str(failure), grave=True, fresh=fresh)


def label_of(life: Life, *, back: bool = False) -> Label:
    """What goes with the text: of a commit, its message with the evidence."""
    change = life.change
    move = f"Move {change.workload} from {change.leaves} to {change.takes_over}"
    where = ", ".join(filter(None, (change.region, change.environment)))
    lines = [
        f"{change.because} ({change.cause}{'; ' + where if where else ''})",
        f"Incident: {change.incident}",
        f"Evidence: measurements {', '.join(change.evidence) or 'none kept'}",
        f"Proven: {change.proven_at or 'never'}, from {', '.join(change.proven_from) or 'nowhere'}",
        f"Expires: {change.expires_at or 'never'}",
        "" if back else f"Way back: vendorwatch patch revert {life.id}",
        f"Change: {life.id}",
    ]
    subject = f"Take back: {move[0].lower()}{move[1:]}" if back else move
    return Label(life.id, back, subject, "\n".join(filter(None, lines)), change.created_at or life.created_at,
                 life.drawn.calls)
