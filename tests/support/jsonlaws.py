"""What every patch of a JSON format has to keep to, and ways in which people write JSON."""

import json
from functools import cache
from typing import Any

from hypothesis import strategies as st

from alerts.gateway import PatchRefused
from alerts.model import Patch, Strength
from alerts.surgery.jsonnodes import parse, plain
from monitor.catalogue import Catalogue, load_catalogue
from monitor.formats import changed_lines, format_named, moved

EXCLUDE, DEMOTE = Strength.EXCLUDE, Strength.DEMOTE
JUNK = st.one_of(st.text(max_size=120), st.binary(max_size=120).map(lambda raw: raw.decode("latin-1")))


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


def lawful(name: str, text: str, workload: str, vendor: str, target: str, strength: Strength = EXCLUDE) -> Patch:
    """The patch, seen to be reversible, idempotent and still JSON (strict where it was). Raises PatchRefused."""
    form = format_named(name)
    patch = moved(form, text, "config.json", (workload, vendor, target, strength), catalogue())
    assert patch.reverted == text
    plain(parse(patch.patched))
    if is_strict(text):
        assert is_strict(patch.patched)
    again = moved(form, patch.patched, "config.json", (workload, vendor, target, strength), catalogue())
    assert again.diff == ""
    assert again.patched == patch.patched
    assert patch.patched.startswith("\ufeff") == text.startswith("\ufeff")
    assert ("\r\n" in text) or ("\r\n" not in patch.patched)
    return patch


def refused_or_lawful(*move: Any) -> bool:
    try:
        lawful(*move)
    except PatchRefused:
        return False
    return True


def lines(patch: Patch) -> int:
    return changed_lines(patch)


def is_strict(text: str) -> bool:
    try:
        json.loads(text.removeprefix("\ufeff"))
    except ValueError:
        return False
    return True


def said(text: str) -> Any:
    """As Python's own values, numbers too."""

    def number(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: number(one) for key, one in value.items()}
        if isinstance(value, list):
            return [number(one) for one in value]
        return json.loads(value.raw) if hasattr(value, "raw") else value

    return number(plain(parse(text)))


@st.composite
def written(draw: Any, value: Any, extended: bool = True) -> str:
    """A value as someone may have written it: indentation, line ends, BOM; comments and JSON5 where `extended`."""
    unit = draw(st.sampled_from(["", "  ", "    ", "\t"]))
    fancy = extended and draw(st.booleans())
    text = _shown(draw, value, unit, "", fancy) + draw(st.sampled_from(["", "\n"]))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return ("\ufeff" if draw(st.booleans()) else "") + text


def _shown(draw: Any, value: Any, unit: str, indent: str, fancy: bool) -> str:
    if not isinstance(value, (dict, list)) or not value:
        plainly = json.dumps(value, ensure_ascii=False)
        single = fancy and isinstance(value, str) and "'" not in plainly and draw(st.booleans())
        return f"'{plainly[1:-1]}'" if single else plainly
    inner = indent + unit
    flat = not unit or (len(value) < 4 and all(not isinstance(one, (dict,
        list)) for one in value) and draw(st.booleans()))
    rows = []
    for key in value:
        name = "" if isinstance(value, list) else f"{json.dumps(key, ensure_ascii=False)}: "
        rows.append(name + _shown(draw, value[key] if name else key, "" if flat else unit, inner, fancy))
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    if flat:
        return opening + ", ".join(rows) + closing
    made = opening
    for at, row in enumerate(rows):
        above = draw(st.sampled_from(["", "", f"\n{inner}// 说明 😀", f"\n{inner}/* a, b: [c] */"])) if fancy else ""
        behind = draw(st.sampled_from(["", "", " // why", " /* } */"])) if fancy else ""
        comma = "," if at < len(rows) - 1 or (fancy and draw(st.booleans())) else ""
        made += f"{above}\n{inner}{row}{comma}{behind}"
    return f"{made}\n{indent}{closing}"
