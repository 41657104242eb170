"""How fast an account may be asked: never faster than its vendor says (law 10), and what we overdid ourselves is ours.

A 429 that names a time holds every probe of that account back until then; without a key, of that way out. One that
names a limit which our own probes alone have reached is recorded as our fault, so that nobody is woken for it.
"""

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.model import Check
from probes.limits import TOO_MANY, allowed_requests, wait_s
from probes.model import Reading
from probes.outcome import Outcome

WINDOW = timedelta(minutes=1)     # the shortest that vendors count by: who fills it has filled a longer one too
OURS = "own_rate"                 # the rule that such a reading names

Payer = tuple[str, str]


def payer_of(check: Check) -> Payer:
    """Whom the vendor counts the call against: the account, else the address it comes from."""
    account = check.target.account
    return check.target.provider.id, f"account {account.name}" if account else f"vantage {check.vantage.name}"


@dataclass(slots=True)
class Pace:
    """Remembers, by payer, the runs of the last minute and until when the vendor wants to be left alone."""

    until: dict[Payer, datetime] = field(default_factory=dict)
    runs: dict[Payer, deque[datetime]] = field(default_factory=dict)

    def refuses(self, check: Check, now: datetime) -> str:
        """Why this check must not run now, or ''. What may run counts as run."""
        payer = payer_of(check)
        until = self.until.get(payer)
        if until is not None and now < until:
            return f"held back: answering 429, the vendor asked to be left alone until {until:%H:%M:%S} UTC"
        self.until.pop(payer, None)
        self._recent(payer, now).append(now)
        return ""

    def heed(self, check: Check, reading: Reading, now: datetime) -> Reading:
        """The reading, as our own fault where it is; what it says of waiting holds from now on."""
        said = [exchange for exchange in reading.exchanges if exchange.status == TOO_MANY]
        payer = payer_of(check)
        waits = [seconds for seconds in map(wait_s, said) if seconds is not None]
        if waits:
            until = now + timedelta(seconds=max(waits))
            self.until[payer] = max(until, self.until.get(payer, until))
        allowed = min((number for number in map(allowed_requests, said) if number is not None), default=None)
        runs = len(self._recent(payer, now))
        if reading.outcome is not Outcome.RATE_LIMITED or allowed is None or runs < allowed:
            return reading
        reason = (f"our own probes reached the limit: {runs} within a minute, {allowed} requests allowed; "
                  f"ask less often ({reading.reason})")
        return replace(reading, outcome=Outcome.PROBE_ERROR, rule=OURS, confidence=1.0, reason=reason)

    def _recent(self, payer: Payer, now: datetime) -> deque[datetime]:
        runs = self.runs.setdefault(payer, deque())
        while runs and now - runs[0] >= WINDOW:
            runs.popleft()
        return runs
