"""Rows become values again: samples in judging order, incidents, errands."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from monitor.batch import ACTS, Act, Batch, act_of
from monitor.model import Cause, Errand, ErrandKind, Incident, Sample, Scope, Stage, Tier, Watch
from monitor.store import schema
from monitor.store.units import from_us, texts, unscaled


def cursor_of(connection: Connection) -> int:
    return connection.execute(select(schema.judge_cursor.c.seq)).scalar() or 0


def memory_of(connection: Connection, check_key: str) -> Mapping[str, str]:
    memory, check = schema.check_memory, schema.check_def
    query = select(memory.c.body).join(check, check.c.id == memory.c.check_id).where(check.c.key == check_key)
    body = connection.execute(query).scalar()
    return {} if body is None else json.loads(body)


def _samples() -> Select[Any]:
    m, c, k = schema.measurement, schema.check_def, schema.conclusion
    asked = schema.model.alias("asked")
    query = select(
        m.c.seq, m.c.slot_us, m.c.total_us, m.c.ttft_us, m.c["items"], m.c.passed, m.c.score_ppm,
        c.c.key, c.c.surface, c.c.zone, c.c.region_zone, c.c.control, c.c.expect_restricted, c.c.every_s,
        k.c.status, k.c.reason,
        schema.outcome.c.name.label("outcome"), schema.kind.c.name.label("kind"),
        schema.provider.c.name.label("provider"), schema.region.c.name.label("region"),
        schema.account.c.name.label("account"), func.coalesce(asked.c.name, schema.model.c.name).label("model"),
    )  # fmt: skip
    return (
        query.select_from(m)
        .join(c, c.c.id == m.c.check_id)
        .join(k, k.c.id == m.c.conclusion_id)
        .join(schema.outcome, schema.outcome.c.id == k.c.outcome_id)
        .join(schema.kind, schema.kind.c.id == c.c.kind_id)
        .join(schema.provider, schema.provider.c.id == c.c.provider_id)
        .join(schema.region, schema.region.c.id == c.c.region_id)
        .outerjoin(schema.account, schema.account.c.id == c.c.account_id)
        .outerjoin(schema.model, schema.model.c.id == c.c.model_id)
        .outerjoin(asked, asked.c.id == k.c.model_id)
    )


def samples_after(connection: Connection, cursor: int, limit: int) -> list[Sample]:
    """The next `limit` measurements by commit sequence, in judging order."""
    log, m = schema.commit_log, schema.measurement
    commits = connection.execute(select(log).where(log.c.seq_to > cursor).order_by(log.c.seq_to)).all()
    found: list[Sample] = []
    before = cursor
    while commits and len(found) < limit:
        taken = _enough(commits, before, limit - len(found))
        last = commits[taken - 1].seq_to
        low = min(row.slot_min_us for row in commits[:taken])
        high = max(row.slot_max_us for row in commits[:taken])
        query = _samples().where(m.c.slot_us.between(low, high), m.c.seq > before, m.c.seq <= last)
        rows = connection.execute(query.order_by(m.c.seq).limit(limit - len(found)))
        found += [_sample(row) for row in rows]
        before, commits = last, commits[taken:]
    return sorted(found, key=lambda sample: (sample.slot, not sample.control, sample.seq))


def judged_batches(connection: Connection, after: int, until: int, since_us: int = 0) -> Iterator[Batch]:
    """What was judged between two cursors, batch by batch as it was cut then; last, without samples, what was done
    since. `since_us`: no slot is older.
    """
    m, j = schema.measurement, schema.judgement
    cuts = connection.execute(
        select(j.c.seq_to, j.c.now_us).where(j.c.seq_to > after, j.c.seq_to <= until, j.c.seq_to > j.c.seq_from)
        .order_by(j.c.id)).all()
    query = _samples().where(m.c.seq > after, m.c.seq <= until, m.c.slot_us >= since_us).order_by(m.c.seq)
    done = _acts(connection, after, until)
    rows = iter(connection.execution_options(yield_per=2000).execute(query)) if cuts else iter(())
    held: list[Sample] = []
    before, ahead = after, next(rows, None)
    for cut in cuts:
        while ahead is not None and ahead.seq <= cut.seq_to:
            held.append(_sample(ahead))
            ahead = next(rows, None)
        if held:
            acts = [act for at, act in done if before <= at < cut.seq_to]
            yield Batch(tuple(held), from_us(cut.now_us), cut.seq_to, tuple(acts))
            held, before = [], cut.seq_to
    if acts := [act for at, act in done if at >= before]:
        yield Batch((), acts[-1].at, until, tuple(acts))


def _acts(connection: Connection, after: int, until: int) -> list[tuple[int, Act]]:
    """What was done apart from any measurement, with the cursor at which it was."""
    i, move = schema.incident, schema.incident_move
    words = or_(*(move.c.because.startswith(words, autoescape=True) for words in ACTS))
    query = select(i.c.key, move.c.at_us, move.c.because, move.c.samples).join(i, i.c.id == move.c.incident_id)
    rows = connection.execute(query.where(words, move.c.samples != "[]").order_by(move.c.id))
    found = ((int(json.loads(row.samples)[0]), act_of(row.key, from_us(row.at_us), row.because)) for row in rows)
    return [(at, act) for at, act in found if act is not None and after <= at <= until]


def _enough(commits: Sequence[Any], before: int, limit: int) -> int:
    """How many commits to read for `limit` rows, were none of them a duplicate."""
    return next((i for i, row in enumerate(commits, 1) if row.seq_to - before >= limit), len(commits))


def _sample(row: Any) -> Sample:
    return Sample(
        seq=row.seq,
        slot=from_us(row.slot_us),
        kind=row.kind,
        provider=row.provider,
        region=row.region,
        outcome=row.outcome,
        surface=row.surface,
        account=row.account,
        model=row.model,
        zone=row.zone,
        region_zone=row.region_zone,
        control=row.control,
        expect_restricted=row.expect_restricted,
        every_s=row.every_s,
        status=row.status,
        reason=row.reason,
        total_s=unscaled(row.total_us),
        ttft_s=unscaled(row.ttft_us),
        items=row.items,
        passed=row.passed,
        score=unscaled(row.score_ppm),
        check_key=row.key,
    )


def incident_of(row: Any) -> Incident:
    return Incident(
        id=row.id,
        key=row.key,
        stage=Stage(row.stage),
        cause=Cause(row.cause),
        scope=Scope(row.provider, row.region, row.account, row.model),
        confidence=row.confidence,
        because=row.because,
        onset=from_us(row.onset_us),
        opened_at=from_us(row.opened_us),
        changed_at=from_us(row.changed_us),
        closed_at=from_us(row.closed_us),
        regions=texts(row.regions),
        models=texts(row.models),
        told=row.told,
        told_at=from_us(row.told_us),
        reminders=row.reminders,
        acked_by=row.acked_by,
        family=row.family,
        tier=Tier(row.tier),
        peak=row.peak,
        flaps=row.flaps,
    )


def errand_of(row: Any) -> Errand:
    return Errand(
        id=row.id,
        key=row.key,
        kind=ErrandKind(row.kind),
        channel=row.channel,
        payload=row.payload,
        attempts=row.attempts,
        incident=row.incident,
        created_at=from_us(row.created_us),
    )


def watch_of(row: Any) -> Watch:
    every = None if row.every_s is None else timedelta(seconds=row.every_s)
    return Watch(row.key, texts(row.check_keys), every, from_us(row.until_us), row.because)
