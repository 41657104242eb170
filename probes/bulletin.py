"""Reads the JSON of status pages: Statuspage, incident.io, Checkly, Datadog, Instatus, Better Stack, Google, AWS.

A document is known by its shape, not by the name in the catalogue: vendors change their platform overnight, and three
of them did within eight months. What has no known shape is a broken source and never 'operational'. Pure.
"""

import json
from collections.abc import Iterator
from typing import Any

from probes.dialect import Json, as_dict, as_list, as_text
from probes.notice import SCOPE, TITLE, BrokenSourceError, Notice, clean, digest, is_closed, newest, read_stamp

ENTRIES = 60   # incidents looked at; the newest are first

_NAMES = ("name", "title", "external_desc", "summary", "public_name")
_STATES = ("status", "lastUpdateStatus", "currentStatus", "aggregate_state")
_MOMENTS = ("updated_at", "updatedAt", "lastModifiedAt", "modified", "started_at", "starts_at", "publishedDate",
            "created_at", "started", "begin", "date")
_FINE = frozenset({"", "none", "up", "maintenance", "undermaintenance"})


def read_bulletin(body: bytes) -> list[Notice]:
    """The notices of a status page's JSON, one an incident; raises BrokenSourceError where it is something else."""
    whole = _parse(body)
    if isinstance(whole, list):
        return newest(_read_events(whole))
    if not isinstance(whole, dict):
        raise BrokenSourceError("not JSON")
    if isinstance(whole.get("current"), list):
        return newest(_read_events(whole["current"]))
    if isinstance(whole.get("included"), list) and "aggregate_state" in _attributes(whole.get("data")):
        return newest(_read_included(whole))
    if isinstance(whole.get("incidents"), list):
        return newest(_with_page(whole, [_read_incident(entry) for entry in _objects(whole["incidents"])]))
    if "activeIncidents" in whole or ("status" in whole and "page" in whole) or "status" in as_dict(whole.get("page")):
        return newest(_with_page(whole, [_read_incident(entry) for entry in _objects(whole.get("activeIncidents"))]))
    raise BrokenSourceError("not the JSON of a status page")


def _parse(body: bytes) -> Any:
    """AWS sends UTF-16: json.loads looks for that itself, given bytes."""
    try:
        return json.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        return None


def _objects(value: object) -> list[Json]:
    return [as_dict(entry) for entry in as_list(value)[:ENTRIES]]


def _attributes(value: object) -> Json:
    return as_dict(as_dict(value).get("attributes"))


def _first(entry: Json, names: tuple[str, ...]) -> str:
    return next((said for name in names if (said := as_text(entry.get(name)))), "")


def _read_incident(entry: Json) -> Notice:
    """An incident with a word for its state, or a flag that says it is over."""
    state = _first(entry, _STATES)
    over = entry.get("resolved")
    return _notice(entry, state, not (over if isinstance(over, bool) else is_closed(state)))


def _notice(entry: Json, state: str, stands: bool, name: str = "") -> Notice:
    title = clean(name or _first(entry, _NAMES), TITLE)
    key = str(entry.get("id") or entry.get("arn") or title)[:300]
    at = max(filter(None, (read_stamp(entry.get(moment)) for moment in _MOMENTS)), default=None)
    # products and components stand in lists of names beside the incident: keywords are looked for in all of it
    scope = json.dumps(entry, ensure_ascii=False)[:SCOPE]
    return Notice(key, title, stands, digest(key, title, state), at, scope)


def _with_page(whole: Json, notices: list[Notice]) -> list[Notice]:
    """A page may say that something is wrong before, or without, telling an incident of it."""
    if any(notice.open for notice in notices):
        return notices
    page = as_dict(whole.get("page"))
    status = as_dict(whole.get("status"))
    word = as_text(status.get("indicator")) or as_text(page.get("status"))
    if word.lower() not in _FINE:
        notices.append(_notice(status, word, True, as_text(status.get("description")) or f"the page says {word}"))
    return [*notices, *_read_components(as_list(whole.get("components")))]


def _read_components(components: list[Any]) -> Iterator[Notice]:
    for component in _objects(components):
        within = as_list(component.get("components"))
        state = as_text(component.get("status"))
        if within:
            yield from _read_components(within)
        elif state and not is_closed(state):
            yield _notice(component, state, True, f"{_first(component, _NAMES)}: {state.lower().replace('_', ' ')}")


def _read_included(whole: Json) -> Iterator[Notice]:
    """Better Stack: reports written by people, and resources that its monitors find down."""
    for entry in as_list(whole.get("included"))[: 10 * ENTRIES]:
        kind, facts = as_dict(entry).get("type"), _attributes(entry)
        state = _first(facts, _STATES)
        if kind == "status_report":
            stands = not (facts.get("ends_at") or is_closed(state) or facts.get("report_type") == "maintenance")
            yield _notice({**facts, "id": as_dict(entry).get("id")}, state, stands)
        elif kind == "status_page_resource" and not is_closed(state):
            name = f"{as_text(facts.get('public_name'))}: {state.replace('_', ' ')}"
            yield _notice({"id": as_dict(entry).get("id"), "public_name": facts.get("public_name")}, state, True, name)


def _read_events(entries: list[Any]) -> Iterator[Notice]:
    """Google lists incidents with a beginning and perhaps an end; AWS lists what stands, with a log of updates."""
    for entry in _objects(entries):
        if "begin" in entry:
            yield _notice(entry, str(entry.get("end")), not entry.get("end"))
        elif "event_log" in entry or "arn" in entry:
            log = _objects(entry.get("event_log"))
            said = max((str(update.get("timestamp", "")) for update in log), default="")
            dated = {**entry, "updated_at": said or entry.get("date")}
            name = f"{as_text(entry.get('service_name'))}: {as_text(entry.get('summary'))}"
            yield _notice(dated, f"{entry.get('status')} {said}", str(entry.get("status")) != "0", name)
        else:
            raise BrokenSourceError("not a list of incidents")
