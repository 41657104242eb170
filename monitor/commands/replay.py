"""`vendorwatch replay`: today's rules over a file of measurements, or over what the database holds. Writes nothing."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands._options import ConfigOption

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.comparing import Pair
    from monitor.model import Tier
    from monitor.replay import Replay
    from monitor.settings import Config
    from monitor.store.sql import SqlStore

TIERS = ("suspect", "warn", "confirm", "patch")
OFTEN = 4096              # lines between two looks at the progress bar
GZIP = b"\x1f\x8b"

Source = Annotated[str | None, typer.Argument(metavar="[FILE.jsonl|-]", help="A history; else the database's.")]
Since = Annotated[str | None, typer.Option("--since", metavar="30d|ISO", help="Tell only what opened since then.")]
TierOption = Annotated[str, typer.Option("--tier", help=f"Count what reached it: {', '.join(TIERS)}.")]
Advance = Callable[[int], None]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay")(replay)


def replay(
    source: Source = None,
    since: Since = None, config: ConfigOption = None, tier: TierOption = "confirm",
    as_json: Annotated[bool, typer.Option("--json", help="An object a line; of a FILE that is so anyway.")] = False,
    as_table: Annotated[bool, typer.Option("--table", help="A table, of a FILE too.")] = False,
) -> None:
    """Judge a history by today's rules: what would have been told, and when.

    A FILE (JSON Lines, gzip too; - is standard input) needs no config and no database and gives JSON Lines. Without
    one the database's own history is judged by the current policy, or that of --config, beside what did happen.
    """
    from monitor.errors import UserError
    from monitor.model import Tier

    if tier not in TIERS:
        raise UserError(f"--tier {tier}: expected one of {', '.join(TIERS)}")
    after, at = _since(since), Tier[tier.upper()]
    if source is not None:
        _print_file(_replay_file(source, config, at), after, as_table and not as_json)
    else:
        _replay_database(config, at, after, as_json)


def _since(text: str | None) -> "datetime | None":
    from datetime import UTC, datetime

    from monitor.errors import UserError
    from monitor.forms import parse_duration
    from monitor.history import moment_of

    if text is None:
        return None
    try:
        return datetime.now(UTC) - parse_duration(text) if text.strip()[-1:] in set("smhd") else moment_of(text)
    except (ValueError, OverflowError):
        raise UserError(f"--since {text}: expected a duration such as 30d or 12h, or an ISO 8601 time") from None


# -- a file
def _replay_file(source: str, config: Path | None, at: "Tier") -> "Replay":
    """Raises UserError: not readable, or a line that is wrong."""
    import zlib

    from monitor.errors import UserError
    from monitor.history import History
    from monitor.replay import Replay, replay_file

    policy = {} if config is None else {"policy": _policy(config)}
    try:
        with _opened(source) as (raw, lines), _progress(source, _size(raw)) as advance:
            history = History("standard input" if source == "-" else source, _say)
            return replay_file(_counted(lines, raw, advance), history, Replay(at=at, **policy))
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{source}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _policy(config: Path) -> Any:
    from monitor.config import catalogue_for
    from monitor.knowing import policy_of
    from monitor.setup import read_config

    settings = read_config(config)
    return policy_of(settings, catalogue_for(settings))


@contextmanager
def _opened(source: str) -> Iterator[tuple[IO[bytes], Iterable[str]]]:
    """The bytes as they lie there, and the lines they are."""
    import gzip
    import io

    raw: Any = Path(source).open("rb") if source != "-" else (     # noqa: SIM115 - closed below; stdin is not ours to
        io.BytesIO() if sys.stdin is None else sys.stdin.buffer)
    try:
        packed = isinstance(raw, io.BufferedReader) and raw.peek(2)[:2] == GZIP
        plain: Any = gzip.GzipFile(fileobj=raw) if packed else raw
        yield raw, io.TextIOWrapper(plain, encoding="utf-8-sig", errors="replace")
    finally:
        if source != "-":
            raw.close()


def _size(raw: IO[bytes]) -> int | None:
    """Of a pipe nobody knows it."""
    return (os.fstat(raw.fileno()).st_size or None) if raw.seekable() and hasattr(raw, "peek") else None


def _counted(lines: Iterable[str], raw: IO[bytes], advance: Advance | None) -> Iterable[str]:
    if advance is None or not raw.seekable():
        return lines
    return _telling(lines, raw, advance)


def _telling(lines: Iterable[str], raw: IO[bytes], advance: Advance) -> Iterator[str]:
    for number, line in enumerate(lines):
        if not number % OFTEN:
            advance(raw.tell())
        yield line


def _print_file(found: "Replay", after: "datetime | None", as_table: bool) -> None:
    from monitor.comparing import Pair

    told = [one for one in found.in_order() if after is None or one.opened >= after]
    if as_table:
        _print_table([Pair(one, None) for one in told], beside=False)
        return
    from monitor.replay import row_of

    for number, one in enumerate(told, 1):
        _print_line(row_of(number, one))


def _print_line(row: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


# -- the database
def _replay_database(config: Path | None, at: "Tier", after: "datetime | None", as_json: bool) -> None:
    from monitor.comparing import pairs, row_of_pair, summary
    from monitor.setup import read_config
    from monitor.store.sql import read_store

    settings = read_config(config)
    with closing(read_store(settings.database)) as store:
        found, first, last = _judged(store, settings, at)
        did = [one for one in store.incidents(closed=True, limit=2**31 - 1) if _counts(one, at)]
        announced = store.announced()
    both = pairs(found.in_order(), did, after)
    if as_json:
        numbers = iter(range(1, len(both) + 1))
        for pair in both:
            _print_line(row_of_pair(next(numbers) if pair.would else None, pair))
        return
    _print_table(both, beside=True)
    typer.echo(summary(both, last - max(first, after or first), announced))


def _counts(one: Any, at: "Tier") -> bool:
    from monitor.model import Tier

    return one.tier >= at and (one.opened_at is not None or at < Tier.CONFIRM)


def _judged(store: "SqlStore", settings: "Config", at: "Tier") -> "tuple[Replay, datetime, datetime]":
    """All that was judged, judged again; the first and the last slot. Raises UserError where there is nothing."""
    from monitor.config import catalogue_for
    from monitor.errors import UserError
    from monitor.knowing import policy_of
    from monitor.known import Known
    from monitor.replay import Replay

    catalogue = catalogue_for(settings)
    names = {provider.id: provider.name for provider in catalogue.providers}
    found = Replay(policy_of(settings, catalogue), Known(names=names), at)
    first = last = None
    with _progress("the history", store.cursor()) as advance:
        for batch in store.judged(0):
            found.take_batch(batch)
            first = first or batch.samples[0].slot
            last = max(last or first, batch.samples[-1].slot)
            if advance is not None:
                advance(batch.cursor)
    if first is None or last is None:
        raise UserError("replay: nothing was judged yet; `vendorwatch run` measures, or name a FILE")
    return found, first, last


# -- what people see
def _print_table(both: "list[Pair]", *, beside: bool) -> None:
    from monitor import report
    from monitor.commands._options import paper

    columns = ("would open", *(("did open", "#") if beside else ()), "vendor", "region", "model", "cause", "sure",
               "closed", "because")
    paper().print(report.table("replay", columns, (_cells(pair, beside=beside) for pair in both)), markup=False)


def _cells(pair: "Pair", *, beside: bool) -> tuple[str, ...]:
    from monitor import report

    i, did = pair.incident, pair.did
    opened = report.when(pair.would.opened) if pair.would else "-"
    happened = (report.when(did.opened_at) if did and did.opened_at else "-", str(did.id) if did else "-")
    return (opened, *(happened if beside else ()), i.scope.provider or "-",
            i.scope.region or ", ".join(i.regions) or "all", i.scope.model or "", i.cause.value, f"{i.confidence:.0%}",
            report.when(i.closed_at) if i.closed_at else "-", i.because)


def _say(note: str) -> None:
    typer.echo(f"vendorwatch: {note}", err=True)


@contextmanager
def _progress(what: str, total: int | None) -> Iterator[Advance | None]:
    """A bar on the terminal of the standard error; nothing where there is none."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(escape(what), total=total)
        yield lambda done: bar.update(task, completed=done)
