from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from monitor.errors import UserError
from monitor.yamlfile import near, problems_of, read_mapping


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    colour: str
    size: int = 1


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    things: dict[str, list[Inner]] = {}


def said(value: object) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(value)
    return problems_of(caught.value, "f.yaml", Outer)


def test_paths_name_lists_and_keys() -> None:
    assert said({"things": {"a": [{"colour": "red"}, {"color": "red", "size": "big"}]}}) == [
        "f.yaml: things.a[1].colour: is missing; add it",
        "f.yaml: things.a[1].size: expected a whole number, got 'big'; change the value",
        "f.yaml: things.a[1].color: unknown key (did you mean colour?); known here: colour, size",
    ]


def test_a_key_with_nothing_under_it_is_empty_not_a_none() -> None:
    assert said({"things": None}) == [
        "f.yaml: things: expected keys and values, but it is empty; fill it in or remove the key"]


def test_long_values_are_cut() -> None:
    [line] = said({"things": {"a": [{"colour": "red", "size": "sk-" + "x" * 40}]}})
    assert "x" * 20 not in line


def test_anchors_that_would_fill_the_memory_are_never_written_out(tmp_path: Path) -> None:
    file = tmp_path / "bomb.yaml"
    lines = [f"a{at}: &a{at} [*a{at - 1}, *a{at - 1}]\n" for at in range(1, 64)]
    file.write_text("a0: &a0 [x]\n" + "".join(lines) + "things: *a63\n")
    [line] = said({"things": read_mapping(file)["things"]})
    assert line == "f.yaml: things: expected keys and values, got a list; change the value"


def test_near_knows_when_nothing_is() -> None:
    assert near("zzz", ["alpha"]) == ""
    assert near("ALPHA", ["alpha"]) == " (did you mean alpha?)"
    assert near("openal", ["OPENAI", "beta"]) == " (did you mean OPENAI?)"


def test_an_empty_file_is_an_empty_mapping(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("")
    assert read_mapping(file) == {}


@pytest.mark.parametrize(("data", "words"), [
    (b"a: b: c\n", ":1: not valid YAML"), (b"- a\n", "expected keys and values"),
    (b"\xff\xfe\xfa", "is no text in UTF-8"),
    (b"a: 1\na: 2\n", "duplicate key"), (b"a: 2026-99-99\n", "not valid YAML"),
    (b"[" * 5000, "not valid YAML"),
])
def test_what_is_no_mapping_is_said(tmp_path: Path, data: bytes, words: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(data)
    with pytest.raises(UserError) as caught:
        read_mapping(file)
    assert words in str(caught.value)
    assert str(caught.value).startswith(str(file))


@pytest.mark.parametrize("text", [
    "a: b: c\n", "a: 1\nb: [1,2\n", "a: 1\nb: *y\n", "a: @x\n", "a: \"\\q\"\n", "a: 1\na: 2\n"])
def test_what_is_wrong_is_said_as_exactly_as_the_plain_reader_says_it(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text)
    with pytest.raises(YAMLError) as plain:
        YAML(typ="safe", pure=True).load(text)
    with pytest.raises(UserError) as caught:
        read_mapping(file)
    assert isinstance(plain.value, MarkedYAMLError)
    assert plain.value.problem is not None
    assert plain.value.problem_mark is not None
    assert f":{plain.value.problem_mark.line + 1}:" in str(caught.value)
    assert plain.value.problem.splitlines()[0] in str(caught.value)


@pytest.mark.parametrize("text", [
    "c: {u: http://x?a=b, v: a}\n", "a: {x:1}\n", "# first\n%YAML 1.1\n---\na: yes\nb: 012\n", "a: yes\nb: 012\n"])
def test_what_is_read_does_not_hang_on_the_reader_in_c(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text)
    assert read_mapping(file) == YAML(typ="safe", pure=True).load(text)
