"""Measurements and checks for tests of the store: short to write, plain to read."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from monitor.model import Check, Measurement
from probes.model import Account, Exchange, Figures, Provider, Reading, Surface, Target, Vantage
from probes.outcome import Outcome

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def a_check(key: str = "net:claude@eu", *, provider: str = "claude", region: str = "eu", **more: object) -> Check:
    """`more`: kind, account, model, control, expect_restricted, every."""
    account = more.get("account")
    held = Account(str(account), "ANTHROPIC_API_KEY", "api.vendor.test", region) if account else None
    surface = Surface("international", "https://api.vendor.test", "openai")
    target = Target(Provider(provider, provider.title()), surface, held, more.get("model"))  # type: ignore[arg-type]
    return Check(
        key=key,
        kind=str(more.get("kind", "reachability")),
        target=target,
        vantage=Vantage(f"{region}-direct", region),
        every=more.get("every", MINUTE),  # type: ignore[arg-type]
        control=bool(more.get("control", False)),
        expect_restricted=bool(more.get("expect_restricted", False)),
    )


def a_measurement(
    check: Check,
    minute: float = 0,
    outcome: Outcome = Outcome.OK,
    *,
    figures: Figures | None = None,
    exchanges: tuple[Exchange, ...] = (),
    memory: Mapping[str, str] | None = None,
) -> Measurement:
    slot = NOON + minute * MINUTE
    reading = Reading(
        outcome=outcome,
        reason=f"was {outcome}",
        figures=figures or Figures(dns_s=0.012, tcp_s=0.051, tls_s=0.07, first_byte_s=0.123456, total_s=0.25),
        status=200 if outcome is Outcome.OK else 403,
        clock="kernel",
        rule="http.ok",
        exchanges=exchanges,
        memory=memory,
    )
    return Measurement(check, slot, slot + timedelta(milliseconds=3), 0.003, reading)
