"""Cuts that can be taken back, and diffs that hold no secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.gateway import PatchRefused
from alerts.surgery.text import (
    Splice,
    common,
    holds_secret,
    line_after,
    line_end,
    line_start,
    lines_of,
    newline_of,
    splice,
    takes_remark,
    unified,
)

WANTED = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 6), st.text(max_size=5)), max_size=5)


@given(st.text(max_size=60), WANTED)
def test_cuts_are_taken_back_exactly_or_refused(text: str, wanted: list[tuple[int, int, str]]) -> None:
    try:
        after, back = splice(text, [Splice(at, at + length, new) for at, length, new in wanted])
    except PatchRefused:
        return
    assert splice(after, back)[0] == text


def test_cuts_keep_their_order_at_one_place_and_may_not_overlap() -> None:
    assert splice("ab", [Splice(1, 1, "1"), Splice(1, 1, "2"), Splice(1, 2, "3")])[0] == "a123"
    with pytest.raises(PatchRefused):
        splice("abc", [Splice(0, 2, ""), Splice(1, 3, "")])


def test_lines() -> None:
    text = "\ufeffab\r\ncd"
    assert (line_start(text, 2), line_start(text, 6), line_after(text, 2), line_after(text, 6)) == (1, 5, 5, 7)
    assert newline_of(text) == "\r\n"
    assert newline_of("") == "\n"
    with pytest.raises(PatchRefused, match="carriage"):
        newline_of("a\rb")


@pytest.mark.parametrize(
    ("line", "secret"),
    [("api_key: sk-123456789abc", True), ("  api_key: 'abc'", True), ('"token": "x1"', True),
        ('"MAX_THINKING_TOKENS": "1024"', False), ('"CLAUDE_CODE_MAX_OUTPUT_TOKENS": "4096",', False),
        ('"ANTHROPIC_AUTH_TOKEN": "sk-",', False), ('"password": "123456"', True), ('"API_TOKEN": "123456"', True),
     ("x: sk-abcdefghij", True), ("redis_url: redis://:pw@host", True), ("u: https://me:pw@host/", True),
     ("Authorization: Bearer abcdefghijklmnop", True), ("api_key: os.environ/KEY", False),
     ("api_key: 'os.environ/KEY'", False), ("max_tokens: 4096", False),
     ("max_tokens: 4096 # most", False),
     ("api_key:", False), ("LLM_API_KEY=EMPTY", False), ("LLM_API_KEY=not-needed # local", False),
    ("LLM_API_KEY=EMPTYx1", True),
     ("model: anthropic/claude", False), ("smart: qwen", False),
     ('"api_key": "sk-***",', False), ('"api_key": "sk-ant-xxx"', False), ('"api_key": "your-key-here"', False),
     ('"virtual_key": "openai-prod-1a2b"', False), ('"api_key": "ACCOUNT_1_KEY"', False),
     ('"api_key": "{{OPENAI}}"', False), ('"value": "env.OPENAI_KEY"', False), ('"api_key": ""', False),
     ('"api_key": "OpenAI_API_Key"', False), ('"api_key": "gt5***"', False), ("{max_tokens: 254}", False),
     ('"max_tokens": 64,', False), ('"api_key": "AKIA0123456789"', True), ('"apiKey": "sk-ant-api03-abcdefgh"', True),
     ('"private_virtual_key_token": "abc"', True), ("A_KEY: ${A_KEY:-}", False),
     ("- A_KEY=${B_KEY:-${A_KEY:-}}", False),
     ("A_KEY: ${A_KEY:?is missing}", False), ("A_KEY: ${A_KEY:-your-key}", False), ("A_KEY: ${A_KEY:-a1b2c3d4}", True),
     ("A_KEY: -a1b2c3d4", True), ("A_KEY: dummy", False), ("A_KEY: dummy-a1b2", True), ("A_KEY=not-needed", False),
     ('"c": "- api_key: \\"os.environ/K\\"\\n  max_tokens: 8192\\n"', False),
     ('"c": "a: 1\\n  api_key: a1b2c3d4\\n"', True), ('"c": "api_key: \\"a1b2c3d4\\"\\n"', True),
     ("input_cost_per_token: 2.5e-06", False), ("api_key: sk-local", False),
     ("api_key: sk-localhost99", True), ("api_key: __THE_KEY__", False), ("api_key: none-of-mine1", True)],
)
def test_what_counts_as_a_secret_written_out(line: str, secret: bool) -> None:
    assert holds_secret(line) is secret
    assert holds_secret(f"+{line}") is secret


def test_a_secret_near_an_edit_is_left_out_of_the_diff_and_one_in_it_refused() -> None:
    assert "canary" not in unified("api_key: canary\na: 1\n", "api_key: canary\na: 2\n", "f")
    with pytest.raises(PatchRefused):
        unified("api_key: canary1\n", "api_key: canary2\n", "f")


def test_a_missing_line_end_is_marked() -> None:
    assert unified("a", "a\nb", "f").count("\\ No newline at end of file") == 2
    assert unified("a", "a", "f") == ""


def test_an_absolute_path_is_written_as_git_writes_one() -> None:
    assert unified("a\n", "b\n", "/etc/litellm.yaml").startswith("--- a/etc/litellm.yaml\n+++ b/etc/litellm.yaml\n")


ROWS = st.lists(st.sampled_from(["a\n", "b\n", "c\r\n", "\x0c\n", "\u2028d\n"]), max_size=12)


@given(ROWS, ROWS, ROWS, ROWS, st.sampled_from(["", "end"]))
def test_looking_between_what_is_alike_gives_a_diff_that_holds(
        head: list[str], old: list[str], new: list[str], tail: list[str], end: str) -> None:
    before, after = ["".join((*head, *middle, *tail, end)) for middle in (old, new)]
    first, last = common(lines_of(before), lines_of(after))
    assert first + last <= min(len(lines_of(before)), len(lines_of(after)))
    assert _applied(lines_of(before), unified(before, after, "f")) == after


def _applied(old: list[str], diff: str) -> str:
    """As `patch` does, by the numbers of the hunks alone."""
    made, at = list[str](), 0
    for line in lines_of(diff.replace("\n\\ No newline at end of file\n", ""))[2:]:
        if line.startswith("@@"):
            start, _, count = line.split()[1][1:].partition(",")
            upto = int(start) - (count != "0")
            made, at = [*made, *old[at:upto]], upto
        elif line[0] in " -":
            assert old[at] == line[1:]
            made += [line[1:]] if line[0] == " " else []
            at += 1
        else:
            made.append(line[1:])
    return "".join((*made, *old[at:]))


@pytest.mark.parametrize(("rest", "free"), [
    ("", True), ("   # c", True), (", b: {c: d}} # it's", True), (":", True), (", b: 'x # y'}", True),
    (", b: c", False), (", b: 'x", False), (", b: it's}", False), (': "a\\"b"', True), (": |", False)])
def test_where_a_comment_may_follow(rest: str, free: bool) -> None:
    assert takes_remark(rest) is free


def test_a_line_ends_before_its_line_end() -> None:
    assert [line_end("a\r\nb", at) for at in (0, 1, 3)] == [1, 1, 4]
    assert [line_end("a\n\n", at) for at in (0, 2)] == [1, 2]


def test_a_refusal_says_which_line_holds_the_secret() -> None:
    before = "a: 1\nb: 2\nc: 3\napi_key: sk-abcdefgh12345678\n"
    with pytest.raises(PatchRefused, match=r"a changed line \(line 4\) holds a literal secret"):
        unified(before, before.replace("api_key", "key"), "f")
