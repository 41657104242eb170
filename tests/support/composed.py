"""The real app as `compose` makes it, of a config written down for the test, on a clock that runs faster."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from monitor.app import App, compose
from monitor.clock import Clock
from monitor.setup import Setup, read_setup

PATIENCE_S = 30.0


def write_config(folder: Path, config: Mapping[str, Any]) -> Path:
    """`config` as vendorwatch.yaml: JSON is YAML too."""
    path = folder / "vendorwatch.yaml"
    path.write_text(json.dumps({"database": str(folder / "v.db"), **config}, indent=1), encoding="utf-8")
    return path


def a_setup(folder: Path, config: Mapping[str, Any], environ: Mapping[str, str]) -> Setup:
    """What `vendorwatch run` would read."""
    return read_setup(write_config(folder, config), environ)


@asynccontextmanager
async def at_work(setup: Setup, environ: Mapping[str, str], clock: Clock) -> AsyncIterator[App]:
    """The app, running for as long as the block lasts; drained and closed like the daemon's."""
    app = compose(setup, environ, clock)
    try:
        await app.start()
        try:
            yield app
        finally:
            await app.drain()
            await app.runner.aclose()  # type: ignore[attr-defined]
    finally:
        app.store.close()


async def until(what: str, ready: Callable[[], object]) -> None:
    """Wait for something to come true; `what` is said where it never does."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not ready():
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"never: {what}") from None
