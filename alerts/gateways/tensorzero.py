"""Patches for TensorZero's tensorzero.toml. Pure: text in, text out; facts seen on TensorZero 2026.6.0.

Every request tries `routing` in its order, so the one that takes over comes first. A provider that is in no routing
stops the gateway at start: excluded, its table goes too. A function moves by the models that its variants name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from alerts.gateway import PatchRefused
from alerts.model import Inventory, Patch, Problem, Route, RoutingChange, Severity
from alerts.surgery.draft import Draft, note_of
from alerts.surgery.text import Splice, line_end, line_start, newline_of, takes_remark
from alerts.surgery.tomllines import load
from alerts.tensorzero.moves import Move
from alerts.tensorzero.reading import KINDS, Reading, order, problems, read, routes

_APPLY: Final = "TensorZero reads its config at start: write the file, then restart the gateway (about 0.1 s)"


@dataclass(frozen=True, slots=True)
class Gateway:
    """tensorzero.toml. No options. A workload is a model, a function, `function.variant` or a shorthand model; a
    route is a provider (of that model), another model or a shorthand (`openai::gpt-5`).
    """

    names: ClassVar[tuple[str, ...]] = ("tensor-zero", "t0", "tensorzero.toml")

    def fits(self, text: str) -> bool:
        """By a TOML table of models, functions or the gateway."""
        table = r"(?m)^\ufeff?[ \t]*\[(?:models|functions|embedding_models)\.[^\]\n]+\]"
        return "[" in text and re.search(table, text) is not None

    def inventory(self, text: str) -> Inventory:
        """Each provider of each model is a route, and each shorthand. Raises PatchRefused."""
        reading = read(text)
        found = tuple(routes(reading))
        if not found:
            raise PatchRefused("no [models.…] with providers, no function with a model: is this tensorzero.toml?")
        return Inventory(found, workloads=_workloads(reading, found))

    def render(self, change: RoutingChange, text: str, path: str = "") -> Patch:
        """Routing in a new order, or other models for a function's variants. Raises PatchRefused."""
        newline_of(text)
        reading = read(text)
        move = Move(change, reading, {route.key: route for route in routes(reading)})
        draft = Draft(text, load)
        todo, intended, warnings = move.planned()
        if todo:
            draft = draft.edited(_noted(todo, text, change), intended)
        return draft.patch(change, "tensorzero", path or "tensorzero.toml", _APPLY, warnings)

    def lint(self, text: str) -> Sequence[Problem]:
        """What TensorZero's own loader refuses, and weights that send nothing anywhere."""
        try:
            reading = read(text)
        except PatchRefused as error:
            return (Problem("line 1", str(error), Severity.CRITICAL),)
        if not reading.config:
            return (Problem("line 1", "an empty config", Severity.CRITICAL),)
        return sorted(problems(reading), key=lambda fault: int(fault.where.removeprefix("line ")))


def _workloads(reading: Reading, found: Sequence[Route]) -> dict[str, tuple[str, ...]]:
    keys = [route.key for route in found]
    named: dict[str, tuple[str, ...]] = {}
    for kind in reversed(KINDS):
        models = reading.config.get(kind)
        for name, model in (models.items() if isinstance(models, dict) else ()):
            listed = (f"{kind}.{name}.providers.{one}" for one in order(model))
            named[name] = tuple(key for key in listed if key in keys)
    for function, paths in reading.asked.items():
        asked = dict.fromkeys(paths.values())
        served = [key for model in asked for key in named.get(model, (f"shorthand.{model}",)) if key in keys]
        named.setdefault(function, tuple(dict.fromkeys(served)))
        for value in asked:
            if f"shorthand.{value}" in keys:
                named[value] = (f"shorthand.{value}",)
    return named


def _noted(todo: Sequence[Splice], text: str, change: RoutingChange) -> list[Splice]:
    """The mark of ownership at the end of the first line that is cut in; above it where it is not one line's value."""
    first = min(todo, key=lambda cut: cut.start)
    end = line_end(text, first.end)
    if "\n" not in text[first.start:first.end] + first.new and takes_remark(text[first.end:end]) and first.new:
        return [*todo, Splice(end, end, f" # {note_of(change)}")]
    start, newline = line_start(text, first.start), newline_of(text)
    note = f"# {note_of(change)}{newline}"
    if first.start == start:
        return [Splice(start, first.end, note + first.new), *(cut for cut in todo if cut is not first)]
    return [Splice(start, start, note), *todo]
