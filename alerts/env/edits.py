"""The fewest edits that make a .env file's variables what they are to be. Pure.

A key is only ever referred to, and never overwritten where it is written out: a line below overrides it.
"""

import re
from collections.abc import Mapping
from typing import Final

from alerts.env.lines import Edit
from alerts.env.units import Setting
from alerts.gateway import PatchRefused
from alerts.surgery.text import holds_secret

_SAFE: Final = re.compile(r"[\w./:@+,~%=?&{}$\[\]-]+(?:, [\w-]+)*")


def is_plain(value: str) -> bool:
    """Whether a value needs no quotes, whoever reads it."""
    return bool(_SAFE.fullmatch(value))


def edits(values: Mapping[str, str], keys: Mapping[str, str], setting: Setting) -> list[Edit]:
    """`values`: variables as text; `keys`: by the name of the variable to refer to. As few lines as do it: a line that
    holds a key is left alone and overridden below, as of two the last wins. Raises PatchRefused.
    """
    found: list[Edit] = []
    index = {line.name: at for at, line in enumerate(setting.file.lines)}
    for name, value in values.items():
        if not is_plain(value):
            raise PatchRefused(f"{name} would become {value!r}, which is no plain word; set it by hand")
        if setting.values.get(name) != value:
            found.append(_edit(name, value, index, (*values, *keys), setting))
    for name, key in keys.items():
        if setting.file.reference(name) != key:
            found.append(_key_edit(name, key, index, values, setting))
    _refuse_shown_key(found, setting)
    return found


def _refuse_shown_key(found: list[Edit], setting: Setting) -> None:
    """A line added below the last one, which has no end, changes that one too: a diff would show the key in it."""
    last = setting.file.lines[-1]
    shown = setting.file.text[last.first:last.after]
    below = any(edit.after and edit.at == len(setting.file.lines) - 1 for edit in found)
    if below and last.after == len(setting.file.text) and not shown.endswith("\n") and holds_secret(shown):
        raise PatchRefused(f"the last line holds a key ({last.name}) and has no line end, so that any line below it "
                           "would show the key in the diff; add a line end first")


def _edit(name: str, value: str, index: Mapping[str, int], with_it: tuple[str, ...], setting: Setting) -> Edit:
    if name in index:
        return Edit(name, value, index[name])
    beside = [index[other] for other in with_it if other in index]
    return Edit(name, value, max(beside, default=len(setting.file.lines) - 1), after=True)


def _key_edit(name: str, key: str, index: Mapping[str, int], with_it: Mapping[str, str], setting: Setting) -> Edit:
    """`${KEY}` must stand below KEY: readers fill in what they have read so far."""
    reference, at = f"${{{key}}}", index.get(name, -1)
    line = setting.file.lines[at] if at >= 0 else None
    if line and index.get(key, -1) < at:
        shown = setting.file.text[line.first:line.after]
        if not line.quote and (not line.value or not holds_secret(shown)):
            return Edit(name, reference, at)
    beside = at if line else max((index[other] for other in with_it if other in index), default=-1)
    place = max(beside, index.get(key, -1))
    return Edit(name, reference, place if place >= 0 else len(setting.file.lines) - 1, after=True)
