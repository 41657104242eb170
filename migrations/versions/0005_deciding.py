"""What deciding remembers of an incident: its family, the tier it reached, its peak, how often it came back.

Revision 0005. The states of the first rules are dropped: their ids have ended, and nothing reads them.
"""

import sqlalchemy as sa
from alembic import op

from migrations import views_0001, views_0005

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INCIDENT = {"family": (sa.Text, "reach"), "tier": (sa.Integer, "3"), "peak": (sa.Float, "0"),
            "flaps": (sa.Integer, "0")}
MOVE = {"tier": (sa.Integer, "0"), "why": (sa.Text, "")}
FAMILIES = {
    "region_restricted": "region", "account_restricted": "account", "auth_failed": "auth", "billing": "billing",
    "rate_limited": "rate", "model_retired": "model", "latency_degraded": "latency", "quality_degraded": "quality",
    "own_network": "own", "own_fault": "ours",
}


def upgrade() -> None:
    op.execute("DROP VIEW IF EXISTS v_incident")
    for table, columns in (("incident", INCIDENT), ("incident_move", MOVE)):
        there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}
        for name, (kind, default) in columns.items():
            if name not in there:      # a database that was stamped by hand may have it
                op.add_column(table, sa.Column(name, kind(), nullable=False, server_default=default))
    for cause, family in FAMILIES.items():
        op.execute(sa.text("UPDATE incident SET family = :family WHERE cause = :cause").bindparams(
            family=family, cause=cause))
    op.execute("DELETE FROM rule_state")
    op.execute(views_0005.views(op.get_bind().dialect.name)["v_incident"])


def downgrade() -> None:
    op.execute("DELETE FROM rule_state")
    op.execute("DROP VIEW v_incident")
    for table, columns in (("incident_move", MOVE), ("incident", INCIDENT)):
        with op.batch_alter_table(table) as changed:
            for name in columns:
                changed.drop_column(name)
    op.execute(views_0001.views(op.get_bind().dialect.name)["v_incident"])
