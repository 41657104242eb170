"""Carrying out what was decided: cursor, states, moves, errands and watches in one transaction (law 5)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from alerts.model import RoutingChange
from monitor.errand import alert_to_json, change_to_json
from monitor.model import Action, ErrandKind, Incident, Judged, Move, Reroute, Stage, Tell, Watch
from monitor.store import schema
from monitor.store.units import listed, to_us
from monitor.store.words import upsert


def as_met(connection: Connection, judged: Judged) -> bool:
    """Whether the incidents stand as the judge met them. Else a person was first, whose word counts (law 5); and what
    was decided without it could not be told from the rows again (law 2).
    """
    table = schema.incident
    if judged.met is None:
        return True
    rows = connection.execute(select(table.c.id, table.c.stage).where(table.c.stage != Stage.CLOSED.value))
    return {row.id: Stage(row.stage) for row in rows} == judged.met


def swap_cursor(connection: Connection, judged: Judged) -> bool:
    """Compare and swap. False: another was first."""
    table = schema.judge_cursor
    moved = connection.execute(
        update(table).where(table.c.seq == judged.cursor_before).values(seq=judged.cursor_after)
    ).rowcount
    return moved == 1


def write_judged(connection: Connection, judged: Judged) -> None:
    """All that follows from a batch, the cursor having been swapped."""
    now = to_us(judged.now)
    _write_judgement(connection, judged)
    if judged.states:
        table = schema.rule_state
        statement = upsert(connection, table)
        new = {"state": statement.excluded.state, "updated_us": statement.excluded.updated_us}
        rows = [{"key": key, "state": state, "updated_us": now} for key, state in judged.states.items()]
        connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=new), rows)
        connection.execute(delete(table).where(table.c.state == ""))       # what is gone leaves no row behind
    write_actions(connection, judged.actions, judged.now)
    watch = schema.watch
    connection.execute(delete(watch).where(watch.c.until_us <= now))


def write_actions(connection: Connection, actions: Iterable[Action], now: datetime) -> None:
    """Moves, errands and watches; what is queued already stays as it is."""
    for action in actions:
        _write_action(connection, action, now)


def _write_judgement(connection: Connection, judged: Judged) -> None:
    row = {
        "seq_from": judged.cursor_before,
        "seq_to": judged.cursor_after,
        "now_us": to_us(judged.now),
        "config_version": judged.config_version,
    }
    connection.execute(insert(schema.judgement), row)
    # The log says where rows not yet judged lie; its last line is the counter and stays.
    log = schema.commit_log
    last = select(func.max(log.c.seq_to)).scalar_subquery()
    connection.execute(delete(log).where(log.c.seq_to <= judged.cursor_after, log.c.seq_to < last))


def _write_action(connection: Connection, action: Action, now: datetime) -> None:
    match action:
        case Move():
            write_move(connection, action)
        case Tell():
            payload = alert_to_json(action.alert)
            for channel in action.channels:
                errand = (f"{action.key}#{channel}", ErrandKind.TELL, channel, payload, action.alert.incident)
                _queue(connection, errand, now)
        case Reroute(key=key, change=change, gateway=gateway, mode=mode):
            payload = change_to_json(change, mode)
            _queue(connection, (key, ErrandKind.REROUTE, gateway, payload, change.incident), now)
            _write_change(connection, action, change, now)
        case Watch():
            _write_watch(connection, action)


def _queue(connection: Connection, errand: tuple[str, ErrandKind, str, str, str], now: datetime) -> None:
    key, kind, channel, payload, incident = errand
    row = {
        "key": key,
        "kind": kind.value,
        "channel": channel,
        "payload": payload,
        "incident": incident,
        "state": "queued",
        "attempts": 0,
        "due_us": to_us(now),
        "created_us": to_us(now),
    }
    connection.execute(upsert(connection, schema.errand).values(row).on_conflict_do_nothing(index_elements=["key"]))


def _write_change(connection: Connection, action: Reroute, change: RoutingChange, now: datetime) -> None:
    row = {
        "key": action.key,
        "change": change.id,
        "gateway": action.gateway,
        "mode": action.mode,
        "body": change_to_json(change, action.mode),
        "incident": change.incident,
        "created_us": to_us(now),
    }
    table = schema.routing_change
    connection.execute(upsert(connection, table).values(row).on_conflict_do_nothing(index_elements=["key"]))


def _write_watch(connection: Connection, action: Watch) -> None:
    table = schema.watch
    if not action.check_keys:  # nothing to watch: the watch of this key ends
        connection.execute(delete(table).where(table.c.key == action.key))
        return
    row: dict[str, Any] = {
        "check_keys": listed(action.check_keys),
        "every_s": None if action.every is None else action.every.total_seconds(),
        "until_us": to_us(action.until),
        "because": action.because,
    }
    statement = upsert(connection, table).values(key=action.key, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=row))


def write_move(connection: Connection, move: Move) -> int:
    """One move and the incident as it is after it; returns the incident's number."""
    number = move.incident.id or _numbered(connection, move)
    row = _incident_row(move.incident)
    table = schema.incident
    if number is None:
        number = int(connection.execute(insert(table).values(row).returning(table.c.id)).scalar_one())
    else:
        # The judge may have read the incident before a person acknowledged it.
        row["acked_by"] = func.coalesce(row["acked_by"], table.c.acked_by)
        connection.execute(update(table).where(table.c.id == number).values(row))
    line = {
        "incident_id": number,
        "before": None if move.before is None else move.before.value,
        "after": move.incident.stage.value,
        "at_us": to_us(move.at),
        "cause": move.incident.cause.value,
        "confidence": move.incident.confidence,
        "because": move.because,
        "samples": listed(move.samples),
        "tier": int(move.incident.tier),
        "why": move.why,
    }
    connection.execute(insert(schema.incident_move), line)
    return number


def _numbered(connection: Connection, move: Move) -> int | None:
    """The incident of this key: a second opening is the one that stands; what comes back is the one that was closed."""
    table = schema.incident
    query = select(table.c.id).where(table.c.key == move.incident.key).order_by(table.c.id.desc())
    if move.before is None:
        query = query.where(table.c.stage != Stage.CLOSED.value)
    return connection.execute(query).scalar()


def _incident_row(incident: Incident) -> dict[str, Any]:
    return {
        "key": incident.key,
        "stage": incident.stage.value,
        "cause": incident.cause.value,
        "provider": incident.scope.provider,
        "region": incident.scope.region,
        "account": incident.scope.account,
        "model": incident.scope.model,
        "confidence": incident.confidence,
        "because": incident.because,
        "onset_us": to_us(incident.onset),
        "opened_us": to_us(incident.opened_at),
        "changed_us": to_us(incident.changed_at),
        "closed_us": to_us(incident.closed_at),
        "regions": listed(incident.regions),
        "models": listed(incident.models),
        "told": incident.told,
        "told_us": to_us(incident.told_at),
        "reminders": incident.reminders,
        "acked_by": incident.acked_by,
        "family": incident.family,
        "tier": int(incident.tier),
        "peak": incident.peak,
        "flaps": incident.flaps,
    }
