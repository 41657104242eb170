"""The tables. Times are integer microseconds (`_us`, Unix epoch, UTC), names small integers; views give people text.

Why `measurement` looks as it does: a result is one row for years, so bytes a row is what costs (bench/store.py has the
figures). Its primary key IS the uniqueness of (slot, check), without a second index; on PostgreSQL the table is kept by
the month and only months written to are unique by index (months.py); what a reading concluded (outcome, rule, reason,
status …) repeats endlessly and is one number; `seq` needs no index because `commit_log` remembers where the commits not
yet judged lie. A replay would use one, and a start would (50 ns a row kept, once), but it is a third more bytes (20 a
row) and a replay of everything is slower by it: 1.2 times on SQLite, 2.9 times on PostgreSQL, for rows then come out of
order.
"""

from functools import cache

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column typed INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")


def _dimension(name: str) -> Table:
    """A word list: rows, never a database enum, so that a plugin's new word needs no migration."""
    return Table(
        name, metadata, Column("id", Integer, primary_key=True), Column("name", Text, nullable=False, unique=True)
    )


kind = _dimension("kind")
outcome = _dimension("outcome")
rule = _dimension("rule")
provider = _dimension("provider")
region = _dimension("region")
account = _dimension("account")
model = _dimension("model")

check_def = Table(
    "check_def", metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind_id", ForeignKey("kind.id"), nullable=False),
    Column("provider_id", ForeignKey("provider.id"), nullable=False),
    Column("surface", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("account_id", ForeignKey("account.id")),
    Column("model_id", ForeignKey("model.id")),
    Column("vantage", Text, nullable=False),
    Column("region_id", ForeignKey("region.id"), nullable=False),
    Column("region_zone", Text, nullable=False),
    Column("control", Boolean, nullable=False),
    Column("expect_restricted", Boolean, nullable=False),
    Column("every_s", Float, nullable=False),
    Column("first_seen_us", BigInteger, nullable=False),
    Column("active", Boolean, nullable=False),
)

conclusion = Table(  # what a reading came to, in words: de-duplicated by `mark`, a hash of the rest
    "conclusion", metadata, Column("id", Integer, primary_key=True),
    Column("mark", String(32), nullable=False, unique=True),
    Column("outcome_id", ForeignKey("outcome.id"), nullable=False),
    Column("rule_id", ForeignKey("rule.id")),
    Column("model_id", ForeignKey("model.id")),
    Column("status", Integer),
    Column("clock", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("reason", Text, nullable=False),
)

measurement = Table(
    "measurement", metadata,
    Column("slot_us", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("check_id", Integer, primary_key=True, autoincrement=False),
    Column("conclusion_id", Integer, nullable=False),
    Column("lateness_us", Integer, nullable=False),
    Column("dns_us", Integer),
    Column("tcp_us", Integer),
    Column("tls_us", Integer),
    Column("first_byte_us", Integer),
    Column("total_us", Integer),
    Column("ttft_us", Integer),
    Column("tokens_per_ks", Integer),  # tokens per thousand seconds: an integer with three decimals
    Column("tokens_in", Integer),
    Column("tokens_out", Integer),
    Column("cost_micro_usd", Integer),
    Column("score_ppm", Integer),
    Column("items", SmallInteger),
    Column("passed", SmallInteger),
    sqlite_with_rowid=False,
)

commit_log = Table(  # where the rows of a commit lie: kept until they are judged, the last one always
    "commit_log", metadata,
    Column("seq_to", BigInteger, primary_key=True, autoincrement=False),
    Column("slot_min_us", BigInteger, nullable=False),
    Column("slot_max_us", BigInteger, nullable=False),
)

check_latest = Table(
    "check_latest", metadata, Column("check_id", Integer, primary_key=True, autoincrement=False),
    Column("slot_us", BigInteger, nullable=False),
)

measurement_extra = Table(
    "measurement_extra", metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("number", Float),
    Column("text", Text),
    sqlite_with_rowid=False,
)

evidence = Table(  # body: zlib of the JSON of the redacted exchanges
    "evidence", metadata,
    Column("id", BigId, primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
)

measurement_evidence = Table(
    "measurement_evidence", metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("evidence_id", BigInteger, nullable=False, index=True),
)

check_memory = Table(
    "check_memory", metadata,
    Column("check_id", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
)

judge_cursor = Table(
    "judge_cursor", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
)

judgement = Table(
    "judgement", metadata,
    Column("id", BigId, primary_key=True),
    Column("seq_from", BigInteger, nullable=False),
    Column("seq_to", BigInteger, nullable=False),
    Column("now_us", BigInteger, nullable=False),
    Column("config_version", Text, nullable=False),
)

rule_state = Table(
    "rule_state", metadata,
    Column("key", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
)

incident = Table(
    "incident", metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("provider", Text),
    Column("region", Text),
    Column("account", Text),
    Column("model", Text),
    Column("confidence", Float, nullable=False),
    Column("because", Text, nullable=False),
    Column("onset_us", BigInteger, nullable=False),
    Column("opened_us", BigInteger),
    Column("changed_us", BigInteger, nullable=False),
    Column("closed_us", BigInteger),
    Column("regions", Text, nullable=False),  # JSON list
    Column("models", Text, nullable=False),  # JSON list
    Column("told", Text, nullable=False),
    Column("told_us", BigInteger),
    Column("reminders", Integer, nullable=False),
    Column("acked_by", Text),
    Column("family", Text, nullable=False, server_default="reach"),
    Column("tier", Integer, nullable=False, server_default="3"),
    Column("peak", Float, nullable=False, server_default="0"),
    Column("flaps", Integer, nullable=False, server_default="0"),
)

incident_move = Table(
    "incident_move", metadata,
    Column("id", BigId, primary_key=True),
    Column("incident_id", ForeignKey("incident.id"), nullable=False, index=True),
    Column("before", Text),
    Column("after", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("cause", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("because", Text, nullable=False),
    Column("samples", Text, nullable=False),  # JSON list of seq
    Column("tier", Integer, nullable=False, server_default="0"),
    Column("why", Text, nullable=False, server_default=""),  # the reasoning as JSON, where it was weighed anew
)

incident_mark = Table(  # false or real, as people say afterwards; the last word counts
    "incident_mark", metadata,
    Column("id", BigId, primary_key=True), Column("incident_id", ForeignKey("incident.id"), nullable=False, index=True),
    Column("mark", Text, nullable=False), Column("at_us", BigInteger, nullable=False),
    Column("author", Text, nullable=False), Column("reason", Text, nullable=False))

errand = Table(
    "errand", metadata,
    Column("id", BigId, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("incident", Text, nullable=False, index=True),
    Column("state", Text, nullable=False),  # queued leased done failed
    Column("attempts", Integer, nullable=False),
    Column("due_us", BigInteger, nullable=False),
    Column("lease_until_us", BigInteger),
    Column("created_us", BigInteger, nullable=False),
)

delivery = Table(
    "delivery", metadata,
    Column("id", BigId, primary_key=True),
    Column("errand_id", ForeignKey("errand.id"), nullable=False, index=True),
    Column("settled", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("detail", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("retry_us", BigInteger),
)

watch = Table(
    "watch", metadata,
    Column("key", Text, primary_key=True),
    Column("check_keys", Text, nullable=False),  # JSON list
    Column("every_s", Float), Column("until_us", BigInteger),
    Column("because", Text, nullable=False),
)

silence = Table(
    "silence", metadata,
    Column("id", Integer, primary_key=True),
    Column("author", Text, nullable=False), Column("reason", Text, nullable=False),
    Column("provider", Text), Column("region", Text),
    Column("until_us", BigInteger, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("cause", Text),
)

daemon_lease = Table(
    "daemon_lease", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("owner", Text, nullable=False),
    Column("until_us", BigInteger, nullable=False),
)

routing_change = Table(
    "routing_change", metadata,
    Column("id", BigId, primary_key=True),
    Column("key", Text, nullable=False, unique=True),  # of the Reroute
    Column("change", Text, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("body", Text, nullable=False),  # JSON of the RoutingChange
    Column("incident", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
)


@cache
def whole() -> MetaData:
    """All of it, with what PostgreSQL and partial indexes need to know: for migrations. Apart, because naming an option
    of PostgreSQL imports its dialect and every driver's: 2 MiB and 20 ms that a daemon on SQLite can do without."""
    import monitor.store.changeschema  # noqa: F401 (its tables are of this schema)

    standing, waiting = text("stage <> 'closed'"), text("state IN ('queued', 'leased')")
    Index("uq_incident_standing", incident.c.key, unique=True, sqlite_where=standing, postgresql_where=standing)
    Index("ix_errand_waiting", errand.c.due_us, sqlite_where=waiting, postgresql_where=waiting)
    measurement.dialect_kwargs["postgresql_partition_by"] = "RANGE (slot_us)"
    return metadata
