"""A running TensorZero: who was tried for the workload, in order, by the raw answers it adds. Seen on 2026.6.0.

The server inside the Python package has nothing to read; the container's `/status` says nothing of routing.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from alerts.answered import ByAnswer, Who, by_answer, chats, question, rows_at, said_of, text_at, told
from alerts.observer import Seen, Took, Written
from alerts.tensorzero.reading import TYPES, read

_PATH: Final = "/openai/v1/chat/completions"
_RAW: Final = "tensorzero_raw_response"
_KINDS: Final = "tensorzero::"


@dataclass(frozen=True, slots=True)
class Observer(ByAnswer):
    unread: ClassVar[str] = "TensorZero says only by its answers who gave them; set `canary: true`"

    def canary(self, written: Written) -> tuple[str, Mapping[str, object]] | None:
        """As a function where the config has one of the name, else as a model."""
        if not chats(written):
            return None
        more = {"tensorzero::include_raw_response": True}
        return _PATH, {**question(_asked(written)), **more}

    def judge(self, written: Written, seen: Mapping[str, Seen], canary: Seen) -> Took:
        """By who was tried first: what fell over to the fallback went to the vendor before."""
        tried = tuple(_tried(canary.body)) or (Who(),)
        first = replace(tried[0], key=_first_named(written, canary.body))
        last = replace(tried[-1], after=str(tried[0])) if len(tried) > 1 else first
        return by_answer(written, self.loaded(written, seen), canary, last, lambda who: _tell(written, first, who))


def _asked(written: Written) -> str:
    name = written.change.workload
    if name.startswith(_KINDS):
        return name
    config = read(written.after.text).config
    function = name.partition(".")[0] if name not in config.get("functions", {}) else name
    if function in config.get("functions", {}):
        return f"{_KINDS}function_name::{function}"
    return f"{_KINDS}model_name::{name}"


def _tell(written: Written, first: Who, who: Who) -> bool | None:
    """A model tries its providers in order, so that the first alone counts; a function draws among its variants."""
    was, now = written.was, written.now
    if written.change.workload.rpartition("::")[2] not in read(written.after.text).config.get("models", {}):
        return told(first, was, now)
    by = told(first, was[:1], now[:1])
    if by is None and who.after and who.model and now and who.might_be(now[0]):
        return False        # it answered as a fallback: somebody still stands before it
    return by


def _first_named(written: Written, body: object) -> str:
    """The route that an error of all providers names first: a refusal itself does not say whose it is."""
    said = said_of(body)
    return next((one.key for one in (*written.was, *written.now) if f"with errors: {one.name}: " in said), "")


def _tried(body: object) -> Iterator[Who]:
    """Everyone who was asked. A refusal names no model: then the type of the provider is all there is."""
    for row in rows_at(body, _RAW):
        kind = text_at(row, "provider_type")
        if kind:
            yield Who(TYPES.get(kind, kind), text_at(_inner(row), "model"))


def _inner(row: Any) -> object:
    try:
        return json.loads(text_at(row, "data"))
    except ValueError:
        return None
