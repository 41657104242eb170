"""How a tensorzero.toml moves: a model's routing, or the models that a function's variants name. Pure.

TensorZero 2026.6.0 stops at a provider that is in no routing, so what is excluded loses its table as well.
"""

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from alerts.gateway import PatchRefused, leaving
from alerts.model import Route, RoutingChange, Strength
from alerts.surgery.draft import note_of
from alerts.surgery.text import Splice, newline_of
from alerts.surgery.tomllines import array_text, entry_at, table_lines, value_text, within
from alerts.tensorzero.reading import SHORT, Reading, order, providers

_PREFIX: Final = re.compile(r"^(?:tensorzero::)?(?:model_name|function_name|embedding_model_name)::")
Planned = tuple[list[Splice], dict[str, Any], tuple[str, ...]]      # cuts, the config after them, warnings


@dataclass(frozen=True, slots=True)
class Move:
    """One change on one reading."""

    change: RoutingChange
    reading: Reading
    routes: Mapping[str, Route]

    def planned(self) -> Planned:
        """The cuts, what the config says after them, and warnings; no cut where it is moved already."""
        name = _PREFIX.sub("", self.change.workload)
        kinds = self.reading.kinds_of(name)
        if len(kinds) > 1:
            raise PatchRefused(f"{name!r} is both a model and an embedding model; rename one of them first")
        target = _PREFIX.sub("", self.change.takes_over)
        if kinds:
            return self._model_moved(kinds[0], name, target)
        paths = self._paths(name)
        if not paths:
            raise PatchRefused(f"{self.change.workload!r} is neither a model nor a function here; check its name")
        return self._function_moved(paths, target)

    def _paths(self, name: str) -> dict[tuple[str, ...], str]:
        """The model values that a workload's name stands for."""
        asked = self.reading.asked
        if name in asked:
            return dict(asked[name])
        every = {path: model for paths in asked.values() for path, model in paths.items()}
        by_variant = {path: model for path, model in every.items()
                      if name in (f"{path[1]}.{path[3]}", f"{path[1]}/{path[3]}", path[3])}
        functions = {path[1] for path in by_variant}
        if len(functions) > 1:
            raise PatchRefused(f"{name!r} is a variant of {', '.join(sorted(functions))}; name it function.variant")
        by_value = {path: model for path, model in every.items() if name in (model, model.rpartition("::")[2])}
        return by_variant or by_value or self._noted(every)

    def _noted(self, every: Mapping[tuple[str, ...], str]) -> dict[tuple[str, ...], str]:
        """The value at this very change's mark: moved, so that its old name is gone."""
        name = re.escape(note_of(self.change).partition(" ")[0])
        mark = re.search(rf"(?m)#\s*{name}(?=\s|$)", self.reading.text)
        entries = (entry for table in self.reading.tables for entry in table.entries)
        there = next((entry.path for entry in entries if mark and entry.after > mark.start()), ())
        return {path: model for path, model in every.items() if path == there}

    # --- a model's routing ------------------------------------------------------------------------------------------

    def _model_moved(self, kind: str, name: str, target: str) -> Planned:
        model = self.reading.model(kind, name)
        present, known = order(model), providers(model)
        if not present or set(present) != set(known):
            raise PatchRefused(f"routing of {kind}.{name} and its providers do not agree; mend that first (patch lint)")
        provider, body, added = self._provider(kind, name, target, known)
        gone = [one for one in present if self._leaves(kind, name, one)]
        if provider in gone:
            raise PatchRefused(f"{target!r} itself is {self.change.leaves}'s, which leaves; choose another")
        if not gone and not (present[0] == provider):
            raise PatchRefused(
                f"{name} leads neither to {self.change.leaves} nor first to {target}; check the workload's name")
        demoted = gone if self.change.strength is Strength.DEMOTE else []
        wanted = [provider, *(one for one in present if one not in (*gone, provider)), *demoted]
        if wanted == list(present):
            return [], self.reading.config, ()
        dropped = [one for one in gone if one not in demoted]
        intended = copy.deepcopy(self.reading.config)
        intended[kind][name]["routing"] = wanted
        for one in dropped:
            del intended[kind][name]["providers"][one]
        if added:
            intended[kind][name]["providers"][provider] = body
        gone_cuts = [cut for one in dropped for cut in self._table_cuts(kind, name, one)]
        cuts = self._routing_cut((kind, name), wanted, gone_cuts)
        cuts = self._with_added(cuts, kind, name, (provider, body) if added else None)
        return cuts, intended, self._warnings(name, kind)

    def _leaves(self, kind: str, name: str, provider: str) -> bool:
        return leaving(self.change, self.routes[f"{kind}.{name}.providers.{provider}"])

    def _provider(self, kind: str, name: str, target: str,
                  known: Mapping[str, Any]) -> tuple[str, dict[str, Any], bool]:
        """(its name within the model, its table, whether it must be added) of what takes over."""
        own = [one for one in known
               if target in (one, f"{name}/{one}", f"{name}.{one}", f"{name}::{one}", known[one].get("model_name"))]
        own = own or [one for one in known if target == known[one].get("type")]
        own = [one for one in own if one == target] or own
        if len(own) == 1:
            return own[0], known[own[0]], False
        if own:
            raise PatchRefused(f"{target!r} may be {' or '.join(own)} of {name}; name the provider")
        if target == name:
            raise PatchRefused(f"{target!r} is the workload itself; name a provider of it or another model")
        if kind != "models":
            raise PatchRefused(f"{target!r} is no provider of {name}; another model's vectors would break the index")
        found = self._of_another(target)
        if found is None:
            raise PatchRefused(f"{target!r} is no provider of {name} ({', '.join(known)}) and no model; add it first")
        provider, body = found
        same = next((one for one in known if known[one] == body), None)
        if same:
            return same, known[same], False
        free = provider if provider not in known else f"{provider}_{re.sub(r'[^A-Za-z0-9_]', '_', target)}"
        return free, body, True

    def _of_another(self, target: str) -> tuple[str, dict[str, Any]] | None:
        """The first provider of another model that does not leave; or what a shorthand stands for."""
        other = self.reading.model("models", target)
        for one in order(other):
            if one in providers(other) and not self._leaves("models", target, one):
                return one, copy.deepcopy(providers(other)[one])
        if other:
            raise PatchRefused(f"{target!r} itself is {self.change.leaves}'s, which leaves; choose another model")
        elsewhere = [route for route in self.routes.values() if route.key.startswith("models.")
                     and target in (route.name, *route.also) and not leaving(self.change, route)]
        if len(elsewhere) == 1:
            model, provider = elsewhere[0].key.removeprefix("models.").split(".providers.", 1)
            return provider, copy.deepcopy(providers(self.reading.model("models", model))[provider])
        if elsewhere:
            models = dict.fromkeys(route.key.removeprefix("models.").partition(".providers.")[0] for route in elsewhere)
            raise PatchRefused(f"{target!r} serves several models here; name the one to take over: {', '.join(models)}")
        found = SHORT.fullmatch(target)
        served = {route.prefix for route in self.routes.values() if leaving(self.change, route)}
        if found and found.group(1) in served:
            raise PatchRefused(f"{target!r} itself is {self.change.leaves}'s, which leaves; choose another model")
        if found:
            return found.group(1), {"type": found.group(1), "model_name": found.group(2)}
        return None

    def _routing_cut(self, path: tuple[str, str], wanted: Sequence[str], more: list[Splice]) -> list[Splice]:
        entry = entry_at(self.reading.tables, (*path, "routing"))
        if entry is None:
            raise PatchRefused(f"{'.'.join(path)} is written as one inline table; write it as [{'.'.join(path)}] first")
        text = self.reading.text
        listed = array_text(text[entry.start:entry.end], wanted, newline_of(text))
        return [Splice(entry.start, entry.end, listed), *more]

    def _table_cuts(self, kind: str, name: str, provider: str) -> list[Splice]:
        path = (kind, name, "providers", provider)
        tables = list(within(self.reading.tables, path))
        dotted = [entry for table in self.reading.tables if table not in tables for entry in table.entries
                  if entry.path[:len(path)] == path]
        if not tables and not dotted:
            raise PatchRefused(f"{'.'.join(path)} stands in an inline table; write it as a table of its own first")
        return [*(Splice(table.first, table.after, "") for table in tables),
                *(Splice(entry.first, entry.after, "") for entry in dotted)]

    def _with_added(self, cuts: list[Splice], kind: str, name: str,
                    added: tuple[str, dict[str, Any]] | None) -> list[Splice]:
        """The table of a provider from another model, where the old one stood, else behind the model's last table."""
        if added is None:
            return cuts
        provider, body = added
        newline, text = newline_of(self.reading.text), self.reading.text
        block = newline.join(table_lines((kind, name, "providers", provider), body)) + newline
        own = [table for table in within(self.reading.tables, (kind, name)) if table.path]
        gone = next((cut for cut in cuts[1:] if text[cut.start:cut.end].lstrip().startswith("[")), None)
        if gone is not None:
            return [Splice(cut.start, cut.end, block) if cut is gone else cut for cut in cuts]
        end = max(table.after for table in own)
        lead = newline if text[:end].endswith("\n") else newline * 2
        return [*cuts, Splice(end, end, lead + block)]

    # --- a function's variants --------------------------------------------------------------------------------------

    def _function_moved(self, paths: Mapping[tuple[str, ...], str],
                        target: str) -> Planned:
        left = {path: model for path, model in paths.items() if self._model_leaves(model)}
        own = self._by_providers(tuple(dict.fromkeys(left.values() or paths.values())), target)
        if own is not None:
            return own
        model = self._target_model(paths, target)
        if not left:
            if model in paths.values():
                return [], self.reading.config, ()
            raise PatchRefused(
                f"{self.change.workload} leads neither to {self.change.leaves} nor to {target}; check its name")
        if self._model_leaves(model):
            raise PatchRefused(f"{target!r} itself leads to {self.change.leaves}, which leaves; choose another")
        return self._variants_moved(tuple(left), model)

    def _variants_moved(self, paths: Sequence[tuple[str, ...]], model: str) -> Planned:
        intended = copy.deepcopy(self.reading.config)
        cuts = []
        for path in paths:
            table = intended
            for step in path[:-1]:
                table = table[step]
            table["model"] = model
            entry = entry_at(self.reading.tables, path)
            if entry is None:
                raise PatchRefused(f"{'.'.join(path)} stands in an inline table; write it as a table of its own first")
            cuts.append(Splice(entry.start, entry.end, value_text(model, self.reading.text[entry.start:entry.end])))
        said = f"variants have no last resort of their own: {self.change.leaves} is excluded here, not demoted"
        return cuts, intended, (said,) if self.change.strength is Strength.DEMOTE else ()

    def _by_providers(self, models: Sequence[str],
                      target: str) -> Planned | None:
        """Where the target is a provider within each of the models: their routing moves, not the function."""
        if not models or self.reading.model("models", target):
            return None
        if not all(target in providers(self.reading.model("models", model)) for model in models):
            return None
        cuts, intended, said = list[Splice](), copy.deepcopy(self.reading.config), list[str]()
        for model in models:
            more, config, warnings = self._model_moved("models", model, target)
            cuts += more
            intended["models"][model] = config["models"][model]
            said += [f"model {model} moves as a whole, for whatever else asks for it", *warnings] if more else []
        return cuts, intended, tuple(dict.fromkeys(said))

    def _model_leaves(self, model: str) -> bool:
        """Whether a call of this model can end at what leaves."""
        listed = [f"models.{model}.providers.{one}" for one in order(self.reading.model("models", model))]
        keys = listed or [f"shorthand.{model}"]
        known = [leaving(self.change, self.routes[key]) for key in keys if key in self.routes]
        if known:
            return any(known)
        found = SHORT.fullmatch(model)
        short = [route for route in self.routes.values() if route.key.startswith("shorthand.")]
        return found is not None and any(
            leaving(self.change, route) and route.name.startswith(f"{found.group(1)}::") for route in short)

    def _target_model(self, paths: Mapping[tuple[str, ...], str], target: str) -> str:
        if self.reading.model("models", target) or SHORT.fullmatch(target):
            return target
        functions = {path[1] for path in paths}
        by_variant = {
            model for function in functions for path, model in self.reading.asked[function].items()
            if target in (path[3], f"{path[1]}.{path[3]}", f"{path[1]}/{path[3]}") and path[4:] == ("model",)}
        routes = self.routes.values()
        others = by_variant or {
            route.key.split(".providers.")[0].removeprefix("models.") for route in routes
            if route.key.startswith("models.") and target in (route.name, *route.also, route.model)}
        others = others or {
            route.name for route in routes if route.key.startswith("shorthand.") and target == route.model}
        others = {model for model in others if not self._model_leaves(model)} or others
        if len(others) > 1:
            raise PatchRefused(f"{target!r} may be {' or '.join(sorted(others))}; name one model")
        if not others:
            raise PatchRefused(f"{target!r} is no model, variant or provider here; add it first")
        return others.pop()

    def _warnings(self, name: str, kind: str) -> tuple[str, ...]:
        left = [other for other in self.reading.config.get(kind, {}) if other != name
                and any(self._leaves(kind, other, one) for one in providers(self.reading.model(kind, other)))]
        return (f"still served by {self.change.leaves}: {', '.join(left)}",) if left else ()
