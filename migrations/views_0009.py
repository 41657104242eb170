"""The views of revision 0009: drills that were held, routing changes and what happened to them. Frozen, in the language
of views_0001.
"""

from migrations.views_0001 import created

VIEWS = {
    "v_drill": """
SELECT d.id, {time:d.at_us} AS at, d.vendor, d.regions, d.cause, d.passed, d.with_gateway, d.stops, d.lost,
  d.moved_ms / 1e3 AS moved_s
FROM drill d
""",
    "v_change": """
SELECT c.id, c.gateway, c.workload, c.incident, c.mode, c.stand, {time:c.created_us} AS created,
  {time:c.changed_us} AS changed
FROM change c
""",
    "v_change_entry": """
SELECT e.seq, {time:e.at_us} AS at, e.change, e.what, e.stand, e.author, e.detail, e.hash
FROM change_entry e
""",
}


def views(dialect: str) -> dict[str, str]:
    """CREATE VIEW statements by name."""
    return created(VIEWS, dialect)
