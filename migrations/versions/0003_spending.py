"""v_spending: what probing cost, by day, vendor and account.

Revision 0003. A view alone: it can go before or after any other revision, with its number and `down_revision`. Frozen.
"""

from alembic import op

from migrations.views_0003 import views

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, statement in views(op.get_bind().dialect.name).items():
        op.execute(f"DROP VIEW IF EXISTS {name}")      # a database that was stamped by hand may have it
        op.execute(statement)


def downgrade() -> None:
    for name in views(op.get_bind().dialect.name):
        op.execute(f"DROP VIEW {name}")
