"""A gateway's config inside another file: a ConfigMap, Helm values, an Argo application, a compose file. Pure.

What is inside is found by the formats beside this one and rendered by the one that it fits; its edited lines go back
with the indentation of the outer file. Nothing else of that file is read as anything but lines.
"""

import importlib
import pkgutil
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any, ClassVar, Final

import alerts.gateways
from alerts.gateway import Gateway as Format
from alerts.gateway import PatchRefused, leaving
from alerts.kube.embedded import ENVIRONMENT, QUOTED, Piece, closed, is_script, meaning, pieces, put
from alerts.kube.rollout import rollout
from alerts.model import Inventory, Patch, Problem, RoutingChange, Severity
from alerts.surgery.draft import Draft
from alerts.surgery.text import newline_of

_HEADS: Final = ("model_list", "litellm_settings", "router_settings", "general_settings")
_SELF: Final = "configmap"


@dataclass(frozen=True, slots=True)
class Gateway:
    """A file that holds a gateway's config: `config.yaml: |`, `proxy_config:`, environment pairs. No options."""

    names: ClassVar[tuple[str, ...]] = (
        "kubernetes", "k8s", "kubernetes-configmap", "manifest", "helm-chart", "helm", "helm-values", "values",
        "docker-compose", "compose", "argocd",
    )

    def fits(self, text: str) -> bool:
        """By a block or a mapping inside that fits a format, where the whole fits none."""
        nested = is_script(text) or re.search(r"(?m)^ +\S.*:|: *[|]|\\n", text)
        if not nested or any(form.fits(text) for form in _formats().values()):
            return False
        return bool(_pieces(text))

    def inventory(self, text: str) -> Inventory:
        """All that is served by the files inside; a key tells which by its path. Raises PatchRefused."""
        whole = _whole(text)
        if whole is not None:
            return whole.inventory(text)
        found = [inside.inventory for inside in _opened(text)]
        workloads: dict[str, tuple[str, ...]] = {}
        for one in found:
            for name, keys in one.workloads.items():
                workloads[name] = (*workloads.get(name, ()), *keys)
        return Inventory(
            tuple(route for one in found for route in one.routes),
            {name: led for one in found for name, led in one.fallbacks.items()},
            {name: led for one in found for name, led in one.aliases.items()}, workloads)

    def render(self, change: RoutingChange, text: str, path: str = "") -> Patch:
        """Every file inside that serves the workload, patched as its own format does. Raises PatchRefused."""
        newline_of(text)
        whole = _whole(text)
        if whole is not None:
            return whole.render(change, text, path)
        inside = _opened(text)
        patches = _patches(change, inside, path)
        draft, warnings = Draft(text, _split), list[str]()
        for at, patch in patches.items():
            piece = _pieces(draft.text)[at]
            _refuse_unexpanded(draft.text, piece, patch.patched)
            intended = list(_split(draft.text))
            intended[2 * at + 1] = meaning(piece, patch.patched)
            draft = draft.edited(put(draft.text, piece, patch.patched), tuple(intended))
            warnings += [said for said in patch.warnings if said not in warnings]
        apply, more = rollout(text, path)
        made = draft.patch(change, _SELF, path or "configmap.yaml", apply, (*warnings, *more))
        calls = tuple(call for patch in patches.values() for call in patch.calls)
        return replace(made, calls=calls, files={k: v for one in patches.values() for k, v in one.files.items()})

    def inside(self, text: str) -> tuple[tuple[str, str], ...]:
        """The files inside: the name of each one's format, and its text. Raises PatchRefused."""
        names = {type(form): name for name, form in _formats().items()}
        whole = _whole(text)
        if whole is not None:
            return ((names[type(whole)], text),)
        return tuple((names.get(type(one.form), _SELF), one.piece.text) for one in _opened(text))

    def lint(self, text: str) -> Sequence[Problem]:
        """The faults of the files inside, by the lines of the outer one."""
        whole = _whole(text)
        if whole is not None:
            return whole.lint(text)
        try:
            return [problem for inside in _opened(text, lenient=True) for problem in inside.faults()]
        except PatchRefused as error:
            return (Problem("line 1", str(error), Severity.CRITICAL),)


@dataclass(frozen=True, slots=True)
class _Inside:
    """One file inside: where it stands, its format, and what it serves, with keys that tell it from the others."""

    at: int
    mark: str
    piece: Piece
    form: Format
    inventory: Inventory

    def change(self, change: RoutingChange) -> RoutingChange:
        """The change with the keys as they are inside."""
        start = f"{self.mark}#"
        keys = tuple(
            key.removeprefix(start) for key in change.leaves_routes if key.startswith(start) or "#" not in key)
        return replace(change, leaves_routes=keys)

    def concerned(self, change: RoutingChange) -> bool:
        """Whether the workload leads here to a route that leaves."""
        left = {route.key for route in self.inventory.routes if leaving(change, route)}
        return bool(left & set(self.inventory.workloads.get(change.workload, ())))

    def faults(self) -> list[Problem]:
        return [replace(one, where=self._where(one.where)) for one in self.form.lint(self.piece.text)]

    def _where(self, where: str) -> str:
        line = re.fullmatch(r"line (\d+)", where)
        if line is None:
            return f"{self.mark}: {where}"
        return f"line {self.piece.first + (1 if self.piece.kind == QUOTED else int(line.group(1)))}"


@cache
def _formats() -> Mapping[str, Format]:
    """The other formats by name: the folder is the registry."""
    names = [item.name for item in pkgutil.iter_modules(alerts.gateways.__path__) if item.name[0] != "_"]
    found: dict[str, Any] = {name: importlib.import_module(f"alerts.gateways.{name}") for name in names
                             if name != _SELF}
    return {name: module.Gateway() for name, module in found.items()}


@lru_cache(maxsize=8)
def _fitting(text: str) -> list[Format]:
    if is_script(text) and _pieces(text):
        return [Gateway()]
    found = [form for form in _formats().values() if form.fits(text)]
    return found or ([Gateway()] if Gateway().fits(text) else [])


@lru_cache(maxsize=4)
def _whole(text: str) -> Format | None:
    """Who says `kubernetes` of another kind of manifest means the format of that kind."""
    found = [form for form in _formats().values() if form.fits(text)] if re.search(r"(?m)^kind *:", text) else []
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=8)
def _pieces(text: str) -> tuple[Piece, ...]:
    return pieces(text, lambda inner: bool(_fitting(inner)), _HEADS)


def _split(text: str) -> tuple[str, ...]:
    """The text as what stands outside and what inside, by turns: an edit may change one of them."""
    parts, at = list[str](), 0
    for piece in _pieces(text):
        parts += [text[at:piece.start], meaning(piece, piece.text)]
        at = piece.end
    return (*parts, text[at:])


@lru_cache(maxsize=4)
def _opened(text: str, *, lenient: bool = False) -> list[_Inside]:
    """The files inside that can be read. Raises PatchRefused where there is none. `lenient`: whatever they serve."""
    found, refused, marks = [], list[str](), list[str]()
    for at, piece in enumerate(_pieces(text)):
        marks.append(piece.name)
        mark = piece.name if marks.count(piece.name) == 1 else f"{piece.name}({marks.count(piece.name)})"
        forms = _fitting(piece.text)
        if len(forms) > 1:
            refused.append(f"{mark} could be of several formats; take it out into a file of its own")
            continue
        try:
            found.append(_Inside(at, mark, piece, forms[0], _marked(forms[0].inventory(piece.text), mark)))
        except PatchRefused as error:
            if lenient:
                found.append(_Inside(at, mark, piece, forms[0], Inventory()))
            refused.append(_why(piece, mark, str(error)))
    if not found:
        raise PatchRefused("; ".join(refused) or _nothing(text))
    return found


def _why(piece: Piece, mark: str, said: str) -> str:
    if "{{" in piece.text:
        return f"{mark} is a Helm template ({said}); patch the chart's values, or what `helm template` makes of it"
    return f"{mark}: {said}"


def _nothing(text: str) -> str:
    key = closed(text, lambda inner: bool(_fitting(inner)))
    if key:
        return f"{key} holds a config as a folded string; write it as a block ({key}: |)"
    return "no gateway's config is found inside (a block such as `config.yaml: |`, or a mapping such as proxy_config)"


def _refuse_unexpanded(text: str, piece: Piece, patched: str) -> None:
    """`${NAME}` is expanded in a compose file and by dotenv loaders, never among the keys of a ConfigMap."""
    expanded = not re.search(r"(?m)^kind: |^configMapGenerator:", text)
    if piece.kind in ENVIRONMENT and patched.count("${") > piece.text.count("${") and not expanded:
        raise PatchRefused(
            f"{piece.name}: Kubernetes does not expand ${{…}} in a ConfigMap, so the key cannot move by name here; "
            "change the secretKeyRef of the container that reads it, by hand")


def _marked(found: Inventory, mark: str) -> Inventory:
    return Inventory(
        tuple(replace(route, key=f"{mark}#{route.key}") for route in found.routes), found.fallbacks, found.aliases,
        {name: tuple(f"{mark}#{key}" for key in keys) for name, keys in found.workloads.items()})


def _patches(change: RoutingChange, inside: Sequence[_Inside], path: str) -> dict[int, Patch]:
    """By place. A file inside that cannot be patched is passed over only if the workload leads nowhere there."""
    patches, refused = dict[int, Patch](), list[tuple[bool, str]]()
    for one in inside:
        try:
            patches[one.at] = one.form.render(one.change(change), one.piece.text, path)
        except PatchRefused as error:
            refused.append((one.concerned(change), f"{one.mark}: {error}" if len(inside) > 1 else str(error)))
    must = next((said for concerned, said in refused if concerned), None)
    if must or not patches:
        raise PatchRefused(must or next(said for _, said in refused))
    return patches


