"""The Landing protocol: where a text that is someone else's is read, and where its new form is put, all or nothing."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from alerts.model import ApiCall


@dataclass(frozen=True, slots=True)
class Label:
    """What goes with a text that is put down: whose change it is, which way, and the words for a commit."""

    change: str
    back: bool = False                  # the way back
    subject: str = ""
    words: str = ""
    at: datetime | None = None          # of the change: the same put twice is the same commit
    calls: tuple[ApiCall, ...] = ()     # the same move through an admin API, forwards


class Landing(Protocol):
    """One place. `read` raises PatchRefused, the rest DeliveryError too."""

    def locked(self) -> AbstractContextManager[None]:
        """Nobody else of us writes there meanwhile. Raises DeliveryError where somebody does."""
        ...

    def read(self) -> str:
        """The text as it is: what a change is rendered for."""
        ...

    def put(self, text: str, base_sha256: str, label: Label) -> Mapping[str, object]:
        """The new text, if the old one still is what it was; what is worth knowing of it afterwards. Put twice is once.

        Raises PatchRefused where the old text has changed.
        """
        ...

    def landed(self, label: Label) -> str:
        """The hash of what stands where `put` would have put it: to know what a process that died had done."""
        ...

    def left(self, label: Label, base_sha256: str) -> str | None:
        """The text before `put`, where it is still to be had."""
        ...

    def forget(self, label: Label) -> None:
        """Nobody takes the change back any more: what was kept for that may go. Never raises."""
        ...


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
