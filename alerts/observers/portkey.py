"""What stands before a running Portkey: which target of the config gave the answer. Seen on 1.15.2.

The open gateway keeps no config: each request brings its own. So `url` is what adds it – your relay, or Portkey's
service with `headers: {x-portkey-config: pc-…}` – and its answers must let Portkey's headers pass. Our own copy of the
config is never sent: it would say nothing of theirs, and its variables are the app's.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from alerts.answered import ByAnswer, Who, by_answer, model_in, told
from alerts.model import Route
from alerts.observer import Seen, Took, Written

_INDEX: Final = "x-portkey-last-used-option-index"      # config.targets[1].targets[0]


@dataclass(frozen=True, slots=True)
class Observer(ByAnswer):
    unread: ClassVar[str] = (
        "Portkey gets the config with each request; set `canary: true` and as `url` "
        "the address that your apps ask")
    key_header: ClassVar[str] = "x-portkey-api-key"

    def judge(self, written: Written, seen: Mapping[str, Seen], canary: Seen) -> Took:
        """By the place in the config, provider and model; a target's own model goes before the one asked for."""
        index = canary.headers.get(_INDEX, "")
        key = re.sub(r"\[(\d+)\]", r".\1", index.removeprefix("config")).strip(".")
        provider = canary.headers.get("x-portkey-provider", "")
        who = Who(provider, model_in(canary), key)
        if not index and not canary.failed:
            return Took(None, "the answer has no header of Portkey's that says which target gave it")
        was, now = _placed(written.was), _placed(written.now)
        return by_answer(written, self.loaded(written, seen), canary, who, lambda one: told(one, was, now))


def _placed(routes: Sequence[Route]) -> tuple[Route, ...]:
    """With their places below their own config: the file may hold others."""
    return tuple(replace(route, key="".join(route.key.partition("targets.")[1:])) for route in routes)
