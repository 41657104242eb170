"""A running Bifrost: the routing rules it works by, and the provider that an answer names. From its source of 2026-09.

Rules are read as they are in memory, not in its database. Never run here: its binary is in no package registry.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from alerts.answered import CHAT, ByAnswer, Who, by_answer, chats, question, text_at
from alerts.jsonformats.bifrost import RULES, Hop, rules_of
from alerts.observer import Seen, Took, Written
from alerts.surgery.jsonnodes import Node, parse

_RULES: Final = "/api/governance/routing-rules?from_memory=true"       # versions from 2.0 on answer it too
_MODELS: Final = ("resolved_model_used", "model_deployment", "original_model_requested", "model_requested")


@dataclass(frozen=True, slots=True)
class Observer(ByAnswer):
    def reads(self, written: Written) -> tuple[str, ...]:
        del written
        return (_RULES,)

    def loaded(self, written: Written, seen: Mapping[str, Seen]) -> Took:
        """Whether the rules that the change touched are there as they were written."""
        said = seen.get(_RULES, Seen())
        rows = said.body.get("rules") if isinstance(said.body, dict) else None
        if not isinstance(rows, list):
            return Took(None, said.failed or f"the rules were answered with {said.status}; "
                                             "their key may be another")
        there = _aims(parse(json.dumps({RULES[0]: {RULES[1]: rows}})))
        was, now = _aims(parse(written.before.text)), _aims(parse(written.after.text))
        touched = [name for name in now if now[name] != was.get(name)]
        if not touched:
            return Took(None, "no rule was changed")
        lacking = [name for name in touched if there.get(name) != now[name]]
        if lacking:
            return Took(False, f"the gateway does not have rule {lacking[0]} as it was written")
        return Took(True, f"the gateway has rule {touched[0]} as it was written")

    def canary(self, written: Written) -> tuple[str, Mapping[str, object]] | None:
        """As provider/model: what a client asked for before the change. What a rule's clients ask for, nobody says."""
        word = written.change.workload
        name = next((one.name for one in written.before.inventory.routes
                     if one.model and word in (one.name, one.model)), "")
        return (CHAT, question(name)) if name and chats(written) else None

    def judge(self, written: Written, seen: Mapping[str, Seen], canary: Seen) -> Took:
        """Errors name the provider as answers do."""
        models = (text_at(canary.body, "extra_fields", name) for name in _MODELS)
        who = Who(text_at(canary.body, "extra_fields", "provider"), next(filter(None, models), ""))
        return by_answer(written, self.loaded(written, seen), canary, who)


def _aims(root: Node) -> dict[str, tuple[bool, tuple[Hop, ...]]]:
    """By name: whether a rule is on, and where it leads."""
    return {rule.names[0]: (rule.enabled, tuple(Hop((), hop.provider, hop.model)
                                                for hop in (*rule.targets, *rule.fallbacks)))
            for rule in rules_of(root) if rule.names}
