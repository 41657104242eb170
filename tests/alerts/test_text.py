"""Cuts that can be taken back, and diffs that hold no secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.gateway import PatchRefused
from alerts.text import Splice, holds_secret, line_after, line_start, newline_of, splice, unified

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
     ("api_key:", False),
     ("model: anthropic/claude", False), ("smart: qwen", False),
     ('"api_key": "sk-***",', False), ('"api_key": "sk-ant-xxx"', False), ('"api_key": "your-key-here"', False),
     ('"virtual_key": "openai-prod-1a2b"', False), ('"api_key": "ACCOUNT_1_KEY"', False),
     ('"api_key": "{{OPENAI}}"', False), ('"value": "env.OPENAI_KEY"', False), ('"api_key": ""', False),
     ('"api_key": "OpenAI_API_Key"', False), ('"api_key": "gt5***"', False), ("{max_tokens: 254}", False),
     ('"max_tokens": 64,', False), ('"api_key": "AKIA0123456789"', True), ('"apiKey": "sk-ant-api03-abcdefgh"', True),
     ('"private_virtual_key_token": "abc"', True)],
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
