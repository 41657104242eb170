"""Bifrost over real HTTP, as far as its source says: rules are in memory from its start, answers name the provider."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from answering import Asked, Said, answering

from alerts.jsonformats.bifrost import Reading, read

CHAT = "/v1/chat/completions"
RULES = "/api/governance/routing-rules?from_memory=true"


class FakeBifrost:
    """`down`: providers whose calls fail; `closed`: its API asks for a login of its own."""

    def __init__(self, file: Path) -> None:
        self.file, self.hits = file, Counter[str]()
        self.down: set[str] = set()
        self.closed = False
        self.load()

    def load(self) -> None:
        """What a restart does."""
        self.reading: Reading = read(self.file.read_text(encoding="utf-8"))

    def answer(self, asked: Asked) -> Said:
        if asked.path == RULES:
            rows = [self._row(rule) for rule in self.reading.rules]
            return (401, {}, {"error": "login"}) if self.closed else (200, {}, {"rules": rows, "count": len(rows)})
        if asked.path != CHAT:
            return 404, {}, {"error": "no such path"}
        provider, _, model = asked.body["model"].partition("/")
        said: Said = (500, {}, {})
        for hop in self.reading.led(provider, model):
            self.hits[hop.provider] += 1
            extra = {"provider": hop.provider, "original_model_requested": model, "resolved_model_used": hop.model}
            if hop.provider not in self.down:
                return 200, {}, {"model": hop.model, "choices": [], "extra_fields": extra}
            said = (403, {}, {"is_bifrost_error": True, "error": {"message": "refused"}, "extra_fields": extra})
        return said

    def _row(self, rule: Any) -> dict[str, Any]:
        targets = [{"provider": hop.provider, "model": hop.model, "weight": 1} for hop in rule.targets]
        return {"id": rule.names[-1], "name": rule.names[0], "enabled": rule.enabled, "cel_expression": rule.cel,
                "targets": targets, "fallbacks": [hop.said for hop in rule.fallbacks] or None}


@contextmanager
def a_bifrost(file: Path) -> Iterator[tuple[FakeBifrost, str]]:
    fake = FakeBifrost(file)
    with answering(fake.answer) as url:
        yield fake, url
