import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.errors import UserError
from monitor.plugins import load_plugin, plugin_names


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    folder = tmp_path / "shelf_of_plugins"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "bell.py").write_text("class Channel: ...\n")
    (folder / "_inner.py").write_text("class Channel: ...\n")
    (folder / "empty.py").write_text("Channel = 3\n")
    (folder / "needy.py").write_text("import a_package_nobody_has\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "shelf_of_plugins"
    for name in [name for name in sys.modules if name.startswith("shelf_of_plugins")]:
        del sys.modules[name]


def test_the_folder_is_the_registry(shelf: str) -> None:
    assert plugin_names(shelf) == ["bell", "empty", "needy"]


def test_a_plugin_is_its_files_class(shelf: str) -> None:
    assert load_plugin(shelf, "bell", "Channel").__module__ == "shelf_of_plugins.bell"


def test_what_exists_is_named(shelf: str) -> None:
    with pytest.raises(UserError, match=r"no 'bel' in .*did you mean bell\?\); there are: bell, empty, needy"):
        load_plugin(shelf, "bel", "Channel")


def test_a_missing_package_is_named(shelf: str) -> None:
    with pytest.raises(UserError, match="needs the Python package 'a_package_nobody_has'; install it"):
        load_plugin(shelf, "needy", "Channel")


def test_a_file_without_the_class_is_no_plugin(shelf: str) -> None:
    with pytest.raises(UserError, match="exports no class Channel"):
        load_plugin(shelf, "empty", "Channel")


def test_a_path_is_no_name(shelf: str) -> None:
    with pytest.raises(UserError):
        load_plugin(shelf, "../bell", "Channel")
    with pytest.raises(UserError):
        load_plugin(shelf, "_inner", "Channel")


def test_real_channels_are_found() -> None:
    import alerts.channels

    assert plugin_names("alerts.channels") == sorted(
        one.name for one in pkgutil.iter_modules(alerts.channels.__path__) if not one.name.startswith("_"))
    assert "console" in plugin_names("alerts.channels")
