"""The switch that stops all changes: a file, which wants no database, and a row, for all who share one.

The file stops the daemons of its state folder, whatever else does not work; the row those of every user and host of the
database. Either is enough to stop.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.changes import SWITCH, Entry, What

if TYPE_CHECKING:
    from datetime import datetime

STOP = "stop-patches"       # the file's name, in the state folder


def stopped_by(state: Path, entries: Sequence[Entry]) -> str:
    """What stops all changes now, in words; '' where nothing does. `entries`: the audit rows of the switch."""
    if (state / STOP).exists():
        return str(state / STOP)
    last = entries[-1] if entries else None
    if last is None or last.what != What.STOPPED:
        return ""
    return f"by {last.by} on {_of(last).get('host', '?')}, {last.at:%Y-%m-%d %H:%M} UTC"


def told(url: str, what: What, by: str, where: Mapping[str, str], now: "datetime") -> list[Entry]:
    """Say so to all who share the database; the rows of the switch before this one. `where`: host and file. Nothing
    where there is nothing to let go. Raises UserError or StoreError where it cannot be told.
    """
    from monitor.errors import UserError
    from monitor.store.sql import open_store
    from monitor.store.upgrade import info

    found = info(url)
    if found.state == "empty":
        if what is What.STOPPED:
            raise UserError(f"database {found.place}: there is none yet; if a daemon is at work, name its own config "
                            "(--config)")
        return []
    with closing(open_store(url, upgrade=False)) as store:
        before = list(store.entries(SWITCH))
        if what is What.STOPPED or (before and before[-1].what == What.STOPPED):
            store.throw(what, by, where, now)
        return before


def elsewhere(entries: Sequence[Entry], where: Mapping[str, str]) -> list[str]:
    """Files that were put down since changes were last let go, but for our own: they stop who finds them there."""
    since: dict[str, None] = {}
    for entry in entries:
        if entry.what != What.STOPPED:
            since.clear()
        elif _of(entry) != dict(where):
            since[f"{_of(entry).get('file', '?')} on {_of(entry).get('host', '?')}"] = None
    return list(since)


def _of(entry: Entry) -> dict[str, str]:
    said: dict[str, str] = json.loads(entry.detail)
    return said


