"""Routing changes: where each stands, and the chain of what happened to it.

Revision 0008. Changes proposed before it are in `routing_change` alone: nobody could approve them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    standing = set(sa.inspect(op.get_bind()).get_table_names())
    if "change" not in standing:            # a database that was stamped by hand may have it
        op.create_table(
            "change",
            sa.Column("id", sa.Text, nullable=False),
            *(sa.Column(name, sa.Text, nullable=False) for name in (
                "gateway", "workload", "incident", "mode", "stand", "body", "drawn", "from_sha256", "to_sha256")),
            sa.Column("created_us", sa.BigInteger, nullable=False),
            sa.Column("changed_us", sa.BigInteger, nullable=False),
            sa.Column("head", sa.String(64), nullable=False),
            sa.PrimaryKeyConstraint("id", name="pk_change"),
        )
        op.create_index("ix_change_incident", "change", ["incident"])
    if "change_entry" not in standing:
        op.create_table(
            "change_entry",
            sa.Column("seq", sa.BigInteger, nullable=False, autoincrement=False),
            sa.Column("at_us", sa.BigInteger, nullable=False),
            *(sa.Column(name, sa.Text, nullable=False) for name in (
                "change", "what", "stand", "author", "detail", "base_sha256", "patched_sha256")),
            sa.Column("previous", sa.String(64), nullable=False),
            sa.Column("hash", sa.String(64), nullable=False),
            sa.PrimaryKeyConstraint("seq", name="pk_change_entry"),
            sa.UniqueConstraint("hash", name="uq_change_entry_hash"),
        )
        op.create_index("ix_change_entry_change", "change_entry", ["change"])


def downgrade() -> None:
    op.drop_table("change_entry")
    op.drop_table("change")
