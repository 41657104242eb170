"""What is kept of a YAML file is never older than the file."""

import os
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from probes.data import read_data

OURS = sorted(Path(__file__).parents[2].glob("probes/*/*.yaml"))


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_ours_read_as_yaml_reads_them(path: Path) -> None:
    assert read_data(path) == read_data(path) == YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def test_what_was_read_once_is_not_parsed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: [1, 2026-11-24, 中]\n", encoding="utf-8")
    first = read_data(file)
    monkeypatch.setattr("ruamel.yaml.YAML.load", None)
    assert read_data(file) == first


def test_a_change_is_seen_though_time_and_size_are_the_same(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    for number in range(3):
        file.write_text(f"a: {number}\n")
        os.utime(file, (1, 1))
        assert read_data(file) == {"a": number}


def test_where_nothing_can_be_kept_it_is_read_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: 1\n")
    (tmp_path / "__pycache__").write_text("not a folder")
    assert read_data(file) == {"a": 1}


def test_what_was_kept_and_spoilt_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: 1\n")
    read_data(file)
    [kept] = (tmp_path / "__pycache__").iterdir()
    kept.write_bytes(b"spoilt")
    assert read_data(file) == {"a": 1}


def test_what_is_no_yaml_is_said(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: b: c\n")
    with pytest.raises(ValueError, match=r"a\.yaml"):
        read_data(file)
