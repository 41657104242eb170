"""From exchanges to a reading: what every kind of probe does in the same way at its end."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from probes.classify import classify
from probes.model import Exchange, Figures, Reading, Target
from probes.outcome import Outcome


def measure_phases(exchange: Exchange) -> Figures:
    """The phase times of one exchange. A call that ran into its deadline lasted at least that long (law 6)."""
    phases = exchange.phases
    total = phases.total_s
    if total is None and exchange.failure is not None and exchange.call is not None and "timeout" in exchange.failure:
        total = exchange.call.deadline_s
    return Figures(
        dns_s=phases.dns_s, tcp_s=phases.tcp_s, tls_s=phases.tls_s, first_byte_s=phases.first_byte_s, total_s=total
    )


def read_verdict(target: Target, exchange: Exchange, figures: Figures | None = None) -> Reading:
    """The reading that classification alone gives; the exchange goes along as evidence unless all is well."""
    verdict = classify(exchange, target.provider.id)
    reading = Reading(
        outcome=verdict.outcome, reason=verdict.reason, figures=figures or measure_phases(exchange),
        status=exchange.status, clock=exchange.clock, rule=verdict.rule, confidence=verdict.confidence,
        exchanges=(exchange,),
    )
    return drop_evidence(reading)


def drop_evidence(reading: Reading) -> Reading:
    """Exchanges are kept as evidence only of what is not well."""
    return replace(reading, exchanges=()) if reading.outcome is Outcome.OK else reading


def amend(reading: Reading, outcome: Outcome, reason: str, exchanges: Sequence[Exchange] = ()) -> Reading:
    """The same figures, read otherwise than by classification alone."""
    kept = tuple(exchanges) or reading.exchanges
    return drop_evidence(replace(reading, outcome=outcome, reason=reason, rule="", confidence=1.0, exchanges=kept))


def note(figures: Figures, more: Mapping[str, float | str]) -> Figures:
    """Figures with additions to `extra`."""
    return replace(figures, extra={**figures.extra, **more})
