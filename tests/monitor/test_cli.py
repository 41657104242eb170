"""Every command is there, help is quick, and what a person can mend is said without a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor import cli
from monitor.errors import StoreError, UserError

COMMANDS = ("run", "check", "status", "incident", "silence", "notify", "doctor")


def vendorwatch(*words: str, home: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    seen = {"PATH": os.environ["PATH"], "HOME": str(home), **environ}
    return subprocess.run([sys.executable, "-m", "monitor.cli", *words], env=seen, cwd=home, text=True, timeout=60,
                          capture_output=True, check=False)


def test_help_names_every_command() -> None:
    result = CliRunner().invoke(cli.build(), ["--help"])
    assert result.exit_code == 0
    for command in COMMANDS:
        assert command in result.output


def test_help_loads_nothing_heavy() -> None:
    code = ("import sys; from monitor import cli; from typer.testing import CliRunner; "
            "CliRunner().invoke(cli.build(), ['--help']); "
            "print([m for m in ('httpx','sqlalchemy','apscheduler','pydantic','ruamel','jinja2') if m in sys.modules])")
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_problems_are_printed_line_by_line_and_end_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> object:
        def go() -> None:
            raise UserError(["a.yaml: one", "a.yaml: two"])
        return go

    monkeypatch.setattr(cli, "build", broken)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 2
    assert capsys.readouterr().err == "vendorwatch: a.yaml: one\nvendorwatch: a.yaml: two\n"


def test_a_database_that_fails_is_one_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def locked() -> None:
        raise StoreError("database /x/v.db: database is locked\n(Background on this error …)")

    monkeypatch.setattr(cli, "build", lambda: locked)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 2
    assert capsys.readouterr().err == "vendorwatch: database /x/v.db: database is locked (Background on this error …)\n"


def test_a_wrong_config_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "vendorwatch.yaml").write_text("regoins: {}\nretention_days: x\n")
    done = vendorwatch("run", home=tmp_path)
    assert done.returncode == 2
    assert "regoins" in done.stderr
    assert "retention_days" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["vendorwatch.yaml"]


def test_a_new_database_is_empty_and_says_so(tmp_path: Path) -> None:
    done = vendorwatch("status", "--json", home=tmp_path)
    said = json.loads(done.stdout)
    assert (said["checks"], said["incidents"], [row["provider"] for row in said["spending"]]) == ([], [], [None])
    assert vendorwatch("incident", "show", "7", home=tmp_path).returncode == 2


def test_a_silence_is_made_listed_and_ended(tmp_path: Path) -> None:
    assert vendorwatch("silence", "add", "--vendor", "claude", "--for", "2h", home=tmp_path).returncode == 0
    [row] = json.loads(vendorwatch("silence", "list", "--json", home=tmp_path).stdout)
    assert row["provider"] == "anthropic"
    assert vendorwatch("silence", "expire", "1", home=tmp_path).returncode == 0
    assert json.loads(vendorwatch("silence", "list", "--json", home=tmp_path).stdout) == []
    assert vendorwatch("silence", "add", "--for", "soon", home=tmp_path).returncode == 2


def test_version() -> None:
    assert CliRunner().invoke(cli.build(), ["--version"]).output.startswith("vendorwatch ")


def shell(line: str, home: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    seen = {"PATH": os.environ["PATH"], "HOME": str(home), "PY": sys.executable, **environ}
    return subprocess.run(["bash", "-c", line], env=seen, cwd=home, text=True, timeout=60, capture_output=True,
                          check=False)


def test_a_reader_that_leaves_is_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "many.jsonl").write_text('{"status": 403}\n' * 2000)
    done = shell('"$PY" -m monitor.cli explain --jsonl --json many.jsonl | head -1 >/dev/null; echo ${PIPESTATUS[0]}',
                 tmp_path)
    assert (done.stdout, done.stderr) == ("141\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("words", ["vendors --json", "--help"])
def test_output_that_cannot_be_written_is_one_line(words: str, tmp_path: Path) -> None:
    done = shell(f'"$PY" -m monitor.cli {words} >/dev/full', tmp_path)
    assert (done.returncode, done.stderr) == (2, "vendorwatch: output: no space left on device\n")


def test_a_terminal_that_knows_few_letters_gets_a_question_mark(tmp_path: Path) -> None:
    done = vendorwatch("explain", "-", home=tmp_path, PYTHONIOENCODING="ascii")
    form = '{"provider": "openai", "status": 403, "body": "..."}'
    assert (done.returncode, done.stderr) == (2, f"line 1: nothing to read; expected an object such as {form}\n")
    done = shell("""echo '{"id": "\\ud800 中", "status": 403}' | "$PY" -m monitor.cli explain""", tmp_path,
                 PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("? ?: auth_failed")


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    done = shell('mkdir gone && cd gone && rmdir ../gone && "$PY" -m monitor.cli status', tmp_path)
    assert (done.returncode, done.stderr) == (2, "vendorwatch: the folder you are in is gone; change to another\n")
