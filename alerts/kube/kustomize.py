"""The same change as JSON Patch operations (RFC 6902) under kustomize: an overlay beside a base that stays. Pure.

Guards come first: `test` operations for every entry that is touched, so that `kubectl kustomize` fails when the base
has changed since, instead of patching what now stands in its place.
"""

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from alerts.gateway import PatchRefused

Operation = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Move:
    """One object before and after, as JSON values."""

    before: Any
    after: Any


def pointer(*steps: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def operations(before: Any, after: Any) -> list[Operation]:
    """What turns one value into the other, guards first; empty where they are the same."""
    steps = list(_steps((), before, after))
    guards: list[Operation] = []
    for step in steps:
        guards += [guard for guard in _guards(step, before) if guard not in guards]
    return [*guards, *steps]


def applied(value: Any, steps: Sequence[Operation]) -> Any:
    """The value after the operations `test`, `add`, `remove` and `replace`. Raises PatchRefused where one fails."""
    whole = {"": copy.deepcopy(value)}
    for step in steps:
        holder, key = _holder(whole, step["path"])
        there = key in holder if isinstance(holder, dict) else isinstance(key, int) and key < len(holder)
        if step["op"] != "add" and not there:
            raise PatchRefused(f"{step['path']} is not there; the base has changed")
        if step["op"] == "test" and holder[key] != step["value"]:
            raise PatchRefused(f"{step['path']} is not what it was; the base has changed")
        if step["op"] == "remove":
            del holder[key]
        elif step["op"] == "add" and isinstance(holder, list):
            holder.insert(key, copy.deepcopy(step["value"]))
        elif step["op"] in ("add", "replace"):
            holder[key] = copy.deepcopy(step["value"])
    return whole[""]


def overlay(name: str, base: str, moves: Sequence[Move]) -> dict[str, str]:
    """Files by name: a kustomization over `base`, the patches it names, and the same to take it back.

    The base's file stands beside them; who has a kustomization already takes over its `patches` entry.
    """
    files, listed = dict[str, str](), []
    for at, move in enumerate(move for move in moves if move.before != move.after):
        stem = f"{name}-{at}" if at else name
        files[f"{stem}.json6902.yaml"] = _lines(operations(move.before, move.after))
        files[f"{stem}.inverse.json6902.yaml"] = _lines(operations(move.after, move.before))
        listed.append((f"{stem}.json6902.yaml", _target(move.before)))
    if files:
        files["kustomization.yaml"] = _kustomization(name, base, listed)
    return files


def _steps(path: tuple[str | int, ...], before: Any, after: Any) -> Iterator[Operation]:
    if before == after and type(before) is type(after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            if key not in after:
                yield {"op": "remove", "path": pointer(*path, key)}
            elif key not in before:
                yield {"op": "add", "path": pointer(*path, key), "value": after[key]}
            else:
                yield from _steps((*path, key), before[key], after[key])
    elif isinstance(before, list) and isinstance(after, list):
        yield from _list_steps(path, before, after)
    else:
        yield {"op": "replace", "path": pointer(*path), "value": after}


def _list_steps(path: tuple[str | int, ...], before: list[Any], after: list[Any]) -> Iterator[Operation]:
    """From the end to the start, so that every index is still that of the base when its turn comes."""
    matched = SequenceMatcher(None, list(map(_mark, before)), list(map(_mark, after)), autojunk=False)
    for tag, low, high, new_low, new_high in reversed(matched.get_opcodes()):
        if tag == "equal":
            for shift in reversed(range(high - low)):
                yield from _steps((*path, low + shift), before[low + shift], after[new_low + shift])
            continue
        both = min(high - low, new_high - new_low)
        for at in reversed(range(low + both, high)):
            yield {"op": "remove", "path": pointer(*path, at)}
        for at in reversed(range(new_low + both, new_high)):
            yield {"op": "add", "path": pointer(*path, low + both), "value": after[at]}
        for shift in reversed(range(both)):
            yield from _steps((*path, low + shift), before[low + shift], after[new_low + shift])


def _mark(item: Any) -> str:
    """What makes an entry the same one: its name or id; of others all they say."""
    name = next((item[key] for key in ("name", "id") if key in item), None) if isinstance(item, dict) else None
    return json.dumps(name if isinstance(name, str) else item, sort_keys=True)


def _guards(step: Operation, before: Any) -> Iterator[Operation]:
    """Tests on the base: of each named entry on the way, and of the value that goes."""
    value, path = before, []
    for part in step["path"].split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            if int(key) >= len(value):
                return
            value = value[int(key)]
        elif key in value:
            value = value[key]
        else:
            return
        path.append(part)
        name = next((one for one in ("name", "id") if isinstance(value, dict) and one in value), "")
        if name and part.isdecimal():
            yield {"op": "test", "path": f"/{'/'.join(path)}/{name}", "value": value[name]}
    if step["op"] in ("remove", "replace"):
        yield {"op": "test", "path": step["path"], "value": value}


def _holder(whole: Any, path: str) -> tuple[Any, Any]:
    """What holds the last step of a pointer, and that step as a key or an index."""
    holder, key = whole, ""
    for part in path.split("/")[1:]:
        try:
            holder = holder[key]
        except (KeyError, IndexError, TypeError):
            raise PatchRefused(f"{path} is not there; the base has changed") from None
        key = _step(holder, part.replace("~1", "/").replace("~0", "~"), path)
    return holder, key


def _step(holder: Any, key: str, path: str) -> Any:
    if isinstance(holder, dict):
        return key
    if not isinstance(holder, list) or not key.isdecimal() or int(key) > len(holder):
        raise PatchRefused(f"{path} is not there; the base has changed")
    return int(key)


def _lines(steps: Sequence[Operation]) -> str:
    return "".join(f"- {json.dumps(step, ensure_ascii=False)}\n" for step in steps)


def _target(value: Any) -> Mapping[str, str]:
    group, _, version = str(value.get("apiVersion", "")).rpartition("/")
    named = {"group": group, "version": version, "kind": value.get("kind", "")}
    held = value.get("metadata") or {}
    return {key: str(said) for key, said in (*named.items(), *held.items()) if key in _TARGET and said}


_TARGET = ("group", "version", "kind", "name", "namespace")


def _kustomization(name: str, base: str, listed: Sequence[tuple[str, Mapping[str, str]]]) -> str:
    patches = "".join(
        f"  - path: {json.dumps(file)}\n    target: {json.dumps(dict(target))}\n" for file, target in listed)
    return (
        f"# vendorwatch:{name}: the `test` operations fail once the base has changed; to take it back, drop the patch\n"
        f"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - {json.dumps(base)}\n"
        f"patches:\n{patches}"
    )
