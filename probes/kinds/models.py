"""Which models does the vendor list, and which have an end date? Compared with what was listed last time."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from probes.asking import days_until
from probes.dialect import ModelList, find_dialect
from probes.model import Occasion, Reading, Target
from probes.outcome import Outcome
from probes.probe import Steps
from probes.reading import amend, note, read_verdict

_TEXT_CAP = 2000
_ID_CAP = 200


@dataclass(frozen=True, slots=True)
class Kind:
    """Lists the models; counts and hashes the ids, names what came and went, and what retires within `horizon_days`.

    A model that is no longer listed is not thereby gone: many lists are short, and aliases answer unlisted.
    """

    horizon_days: int = 180
    deadline_s: float = 20.0

    def steps(self, target: Target, occasion: Occasion) -> Steps:
        """One call."""
        dialect = find_dialect(target.surface.dialect)
        exchange = yield replace(dialect.list_models(target), deadline_s=self.deadline_s)
        reading = read_verdict(target, exchange)
        if reading.outcome is not Outcome.OK:
            return reading
        listed = dialect.read_models(exchange)
        if listed is None:
            return amend(reading, Outcome.UNKNOWN, "a 200 that holds no list of models", (exchange,))
        return self._compare(target, occasion, listed, reading)

    def _compare(self, target: Target, occasion: Occasion, listed: ModelList, reading: Reading) -> Reading:
        ids = sorted({_clean(name) for name in listed.ids})
        digest = hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16]
        extra: dict[str, float | str] = {"models": float(len(ids)), "models_sha": digest}
        extra.update(self._name_changes(ids, occasion.memory))
        retiring = self._name_retiring(target, occasion, listed)
        if retiring:
            extra["retiring"] = retiring
        memory = {"ids": "\n".join(ids), "sha": digest} if occasion.memory.get("sha") != digest else None
        return replace(
            reading, figures=note(reading.figures, extra), memory=memory, reason=f"lists {len(ids)} models"
        )

    def _name_changes(self, ids: list[str], memory: Mapping[str, str]) -> Mapping[str, str]:
        if "ids" not in memory:
            return {}  # first time: everything would be new
        before = set(filter(None, memory["ids"].split("\n")))
        changes = {"added": _join(set(ids) - before), "removed": _join(before - set(ids))}
        return {name: text for name, text in changes.items() if text}

    def _name_retiring(self, target: Target, occasion: Occasion, listed: ModelList) -> str:
        """Dates of the API before dates of the catalogue; far dates are not news."""
        known = {model.id: model.retires_on for model in (*target.provider.models, *target.provider.probe_models)}
        ends = {name: day for name, day in known.items() if day is not None and name in listed.ids}
        ends.update(listed.retires_on)
        near = sorted(
            (day, _clean(name)) for name, day in ends.items()
            if days_until(day, occasion.slot) <= self.horizon_days
        )
        dated = [f"{name} {day.isoformat()}" for day, name in near]
        undated = [f"{_clean(name)} deprecated" for name in listed.deprecated if name not in ends]
        return "; ".join([*dated, *undated])[:_TEXT_CAP]


def _clean(name: str) -> str:
    """An id as one printable word: lists are other people's text."""
    return "".join(sign for sign in name if sign.isprintable() and not sign.isspace())[:_ID_CAP]


def _join(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))[:_TEXT_CAP]
