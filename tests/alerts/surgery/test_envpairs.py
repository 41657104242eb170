"""A container's variables as lines of a .env file, and back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from alerts.surgery.envpairs import as_dotenv, bare, listed_line, once, pair_line, unquoted


@pytest.mark.parametrize(("line", "dotenv"), [
    ("  A_B: x # c\n", "A_B=x # c\n"), ("  A: 'x'\r\n", "A='x'\r\n"), ("  A:\n", "A=\n"), ("  - A=x\n", "A=x\n"),
    ('  - "A=x y"  # c\n', "A=x y  # c\n"), ("  # c\n", "# c\n"), ("\n", "\n"), ("  - lower\n", "# yaml:  - lower\n"),
])
def test_a_line_as_dotenv(line: str, dotenv: str) -> None:
    assert as_dotenv(line) == dotenv


@pytest.mark.parametrize(("line", "was", "written"), [
    ("A=x\n", "", "  A: x\n"), ("A=1\n", "", '  A: "1"\n'), ("A=true:\n", "", '  A: "true:"\n'),
    ("A=True\n", "", '  A: "True"\n'), ("A=${B}\n", "", "  A: ${B}\n"), ("A=x\n", "  A:   'y'\n", "  A:   'x'\n"),
    ("A=it's", "  A: 'y'", '  A: "it\'s"'),
    ("A='x' # c\n", '  A: "y" # c\n', '  A: "x" # c\n'), ("# c\n", "", "  # c\n"), ("\n", "", "\n"),
])
def test_a_pair_in_the_quotes_it_had(line: str, was: str, written: str) -> None:
    assert pair_line("  ", line, [was] if was else []) == written


@pytest.mark.parametrize(("line", "was", "written"), [
    ("A=x\n", "", "  - A=x\n"), ("A=x\n", "  - 'A=y'\n", "  - 'A=x'\n"),
    ("A=x # c\n", "  - A=y # c\n", "  - A=x # c\n"),
    ("A=x: y\n", "", '  - "A=x: y"\n'), ("# yaml:  - lower\n", "", "  - lower\n"), ("# c\n", "", "  # c\n"),
])
def test_an_entry_in_the_quotes_it_had(line: str, was: str, written: str) -> None:
    assert listed_line("  ", line, [was] if was else []) == written


def test_the_last_line_of_a_name_wins_in_the_place_of_the_first() -> None:
    assert once(["A=1\n", "# c\n", "B=2\n", "A=3\n"]) == ["A=3\n", "# c\n", "B=2\n"]
    assert bare("A='x' # c\r\n") == "A=x # c\n"
    assert unquoted("'it''s'") == "it's"


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), min_size=1).filter(
    lambda value: value == value.strip() and value[0] not in "'\"" and " #" not in value and not value.startswith("#")))
def test_a_value_is_the_same_in_yaml(value: str) -> None:
    load = YAML(typ="safe", pure=True).load
    if "${" not in value:
        assert load(pair_line("  ", f"A={value}\n", [])) == {"A": value}
    assert load(listed_line("  ", f"A={value}\n", [])) == [f"A={value}"]
