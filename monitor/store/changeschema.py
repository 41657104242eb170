"""The tables of routing changes: where each stands, and the chain of rows that say how it came there."""

from sqlalchemy import BigInteger, Column, String, Table, Text

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
