"""How fast an account may be asked: never faster than its vendor says (law 10), and what we overdid ourselves is ours.

A stated limit of requests a minute is kept call by call: what there is no room for is not sent. A 429 that names a time
holds every probe of that account back until then; without a key, of that way out. One that names a limit which our own
probes alone have reached is recorded as our fault, so that nobody is woken for it.
"""

from collections import deque
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.catalogue import Catalogue
from monitor.model import Check
from monitor.places import host_of
from monitor.settings import Config
from probes.limits import TOO_MANY, allowed_requests, wait_s
from probes.model import Call, Exchange, Failure, HttpCall, Reading
from probes.outcome import Outcome
from probes.probe import Steps

WINDOW = timedelta(minutes=1)     # the shortest that vendors count by: who fills it has filled a longer one too
OURS = "own_rate"                 # the rule that such a reading names

Payer = tuple[str, str]


def payer_of(check: Check) -> Payer:
    """Whom the vendor counts the call against: the account, else the address it comes from."""
    account = check.target.account
    return check.target.provider.id, f"account {account.name}" if account else f"vantage {check.vantage.name}"


def rates_of(config: Config, catalogue: Catalogue) -> dict[str, int]:
    """Requests a minute by provider's id, as vendors state them; the config knows its own contract better."""
    stated = {one.id: one.max_per_minute for one in catalogue.providers}
    own = {catalogue.find(name).id: one.max_per_minute for name, one in config.vendors.items()}
    return {name: rate for name in stated if (rate := own.get(name) or stated[name])}


@dataclass(slots=True)
class Asked:
    """The requests of one payer, or of one run: those under way, and when the others were answered. One that was sent
    may reach the vendor at any time until it is answered, so its minute begins then.
    """

    flying: int = 0
    answered: deque[datetime] = field(default_factory=deque)

    def within(self, now: datetime) -> int:
        """How many of them the vendor may count at this moment."""
        while self.answered and now - self.answered[0] >= WINDOW:
            self.answered.popleft()
        return self.flying + len(self.answered)


@dataclass(slots=True, eq=False)
class Run:
    """One run of a check. `held`: why it was held back, before it began or on its way."""

    check: Check
    held: str = ""
    asked: Asked = field(default_factory=Asked)
    said: list[Exchange] = field(default_factory=list)     # its 429s


@dataclass(slots=True)
class Pace:
    """Remembers, by payer, the requests of the last minute and until when the vendor wants to be left alone."""

    rates: Mapping[str, int] = field(default_factory=dict)
    until: dict[Payer, datetime] = field(default_factory=dict)
    asked: dict[Payer, Asked] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)              # under way
    needs: dict[str, int] = field(default_factory=dict)        # by check: the most requests a run made within a minute

    def renew(self, rates: Mapping[str, int]) -> None:
        """Other rates, and perhaps other options of checks: what a run needs is seen anew."""
        self.rates, self.needs = rates, {}

    def begin(self, check: Check, now: datetime) -> Run:
        """A run that may go on, or one that is held back; to be ended by `end` in either case."""
        run = Run(check, self._left_alone(check, now) or self._crowded(check, now))
        if not run.held:
            self.runs.append(run)
        return run

    def end(self, run: Run) -> None:
        """What room was kept for it is free again."""
        if run in self.runs:
            self.runs.remove(run)
            self.needs.setdefault(run.check.key, 0)            # a kind that asks others than the vendor's API

    def paced(self, run: Run, steps: Steps, now: Callable[[], datetime]) -> Steps:
        """The same conversation, without the requests that there is no room for: those fail on our side, so that the
        probe can still add up what it has spent; `heed` says then why.
        """
        try:
            call = next(steps)
            while True:
                call = steps.send((yield from self._put(run, call, now)))
        except StopIteration as end:
            reading: Reading = end.value
            return reading
        finally:
            steps.close()

    def heed(self, run: Run, reading: Reading, now: datetime) -> Reading:
        """The reading, as our own doing where it is."""
        if run.held:
            return replace(reading, outcome=Outcome.SKIPPED, reason=run.held, rule="", confidence=1.0, memory=None)
        stated = self.rates.get(run.check.target.provider.id)
        known = [number for number in (stated, *map(allowed_requests, run.said)) if number is not None]
        made = self._of(run.check).within(now)
        if reading.outcome is not Outcome.RATE_LIMITED or not known or made < min(known):
            return reading
        reason = (f"our own probes reached the limit: {made} within a minute, {min(known)} requests allowed; "
                  f"ask less often ({reading.reason})")
        return replace(reading, outcome=Outcome.PROBE_ERROR, rule=OURS, confidence=1.0, reason=reason)

    def _put(self, run: Run, call: Call, now: Callable[[], datetime]) -> Generator[Call, Exchange, Exchange]:
        """One call of a run. Only requests to the API itself count: a status page has limits of its own."""
        target = run.check.target
        if not isinstance(call, HttpCall) or host_of(call.url) != host_of(target.surface.base_url):
            return (yield call)
        run.held = run.held or self._full(run, now())
        if run.held:
            return Exchange(call=call, failure=Failure.LOCAL, detail=run.held)
        both = run.asked, self._of(run.check)
        for one in both:
            one.flying += 1
        self._needs(run, run.asked.within(now()))
        try:
            exchange = yield call
        finally:
            for one in both:
                one.flying -= 1
                one.answered.append(now())
        self._hear(run, exchange, now())
        return exchange

    def _hear(self, run: Run, exchange: Exchange, now: datetime) -> None:
        """What a 429 says of waiting holds from now on."""
        if exchange.status != TOO_MANY:
            return
        run.said.append(exchange)
        wait, payer = wait_s(exchange), payer_of(run.check)
        if wait is not None:
            until = now + timedelta(seconds=wait)
            self.until[payer] = max(until, self.until.get(payer, until))

    def _left_alone(self, check: Check, now: datetime) -> str:
        payer = payer_of(check)
        until = self.until.get(payer)
        if until is not None and now < until:
            return f"held back: answering 429, the vendor asked to be left alone until {until:%H:%M:%S} UTC"
        self.until.pop(payer, None)
        return ""

    def _crowded(self, check: Check, now: datetime) -> str:
        """Whether the minute has no room for what a run of this check needs, beside what those under way still will."""
        rate, need = self.rates.get(check.target.provider.id), self.needs.get(check.key, 1)
        if rate is None or not need:
            return ""
        if need > rate:
            return (f"held back: a run makes {need} requests within a minute, {rate} are allowed: lower its rounds, or "
                    f"raise max_per_minute of {check.target.provider.id} if your contract allows more")
        kept = sum(max(0, self.needs.get(run.check.key, 1) - run.asked.within(now))
                   for run in self.runs if payer_of(run.check) == payer_of(check))
        return _words(rate) if self._of(check).within(now) + kept + need > rate else ""

    def _full(self, run: Run, now: datetime) -> str:
        """Whether the minute has no room for one more request of a run under way."""
        rate = self.rates.get(run.check.target.provider.id)
        if rate is None or self._of(run.check).within(now) < rate:
            return ""
        self._needs(run, run.asked.within(now) + 1)
        return _words(rate)

    def _needs(self, run: Run, number: int) -> None:
        self.needs[run.check.key] = max(number, self.needs.get(run.check.key, 0))

    def _of(self, check: Check) -> Asked:
        return self.asked.setdefault(payer_of(check), Asked())


def _words(rate: int) -> str:
    return f"held back: more requests than the {rate} a minute that are allowed there"
