"""The tables of routing changes – where each stands, the chain of rows that say how it came there – and of drills."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from monitor.store.schema import metadata

change = Table(  # as it stands now
    "change", metadata,
    Column("id", Text, primary_key=True),
    Column("gateway", Text, nullable=False),
    Column("workload", Text, nullable=False),
    Column("incident", Text, nullable=False, index=True),
    Column("mode", Text, nullable=False),
    Column("stand", Text, nullable=False),
    Column("body", Text, nullable=False),  # JSON of the RoutingChange
    Column("drawn", Text, nullable=False),  # JSON of what it does to the gateway's file: no whole text, no secret
    Column("from_sha256", Text, nullable=False),
    Column("to_sha256", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("changed_us", BigInteger, nullable=False),
    Column("head", String(64), nullable=False),
)

change_entry = Table(  # append only; each row holds the hash of the one before it
    "change_entry", metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at_us", BigInteger, nullable=False),
    Column("change", Text, nullable=False, index=True),
    Column("what", Text, nullable=False),
    Column("stand", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("detail", Text, nullable=False),  # JSON
    Column("base_sha256", Text, nullable=False),
    Column("patched_sha256", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)

drill = Table(  # one that was held: the figures of a gateway are NULL where none was started
    "drill", metadata,
    Column("id", Integer, primary_key=True),
    Column("at_us", BigInteger, nullable=False),
    Column("mark", Text, nullable=False),  # which drill of the config: its next is due a while after
    Column("vendor", Text, nullable=False),
    Column("regions", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("with_gateway", Boolean, nullable=False),
    Column("stops", Text, nullable=False),  # workloads, by comma
    Column("lost", Integer),
    Column("moved_ms", Integer),
    Column("detail", Text, nullable=False),  # JSON of all of it
    Index("ix_drill_mark", "mark", "at_us"),
)
