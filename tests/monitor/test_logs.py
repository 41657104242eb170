"""One event, one line, the same fields in both forms, and no secret in either."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import logs


@pytest.fixture(autouse=True)
def root_as_it_was() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger(logs.ROOT)
    handlers, level, own = list(root.handlers), root.level, ours.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    ours.setLevel(own)


def line(form: str, *args: object, secrets: dict[str, str] | None = None) -> str:
    out = io.StringIO()
    logs.begin(form, "info", secrets, out)
    logging.getLogger("vendorwatch.courier").warning(*args)
    return out.getvalue()


def test_pairs_and_json_say_the_same() -> None:
    pairs = line("kv", "not delivered channel=%s reason=%r", "ops", "it's 503 now")
    values = json.loads(line("json", "not delivered channel=%s reason=%r", "ops", "it's 503 now"))
    assert 'level=warning room=courier event="not delivered" channel=ops reason="it' in pairs
    assert (values["level"], values["room"], values["event"], values["channel"]) == (
        "warning", "courier", "not delivered", "ops")
    assert values["reason"] == "it's 503 now"


def test_an_error_with_spaces_stays_one_value() -> None:
    """As the rooms write it: the repr as text, for a bare repr would end at its first space."""
    values = json.loads(line("json", "failed error=%r", repr(OSError("disk 'a b' is full"))))
    assert (values["event"], values["error"]) == ("failed", repr(OSError("disk 'a b' is full")).replace("'", "\\'"))


def test_one_event_is_one_line_even_with_a_traceback() -> None:
    out = io.StringIO()
    logs.begin("kv", "info", None, out)
    try:
        raise ValueError("two\nlines")
    except ValueError:
        logging.getLogger("vendorwatch.x").exception("failed\nbadly check=%s", "k")
    assert out.getvalue().count("\n") == 1
    assert "ValueError" in out.getvalue()


@pytest.mark.parametrize("form", ["kv", "json"])
def test_a_secret_in_words_pairs_or_errors_is_scrubbed(form: str) -> None:
    secrets = {"ACME_API_KEY": "sk-canary-123456"}
    text = line(form, "asked with sk-canary-123456 url=%s", "https://x/?k=sk-canary-123456", secrets=secrets)
    assert "canary" not in text
    assert "[ACME_API_KEY]" in text


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=8, max_size=40), st.text(), st.text())
def test_no_secret_survives_the_scrubber(secret: str, before: str, after: str) -> None:
    scrubbed = logs.Scrubber({"NAME": secret})(before + secret + after)
    assert secret not in scrubbed.replace("[NAME]", "\0")


def test_short_values_are_left_alone_and_longer_secrets_go_first() -> None:
    scrub = logs.Scrubber({"A": "no", "B": "secret-one", "C": "secret-one-more"})
    assert scrub("no secret-one-more") == "no [C]"


def test_other_libraries_speak_only_when_something_is_wrong() -> None:
    out = io.StringIO()
    logs.begin("kv", "debug", None, out)
    logging.getLogger("httpx").info("HTTP Request: GET")
    logging.getLogger("vendorwatch.x").debug("seen")
    assert "HTTP Request" not in out.getvalue()
    assert "event=seen" in out.getvalue()
