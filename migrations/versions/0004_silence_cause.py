"""A silence may be of one cause: whoever knows of a rate limit still wants to hear of a ban.

Revision 0004. It needs the first one alone: with its number and `down_revision` it can go before or after any other.
Silences made before are of all causes, as they were.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("silence")}
    if "cause" not in there:      # a database that was stamped by hand may have it
        op.add_column("silence", sa.Column("cause", sa.Text(), nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM silence WHERE cause IS NOT NULL")      # without its cause it would keep everything quiet
    with op.batch_alter_table("silence") as table:
        table.drop_column("cause")
