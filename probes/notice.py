"""What a vendor says of itself, whatever page it says it on: one incident, its words, its moment, whether it stands.

Other people's text, and not trusted: cut short, without tags or signs that steer a terminal, never rendered. Pure.
"""

import hashlib
import html
import re
from calendar import timegm
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

TITLE, TEXT = 160, 1500   # characters kept
SCOPE = 40_000            # characters that are searched for what an entry concerns

_TAG = re.compile(r"<[^>]{0,2000}>")
_STATE = re.compile(
    r"\b(?:resolved|completed|recovered|postmortem|fixed|mitigated|operating normally|operational|scheduled|"
    r"investigating|identified|monitoring|in progress|verifying|ongoing|degraded|outage|disruption|went down|"
    r"is down)\b|已解决|已恢复|已修复|已完成|恢复正常|计划维护|"
    r"调查中|正在调查|排查|已定位|已确认|监控中|观察中|处理中|修复中", re.IGNORECASE
)
_CLOSED = frozenset({
    "resolved", "completed", "recovered", "postmortem", "fixed", "mitigated", "operating normally", "operational",
    "available", "scheduled", "maintenance", "under_maintenance", "undermaintenance", "not_monitored",
    "已解决", "已恢复", "已修复", "已完成", "恢复正常", "计划维护",
})
# how AWS starts the title of each update of one event
_LEAD = re.compile(
    r"^(?:service is operating normally|informational message|performance issues?|"
    r"service (?:degradation|disruption|impact))\s*:\s*", re.IGNORECASE
)
_ENDING = re.compile(r"[\s\[\](){}:;,.!–—-]+")
# a date that parsers guess at, and guess wrong: 2026年9月1日 as November, China's CST as Chicago's
_GUESSED = re.compile(r"[^\x00-\x7f]|\bCST\b")


@dataclass(frozen=True, slots=True)
class Notice:
    """One incident as a source tells it now. `revision` changes when its text does; `scope` says what it concerns."""

    key: str
    title: str
    open: bool
    revision: str
    at: datetime | None
    scope: str = ""


class BrokenSourceError(Exception):
    """The source answered, but not with what it should be. Never read as 'operational'."""


def is_closed(state: str) -> bool:
    """Whether a page's own word for a state says that nothing is wrong, or that work was planned."""
    return state.strip().lower() in _CLOSED


def is_open(title: str, text: str, unsaid: bool = False) -> bool:
    """By the title's word on it, else by the text's first: vendors put the newest update on top.

    `unsaid`: what holds where no word says it. A source that is empty when all is well lists only what stands.
    """
    in_title = [word.lower() for word in _STATE.findall(title)]
    if any(word in _CLOSED for word in in_title):
        return False
    first = _STATE.search(text)
    state = first.group().lower() if first else next(iter(in_title), "")
    return state not in _CLOSED if state else unsaid


def subject(title: str) -> str:
    """A title without the words that change from update to update, so that all updates of one incident are one."""
    return " ".join(_ENDING.split(_STATE.sub(" ", _LEAD.sub("", title)))).strip().casefold()


def clean(text: str, limit: int) -> str:
    """Plain words: no tags, no control or direction signs, one line, a limited length."""
    bare = html.unescape(_TAG.sub(" ", text[: limit * 10]))
    words = "".join(sign if sign.isprintable() else " " for sign in _TAG.sub(" ", bare).replace("<", " "))
    return " ".join(words.split())[:limit]


def digest(*parts: str) -> str:
    """A short mark of a revision."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:12]


def newest(notices: Iterable[Notice]) -> list[Notice]:
    """One notice an incident: of several updates the latest, or where there are no dates the first, as feeds go."""
    by_key: dict[str, Notice] = {}
    for notice in notices:
        known = by_key.get(notice.key)
        if known is None or (known.at and notice.at and notice.at > known.at):
            by_key[notice.key] = notice
    return list(by_key.values())


def read_moment(said: str, parsed: object) -> datetime | None:
    """The moment a feed parser made of a date, unless it can only have guessed."""
    try:
        if not isinstance(parsed, tuple) or len(parsed) < 6 or _GUESSED.search(said):
            return None
        return datetime.fromtimestamp(timegm(parsed[:6]), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def read_stamp(value: object) -> datetime | None:
    """The moment in a JSON value: ISO 8601, or seconds since 1970 as a number or its digits."""
    try:
        if isinstance(value, str) and not value.isdecimal():
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if isinstance(value, str | int) and not isinstance(value, bool):
            return datetime.fromtimestamp(int(value), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None
