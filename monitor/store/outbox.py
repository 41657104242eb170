"""The outbox and the housekeeping: errands are leased, attempts are rows, one daemon at a time, pruning in steps."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from monitor.model import Delivery, Errand, Settled
from monitor.store import schema
from monitor.store.reading import errand_of
from monitor.store.units import from_us, to_us
from monitor.store.words import upsert

LEASE = timedelta(seconds=60)
_AGAIN = timedelta(seconds=60)  # where a retry names no time

_STATE = {Settled.DONE: "done", Settled.RETRY: "queued", Settled.WAITS: "queued", Settled.FAILED: "failed"}
_AGAIN_LATER = frozenset({Settled.RETRY, Settled.WAITS})


def claim_errands(connection: Connection, now: datetime, limit: int) -> list[Errand]:
    """Lease what is due: queued, or leased by somebody who did not come back. `attempts` counts this one."""
    table, at = schema.errand, to_us(now)
    due = or_(
        and_(table.c.state == "queued", table.c.due_us <= at),
        and_(table.c.state == "leased", table.c.lease_until_us <= at),
    )
    waiting = table.c.state.in_(("queued", "leased"))
    query = select(table.c.id).where(waiting, due).order_by(table.c.id).limit(limit)
    chosen = list(connection.execute(query.with_for_update(skip_locked=True)).scalars())
    if not chosen:
        return []
    lease = {"state": "leased", "attempts": table.c.attempts + 1, "lease_until_us": to_us(now + LEASE)}
    connection.execute(update(table).where(table.c.id.in_(chosen)).values(lease))
    rows = connection.execute(select(table).where(table.c.id.in_(chosen)).order_by(table.c.id))
    return [errand_of(row) for row in rows]


def settle_errand(connection: Connection, delivery: Delivery) -> None:
    retry = (delivery.retry_at or delivery.at + _AGAIN) if delivery.settled in _AGAIN_LATER else None
    row = {
        "errand_id": delivery.errand.id,
        "settled": delivery.settled.value,
        "at_us": to_us(delivery.at),
        "detail": delivery.detail,
        "reference": delivery.reference,
        "retry_us": to_us(retry),
    }
    table = schema.errand
    values: dict[str, object] = {"state": _STATE[delivery.settled], "lease_until_us": None}
    if delivery.settled is Settled.WAITS:
        values["attempts"] = table.c.attempts - 1      # the claim had counted one
    else:
        connection.execute(insert(schema.delivery), row)
    if retry is not None:
        values["due_us"] = to_us(retry)
    # What was delivered stays delivered, whatever a slower holder of an expired lease reports.
    open_still = and_(table.c.id == delivery.errand.id, table.c.state != "done")
    connection.execute(update(table).where(open_still).values(values))


def first_reference_of(connection: Connection, incident: str, channel: str) -> str:
    sent, asked = schema.delivery, schema.errand
    query = (
        select(sent.c.reference)
        .join(asked, asked.c.id == sent.c.errand_id)
        .where(asked.c.incident == incident, asked.c.channel == channel, sent.c.reference != "")
        .where(sent.c.settled == Settled.DONE.value)
        .order_by(sent.c.id)
        .limit(1)
    )
    return connection.execute(query).scalar() or ""


def take_lease(connection: Connection, owner: str, now: datetime, lease_s: float) -> bool:
    table = schema.daemon_lease
    until = to_us(now + timedelta(seconds=lease_s))
    statement = upsert(connection, table).values(id=1, owner=owner, until_us=until)
    free = or_(table.c.owner == owner, table.c.until_us <= to_us(now))
    statement = statement.on_conflict_do_update(
        index_elements=["id"], set_={"owner": owner, "until_us": until}, where=free
    )
    return connection.execute(statement.returning(table.c.id)).first() is not None


def lease_of(connection: Connection) -> tuple[str, datetime] | None:
    row = connection.execute(select(schema.daemon_lease)).first()
    return None if row is None else (row.owner, from_us(row.until_us))


def drop_lease(connection: Connection, owner: str) -> None:
    table = schema.daemon_lease
    connection.execute(delete(table).where(table.c.owner == owner))


def prune_rows(connection: Connection, before: datetime, limit: int) -> int:
    """The oldest rows and what hangs on them. Words, checks, incidents and deliveries stay."""
    table = schema.measurement
    query = select(table.c.slot_us, table.c.check_id, table.c.seq).where(table.c.slot_us < to_us(before))
    old = connection.execute(query.order_by(table.c.slot_us, table.c.check_id).limit(limit)).all()
    if not old:
        return 0
    last = old[-1]
    reached = or_(table.c.slot_us < last.slot_us, table.c.check_id <= last.check_id)
    gone = connection.execute(delete(table).where(table.c.slot_us <= last.slot_us, reached)).rowcount
    _prune_sides(connection, [row.seq for row in old])
    _prune_judgements(connection, before)
    return gone


def _prune_sides(connection: Connection, seqs: list[int]) -> None:
    extra, link, body = schema.measurement_extra, schema.measurement_evidence, schema.evidence
    connection.execute(delete(extra).where(extra.c.seq.in_(seqs)))
    proofs = set(connection.execute(select(link.c.evidence_id).where(link.c.seq.in_(seqs))).scalars())
    if proofs:
        connection.execute(delete(link).where(link.c.seq.in_(seqs)))
        used = select(link.c.evidence_id).where(link.c.evidence_id == body.c.id).exists()
        connection.execute(delete(body).where(body.c.id.in_(sorted(proofs)), ~used))


def _prune_judgements(connection: Connection, before: datetime) -> None:
    table = schema.judgement
    last = select(func.max(table.c.id)).scalar_subquery()
    connection.execute(delete(table).where(table.c.now_us < to_us(before), table.c.id < last))
