"""Alembic's entry: runs the revisions on the connection that monitor.store.upgrade hands over.

Without one (a developer's `alembic revision`) it connects to `sqlalchemy.url`.
"""

from alembic import context
from sqlalchemy import Connection

from monitor.store.engine import connect
from monitor.store.schema import whole


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=whole(),
        render_as_batch=True,  # SQLite alters a table by making it anew
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


_given = context.config.attributes.get("connection")
if _given is not None:
    _migrate(_given)
else:
    with connect(context.config.get_main_option("sqlalchemy.url") or "").begin() as _connection:
        _migrate(_connection)
