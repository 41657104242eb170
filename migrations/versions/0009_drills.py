"""Drills that were held, and views of them and of routing changes.

Revision 0009.
"""

import sqlalchemy as sa
from alembic import op

from migrations.views_0009 import views

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if "drill" not in sa.inspect(op.get_bind()).get_table_names():     # a database that was stamped by hand may have it
        op.create_table(
            "drill",
            sa.Column("id", sa.Integer, nullable=False),
            sa.Column("at_us", sa.BigInteger, nullable=False),
            *(sa.Column(name, sa.Text, nullable=False) for name in ("mark", "vendor", "regions", "cause")),
            *(sa.Column(name, sa.Boolean, nullable=False) for name in ("passed", "with_gateway")),
            sa.Column("stops", sa.Text, nullable=False),
            sa.Column("lost", sa.Integer),
            sa.Column("moved_ms", sa.Integer),
            sa.Column("detail", sa.Text, nullable=False),
            sa.PrimaryKeyConstraint("id", name="pk_drill"),
        )
        op.create_index("ix_drill_mark", "drill", ["mark", "at_us"])
    for name, statement in views(op.get_bind().dialect.name).items():
        op.execute(f"DROP VIEW IF EXISTS {name}")
        op.execute(statement)


def downgrade() -> None:
    for name in views(op.get_bind().dialect.name):
        op.execute(f"DROP VIEW {name}")
    op.drop_table("drill")
