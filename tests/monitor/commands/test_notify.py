"""`notify test`: one real message; a refusal is a 1, a mistake a 2, and no secret is ever shown."""

from pathlib import Path

import pytest
from sinks import http_sink
from terminal import Command

HOOK = "channels:\n  ops: {type: webhook, url_env: OPS_URL}\n  here: {type: console}\n"


@pytest.fixture
def hooked(home: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    (home / "vendorwatch.yaml").write_text(HOOK)
    monkeypatch.setenv("OPS_URL", "https://127.0.0.1:9/T00/canary-path")
    return monkeypatch


def test_without_a_config_there_is_the_console(vendorwatch: Command) -> None:
    done = vendorwatch("notify", "test", "console")
    assert (done.code, done.out) == (0, "console: delivered\n")
    assert "this is a test; nothing is wrong" in done.err


def test_what_arrives_is_a_test_and_says_so(vendorwatch: Command, hooked: pytest.MonkeyPatch) -> None:
    with http_sink() as sink:
        hooked.setenv("OPS_URL", f"{sink.url}/T00/canary-path")
        done = vendorwatch("notify", "test", "ops")
    assert done.code == 0, done
    assert done.out.startswith("ops: delivered")
    [asked] = sink.asked
    assert asked.path == "/T00/canary-path"
    assert (asked.body["occasion"], asked.body["severity"]) == ("test", "info")
    assert "canary" not in done.out + done.err


@pytest.mark.parametrize(("status", "said"), [(404, "404"), (500, "500"), (429, "429")])
def test_a_channel_that_refuses_is_a_1_with_its_reason(
    vendorwatch: Command, hooked: pytest.MonkeyPatch, status: int, said: str
) -> None:
    with http_sink() as sink:
        hooked.setenv("OPS_URL", f"{sink.url}/T00/canary-path")
        sink.answer(status, b"no such hook")
        done = vendorwatch("notify", "test", "ops")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("ops: not delivered: 127.0.0.1")
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert "canary" not in done.err


def test_nobody_there_is_a_1_too(vendorwatch: Command, hooked: pytest.MonkeyPatch) -> None:
    done = vendorwatch("notify", "test", "ops")
    assert done.code == 1
    assert "could not reach 127.0.0.1" in done.err
    assert "canary" not in done.err


def test_an_unknown_channel_is_named_with_those_there_are(vendorwatch: Command, hooked: pytest.MonkeyPatch) -> None:
    assert vendorwatch("notify", "test", "pager").problem == "no channel pager; there are: ops, here"


def test_a_missing_secret_is_named_before_anything_is_sent(vendorwatch: Command, hooked: pytest.MonkeyPatch) -> None:
    hooked.delenv("OPS_URL")
    assert "channels.ops.url_env: the variable OPS_URL is not set" in vendorwatch("notify", "test", "here").problem


@pytest.mark.parametrize(("options", "said"), [
    ("{type: slak}", "channels.ops.type: no 'slak'"),
    ("{type: slack, token_env: HOME}", "channels.ops: channel: needed with token_env"),
    ("{type: console, colour: red}", "channels.ops.colour: unknown key"),
])
def test_a_channel_that_cannot_be_made_is_said(vendorwatch: Command, home: Path, options: str, said: str) -> None:
    (home / "vendorwatch.yaml").write_text(f"channels:\n  ops: {options}\n")
    assert said in vendorwatch("notify", "test", "ops").problem
