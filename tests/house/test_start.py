"""Import late what is used late: what a daemon's start, and `--help`, leave alone. bench/footprint.py has figures."""

import subprocess
import sys

DAEMON = """
import monitor.app, monitor.catalogue, monitor.commands.run, monitor.daemon, monitor.setup, probes.run
import monitor.store.sql
monitor.catalogue.load_catalogue()
"""
HELP = "import monitor.cli; monitor.cli.build()"
LATE = {"alembic", "apprise", "feedparser", "httpcore", "jinja2", "rich", "pygments", "slack_sdk", "psycopg", "trustme",
        "sqlalchemy.dialects.postgresql", "sqlalchemy.orm"}
NO_HELP = LATE | {"apscheduler", "asyncio", "httpx", "pydantic", "ruamel.yaml", "sqlalchemy"}


def imported(code: str) -> set[str]:
    """Every module that the code brings with it, in a Python of its own."""
    done = subprocess.run([sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"], check=True,
                          capture_output=True, text=True)
    return set(done.stdout.split())


def test_a_daemon_starts_without_what_it_may_never_use() -> None:
    assert imported(DAEMON) & LATE == set()


def test_help_needs_none_of_the_house() -> None:
    assert imported(HELP) & NO_HELP == set()
