"""A file written whole or not at all, also when the power fails: a new one, flushed, then renamed over the old one."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def write_whole(to: Path, text: str, draft: Path, fit: Callable[[int], None],
                look: Callable[[], None] | None = None) -> None:
    """`draft`: a name in the same folder that nobody has; `fit`: gives the open file its owner and mode; `look`: a last
    look before the renaming, which may raise. Raises OSError; the draft is gone then, and `to` is as it was.
    """
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())     # bytes: a CRLF file keeps its line ends
            file.flush()
            fit(handle)
            os.fsync(handle)
        if look is not None:
            look()
        draft.replace(to)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    folder = os.open(to.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
