"""v_incident as of revision 0005: with the tier its evidence reached, its peak, and how often it came back. Frozen."""

from migrations.views_0001 import created

VIEWS = {
    "v_incident": """
SELECT id, key, stage, cause, provider, region, account, model, confidence, because, {time:onset_us} AS onset,
  {time:opened_us} AS opened, {time:changed_us} AS changed, {time:closed_us} AS closed,
  (coalesce(closed_us, changed_us) - onset_us) / 1e6 AS lasted_s, regions, models, told, {time:told_us} AS told_at,
  reminders, acked_by, family,
  CASE tier WHEN 1 THEN 'suspect' WHEN 2 THEN 'warn' WHEN 3 THEN 'confirm' WHEN 4 THEN 'patch' ELSE 'none' END AS tier,
  peak, flaps
FROM incident
""",
}


def views(dialect: str) -> dict[str, str]:
    """CREATE VIEW statements by name."""
    return created(VIEWS, dialect)
