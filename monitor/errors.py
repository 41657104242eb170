"""Errors a person can act on. Each says which file, which key, what was expected, what to do; never shown
as a traceback.
"""

from collections.abc import Sequence


class UserError(Exception):
    """Something the user can mend. `problems` are all of them at once; the command line prints them and exits
    with 2.
    """

    def __init__(self, problems: Sequence[str] | str) -> None:
        self.problems = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))


class StoreError(Exception):
    """The database could not be read or written: disk full, locked, corrupt, gone. The message names the database."""
