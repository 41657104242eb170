"""What does the vendor say of itself? Its status feed or status JSON, which is other people's text and not trusted.

The traps are measured ones (facts: feedparser): a web page with a 200 parses as a healthy empty feed, bytes that look
like a path open a file, entities burn seconds, dates are guessed. So the body is looked at before it is parsed.
"""

import hashlib
import html
import io
import re
from calendar import timegm
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from probes.dialect import USER_AGENT, as_dict, as_list, as_text, parse_json
from probes.model import Exchange, Header, HttpCall, Occasion, Reading, StatusSource, Target
from probes.outcome import Outcome
from probes.probe import Steps
from probes.reading import measure_phases, note

_BYTES = 512 * 1024
_TAGS = 20_000        # more angle brackets than any feed of this size has: seconds of parsing
_ENTRIES = 60         # history feeds hold up to 105; the newest are first
_TITLE, _TEXT, _LIST = 160, 1500, 2000
_SEEN = 300
_ROOT = re.compile(rb"<(?:rss|feed|rdf:RDF)[\s>]", re.IGNORECASE)
_FORBIDDEN = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{0,2000}>")
_STATE = re.compile(
    r"\b(resolved|completed|recovered|postmortem|fixed|operating normally|operational|investigating|identified|"
    r"monitoring|in progress|verifying|ongoing|degraded|outage|disruption|went down|is down)\b", re.IGNORECASE
)
_CLOSED = frozenset({"resolved", "completed", "recovered", "postmortem", "fixed", "operating normally", "operational"})


@dataclass(frozen=True, slots=True)
class Notice:
    """One incident as a source tells it now. `revision` changes when its text does."""

    key: str
    title: str
    open: bool
    revision: str
    at: datetime | None
    text: str = ""


class BrokenSourceError(Exception):
    """The source answered, but not with what it should be. Never read as 'operational'."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Reads the vendor's own status sources, in the catalogue's order, until one can be read.

    The first poll imports silently. A source that cannot be read is *unknown*: "status source broken". Open incidents
    are figures, not an outcome: a feed is a hint of low trust. Entries older than `fresh_days` are history.
    """

    fresh_days: int = 7
    deadline_s: float = 20.0

    def steps(self, target: Target, occasion: Occasion) -> Steps:
        """One call a source."""
        sources = target.provider.status
        if not sources:
            return Reading(Outcome.SKIPPED, "the catalogue knows no status source")
        problems: list[str] = []
        exchange = Exchange()
        for source in sources:
            call = self._ask(target, source, occasion)
            exchange = yield call
            try:
                return self._read(source, exchange, occasion, problems)
            except BrokenSourceError as problem:
                problems.append(f"{_host(source.url)}: {problem}")
        return Reading(
            Outcome.UNKNOWN, f"status source broken: {'; '.join(problems)}"[:500], measure_phases(exchange),
            status=exchange.status, clock=exchange.clock, exchanges=(exchange,),
        )

    def _ask(self, target: Target, source: StatusSource, occasion: Occasion) -> HttpCall:
        """Conditional, but once a day in full: some networks lie about what has changed."""
        headers: list[Header] = [("user-agent", USER_AGENT), ("accept", "*/*")]
        memory = occasion.memory
        if memory.get("url") == source.url and memory.get("full_on") == occasion.slot.date().isoformat():
            asked = (("if-none-match", memory.get("etag", "")), ("if-modified-since", memory.get("modified", "")))
            headers.extend((name, value) for name, value in asked if value)
        return HttpCall("GET", source.url, tuple(headers), deadline_s=self.deadline_s, max_bytes=_BYTES, fresh=False,
                        ca_file=target.provider.ca_file)

    def _read(
        self, source: StatusSource, exchange: Exchange, occasion: Occasion, problems: list[str]
    ) -> Reading:
        memory = occasion.memory if occasion.memory.get("url") == source.url else {}
        figures = measure_phases(exchange)
        reading = Reading(Outcome.OK, "", figures, status=exchange.status, clock=exchange.clock)
        if exchange.failure is None and exchange.status == 304 and memory:
            extra = _describe_open(memory.get("open", ""))
            return replace(reading, reason="nothing new", figures=note(figures, extra))
        notices = self._pick(read_notices(source, exchange), source, occasion)
        titles = "\n".join(sorted(entry.title for entry in notices if entry.open))[:_LIST]
        extra = {**_describe_open(titles), "source": source.url[:200]}
        seen = set(filter(None, memory.get("seen", "").split(",")))
        fresh = [entry for entry in notices if entry.revision not in seen]
        if memory and fresh:
            extra["new"] = "\n".join(entry.title for entry in fresh)[:_LIST]
        if problems:
            extra["broken_sources"] = "; ".join(problems)[:500]
        count = int(extra["open_incidents"])
        reason = f"{count} open incident{'' if count == 1 else 's'} by the vendor's own account"
        return replace(reading, reason=reason, figures=note(figures, extra),
                       memory=_remember(source, exchange, occasion, notices, titles))

    def _pick(self, notices: Iterable[Notice], source: StatusSource, occasion: Occasion) -> list[Notice]:
        """Of this vendor, recent, and not from the future (scheduled work; dates that were guessed)."""
        word = (source.keyword or "").casefold()
        oldest, newest = occasion.slot - timedelta(days=self.fresh_days), occasion.slot + timedelta(hours=1)
        picked = []
        for entry in notices:
            concerns = word in f"{entry.key} {entry.title} {entry.text}".casefold()
            recent = entry.at is None or oldest <= entry.at <= newest
            if concerns and recent:
                picked.append(entry)
        return picked


def read_notices(source: StatusSource, exchange: Exchange) -> list[Notice]:
    """The notices of an answer, one an incident; raises BrokenSourceError where it is not what it should be."""
    if exchange.failure is not None:
        raise BrokenSourceError(str(exchange.failure))
    if exchange.status != 200:
        raise BrokenSourceError(f"HTTP {exchange.status}")
    if source.format == "json":
        return _read_json(exchange.body)
    notices = _read_feed(exchange.body)
    if not notices and not source.empty_is_healthy:
        raise BrokenSourceError("an empty feed")
    return notices


def _read_feed(body: bytes) -> list[Notice]:
    plain = body.replace(b"\0", b"")   # AWS sends UTF-16: look through it
    if len(body) > _BYTES:
        raise BrokenSourceError("too large")
    if _FORBIDDEN.search(plain):
        raise BrokenSourceError("a document type or entities in a feed, or a web page")
    if not _ROOT.search(plain[:4096]):
        raise BrokenSourceError("not a feed")
    if plain.count(b"<") > _TAGS:
        raise BrokenSourceError("too many tags")
    import feedparser

    parsed = feedparser.parse(io.BytesIO(_trim(body)), sanitize_html=False, resolve_relative_uris=False)
    if not parsed.get("version"):
        raise BrokenSourceError("not a feed that can be parsed")
    by_key: dict[str, Notice] = {}
    for entry in parsed.get("entries", [])[:_ENTRIES]:
        notice = _read_entry(entry)
        known = by_key.get(notice.key)
        if known is None or (known.at and notice.at and notice.at > known.at):
            by_key[notice.key] = notice
    return list(by_key.values())


def _trim(body: bytes) -> bytes:
    """Only the newest entries: parsing costs almost a millisecond each, and the loop waits for it."""
    for closing, end in ((b"</entry>", b"</feed>"), (b"</item>", b"</channel></rss>")):
        found = [match.end() for match in re.finditer(closing, body)]
        if len(found) > _ENTRIES and end.split(b">")[0] in body:
            return body[: found[_ENTRIES - 1]] + end
    return body


def _read_entry(entry: Mapping[str, Any]) -> Notice:
    title = clean(as_text(entry.get("title")), _TITLE)
    contents = as_list(entry.get("content"))
    raw = as_text(as_dict(contents[0]).get("value")) if contents else ""
    text = clean(raw or as_text(entry.get("summary")), _TEXT)
    link = as_text(entry.get("link"))
    # a link to the home page (Better Stack) names no incident
    own_link = link if len(re.sub(r"^https?://", "", link).strip("/").split("/")) > 1 else ""
    at = _moment(entry.get("updated_parsed") if "updated_parsed" in entry.keys() else None)  # noqa: SIM118
    at = at or _moment(entry.get("published_parsed"))
    key = (own_link or as_text(entry.get("id")) or title)[:300]
    return Notice(key, title, is_open(title, text), _digest(key, title, text), at, text)


def _read_json(body: bytes) -> list[Notice]:
    """Statuspage's summary or incidents (also incident.io's shim of it), or Google's list of incidents."""
    if len(body) > _BYTES:
        raise BrokenSourceError("too large")
    whole = parse_json(body)
    if isinstance(whole, dict) and isinstance(whole.get("incidents"), list):
        entries, name, closed = whole["incidents"], "name", "status"
    elif isinstance(whole, list) and all(isinstance(entry, dict) and "begin" in entry for entry in whole):
        entries, name, closed = whole, "external_desc", "end"
    else:
        raise BrokenSourceError("not the JSON of a status page")
    return list(_read_incidents(entries[:_ENTRIES], name, closed))


def _read_incidents(entries: list[Any], name: str, closed: str) -> Iterator[Notice]:
    for entry in map(as_dict, entries):
        state = entry.get(closed)
        title = clean(as_text(entry.get(name)), _TITLE)
        key = str(entry.get("id") or title)[:300]
        ended = bool(state) if closed == "end" else as_text(state).lower() in _CLOSED
        when = as_text(entry.get("updated_at")) or as_text(entry.get("modified"))
        yield Notice(key, title, not ended, _digest(key, title, str(state)), _parse_iso(when))


def is_open(title: str, text: str) -> bool:
    """By the title's last word on it, else by the text's first: vendors put the newest update on top."""
    in_title = [word.lower() for word in _STATE.findall(title)]
    if any(word in _CLOSED for word in in_title):
        return False
    first = _STATE.search(text)
    state = first.group(1).lower() if first else next(iter(in_title), "")
    return bool(state) and state not in _CLOSED


def clean(text: str, limit: int) -> str:
    """Plain words: no tags, no control or direction signs, one line, a limited length."""
    bare = html.unescape(_TAG.sub(" ", text[: limit * 10]))
    words = "".join(sign if sign.isprintable() else " " for sign in _TAG.sub(" ", bare).replace("<", " "))
    return " ".join(words.split())[:limit]


def _remember(
    source: StatusSource, exchange: Exchange, occasion: Occasion, notices: list[Notice], titles: str
) -> dict[str, str]:
    same = occasion.memory.get("url") == source.url
    before = [mark for mark in occasion.memory.get("seen", "").split(",") if mark] if same else []
    seen = list(dict.fromkeys([*(entry.revision for entry in notices), *before]))[:_SEEN]
    return {
        "url": source.url, "seen": ",".join(seen), "open": titles, "full_on": occasion.slot.date().isoformat(),
        "etag": (exchange.header("etag") or "")[:200], "modified": (exchange.header("last-modified") or "")[:60],
    }


def _describe_open(titles: str) -> dict[str, float | str]:
    lines = [line for line in titles.split("\n") if line]
    return {"open_incidents": float(len(lines)), **({"open": titles} if lines else {})}


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:12]


def _moment(parsed: object) -> datetime | None:
    try:
        if not isinstance(parsed, tuple) or len(parsed) < 6:
            return None
        return datetime.fromtimestamp(timegm(parsed[:6]), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _parse_iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _host(url: str) -> str:
    return url.split("/")[2] if url.count("/") > 1 else url
