"""What does the vendor say of itself? Its status feed or status JSON, which is other people's text and not trusted.

The traps are measured ones (feedparser 6.0): a web page with a 200 parses as a healthy empty feed, bytes that look
like a path open a file, entities burn seconds, dates are guessed. So the body is looked at before it is parsed.
"""

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from probes.bulletin import ENTRIES, read_bulletin
from probes.dialect import USER_AGENT, as_dict, as_list, as_text
from probes.model import Exchange, Header, HttpCall, Occasion, Reading, StatusSource, Target
from probes.notice import (
    SCOPE,
    TEXT,
    TITLE,
    BrokenSourceError,
    Notice,
    clean,
    digest,
    is_open,
    newest,
    read_moment,
    subject,
)
from probes.outcome import Outcome
from probes.probe import Steps
from probes.reading import measure_phases, note, read_verdict

_BYTES = {"feed": 512 * 1024, "json": 4_000_000}   # Google's JSON holds years; feeds take far longer to parse
_TAGS = 20_000        # more angle brackets than any feed of this size has: seconds of parsing
_LIST = 2000
_SEEN = 300
_ROOT = re.compile(rb"<(?:rss|feed|rdf:RDF)[\s>]", re.IGNORECASE)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*>")
_FORBIDDEN = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Kind:
    """Reads the vendor's own status sources, in the catalogue's order, until one can be read.

    The first poll imports silently. A source that cannot be read is *unknown*: "status source broken" (or a *bot
    challenge*, which is nobody's outage). Open incidents are figures, not an outcome: a feed is a hint of low trust.
    Entries older than `fresh_days` are history.
    """

    fresh_days: int = 7
    deadline_s: float = 20.0

    def steps(self, target: Target, occasion: Occasion) -> Steps:
        """One call a source."""
        sources = target.provider.status
        if not sources:
            return Reading(Outcome.SKIPPED, "the catalogue knows no status source")
        problems: list[str] = []
        last = Reading(Outcome.UNKNOWN, "")
        for source in sources:
            exchange = yield self._ask(target, source, occasion)
            try:
                return self._read(source, exchange, occasion, problems)
            except BrokenSourceError as problem:
                # why a status page is broken says nothing of the vendor's API: only a challenge is told apart
                challenged = read_verdict(target, exchange).outcome is Outcome.BOT_CHALLENGE
                problems.append(f"{_host(source.url)}: {problem}{' (taken for a bot)' if challenged else ''}")
                if challenged or last.outcome is Outcome.UNKNOWN:
                    last = Reading(Outcome.BOT_CHALLENGE if challenged else Outcome.UNKNOWN, "",
                                   measure_phases(exchange), exchange.status, exchange.clock, exchanges=(exchange,))
        return replace(last, reason=f"status source broken: {'; '.join(problems)}"[:500])

    def _ask(self, target: Target, source: StatusSource, occasion: Occasion) -> HttpCall:
        """Conditional, but once a day in full: some networks lie about what has changed."""
        headers: list[Header] = [("user-agent", USER_AGENT), ("accept", "*/*")]
        memory = occasion.memory
        if memory.get("url") == source.url and memory.get("full_on") == occasion.slot.date().isoformat():
            asked = (("if-none-match", memory.get("etag", "")), ("if-modified-since", memory.get("modified", "")))
            headers.extend((name, value) for name, value in asked if value)
        return HttpCall("GET", source.url, tuple(headers), deadline_s=self.deadline_s, max_bytes=_most(source),
                        fresh=False, ca_file=target.provider.ca_file)

    def _read(
        self, source: StatusSource, exchange: Exchange, occasion: Occasion, problems: list[str]
    ) -> Reading:
        memory = occasion.memory if occasion.memory.get("url") == source.url else {}
        figures = measure_phases(exchange)
        reading = Reading(Outcome.OK, "", figures, status=exchange.status, clock=exchange.clock)
        if exchange.failure is None and exchange.status == 304 and memory:
            extra = _describe_open(memory.get("open", ""))
            return replace(reading, reason="nothing new", figures=note(figures, extra))
        every = read_notices(source, exchange)
        notices = self._pick(every, source, occasion)
        titles = "\n".join(sorted(entry.title for entry in notices if entry.open))[:_LIST]
        extra = {**_describe_open(titles), **_describe_age(every, occasion), "source": source.url[:200]}
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
        """Of this vendor, recent, and not from the future (scheduled work). What bears no date counts as it stands."""
        words = (source.keyword or "").casefold().split("|")
        oldest, latest = occasion.slot - timedelta(days=self.fresh_days), occasion.slot + timedelta(hours=1)
        picked = []
        for entry in notices:
            about = f"{entry.key} {entry.title} {entry.scope}".casefold()
            recent = entry.at is None or oldest <= entry.at <= latest
            if recent and any(word in about for word in words):
                picked.append(entry)
        return picked


def read_notices(source: StatusSource, exchange: Exchange) -> list[Notice]:
    """The notices of an answer, one an incident; raises BrokenSourceError where it is not what it should be."""
    if exchange.failure is not None:
        raise BrokenSourceError(str(exchange.failure))
    if exchange.status != 200:
        raise BrokenSourceError(f"HTTP {exchange.status}")
    if len(exchange.body) > _most(source):
        raise BrokenSourceError("too large")
    if source.format == "json":
        return read_bulletin(exchange.body)
    notices = _read_feed(exchange.body, source.empty_is_healthy)
    if not notices and not source.empty_is_healthy:
        raise BrokenSourceError("an empty feed")
    return notices


def _read_feed(body: bytes, unsaid: bool) -> list[Notice]:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):   # AWS sends UTF-16, whatever its XML declares
        body = _DECLARED.sub(b"", body.decode("utf-16", "replace").encode("utf-8", "replace"))
    if _FORBIDDEN.search(body.replace(b"\0", b"")):
        raise BrokenSourceError("a document type or entities in a feed, or a web page")
    if not _ROOT.search(body[:4096]):
        raise BrokenSourceError("not a feed")
    if body.count(b"<") > _TAGS:
        raise BrokenSourceError("too many tags")
    import feedparser

    parsed = feedparser.parse(io.BytesIO(_trim(body)), sanitize_html=False, resolve_relative_uris=False)
    if not parsed.get("version"):
        raise BrokenSourceError("not a feed that can be parsed")
    home = _place(as_text(as_dict(parsed.get("feed")).get("link")))
    return newest(_read_entry(entry, home, unsaid) for entry in parsed.get("entries", [])[:ENTRIES])


def _trim(body: bytes) -> bytes:
    """Only the newest entries: parsing costs almost a millisecond each, and the loop waits for it."""
    for closing, end in ((b"</entry>", b"</feed>"), (b"</item>", b"</channel></rss>")):
        found = [match.end() for match in re.finditer(closing, body)]
        if len(found) > ENTRIES and end.split(b">")[0] in body:
            return body[: found[ENTRIES - 1]] + end
    return body


def _read_entry(entry: Mapping[str, Any], home: str, unsaid: bool) -> Notice:
    title = clean(as_text(entry.get("title")), TITLE)
    contents = as_list(entry.get("content"))
    raw = (as_text(as_dict(contents[0]).get("value")) if contents else "") or as_text(entry.get("summary"))
    text = clean(raw, TEXT)
    tags = " ".join(as_text(as_dict(tag).get("term")) for tag in as_list(entry.get("tags")))
    # feedparser answers for a missing 'updated' with 'published', but then not in its keys
    dates = [name for name in ("updated", "published") if f"{name}_parsed" in entry.keys()]  # noqa: SIM118
    moments = (read_moment(as_text(entry.get(name)), entry.get(f"{name}_parsed")) for name in dates)
    # a link to the home page (Better Stack, Azure, AWS) names no incident, and ids there are of single updates
    place = _place(as_text(entry.get("link")))
    named = place if "/" in place and place != home else subject(title)
    key = (named or as_text(entry.get("id")))[:300]
    return Notice(key, title, is_open(title, text, unsaid), digest(key, title, text), next(filter(None, moments), None),
                  f"{tags} {raw}"[:SCOPE])


def _place(link: str) -> str:
    """A link without what differs between two ways of writing it."""
    return re.sub(r"^https?://", "", link.strip()).rstrip("/#")


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


def _describe_age(notices: list[Notice], occasion: Occasion) -> dict[str, float | str]:
    """How old the newest entry is: a page that a vendor left behind goes on answering, and never changes."""
    past = [entry.at for entry in notices if entry.at and entry.at <= occasion.slot]
    return {"newest_days": (occasion.slot - max(past)).total_seconds() / 86400} if past else {}


def _most(source: StatusSource) -> int:
    return _BYTES.get(source.format, _BYTES["feed"])


def _host(url: str) -> str:
    return url.split("/")[2] if url.count("/") > 1 else url
