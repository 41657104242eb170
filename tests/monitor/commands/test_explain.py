"""`explain`: the forms a response may come in, the lines that cannot be read, and what comes out."""

import json
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from monitor.commands.explain import explain, read_row, register

CORPUS = Path(__file__).parents[2] / "corpus" / "refusals.jsonl"
GEO = {"id": "a", "status": 403, "body": {"error": {"code": "unsupported_country_region_territory"}}, "odd": 1}


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    register(made)
    made.command("other")(lambda: None)
    return made


def test_many_lines_come_out_in_order(app: typer.Typer) -> None:
    ids = [json.loads(line)["id"] for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    result = CliRunner().invoke(app, ["explain", str(CORPUS), "--jsonl", "--json"])
    assert result.exit_code == 0
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["id"] for row in rows] == ids
    assert all(set(row) == {"id", "outcome", "reason", "confidence", "rule", "candidates", "advice"} for row in rows)
    assert all(row["outcome"] == row["candidates"][0]["outcome"] for row in rows)


@pytest.mark.parametrize("headers", [{"CF-Mitigated": "challenge"}, [["cf-mitigated", "challenge"]],
                                     {"cf-mitigated": ["challenge"]}])
def test_headers_in_any_form(app: typer.Typer, headers: object) -> None:
    row = {"status": 403, "headers": headers, "body": None}
    result = CliRunner().invoke(app, ["explain", "--json"], input=json.dumps(row))
    assert json.loads(result.stdout)["outcome"] == "bot_challenge"


@pytest.mark.parametrize("body", [GEO["body"], json.dumps(GEO["body"])])
def test_body_as_object_or_text(app: typer.Typer, body: object) -> None:
    row = {**GEO, "headers": None, "body": body}
    result = CliRunner().invoke(app, ["explain", "-", "--json"], input=json.dumps(row))
    assert result.exit_code == 0
    assert json.loads(result.stdout)["outcome"] == "geo_restricted"


def test_a_line_that_cannot_be_read_is_named_and_the_others_are_read(app: typer.Typer) -> None:
    text = json.dumps(GEO) + "\n{broken\n\n[1]\n" + json.dumps(GEO) + "\n"
    result = CliRunner().invoke(app, ["explain", "--jsonl", "--json"], input=text)
    assert result.exit_code == 2
    assert len(result.stdout.splitlines()) == 2
    assert "line 2:" in result.stderr
    assert "line 4:" in result.stderr


def test_many_lines_read_as_one_are_told_the_way(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["explain"], input=f"{json.dumps(GEO)}\n{json.dumps(GEO)}\n")
    assert result.exit_code == 2
    assert "say --jsonl" in result.stderr


@pytest.mark.parametrize("text", ["", "nonsense", "3"])
def test_one_response_that_cannot_be_read(app: typer.Typer, text: str) -> None:
    result = CliRunner().invoke(app, ["explain"], input=text)
    assert result.exit_code == 2
    assert "line 1" in result.stderr


def test_a_file_that_is_not_there(app: typer.Typer, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["explain", str(tmp_path / "none.json")])
    assert result.exit_code == 2
    assert "none.json" in result.stderr


def test_words_for_people(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["explain"], input=json.dumps(GEO))
    assert result.exit_code == 0
    assert "geo_restricted" in result.stdout
    assert "do:" in result.stdout


VALUE = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(max_size=3), max_size=3)


@given(st.dictionaries(st.sampled_from(["status", "headers", "body", "exception", "provider", "id"]), VALUE))
def test_any_row_is_read(row: dict[str, object]) -> None:
    exchange, provider = read_row(row)
    assert isinstance(provider, str)
    assert exchange.status is None or isinstance(exchange.status, int)


@pytest.mark.parametrize(("status", "read"), [
    (403.0, 403), ("403", 403), (" 451 ", 451), (0, None), (-1, None), (10**30, None), (True, None), (9e999, None),
    ("9" * 5000, None), ("Forbidden", None),
])
def test_a_status_is_what_http_can_have(status: object, read: int | None) -> None:
    assert read_row({"status": status})[0].status == read


def test_a_bare_answer_is_its_own_body(app: typer.Typer) -> None:
    """What `curl … | vendorwatch explain` gives: people paste what they got, not our form of it."""
    result = CliRunner().invoke(app, ["explain", "--json"], input=json.dumps(GEO["body"]))
    assert json.loads(result.stdout)["outcome"] == "geo_restricted"
    empty = CliRunner().invoke(app, ["explain", "--json"], input="{}")
    assert json.loads(empty.stdout)["outcome"] == "unknown"


@pytest.mark.parametrize(("text", "said"), [
    ("Request not allowed", "not JSON: Expecting value; expected an object such as"), ("null", "found null"),
    ("[]", "found a list"), ("1.5", "found a number"), ('"x"', "found a string"), ("", "nothing to read; expected an"),
])
def test_what_cannot_be_read_names_the_file_and_the_form(
    app: typer.Typer, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "answer.json"
    file.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["explain", str(file)])
    assert result.exit_code == 2
    assert f"{file}: line 1: " in result.stderr
    assert said in result.stderr


def test_a_closed_standard_input_is_an_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.commands.explain.sys.stdin", None)
    with pytest.raises(typer.Exit) as left:
        explain("-", jsonl=False, as_json=False)
    assert left.value.exit_code == 2
