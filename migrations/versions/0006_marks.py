"""What people say of an incident afterwards: that it was false, or was real after all. The last word counts.

Revision 0006. Only people can say it; `vendorwatch budget` compares it with the false alarms that were promised.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if sa.inspect(op.get_bind()).has_table("incident_mark"):      # a database that was stamped by hand may have it
        return
    op.create_table(
        "incident_mark",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("incident_id", sa.Integer, nullable=False),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incident_mark"),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name="fk_incident_mark_incident_id"),
    )
    op.create_index("ix_incident_mark_incident_id", "incident_mark", ["incident_id"])


def downgrade() -> None:
    op.drop_table("incident_mark")
