"""What came out of a command."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Said:
    """Exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def problem(self) -> str:
        """What a person must mend: lines that begin alike, exit 2, never a traceback."""
        lines = self.err.splitlines()
        assert self.code == 2, self
        assert lines, self
        assert all(line.startswith("vendorwatch: ") for line in lines), self
        return "\n".join(line.removeprefix("vendorwatch: ") for line in lines)


Command = Callable[..., Said]
