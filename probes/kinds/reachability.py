"""Does the vendor answer us at all? The free question – list the models – with a key or without one."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from probes.dialect import find_dialect
from probes.model import Exchange, HttpCall, Occasion, Reading, Target
from probes.outcome import Outcome
from probes.probe import Steps
from probes.reading import amend, note, read_verdict

# what a vendor that is alive says to someone who shows no key: classification has already taken out refusals by place
_ASKS_FOR_KEY = frozenset({400, 401, 403, 405})
_NO_LIST_HERE = frozenset({404, 405, 422})
_HARMLESS = frozenset({Outcome.BAD_REQUEST, Outcome.MODEL_UNAVAILABLE, Outcome.OK})


@dataclass(frozen=True, slots=True)
class Kind:
    """Asks for the list of models over a fresh connection.

    Without a key, an answer that asks for one means *alive*; a refusal by place, a bot challenge, a server error or a
    network failure is what it is. With a key, the list itself is expected. A control host only has to answer.
    """

    deadline_s: float = 15.0

    def steps(self, target: Target, occasion: Occasion) -> Steps:
        """One call."""
        del occasion
        exchange = yield self._ask(target)
        return self._read(target, exchange)

    def _ask(self, target: Target) -> HttpCall:
        if target.provider.neutral:
            parts = urlsplit(target.surface.base_url)
            url = target.surface.base_url if parts.path else f"{target.surface.base_url}/"
            headers = (("user-agent", "vendorwatch (vendor-risk probe)"),)
            return HttpCall("GET", url, headers, deadline_s=self.deadline_s, ca_file=target.provider.ca_file)
        return replace(find_dialect(target.surface.dialect).list_models(target), deadline_s=self.deadline_s)

    def _read(self, target: Target, exchange: Exchange) -> Reading:
        reading = read_verdict(target, exchange)
        if exchange.failure is not None or exchange.status is None:
            return reading
        if target.provider.neutral:
            return self._read_neutral(reading, exchange.status)
        if exchange.status == 200 and reading.outcome is Outcome.OK:
            return self._read_list(target, exchange, reading)
        return reading if target.account else self._read_keyless(reading, exchange.status)

    def _read_neutral(self, reading: Reading, status: int) -> Reading:
        if status < 500:
            return amend(reading, Outcome.OK, f"the control host answers ({status})")
        return reading

    def _read_list(self, target: Target, exchange: Exchange, reading: Reading) -> Reading:
        listed = find_dialect(target.surface.dialect).read_models(exchange)
        if listed is None:
            return amend(reading, Outcome.UNKNOWN, "a 200 that holds no list of models", (exchange,))
        figures = note(reading.figures, {"models": float(len(listed.ids))})
        return replace(reading, figures=figures, reason=f"alive: lists {len(listed.ids)} models")

    def _read_keyless(self, reading: Reading, status: int) -> Reading:
        asks = reading.outcome is Outcome.AUTH_FAILED
        if asks or (status in _ASKS_FOR_KEY and reading.outcome in _HARMLESS):
            return amend(reading, Outcome.OK, f"alive: asks for a key ({status})")
        if status in _NO_LIST_HERE and reading.outcome in _HARMLESS:
            return amend(reading, Outcome.OK, f"alive: answers, but lists nothing without a key ({status})")
        return reading
