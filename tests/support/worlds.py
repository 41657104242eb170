"""Small values and stand-ins for tests of the machine room."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from alerts.channel import DeliveryError
from alerts.model import Alert, Message, Occasion, Receipt, Severity
from monitor.errand import alert_to_json
from monitor.model import Action, Check, Delivery, Errand, ErrandKind
from probes.model import Account, Provider, Surface, Target, Vantage

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def a_check(key: str = "k", *, every_s: float = 60.0, provider: str = "acme", kind: str = "reachability",
            keyed: bool = False) -> Check:
    surface = Surface("international", "https://api.acme.test/v1", "openai")
    account = Account("main", "ACME_API_KEY", "api.acme.test", "home") if keyed else None
    target = Target(Provider(provider, provider.title(), surfaces=(surface,)), surface, account)
    return Check(key, kind, target, Vantage("direct", "home"), timedelta(seconds=every_s))


def an_alert(incident: str = "i1", occasion: Occasion = Occasion.OPENED) -> Alert:
    return Alert(incident, occasion, Severity.CRITICAL, "region_restricted", NOON, provider="acme", because="403")


def a_tell(number: int, *, incident: str = "i1", channel: str = "a", occasion: Occasion = Occasion.OPENED,
           attempts: int = 0) -> Errand:
    payload = alert_to_json(an_alert(incident, occasion))
    return Errand(number, f"e{number}|{channel}", ErrandKind.TELL, channel, payload, attempts, incident, NOON)


class Outbox:
    """The telling half of a store, in memory: due errands are claimed whole."""

    def __init__(self, errands: Sequence[Errand] = ()) -> None:
        self.due = list(errands)
        self.changes = [errand for errand in self.due if errand.kind is ErrandKind.REROUTE]
        self.settled: list[Delivery] = []
        self.queued: list[Action] = []
        self.waiting: list[Mapping[str, object]] = []

    def claim(self, now: datetime, limit: int = 20) -> Sequence[Errand]:
        taken, self.due = self.due[:limit], self.due[limit:]
        return taken

    def settle(self, delivery: Delivery) -> None:
        self.settled.append(delivery)

    def errands(self, state: str | None = None) -> Sequence[Mapping[str, object]]:
        return [row for row in self.waiting if row["state"] == state]

    def reroutes(self, incident: str) -> Sequence[Errand]:
        return [errand for errand in self.changes if errand.incident == incident]

    def first_reference(self, incident: str, channel: str) -> str:
        return next((d.reference for d in self.settled
                     if d.reference and (d.errand.incident, d.errand.channel) == (incident, channel)), "")

    def act(self, actions: Sequence[Action], now: datetime) -> None:
        self.queued.extend(actions)


class Mailbox:
    """A channel that keeps what it was given, failing first as often as told."""

    def __init__(self, *failures: DeliveryError | Exception) -> None:
        self.failures = list(failures)
        self.got: list[tuple[Alert, Message, Receipt | None]] = []
        self.last: Alert | None = None

    def render(self, alert: Alert) -> Message:
        self.last = alert
        return Message(alert.because, alert.because, body=alert)

    async def deliver(self, message: Message, earlier: Receipt | None = None) -> Receipt:
        if self.failures:
            raise self.failures.pop(0)
        assert isinstance(message.body, Alert)
        self.got.append((message.body, message, earlier))
        return Receipt(f"ref-{len(self.got)}")

    @property
    def occasions(self) -> list[str]:
        return [alert.occasion.value for alert, _, _ in self.got]


Memory = Mapping[str, str]
