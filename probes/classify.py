"""Exchange -> Classification: what an answer means, why, how sure, and what else it may mean. Pure and total.

Evidence in this order: our own named failure; who answered; machine codes; prose; the bare status. The rules are data
(probes/refusals); this file only holds evidence against them. On a 2xx answer no text of the model is ever looked at.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from probes.model import Exchange, Failure, HttpCall
from probes.outcome import Outcome
from probes.payload import find_complaint
from probes.refusals import Rule, read_advice, read_rules
from probes.unwrap import Evidence, gather, is_page, parse_json

BODY_CAP = 1_000_000   # bytes that are decoded
SURE = 0.5             # a rule below this is a guess that other evidence may overrule


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing the bytes may mean."""

    outcome: Outcome
    confidence: float


@dataclass(frozen=True, slots=True)
class Classification:
    """The likeliest outcome first in `candidates`; more than one means that a second probe would have to tell."""

    outcome: Outcome
    reason: str
    confidence: float
    rule: str
    candidates: tuple[Candidate, ...]
    advice: str


_BLOCKED = ((Outcome.NETWORK_BLOCKED, 0.7), (Outcome.PROVIDER_OUTAGE, 0.3))
_TIMEOUT = ((Outcome.NETWORK_TIMEOUT, 0.7), (Outcome.NETWORK_BLOCKED, 0.2), (Outcome.PROVIDER_OUTAGE, 0.1))
_CERTIFICATE = ((Outcome.PROVIDER_OUTAGE, 0.5), (Outcome.NETWORK_BLOCKED, 0.4))
_OURS = ((Outcome.PROBE_ERROR, 1.0),)
_FAILURES: Mapping[Failure, tuple[tuple[Outcome, float], ...]] = {
    Failure.DNS_NXDOMAIN: ((Outcome.NETWORK_DNS, 0.95),),
    Failure.DNS_TEMPORARY: ((Outcome.NETWORK_DNS, 0.95),),
    Failure.DNS_TIMEOUT: ((Outcome.NETWORK_DNS, 0.9), (Outcome.NETWORK_BLOCKED, 0.1)),
    Failure.DNS_BOGUS: ((Outcome.NETWORK_DNS, 0.9), (Outcome.NETWORK_BLOCKED, 0.4)),
    Failure.TCP_REFUSED: _BLOCKED,
    Failure.TCP_RESET: _BLOCKED,
    Failure.TCP_TIMEOUT: _TIMEOUT,
    Failure.TCP_UNREACHABLE: _BLOCKED,
    Failure.TLS_RESET: ((Outcome.NETWORK_BLOCKED, 0.85), (Outcome.PROVIDER_OUTAGE, 0.15)),
    Failure.TLS_TIMEOUT: _TIMEOUT,
    Failure.TLS_CERT_EXPIRED: ((Outcome.PROVIDER_OUTAGE, 0.7), (Outcome.PROBE_ERROR, 0.2)),
    Failure.TLS_CERT_WRONG_HOST: tuple(reversed(_CERTIFICATE)),
    Failure.TLS_CERT_UNTRUSTED: ((Outcome.NETWORK_BLOCKED, 0.85), (Outcome.PROVIDER_OUTAGE, 0.1)),
    Failure.TLS_OTHER: _BLOCKED,
    Failure.HTTP_RESET: _BLOCKED,
    Failure.HTTP_TIMEOUT: _TIMEOUT,
    Failure.HTTP_PROTOCOL: ((Outcome.PROVIDER_OUTAGE, 0.6), (Outcome.NETWORK_BLOCKED, 0.3)),
    Failure.PROXY: _OURS,
    Failure.TOO_LARGE: _OURS,
    Failure.WITHHELD: _OURS,
    Failure.LOCAL: _OURS,
}
_BY_STATUS = {   # what a status means when nothing else speaks
    400: (Outcome.BAD_REQUEST, 0.6), 401: (Outcome.AUTH_FAILED, 0.8), 402: (Outcome.QUOTA_EXHAUSTED, 0.9),
    403: (Outcome.AUTH_FAILED, 0.35), 404: (Outcome.BAD_REQUEST, 0.5), 408: (Outcome.PROVIDER_OUTAGE, 0.5),
    413: (Outcome.BAD_REQUEST, 0.9), 429: (Outcome.RATE_LIMITED, 0.7), 451: (Outcome.GEO_RESTRICTED, 0.85),
    498: (Outcome.AUTH_FAILED, 0.6), 503: (Outcome.OVERLOADED, 0.55), 529: (Outcome.OVERLOADED, 0.95),
}
_BY_STATUS_OTHERS: Mapping[int, tuple[tuple[Outcome, float], ...]] = {
    401: ((Outcome.ACCOUNT_RESTRICTED, 0.1),),
    403: ((Outcome.GEO_RESTRICTED, 0.3), (Outcome.ACCOUNT_RESTRICTED, 0.2), (Outcome.BOT_CHALLENGE, 0.2)),
    404: ((Outcome.MODEL_UNAVAILABLE, 0.4),),
    429: ((Outcome.QUOTA_EXHAUSTED, 0.2), (Outcome.OVERLOADED, 0.1)),
    451: ((Outcome.ACCOUNT_RESTRICTED, 0.1),),
    503: ((Outcome.PROVIDER_OUTAGE, 0.45),),
}


@dataclass(frozen=True, slots=True)
class Book:
    """The rules, which of them a code or number calls up, and those that must always be tried."""

    rules: tuple[Rule, ...]
    called: Mapping[str, tuple[int, ...]]
    always: tuple[int, ...]


def open_book(rules: tuple[Rule, ...]) -> Book:
    """Rules made ready to be held against evidence."""
    called: dict[str, list[int]] = {}
    for at, rule in enumerate(rules):
        for key in rule.code | rule.number:
            called.setdefault(key, []).append(at)
    always = tuple(at for at, rule in enumerate(rules) if not rule.code and not rule.number)
    return Book(rules, {key: tuple(found) for key, found in called.items()}, always)


@cache
def _standard() -> Book:
    return open_book(read_rules())


def classify(exchange: Exchange, provider: str = "", book: Book | None = None) -> Classification:
    """What came of an exchange. Raises nothing, whatever the bytes; the text of `exchange.exception` is not read."""
    refused = exchange.status is not None and exchange.status >= 400
    if exchange.failure is not None and not (refused and exchange.chunks):
        return _failed(exchange.failure, exchange.detail)
    text = exchange.body[:BODY_CAP].decode("utf-8", "replace").lstrip("\ufeff")
    status = exchange.status
    if status is None and not text.strip():
        return _conclude([(Outcome.UNKNOWN, 0.0)], "nothing was answered and no failure was named", "nothing")
    if status is not None and 100 <= status < 300:
        return _read_success(exchange, text, provider, book)
    parsed = parse_json(text) if text.lstrip()[:1] in ("{", "[") else None
    if status is None and isinstance(parsed, dict) and find_complaint(text) is None and _is_answer(parsed):
        return _ok("answered; no status was given")
    return _judge(gather(status, _headers(exchange), text, parsed, provider), book)


def classify_text(exchange: Exchange, provider: str = "", book: Book | None = None) -> Classification:
    """As `classify`, but reads other people's exception text too. For `explain`; never for our own probes."""
    told = exchange.exception or ""
    if not told.strip():
        return classify(exchange, provider, book)
    if exchange.body.strip():
        answered = classify(exchange, provider, book)
        if answered.confidence >= SURE and answered.outcome is not Outcome.UNKNOWN:
            return answered
        told = exchange.body[:BODY_CAP].decode("utf-8", "replace") + "\n" + told
    status = exchange.status if exchange.status and exchange.status >= 300 else None
    return _judge(gather(status, _headers(exchange), told, None, provider), book)


def _headers(exchange: Exchange) -> dict[str, str]:
    return {name.lower(): value for name, value in exchange.headers}


def _is_answer(parsed: dict[str, object]) -> bool:
    return any(map(parsed.get, ("choices", "candidates", "content", "output", "data", "usage", "usageMetadata")))


def _read_success(exchange: Exchange, text: str, provider: str, book: Book | None) -> Classification:
    status = exchange.status or 200
    complaint = find_complaint(text)
    if complaint is None:
        return _ok(f"HTTP {status} with an answer")
    if _bodiless(exchange) or (is_page(complaint.text) and _wants_page(exchange)):
        return _ok(f"HTTP {status}, as asked for")
    if complaint.parsed is None and not complaint.text.strip():
        found = [(Outcome.OVERLOADED, 0.6), (Outcome.PROVIDER_OUTAGE, 0.4)]
        return _conclude(found, f"HTTP {status} with an empty body", "payload.empty")
    evidence = gather(None, _headers(exchange), complaint.text, complaint.parsed, provider)
    if evidence.who == "nobody":   # somebody did answer: what is told of connections are not ours
        evidence = replace(evidence, who="unclear")
    if is_page(complaint.text):
        page = _judge(evidence, book, fallback=False)
        if page.rule:
            return page
        return _conclude([(Outcome.BAD_REQUEST, 0.6), (Outcome.NETWORK_BLOCKED, 0.3)],
                         f"HTTP {status} with a web page instead of an answer: wrong base URL, or a portal in between",
                         "payload.page")
    verdict = _judge(evidence, book)
    return replace(verdict, reason=f"HTTP {status}, but the payload says: {verdict.reason}")


def _bodiless(exchange: Exchange) -> bool:
    head = isinstance(exchange.call, HttpCall) and exchange.call.method.upper() == "HEAD"
    return (head or exchange.status in (202, 204, 205)) and not exchange.body.strip()


def _wants_page(exchange: Exchange) -> bool:
    call = exchange.call
    return isinstance(call, HttpCall) and any(
        name.lower() == "accept" and isinstance(value, str) and "html" in value for name, value in call.headers)


def _failed(failure: Failure, detail: str) -> Classification:
    words = failure.value.replace("_", " ")
    return _conclude(list(_FAILURES[failure]), f"{words} ({detail})" if detail else words, f"failure.{failure.value}")


def _ok(reason: str) -> Classification:
    return _conclude([(Outcome.OK, 1.0)], reason, "ok")


def _judge(evidence: Evidence, book: Book | None, fallback: bool = True) -> Classification:
    book = book or _standard()
    wanted = set(book.always)
    for key in evidence.codes | evidence.tokens | evidence.numbers:
        wanted.update(book.called.get(key, ()))
    for at in sorted(wanted):
        if _holds(book.rules[at], evidence):
            return _apply(book.rules[at], evidence)
    return _by_status(evidence) if fallback else _conclude([(Outcome.UNKNOWN, 0.0)], "no rule", "")


def _holds(rule: Rule, evidence: Evidence) -> bool:
    if rule.status and evidence.status not in rule.status:
        return False
    if (rule.provider and rule.provider.isdisjoint(evidence.families)) or (rule.who and evidence.who not in rule.who):
        return False
    if rule.code and not _coded(rule, evidence):
        return False
    if rule.number and rule.number.isdisjoint(evidence.numbers):
        return False
    return _worded(rule, evidence)


def _coded(rule: Rule, evidence: Evidence) -> bool:
    return not (rule.code.isdisjoint(evidence.codes) and rule.code.isdisjoint(evidence.tokens))


def _worded(rule: Rule, evidence: Evidence) -> bool:
    for name, part in rule.header:
        if part not in evidence.headers.get(name, "\0").lower() or name not in evidence.headers:
            return False
    if rule.phrase and not rule.phrase.said_in(evidence.text):
        return False
    return not rule.unless.said_in(evidence.text)


def _apply(rule: Rule, evidence: Evidence) -> Classification:
    found = [(rule.outcome, rule.confidence), *rule.others]
    reason = f"{rule.says} (HTTP {evidence.status})" if evidence.status else rule.says
    return _conclude(found, reason, rule.id, rule.advice)


def _by_status(evidence: Evidence) -> Classification:
    status = evidence.status
    if status is None:
        return _conclude([(Outcome.UNKNOWN, 0.0)], "no rule knows these words and there is no status", "nothing")
    outcome, confidence = _BY_STATUS.get(status, _by_class(status))
    found = [(outcome, confidence), *_BY_STATUS_OTHERS.get(status, ())]
    return _conclude(found, f"HTTP {status}, and nothing in it that says more", f"status.{status}")


def _by_class(status: int) -> tuple[Outcome, float]:
    if status >= 500:
        return Outcome.PROVIDER_OUTAGE, 0.8
    if status >= 300:
        return Outcome.BAD_REQUEST, 0.5
    return Outcome.UNKNOWN, 0.0


def _conclude(found: list[tuple[Outcome, float]], reason: str, rule: str, advice: str = "") -> Classification:
    candidates = tuple(_once(found))
    best = candidates[0]
    if len(candidates) > 1 and best.confidence <= 0.6:
        also = " or ".join(str(candidate.outcome) for candidate in candidates)
        reason = f"{reason}; ambiguous: {also}, a second probe would tell"
    advice = advice or read_advice()[best.outcome]
    return Classification(best.outcome, reason, best.confidence, rule, candidates, advice)


def _once(found: list[tuple[Outcome, float]]) -> Iterator[Candidate]:
    seen: set[Outcome] = set()
    for outcome, confidence in found:
        if outcome not in seen:
            seen.add(outcome)
            yield Candidate(outcome, confidence)
