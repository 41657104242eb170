"""A running Higress: who answered, by the model in the answer: ai-proxy passes on its vendor's. Source of 2026-08.

It has nothing to read that shows the plugin's config without its keys, and no header names the provider.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from alerts.answered import CHAT, ByAnswer, Who, by_answer, chats, model_in, question, told
from alerts.kube.higress import scopes_of
from alerts.model import Route
from alerts.observer import Seen, Side, Took, Written


@dataclass(frozen=True, slots=True)
class Observer(ByAnswer):
    unread: ClassVar[str] = "Higress shows nowhere which provider is active; set `canary: true`"

    def canary(self, written: Written) -> tuple[str, Mapping[str, object]] | None:
        """Only a workload that is a model's name can be asked for: an Ingress or a domain names none."""
        named = any(True for _ in _mapped(written.before, written.change.workload))
        return (CHAT, question(written.change.workload)) if named and chats(written) else None

    def judge(self, written: Written, seen: Mapping[str, Seen], canary: Seen) -> Took:
        word = written.change.workload
        was, now = tuple(_mapped(written.before, word)), tuple(_mapped(written.after, word))
        who = Who(model=model_in(canary))
        return by_answer(written, self.loaded(written, seen), canary, who, lambda one: told(one, was, now))


def _mapped(side: Side, workload: str) -> Iterator[Route]:
    """The active providers that map the workload, each with the model that it asks its vendor for."""
    for scope in scopes_of(side.text):
        model = scope.provider.model(workload) if scope.provider else None
        if scope.provider and model is not None:
            yield replace(scope.provider.route, model=model or workload)
