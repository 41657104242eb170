"""A silence may be of one cause: whoever knows of a rate limit still wants to hear of a ban.

Revision 0004. Silences made before are of all causes, as they were.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("silence", sa.Column("cause", sa.Text(), nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM silence WHERE cause IS NOT NULL")      # without its cause it would keep everything quiet
    with op.batch_alter_table("silence") as table:
        table.drop_column("cause")
