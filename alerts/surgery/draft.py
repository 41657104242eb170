"""An edit of a text that is someone else's, step by step, parsed again after each and compared. Pure.

Nothing is trusted to have cut right: after every step the text must say exactly what was meant, everything else as
it was, or the patch is refused. All steps can be taken back, byte for byte.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from alerts.gateway import PatchRefused
from alerts.model import Patch, RoutingChange
from alerts.surgery.text import Splice, splice, unified


def note_of(change: RoutingChange) -> str:
    """The mark of ownership beside an edit, without its comment sign: whose, until when, how to take it back."""
    name = re.sub(r"[^\w.:-]", "_", change.id)
    until = f" expires={change.expires_at:%Y-%m-%dT%H:%MZ}" if change.expires_at else ""
    return f"vendorwatch:{name}{until} revert: vendorwatch patch revert {name}"


Parse = Callable[[str], Any]        # text -> a value that == compares; raises PatchRefused


@dataclass(frozen=True, slots=True)
class Draft:
    """The text so far, and how to take every step of it back."""

    text: str
    parse: Parse
    undo: tuple[tuple[Splice, ...], ...] = ()

    def edited(self, cuts: Sequence[Splice], intended: Any) -> "Draft":
        """One edit. `intended`: what `parse` must say of the text after it. No cut is made where it says so already."""
        if self.parse(self.text) == intended:
            return self
        after, back = splice(self.text, cuts)
        try:
            said = self.parse(after)
        except PatchRefused as error:
            raise PatchRefused(f"the config cannot be edited safely here ({error}); change it by hand") from None
        if said != intended:
            raise PatchRefused("the edit would have changed something else too; change this config by hand")
        return replace(self, text=after, undo=(back, *self.undo))

    def taken_back(self) -> str:
        text = self.text
        for back in self.undo:
            text, _ = splice(text, back)
        return text

    def patch(self, change: RoutingChange, gateway: str, path: str, apply: str, warnings: Sequence[str] = ()) -> Patch:
        """The whole of it as a Patch; `dataclasses.replace` adds files and calls. Raises PatchRefused where the diff
        would show a secret.
        """
        before = self.taken_back()
        diff = unified(before, self.text, path)
        return Patch(change.id, gateway, path, diff, self.text, before, tuple(warnings) if diff else (), apply)
