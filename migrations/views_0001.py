"""The views of revision 0001: text and seconds for people. Frozen: a revision that changes one brings its own text.

The dialects differ in two things: `{time:column}`, a column of microseconds as UTC text, and `{day:column}`, its day.
"""

import re
from collections.abc import Mapping

_TIME = {
    "sqlite": r"strftime('%Y-%m-%d %H:%M:%S', \1 / 1000000, 'unixepoch')",
    "postgresql": r"to_char(to_timestamp(\1 / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')",
}
_DAY = {
    "sqlite": r"date(\1 / 1000000, 'unixepoch')",
    "postgresql": r"to_char(to_timestamp(\1 / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
}

_MEASUREMENT = """
SELECT m.seq, {time:m.slot_us} AS slot, c.key AS check_key, kind.name AS kind, provider.name AS provider,
  c.surface, account.name AS account, coalesce(asked.name, model.name) AS model, region.name AS region, c.vantage,
  outcome.name AS outcome, k.status, k.reason, rule.name AS rule, k.confidence, k.clock,
  m.lateness_us / 1e6 AS lateness_s, m.dns_us / 1e6 AS dns_s, m.tcp_us / 1e6 AS tcp_s, m.tls_us / 1e6 AS tls_s,
  m.first_byte_us / 1e6 AS first_byte_s, m.ttft_us / 1e6 AS ttft_s, m.total_us / 1e6 AS total_s,
  m.tokens_per_ks / 1e3 AS tokens_per_s, m.tokens_in, m.tokens_out, m.cost_micro_usd / 1e6 AS cost_usd,
  m.score_ppm / 1e6 AS score, m.items, m.passed, c.control, c.expect_restricted, m.slot_us
FROM {source}
JOIN conclusion k ON k.id = m.conclusion_id
JOIN outcome ON outcome.id = k.outcome_id
JOIN kind ON kind.id = c.kind_id
JOIN provider ON provider.id = c.provider_id
JOIN region ON region.id = c.region_id
LEFT JOIN rule ON rule.id = k.rule_id
LEFT JOIN account ON account.id = c.account_id
LEFT JOIN model ON model.id = c.model_id
LEFT JOIN model asked ON asked.id = k.model_id
"""

_LATEST = """check_def c
JOIN check_latest l ON l.check_id = c.id
JOIN measurement m ON m.slot_us = l.slot_us AND m.check_id = c.id"""

VIEWS = {
    "v_measurement": _MEASUREMENT.replace("{source}", "measurement m JOIN check_def c ON c.id = m.check_id"),
    "v_current": _MEASUREMENT.replace("{source}", _LATEST) + "WHERE c.active",
    "v_incident": """
SELECT id, key, stage, cause, provider, region, account, model, confidence, because, {time:onset_us} AS onset,
  {time:opened_us} AS opened, {time:changed_us} AS changed, {time:closed_us} AS closed,
  (coalesce(closed_us, changed_us) - onset_us) / 1e6 AS lasted_s, regions, models, told, {time:told_us} AS told_at,
  reminders, acked_by
FROM incident
""",
    "v_region_day": """
SELECT {day:m.slot_us} AS day, provider.name AS provider, region.name AS region, kind.name AS kind,
  count(*) AS measured,
  sum(CASE WHEN outcome.name = 'ok' THEN 1 ELSE 0 END) AS ok,
  sum(CASE WHEN outcome.name IN ('unknown', 'probe_error', 'skipped') THEN 1 ELSE 0 END) AS no_evidence,
  sum(CASE WHEN outcome.name IN ('geo_restricted', 'account_restricted') THEN 1 ELSE 0 END) AS restricted,
  sum(CASE WHEN outcome.name = 'ok' THEN 1.0 ELSE 0.0 END)
    / nullif(sum(CASE WHEN outcome.name IN ('unknown', 'probe_error', 'skipped') THEN 0 ELSE 1 END), 0) AS availability,
  avg(m.first_byte_us) / 1e6 AS first_byte_mean_s, avg(m.total_us) / 1e6 AS total_mean_s,
  max(m.total_us) / 1e6 AS total_max_s, avg(m.score_ppm) / 1e6 AS score_mean,
  sum(m.tokens_in) AS tokens_in, sum(m.tokens_out) AS tokens_out, sum(m.cost_micro_usd) / 1e6 AS cost_usd
FROM measurement m
JOIN check_def c ON c.id = m.check_id
JOIN conclusion k ON k.id = m.conclusion_id
JOIN outcome ON outcome.id = k.outcome_id
JOIN kind ON kind.id = c.kind_id
JOIN provider ON provider.id = c.provider_id
JOIN region ON region.id = c.region_id
GROUP BY 1, 2, 3, 4
""",
    "v_delivery": """
SELECT d.id, {time:d.at_us} AS at, e.kind, e.channel, e.incident, e.key AS errand_key, d.settled, d.detail, d.reference,
  {time:d.retry_us} AS retry_at, e.state, e.attempts, (d.at_us - e.created_us) / 1e6 AS after_s
FROM delivery d
JOIN errand e ON e.id = d.errand_id
""",
}


def views(dialect: str) -> dict[str, str]:
    """CREATE VIEW statements by name."""
    return created(VIEWS, dialect)


def created(bodies: Mapping[str, str], dialect: str) -> dict[str, str]:
    """The same of other views, for the revisions that bring them."""
    made = {}
    for name, body in bodies.items():
        spelled = re.sub(r"\{time:([\w.]+)\}", _TIME[dialect], body)
        spelled = re.sub(r"\{day:([\w.]+)\}", _DAY[dialect], spelled)
        made[name] = f"CREATE VIEW {name} AS {spelled.strip()}"
    return made
