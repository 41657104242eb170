"""A running new-api or one-api: its channels as the admin API shows them. Source of one-api v0.6.11, new-api v0.6.3.

Reading needs an admin's token, the canary a user's: `canary_key_env`. With MEMORY_CACHE_ENABLED the rows are true
before the traffic follows (SYNC_FREQUENCY); the model that an answer names tells then. Never `GET
/api/channel/test/…`: it sends a paid call through the channel.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from alerts.answered import ByAnswer, Who, by_answer, model_in, short, text_at, told
from alerts.jsonformats.newapi import read, route
from alerts.model import Route
from alerts.observer import Seen, Side, Took, Written

_OWN: Final = ("new_api_error", "one_api_error")
_REFUSED: Final = (401, 403)


@dataclass(frozen=True, slots=True)
class Observer(ByAnswer):
    def reads(self, written: Written) -> tuple[str, ...]:
        return tuple(dict.fromkeys(call.read for call in written.calls if call.read))

    def loaded(self, written: Written, seen: Mapping[str, Seen]) -> Took:
        """Whether every value is as it was to be sent."""
        for call in written.calls:
            said = seen.get(call.read, Seen())
            row: Any = said.body.get("data") if isinstance(said.body, dict) else None
            if not isinstance(row, dict):
                why = short(text_at(said.body, "message")) or "no reason given"
                return Took(None, said.failed or f"{call.read} was answered {said.status} without a channel ({why})")
            other = [name for name, value in call.body.items() if row.get(name) != value]
            if other:
                return Took(False, f"{call.read}: {', '.join(other)} is not as it was to be sent")
        return Took(True, "the channels are as they were to be") if written.calls else Took(None, "nothing was sent")

    def judge(self, written: Written, seen: Mapping[str, Seen], canary: Seen) -> Took:
        """By the model that the answer names: a channel passes on its vendor's word, as its mapping sent it."""
        loaded = self.loaded(written, seen)
        if canary.status in _REFUSED and text_at(canary.body, "error", "type") in _OWN:
            return Took(None, "the gateway does not take the canary's key; canary_key_env names a user's")
        was, now = (tuple(_mapped(side, written)) for side in (written.before, written.after))
        return by_answer(written, loaded, canary, Who(model=model_in(canary)), lambda who: told(who, was, now))


def _mapped(side: Side, written: Written) -> Iterator[Route]:
    """The channels that serve the workload, each with the model that it asks its vendor for."""
    export = read(side.text)
    for channel in export.channels:
        if channel.on and written.change.workload in channel.models:
            model = str(channel.mapping().get(written.change.workload) or written.change.workload)
            yield replace(route(channel, export.fork), model=model)
