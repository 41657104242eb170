"""A running claude-code-router (v1): who answered, by the model in the answer. Seen on 1.0.73.

`GET /api/config` is not asked: it reads the file, not what is loaded, and shows every key.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from alerts.answered import ByAnswer, Who, by_answer, model_in, question, said_of
from alerts.observer import Seen, Took, Written

_PATH: Final = "/v1/messages"
_FAILED: Final = re.compile(r"Error from provider\(([^,()]+),([^:()]+): \d+\)")
# what Claude Code sends, so that the router takes the slot: the haiku of its day goes to `background`
_ASKED: Final[Mapping[str, str]] = {"background": "claude-3-5-haiku-20241022", "default": "claude-sonnet-4"}


@dataclass(frozen=True, slots=True)
class Observer(ByAnswer):
    unread: ClassVar[str] = "the router shows its file, not what it has loaded; set `canary: true`"

    def canary(self, written: Written) -> tuple[str, Mapping[str, object]] | None:
        """`default` and `background` can be asked for in sixteen tokens; the other slots take a long or special prompt,
        and a slot's provider,model written out would go past the router.
        """
        asked = _ASKED.get(written.change.workload)
        return (_PATH, question(asked)) if asked else None

    def judge(self, written: Written, seen: Mapping[str, Seen], canary: Seen) -> Took:
        """An error names provider and model."""
        named = _FAILED.search(said_of(canary.body))
        who = Who(named[1], named[2]) if named else Who(model=model_in(canary))
        return by_answer(written, self.loaded(written, seen), canary, who)
