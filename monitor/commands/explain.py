"""`vendorwatch explain`: reads a response somebody has, says what it means and what to do. Asks nobody."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from probes.classify import Classification
    from probes.model import Exchange

FORM = """expected an object such as {"provider": "openai", "status": 403, "body": "..."}"""
OURS = frozenset({"id", "provider", "status", "headers", "body", "exception"})
NAMES = {type(None): "null", bool: "true or false", int: "a number", float: "a number", str: "a string", list: "a list"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(explain)


def explain(
    source: Annotated[str, typer.Argument(metavar="[FILE|-]", help="A file, or - for standard input.")] = "-",
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Many responses, one JSON object a line.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, in input order.")] = False,
) -> None:
    """Explain a vendor's response: what it means, why, how sure, and what to do.

    A response is JSON with `provider`, `status`, `headers`, `body`, `exception` and `id`, all of them optional; an
    object with none of them is taken for the body itself, as `curl` prints it.
    Exits with 0 if everything was read, with 2 if not.
    """
    try:
        text = _read(source)
    except OSError as error:
        typer.echo(f"{source}: cannot be read: {error.strerror or error}", err=True)
        raise typer.Exit(2) from None
    unread, place = False, "" if source == "-" else f"{source}: "
    for line, row in _rows(text, jsonl):
        if isinstance(row, str):
            unread = True
            typer.echo(f"{place}line {line}: {row}", err=True)
            continue
        _print(row, as_json)
    if unread:
        raise typer.Exit(2)


def read_row(row: Mapping[str, Any]) -> tuple["Exchange", str]:
    """A response in the corpus's form as an exchange, and who gave it. Unknown keys are ignored."""
    from probes.model import Chunk, Exchange

    body = row.get("body") if OURS.intersection(row) else row or None     # a vendor's bare answer
    text = "" if body is None else body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    exception = row.get("exception")
    exchange = Exchange(
        status=_status(row.get("status")),
        headers=tuple(_headers(row.get("headers"))),
        chunks=(Chunk(0.0, text.encode("utf-8", "replace")),) if text else (),
        exception=None if exception is None else str(exception),
    )
    return exchange, str(row.get("provider") or "")


def _read(source: str) -> str:
    data = _standard_input() if source == "-" else Path(source).read_bytes()
    return data.decode("utf-8", "replace").lstrip("\ufeff")


def _standard_input() -> bytes:
    return b"" if sys.stdin is None else sys.stdin.buffer.read()     # None: started with it closed


def _rows(text: str, jsonl: bool) -> Iterator[tuple[int, "dict[str, Any] | str"]]:
    """Line number and the object on it, or what is wrong with it."""
    lines = text.split("\n") if jsonl else [text]
    for at, line in enumerate(lines, start=1):
        if not line.strip():
            if not jsonl:
                yield at, f"nothing to read; {FORM}"
            continue
        try:
            row = json.loads(line, strict=False)
        except (ValueError, RecursionError) as error:
            hint = "if there is one response a line, say --jsonl" if not jsonl and "Extra data" in str(error) else FORM
            yield (at if jsonl else getattr(error, "lineno", at)), f"not JSON: {getattr(error, 'msg', error)}; {hint}"
            continue
        yield at, row if isinstance(row, dict) else f"{FORM}, found {NAMES[type(row)]}"


def _status(value: object) -> int | None:
    """As a number or as text; what no HTTP answer can have says nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        status = int(value)
    except (ValueError, OverflowError):
        return None
    return status if 100 <= status <= 999 else None


def _headers(value: object) -> Iterator[tuple[str, str]]:
    """Headers as an object, as a list of pairs, or absent."""
    pairs = value.items() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for pair in pairs:
        if isinstance(pair, list | tuple) and len(pair) == 2:
            values = pair[1] if isinstance(pair[1], list) else [pair[1]]
            for one in values:
                yield str(pair[0]), str(one)


def _print(row: Mapping[str, Any], as_json: bool) -> None:
    from probes.classify import classify_text

    verdict = classify_text(*read_row(row))
    if as_json:
        sys.stdout.write(json.dumps(_as_object(row.get("id"), verdict), ensure_ascii=False) + "\n")
        return
    _print_words(row.get("id"), verdict)


def _as_object(name: object, verdict: "Classification") -> dict[str, object]:
    return {
        "id": name,
        "outcome": str(verdict.outcome),
        "reason": verdict.reason,
        "confidence": verdict.confidence,
        "rule": verdict.rule,
        "candidates": [{"outcome": str(one.outcome), "confidence": one.confidence} for one in verdict.candidates],
        "advice": verdict.advice,
    }


def _print_words(name: object, verdict: "Classification") -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    title = f"{escape(str(name))}: " if name is not None else ""
    colour = "green" if verdict.outcome == "ok" else "yellow" if verdict.confidence < 0.6 else "red"
    console.print(f"{title}[bold {colour}]{verdict.outcome}[/] ({verdict.confidence:.0%} sure)")
    console.print(f"  why:  {escape(verdict.reason)} [dim]{escape(f'[rule {verdict.rule}]')}[/]")
    for one in verdict.candidates[1:]:
        console.print(f"  or:   {one.outcome} ({one.confidence:.0%})")
    console.print(f"  do:   {escape(verdict.advice)}")
