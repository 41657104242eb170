"""A rule folded over outcomes, a minute apart."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from histories import T0

from monitor.model import Sample
from monitor.rule import Context, Evidence, Rule, stream_of


def last(rule: Rule[Any], outcomes: Sequence[str], context: Context | None = None, *, account: str | None = "main",
         **more: Any) -> Evidence:
    """The evidence after the last; a list in `more` gives one value a sample."""
    plain = Sample(1, T0, "reachability", "claude", "eu", "ok", account=account)
    state, evidence = rule.start(stream_of(plain)), None
    for n, outcome in enumerate(outcomes):
        own = {key: value[n] if isinstance(value, list) else value for key, value in more.items()}
        sample = replace(plain, seq=n + 1, slot=T0 + timedelta(minutes=n), outcome=outcome, **own)
        state, evidence = rule.step(state, sample, context or Context())
    assert evidence is not None
    return evidence
