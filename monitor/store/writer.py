"""The one batching writer: many coroutines put, one thread commits, and `put` returns only once the row is committed.

Group commit: after the first row of a batch it waits a quarter of a second, or for a hundred rows, whichever is first.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, Self

from monitor.errors import StoreError
from monitor.model import Measurement


class Recorder(Protocol):
    """The part of the Store that is needed here."""

    def record(self, measurements: Sequence[Measurement]) -> None: ...


class Writer:
    """Use as an async context manager, or `close` it: what was put is flushed."""

    def __init__(self, store: Recorder, *, every_s: float = 0.25, rows: int = 100) -> None:
        self._record = store.record
        self._every_s = every_s
        self._rows = rows
        self._waiting: list[tuple[Measurement, asyncio.Future[None]]] = []
        self._full = asyncio.Event()
        self._some = asyncio.Event()
        self._closing = False
        self._thread = ThreadPoolExecutor(1, "store-writer")
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def put(self, measurement: Measurement) -> None:
        """Returns after the commit. Raises StoreError if it failed, or if the writer is closed."""
        if self._closing:
            raise StoreError("the writer is closed: this result came too late to be stored")
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((measurement, done))
        self._some.set()
        if len(self._waiting) >= self._rows:
            self._full.set()
        await done

    async def close(self) -> None:
        """Commit what waits, then end. A second call does nothing."""
        self._closing = True
        self._some.set()
        self._full.set()
        if self._task is not None:
            await self._task
            self._task = None
        self._thread.shutdown()

    async def _run(self) -> None:
        while not self._closing or self._waiting:
            await self._some.wait()
            await self._linger()
            self._some.clear()
            self._full.clear()
            batch, self._waiting = self._waiting, []
            if batch:
                await self._commit(batch)

    async def _linger(self) -> None:
        if not self._closing:
            try:
                await asyncio.wait_for(self._full.wait(), self._every_s)
            except TimeoutError:
                return

    async def _commit(self, batch: Sequence[tuple[Measurement, asyncio.Future[None]]]) -> None:
        loop = asyncio.get_running_loop()
        failed: StoreError | None = None
        try:
            await loop.run_in_executor(self._thread, self._record, [item for item, _ in batch])
        except StoreError as error:
            failed = error
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it was
            failed = StoreError(f"results could not be stored: {error!r}")
        for _, done in batch:
            if done.done():  # whoever put it was cancelled meanwhile
                continue
            if failed is None:
                done.set_result(None)
            else:
                done.set_exception(failed)
