"""The view of revision 0003: what probing cost. Frozen, in the language of views_0001."""

from migrations.views_0001 import created

VIEWS = {
    "v_spending": """
SELECT {day:m.slot_us} AS day, provider.name AS provider, account.name AS account,
  sum(m.tokens_in) AS tokens_in, sum(m.tokens_out) AS tokens_out, sum(m.cost_micro_usd) / 1e6 AS usd, count(*) AS runs
FROM measurement m
JOIN check_def c ON c.id = m.check_id
JOIN provider ON provider.id = c.provider_id
LEFT JOIN account ON account.id = c.account_id
WHERE m.tokens_in IS NOT NULL OR m.tokens_out IS NOT NULL OR m.cost_micro_usd IS NOT NULL
GROUP BY 1, 2, 3
""",
}


def views(dialect: str) -> dict[str, str]:
    """CREATE VIEW statements by name."""
    return created(VIEWS, dialect)
