"""A string in quotes says what a YAML parser reads of it, before and after an edit."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from alerts.gateway import PatchRefused
from alerts.kube.quoted import strings, written
from alerts.surgery.text import splice


def dumped(value: str, quote: str, width: int) -> str:
    made, out = YAML(), io.StringIO()
    made.default_style, made.width = quote, width       # type: ignore[assignment]
    made.dump({"data": {"c.yaml": value, "z": "é"}}, out)
    return out.getvalue()


def parsed(text: str) -> str:
    read = json.loads if text[0] == "{" else YAML(typ="safe").load
    return str(read(text)["data"]["c.yaml"])


LINES = st.lists(st.sampled_from(
    ["model_list:", "  - a: 'b'", '  "q": \\d  ', "", "# é", "\tx\u2028", "x" * 30 + " y " * 9, "{a: [1]}",
     "\U0001f600 :"]))


@settings(max_examples=100, deadline=None)
@given(LINES, st.lists(st.sampled_from(["new: 'x'", '  "y"', ""])), st.integers(0, 9),
       st.sampled_from(["json", "40", "900"]), st.sampled_from(["\n", "\r\n"]))
def test_in_double_quotes_anything_is_read_and_written(
        body: list[str], more: list[str], at: int, how: str, end: str) -> None:
    value = "".join(f"{line}\n" for line in ["top:", *body])
    text = json.dumps({"data": {"c.yaml": value}}, indent=1) if how == "json" else dumped(value, '"', int(how))
    text = text.replace("\n", end)
    one = next(strings(text))
    assert (one.said, one.key, text[one.start] + text[one.end - 1]) == (value, "c.yaml", '""')
    first = len("".join(value.splitlines(keepends=True)[:at])) if at < len(body) else len(value)
    new = "".join(f"{line}\n" for line in more)
    after, back = splice(text, [written(text, one, first, first, new)])
    assert parsed(after) == next(strings(after)).said == value[:first] + new + value[first:]
    assert splice(after, back)[0] == text


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["A=1", "B='x'", "", "[{c: d}]"])), st.sampled_from(["new=1", "it's"]))
def test_in_single_quotes_lines_without_room_at_their_ends(body: list[str], new: str) -> None:
    value = "".join(f"{line}\n" for line in ["a", *body, "b"])
    text = dumped(value, "'", 900)
    one = next(strings(text))
    assert one.said == value
    after, _ = splice(text, [written(text, one, 2, 2, f"{new}\n")])
    assert parsed(after) == next(strings(after)).said == f"a\n{new}\n{value[2:]}"


def test_what_single_quotes_cannot_say_is_refused() -> None:
    text = "data:\n  a: 'b\n\n    c'\n"
    with pytest.raises(PatchRefused, match=r"write it as a block \(a: \|\)"):
        written(text, next(strings(text)), 0, 0, "x:\n  y\n")


@pytest.mark.parametrize("text", [
    "a: plain\n", "a: 'short'\n", '# a: "b\\nc"\n', 'a: "b\\qc\\n"\n', 'a: "b\\n', "a: 'b\n", 'a: "\\UFFFFFFFF\\n"\n',
    "it's: |\n  b\n"])
def test_what_holds_no_file_or_is_no_string_is_passed_over(text: str) -> None:
    assert list(strings(text)) == []


def test_several_in_one_line_and_keys_in_quotes() -> None:
    text = """{"a": "x\\n", 'b': '{y}', c: "{}", "d": "\\ud83d\\ude00\\n"}"""
    assert [(one.key, one.said) for one in strings(text)] == [
        ("a", "x\n"), ("b", "{y}"), ("c", "{}"), ("d", "\U0001f600\n")]
