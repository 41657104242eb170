"""Asks a model one question, whatever it takes: picks the model, gives up options a server refuses, goes to the next.

A part of the conversation that completion and quality share; generator steps, no I/O. Notes of it (which model
answered, what was listed, what a server does not take) go into the probe's memory.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from probes.dialect import Answer, Dialect, Question, find_dialect
from probes.model import Call, Exchange, Failure, Figures, HttpCall, Model, Occasion, Reading, Target
from probes.outcome import Outcome
from probes.reading import amend, measure_phases, note, read_verdict

_RETRIES = 3
# a refusal of this kind says nothing about our options, however its text may be worded
_RETRY_AFTER = frozenset({Outcome.BAD_REQUEST, Outcome.UNKNOWN, Outcome.MODEL_UNAVAILABLE})
_REFUSED_OUTRIGHT = frozenset({Outcome.GEO_RESTRICTED, Outcome.ACCOUNT_RESTRICTED})
_BREAKS = frozenset({Failure.HTTP_TIMEOUT, Failure.HTTP_RESET, Failure.HTTP_PROTOCOL})
CUT_BY_LIMIT = frozenset({"length", "max_tokens", "MAX_TOKENS", "max_output_tokens", "model_length"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of one question: the reading so far (with figures), the answer, and the notes to keep."""

    reading: Reading
    answer: Answer
    notes: Mapping[str, str]


Asking = Generator[Call, Exchange, Asked]


def ask(target: Target, question: Question, occasion: Occasion, notes: Mapping[str, str]) -> Asking:
    """The question to the first candidate that answers it. `notes` is the memory, as it stands by now."""
    notes = dict(notes)
    dialect = find_dialect(target.surface.dialect)
    refusal = yield from _look_up(dialect, target, occasion, notes)
    if refusal is not None:
        return Asked(refusal, Answer(), notes)
    models = order_models(target, notes)
    if not models:
        return Asked(Reading(Outcome.SKIPPED, "the catalogue knows no model to ask"), Answer(), notes)
    first: Asked | None = None
    for model in models:
        asked = yield from _ask_one(dialect, target, question, model, notes)
        if asked.reading.outcome is not Outcome.MODEL_UNAVAILABLE:
            return _note_switch(asked, notes, model, models, target)
        first = first or asked
    assert first is not None
    return first


def order_models(target: Target, notes: Mapping[str, str]) -> tuple[str, ...]:
    """A pinned model alone; else the one that answered last, then candidates that are listed, then the others."""
    if target.model is not None:
        return (target.model,)
    candidates = [model.id for model in target.provider.probe_models if not model.gone]
    listed = set(notes.get("listed", "").split("\n"))
    last = notes.get("model", "")
    return tuple(sorted(candidates, key=lambda name: (name != last, name not in listed)))


def _look_up(
    dialect: Dialect, target: Target, occasion: Occasion, notes: dict[str, str]
) -> Generator[Call, Exchange, Reading | None]:
    """Once a day: which candidates are listed. Absence is only an order, never a verdict: many lists are short."""
    today = occasion.slot.date().isoformat()
    if target.model is not None or len(target.provider.probe_models) < 2 or notes.get("listed_on") == today:
        return None
    exchange = yield dialect.list_models(target)
    verdict = read_verdict(target, exchange)
    if verdict.outcome in _REFUSED_OUTRIGHT:  # law 11: a refusal is not met with a second question at once
        return verdict
    notes["listed_on"] = today
    listed = dialect.read_models(exchange) if verdict.outcome is Outcome.OK else None
    if listed is not None:
        ids = set(listed.ids)
        notes["listed"] = "\n".join(model.id for model in target.provider.probe_models if model.id in ids)
    return None


def _ask_one(
    dialect: Dialect, target: Target, question: Question, model: str, notes: dict[str, str]
) -> Asking:
    """One model; an option that a 400 names is left out and the question put again, and that is remembered."""
    without = frozenset(filter(None, notes.get("without", "").split(",")))
    call = dialect.chat(target, model, question, without)
    exchange = yield call
    reading = read_verdict(target, exchange)
    for _ in range(_RETRIES):
        option = dialect.blame(exchange) if reading.outcome in _RETRY_AFTER else None
        if option is None or option in without:
            break
        again = dialect.chat(target, model, question, without | {option})
        if again.body == call.body:
            break
        without, call = without | {option}, again
        exchange = yield call
        reading = read_verdict(target, exchange)
    answer = dialect.read_answer(exchange)
    if exchange.status == 200 and without:
        notes["without"] = ",".join(sorted(without))
    reading = judge_answer(reading, exchange, answer)
    figures = measure_answer(target, model, exchange, answer)
    return Asked(replace(reading, figures=figures, model=model), answer, notes)


def judge_answer(reading: Reading, exchange: Exchange, answer: Answer) -> Reading:
    """Classification, corrected by what only the dialect knows: was it an answer, and was it whole?"""
    if exchange.status != 200:
        return reading
    if exchange.failure is not None:
        return _judge_broken(reading, exchange, answer)
    if reading.outcome is not Outcome.OK:
        return reading
    return _judge_whole(reading, exchange, answer)


def _judge_broken(reading: Reading, exchange: Exchange, answer: Answer) -> Reading:
    """A 200 whose body failed on the way. What had been said by then tells the cause."""
    if exchange.failure not in _BREAKS or answer.error is not None:
        return reading
    if answer.complete:
        return amend(reading, Outcome.OK, "answered in full")
    if answer.token_events:
        reason = f"the stream broke off after {answer.token_events} pieces ({exchange.failure})"
        return amend(reading, Outcome.DEGRADED, reason, (exchange,))
    if exchange.failure is Failure.HTTP_TIMEOUT:
        return amend(reading, Outcome.PROVIDER_OUTAGE, "accepted, but never answered", (exchange,))
    if exchange.chunks:   # the vendor had begun to speak: a reset by a third party is the less likely story
        reason = f"a stream was begun and broken off before its first token ({exchange.failure})"
        return replace(amend(reading, Outcome.PROVIDER_OUTAGE, reason, (exchange,)), confidence=0.6)
    return reading


def _judge_whole(reading: Reading, exchange: Exchange, answer: Answer) -> Reading:
    if answer.error is not None:
        return amend(reading, Outcome.PROVIDER_OUTAGE, f"an error inside a 200: {answer.error[:200]}", (exchange,))
    if answer.complete:
        if answer.token_events or answer.tokens_out or answer.finish in CUT_BY_LIMIT:
            return replace(reading, reason="answered")
        return amend(reading, Outcome.DEGRADED, "finished without having said anything", (exchange,))
    if answer.token_events:
        reason = f"the stream ended without a finish after {answer.token_events} pieces"
        return amend(reading, Outcome.DEGRADED, reason, (exchange,))
    if exchange.body.lstrip().startswith((b"data:", b"event:", b":")):
        return amend(reading, Outcome.PROVIDER_OUTAGE, "the stream ended without a single token", (exchange,))
    return amend(reading, Outcome.UNKNOWN, "a 200 that holds no answer", (exchange,))


def measure_answer(target: Target, model: str, exchange: Exchange, answer: Answer) -> Figures:
    """Times from the moment bytes arrived, tokens, money; what was never counted is marked as estimated."""
    figures = measure_phases(exchange)
    ttft = None
    if answer.first_token_at_s is not None:
        ttft = max(0.0, answer.first_token_at_s - (exchange.phases.sent_s or 0.0))
    extra: dict[str, float | str] = {}
    if answer.estimated:
        extra["tokens_estimated"] = 1.0
    if answer.served_model and answer.served_model != model:
        extra["served_model"] = answer.served_model[:100]
    retires = exchange.header("x-model-deprecation-timestamp")
    if retires:
        extra["retiring"] = f"{model} {retires[:40]}"
    return replace(
        figures, ttft_s=ttft, tokens_per_s=_speed(answer), tokens_in=answer.tokens_in, tokens_out=answer.tokens_out,
        cost_usd=price(target, model, answer, exchange), extra=extra,
    )


def _speed(answer: Answer) -> float | None:
    """Tokens per second after the first piece. Tokens that were never streamed have no time of their own."""
    first, last, tokens = answer.first_token_at_s, answer.last_token_at_s, answer.tokens_out
    if first is None or last is None or tokens is None or answer.token_events < 2 or last <= first:
        return None
    streamed = max(answer.token_events, tokens - answer.tokens_hidden)
    return streamed * (answer.token_events - 1) / answer.token_events / (last - first)


def price(target: Target, model: str, answer: Answer, exchange: Exchange) -> float | None:
    """List price of the answer in USD; None where the catalogue knows none. The question is estimated if uncounted."""
    known = find_model(target, model)
    if known is None or known.price_in is None or known.price_out is None or exchange.status != 200:
        return None
    asked = answer.tokens_in
    if asked is None:
        body = exchange.call.body if isinstance(exchange.call, HttpCall) else b""
        asked = len(body) // 4
    return (asked * known.price_in + (answer.tokens_out or 0) * known.price_out) / 1_000_000


def find_model(target: Target, model: str) -> Model | None:
    """The model as the catalogue knows it."""
    known = (*target.provider.probe_models, *target.provider.models)
    return next((entry for entry in known if entry.id == model), None)


def _note_switch(
    asked: Asked, notes: dict[str, str], model: str, models: tuple[str, ...], target: Target
) -> Asked:
    """Another model than last time is a finding, not a silence (the rules read `switched_from`)."""
    before = notes.get("model") or (models[0] if target.model is None else model)
    reading = asked.reading
    if reading.outcome is Outcome.OK or model != models[0]:
        if before != model:
            reading = replace(reading, figures=note(reading.figures, {"switched_from": before}))
        notes["model"] = model
    return Asked(reading, asked.answer, notes)


def days_until(day: date, slot: datetime) -> int:
    """Whole days from the slot's UTC day."""
    return (day - slot.astimezone(UTC).date()).days
