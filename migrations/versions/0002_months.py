"""PostgreSQL: measurements by the month, so that only the months written to carry the unique index.

Revision 0002. SQLite stays as it is: its table is its own index. What `monitor/store/months.py` does from now on is
done here once for the rows there are. Frozen, like the first.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from migrations.views_0001 import views

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_JOIN = "JOIN measurement m ON m.slot_us = l.slot_us AND m.check_id = c.id"
# A fence, for the planner cannot know that each row needs one month alone, and would rather read them all.
_FENCED = (
    "CROSS JOIN LATERAL (SELECT * FROM measurement"
    " WHERE slot_us = l.slot_us AND check_id = c.id LIMIT 1) m"
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    _drop_views()
    op.execute("ALTER TABLE measurement RENAME TO measurement_whole")
    op.execute("CREATE TABLE measurement (LIKE measurement_whole) PARTITION BY RANGE (slot_us)")
    months = _months()
    for name, low, high in months:
        op.execute(f"CREATE TABLE {name} PARTITION OF measurement FOR VALUES FROM ({low}) TO ({high})")
    op.execute("INSERT INTO measurement SELECT * FROM measurement_whole ORDER BY slot_us, check_id")
    for name, _, _ in months:
        op.execute(f"CREATE INDEX ix_{name} ON {name} USING brin (slot_us)")
    for name, _, _ in months[-2:]:
        op.execute(f"CREATE UNIQUE INDEX uq_{name} ON {name} (slot_us, check_id)")
    op.execute("DROP TABLE measurement_whole")
    for name, statement in views("postgresql").items():
        op.execute(statement.replace(_JOIN, _FENCED) if name == "v_current" else statement)


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    _drop_views()
    op.execute("ALTER TABLE measurement RENAME TO measurement_months")
    op.execute("CREATE TABLE measurement (LIKE measurement_months)")
    op.execute("INSERT INTO measurement SELECT * FROM measurement_months ORDER BY slot_us, check_id")
    op.execute("ALTER TABLE measurement ADD CONSTRAINT pk_measurement PRIMARY KEY (slot_us, check_id)")
    op.execute("DROP TABLE measurement_months")
    for statement in views("postgresql").values():
        op.execute(statement)


def _drop_views() -> None:
    for name in views("postgresql"):
        op.execute(f"DROP VIEW {name}")


def _months() -> list[tuple[str, int, int]]:
    """Name and bounds in microseconds of every month that has rows, oldest first."""
    query = (
        "SELECT DISTINCT to_char(to_timestamp(slot_us / 1000000) AT TIME ZONE 'UTC', 'YYYY_MM')"
        " FROM measurement_whole ORDER BY 1"
    )
    found = []
    for name in op.get_bind().execute(sa.text(query)).scalars():
        year, month = map(int, name.split("_"))
        low = datetime(year, month, 1, tzinfo=UTC)
        high = low.replace(year=year + month // 12, month=month % 12 + 1)
        found.append((f"measurement_{name}", int(low.timestamp()) * 1_000_000, int(high.timestamp()) * 1_000_000))
    return found
