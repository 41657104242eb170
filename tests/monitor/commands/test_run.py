"""`run`: what it says when it starts, what it keeps out of the log, and a real daemon from start to SIGTERM."""

import os
import selectors
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from terminal import Command

NOWHERE = """database: {folder}/v.db
controls: ["127.0.0.1:9"]
vendors: {{claude: {{enabled: false}}}}
endpoints: [{{name: ours, base_url: "http://127.0.0.1:9/v1", model: m}}]
channels: {{here: {{type: console}}}}
"""
CANARY = "sk-canary-0001"


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the log was begun with; nothing is served."""
    kept: list[Any] = []
    monkeypatch.setattr("monitor.logs.begin", lambda *words: kept.append(words))
    monkeypatch.setattr("monitor.commands.run._serve", lambda setup, read: None)
    return kept


def test_the_greeting_says_what_is_not_planned(vendorwatch: Command, home: Path, begun: list[Any]) -> None:
    (home / "vendorwatch.yaml").write_text("vendors: {claude: {checks: {completion: {}}}}\n")
    assert "note: vendors.claude.checks: not planned, for want of an account: completion;" in vendorwatch("run").err


def test_the_greeting_says_what_will_be_done(vendorwatch: Command, home: Path, begun: list[Any]) -> None:
    done = vendorwatch("run")
    assert (done.code, done.out) == (0, "")
    config, database, checks = done.err.splitlines()
    assert config == "config: none, the built-in one"
    assert database == f"database: {home}/.local/state/vendorwatch/vendorwatch.db"
    assert checks.endswith("regions: here")
    (home / "vendorwatch.yaml").write_text(NOWHERE.format(folder=home))
    assert vendorwatch("run").err.splitlines()[0] == f"config: {home}/vendorwatch.yaml"


def test_the_greeting_keeps_the_databases_password_to_itself(
    vendorwatch: Command, home: Path, begun: list[Any]
) -> None:
    (home / "vendorwatch.yaml").write_text(f"database: postgresql://vw:{CANARY}@127.0.0.1:9/vw\n")
    done = vendorwatch("run")
    assert "database: postgresql+psycopg://vw:***@127.0.0.1:9/vw" in done.err
    assert CANARY not in done.err


def test_keys_that_lie_about_are_named_and_not_used_unless_told(
    vendorwatch: Command, begun: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOONSHOT_API_KEY", CANARY)
    monkeypatch.setenv("ANTHROPIC_API_KEY", f"{CANARY}-2")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://relay.example/v1")
    left, used = vendorwatch("run").err, vendorwatch("run", "--use-keys").err
    assert "key MOONSHOT_API_KEY (moonshot): found, not used; say --use-keys or use_keys: true" in left
    assert "key MOONSHOT_API_KEY (moonshot): used, at most 0.50 USD a day" in used
    for said in (left, used):
        assert "key ANTHROPIC_API_KEY (anthropic): not used: ANTHROPIC_BASE_URL points to relay.example" in said
        assert CANARY not in said


def test_after_a_reload_the_log_knows_the_new_secrets_too(
    vendorwatch: Command, home: Path, begun: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = home / "vendorwatch.yaml"
    file.write_text(NOWHERE.format(folder=home))
    monkeypatch.setenv("HOOK_URL", f"https://hooks.example/{CANARY}")

    def reload(setup: object, read: Any) -> None:
        file.write_text(file.read_text().replace("{type: console}", "{type: webhook, url_env: HOOK_URL}"))
        read()

    monkeypatch.setattr("monitor.commands.run._serve", reload)
    vendorwatch("run")
    assert ["HOOK_URL" in words[2] for words in begun] == [False, True]


def test_the_log_is_told_every_secret_that_it_must_not_show(
    vendorwatch: Command, home: Path, begun: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {"MOONSHOT_API_KEY", "TEAM_KEY", "RELAY_KEY", "HOOK_URL"}
    for name in named:
        monkeypatch.setenv(name, f"{CANARY}-{name}")
    (home / "vendorwatch.yaml").write_text("""
logging: {format: json, level: debug}
accounts: [{name: team, vendor: claude, key_env: TEAM_KEY}, {name: off, vendor: gpt, key_env: NOT_SET}]
endpoints: [{name: ours, base_url: "http://127.0.0.1:9/v1", model: m, key_env: RELAY_KEY}]
channels: {ops: {type: slack, webhook_env: HOOK_URL}}
""")
    assert vendorwatch("run").code == 0
    [(form, level, secrets)] = begun
    assert (form, level) == ("json", "debug")
    assert secrets == {name: f"{CANARY}-{name}" for name in named}


@pytest.mark.parametrize(("text", "said"), [
    ("regoins: {}", "regoins: unknown key (did you mean region"),
    ("regions: {here: {vantages: [{ca_file: none.pem}]}}", "none.pem"),
    ("vendors: {antropic: {}}", "did you mean anthropic?"),
    ("channels: {ops: {type: slack, webhook_env: HOOK_URL}}", "the variable HOOK_URL is not set"),
    ("database: vendorwatch.yaml/v.db", "database: cannot write in "),
    ("vendors: {claude: {checks: {reachability: {every: soon}}}}", "every: expected a duration"),
])
def test_a_config_that_is_wrong_starts_nothing(
    vendorwatch: Command, home: Path, begun: list[Any], text: str, said: str
) -> None:
    (home / "vendorwatch.yaml").write_text(text)
    assert said in vendorwatch("run").problem
    assert begun == []
    assert [path.name for path in home.iterdir()] == ["vendorwatch.yaml"]


def test_a_database_from_a_newer_version_is_left_alone(
    vendorwatch: Command, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.logs.begin", lambda *_: None)
    done = vendorwatch("run")
    assert done.code == 2
    assert "has revision 9999, from a newer vendorwatch" in done.err.splitlines()[-1]


# -- the real thing
class Daemon:
    """A daemon in a process of its own; what it says is kept."""

    def __init__(self, home: Path) -> None:
        seen = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8"}
        self.process = subprocess.Popen([sys.executable, "-m", "monitor.cli", "run"], env=seen, cwd=home,
                                        stderr=subprocess.PIPE)
        self.said = b""

    def hears(self, word: bytes, within_s: float = 30.0) -> bool:
        """Whether it says the word before it ends, or in time."""
        assert self.process.stderr is not None
        deadline = time.monotonic() + within_s
        with selectors.DefaultSelector() as ready:
            ready.register(self.process.stderr, selectors.EVENT_READ)
            while word not in self.said and time.monotonic() < deadline:
                if ready.select(0.5):
                    more = os.read(self.process.stderr.fileno(), 65536)
                    if not more:
                        break
                    self.said += more
        return word in self.said

    def ends(self, number: int) -> int:
        self.process.send_signal(number)
        self.hears(b"\0never")
        return self.process.wait(30)


@contextmanager
def daemon(home: Path) -> Iterator[Daemon]:
    made = Daemon(home)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.wait(10)
        if made.process.stderr is not None:
            made.process.stderr.close()


def test_it_measures_until_sigterm_and_refuses_a_second_one_meanwhile(home: Path) -> None:
    (home / "vendorwatch.yaml").write_text(NOWHERE.format(folder=home))
    with daemon(home) as first:
        assert first.hears(b"event=ready"), first.said
        with daemon(home) as second:
            assert not second.hears(b"event=ready")
            assert second.process.wait(30) == 2
            last = second.said.decode().splitlines()[-1]
            assert last.startswith("vendorwatch: another vendorwatch daemon of this machine runs on this database")
            assert b"Traceback" not in second.said
        (home / "vendorwatch.yaml").write_text("regoins: {}\n")
        first.process.send_signal(signal.SIGHUP)
        assert first.hears(b"not reloaded"), "a config that does not load leaves the old one running"
        assert first.ends(signal.SIGTERM) == 0, first.said
    assert b"event=stopped" in first.said
    assert b"Traceback" not in first.said
    rows = sqlite3.connect(home / "v.db")
    assert rows.execute("SELECT count(*) FROM incident").fetchone() == (0,), "our own network is nobody's fault"
    rows.close()
