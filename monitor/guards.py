"""What stands against applying a change now: each reason in words that say what to do. Pure.

None of them stands against a person's way back: what was changed can always be taken back.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.gateway import Gateway
from alerts.model import RoutingChange, Severity
from monitor.changes import IN_PLACE, UNDER_WAY, Entry, Life, Stand, What
from monitor.known import Deciding
from monitor.model import Stage
from monitor.permits import refusal, shown
from monitor.windows import Window, open_until

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The team's bounds. `hold`: how long a vendor must be well before the way back is proposed, at the least."""

    enabled: bool = True
    per_day: int = 5
    freeze: tuple[Window, ...] = ()
    hold: timedelta = timedelta(hours=1)
    revert_overdue: bool = False


def closed_doors(bounds: Bounds, stopped: str, now: datetime) -> Iterator[str]:
    """What stands against any change. `stopped`: what stops all of them, if anything does."""
    if stopped:
        yield f"changes are stopped ({stopped}); `vendorwatch patch go` lets them go on"
    if not bounds.enabled:
        yield "patching is off in the config; `patching: on` lets changes go on"
    for window in bounds.freeze:
        if until := open_until(window, now):
            yield f"a freeze window is open until {until:%Y-%m-%d %H:%M} UTC; wait, or shorten it under patching.freeze"


def objections(life: Life, others: Sequence[Life], entries: Sequence[Entry], bounds: Bounds,
               now: datetime) -> Iterator[str]:
    """What stands against this one. `entries`: the audit rows; `others`: all changes, it may be among them."""
    change = life.change
    if life.mode == "observe":
        yield "its gateway's mode is observe, or a rule of the policy says so; nothing is changed"
    if change.expires_at is not None and change.expires_at <= now:
        yield (f"it has expired ({change.expires_at:%Y-%m-%d %H:%M} UTC); `vendorwatch patch plan` shows what would be "
               "changed now")
    held = IN_PLACE | UNDER_WAY | {Stand.CONFLICT}
    for other in others:
        if other.id != life.id and other.stand in held and (other.gateway, other.change.workload) == (
                life.gateway, change.workload):
            yield (f"change {other.id} of workload {change.workload} is {other.stand}; take that one back first "
                   f"(vendorwatch patch revert {other.id})")
    done = sum(entry.what == What.APPLIED and entry.at > now - DAY for entry in entries)
    done += sum(other.id != life.id and other.stand is Stand.APPLYING for other in others)     # of another gateway
    if done >= bounds.per_day:
        yield f"{done} changes were applied within 24 hours (patching.per_day: {bounds.per_day}); wait, or raise it"


def unproven(change: RoutingChange, context: Deciding) -> str:
    """Why the route that takes over is not proven to work now, from where it must (law 9); '' where it is."""
    workload = next((one for one in context.known.workloads if one.name == change.workload), None)
    if workload is None:
        return f"the config has no workload called {change.workload} any more"
    taker = next((one for one in workload.fallbacks if one.route == change.takes_over), None)
    if taker is None:
        return f"{change.takes_over} is no fallback of {change.workload} any more"
    if barred := refusal(taker, workload):
        return barred
    hurt = next((one for one in context.standing if one.scope.provider == taker.provider
                 and one.stage in (Stage.OPEN, Stage.FLAPPING)), None)
    if hurt is not None:
        return f"{taker.provider}, which would take over, has an incident of its own: {hurt.because}"
    green = shown(taker, workload, context)
    dark = sorted(set(workload.regions or change.proven_from) - set(green))      # as the config says it now
    if dark or not green:
        return f"{taker.provider} was not seen to answer{' from ' if dark else ''}{', '.join(dark)} lately"
    return ""


def new_faults(gateway: Gateway, before: str, after: str) -> list[str]:
    """Critical faults that a linter finds in the new text and did not find, or not so often, in the old one."""
    known = Counter(fault.what for fault in gateway.lint(before))
    found = []
    for fault in gateway.lint(after):
        if fault.severity is Severity.CRITICAL and known[fault.what] <= 0:
            found.append(f"{fault.where}: {fault.what}")
        known[fault.what] -= 1
    return found
