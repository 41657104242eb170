"""What a vendor that answered 429 says of its limits: how long to wait, and how many requests it allows. Pure.

Every vendor writes it otherwise: seconds, milliseconds, Go durations (6m0s), RFC 3339, epochs, HTTP dates, the IETF
draft's `RateLimit: …;t=30`, Google's retryDelay in the body. What is not understood is no statement.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite

from probes.model import Exchange

TOO_MANY = 429
LONGEST_S = 86_400.0        # a typing error in somebody's header must not silence us for a year
_RESET = re.compile(r"(?:x-|anthropic-)?ratelimit-(?=.*\breset\b)[a-z-]+")
_LIMIT = re.compile(r"(?:x-|anthropic-)?ratelimit-(?=.*\blimit\b)(?=.*\brequests\b)[a-z-]+")
_GO = re.compile(r"(?=.)(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:([\d.]+)ms)?")
_DRAFT = re.compile(r"\br=0\b[^,]*?\bt=(\d+)")
_GOOGLE = re.compile(rb'"retryDelay":\s*"([\d.]+)s"')
_EPOCH_S, _EPOCH_MS = 1e9, 1e12


def wait_s(exchange: Exchange) -> float | None:
    """Seconds, counted from the answer, before which the vendor does not want to be asked again; None: it is silent."""
    if exchange.status != TOO_MANY:
        return None
    stated = _retry_after(exchange)
    if stated is None:
        stated = _reset(exchange)
    return None if stated is None else min(max(0.0, stated), LONGEST_S)


def allowed_requests(exchange: Exchange) -> int | None:
    """The smallest number of requests that a window of the vendor's holds, whatever its length."""
    found = [int(value) for name, value in exchange.headers if _LIMIT.fullmatch(name.lower()) and value.isdecimal()]
    return min((number for number in found if number > 0), default=None)     # 0 and -1 mean none is set


def _retry_after(exchange: Exchange) -> float | None:
    milliseconds = _number(exchange.header("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    google = _GOOGLE.search(exchange.body)
    said = exchange.header("retry-after") or (google[1].decode() if google else "")
    return _span(said, exchange) if said else None


def _reset(exchange: Exchange) -> float | None:
    """Of the limits that are used up the one that lasts longest; where none is said to be, the first that ends."""
    draft = _DRAFT.search(exchange.header("ratelimit") or "")
    spent, others = ([float(draft[1])] if draft else []), list[float]()
    for name, value in exchange.headers:
        if not _RESET.fullmatch(name.lower()):
            continue
        span = _span(value, exchange)
        if span is not None and span > 0:
            left = exchange.header(re.sub(r"\breset\b", "remaining", name.lower()))
            (spent if left == "0" else others).append(span)
    return max(spent, default=min(others, default=None))


def _span(text: str, exchange: Exchange) -> float | None:
    """A text as seconds from the answer on."""
    number, go = _number(text), _GO.fullmatch(text.strip())
    if number is not None:
        if number < _EPOCH_S:
            return number
        return number / (1000 if number >= _EPOCH_MS else 1) - _answered_at(exchange).timestamp()
    if go is not None:
        hours, minutes, seconds, milliseconds = (_number(part) or 0.0 for part in go.groups())
        return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
    moment = _moment(text)
    return None if moment is None else (moment - _answered_at(exchange)).total_seconds()


def _answered_at(exchange: Exchange) -> datetime:
    """By the vendor's clock where it shows one: its moments are its own."""
    return _moment(exchange.header("date") or "") or exchange.started_at or datetime.max.replace(tzinfo=UTC)


def _moment(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text.strip())
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _number(text: str | None) -> float | None:
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if isfinite(found) else None
