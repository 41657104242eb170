"""The cuts of a move on their own: what the config says after them is what was planned."""

import pytest

from alerts.gateway import PatchRefused
from alerts.model import RoutingChange, Strength
from alerts.surgery.text import splice
from alerts.surgery.tomllines import load
from alerts.tensorzero.moves import Move
from alerts.tensorzero.reading import read, routes

TEXT = """\
[models.m]
routing = ["a", "b"]
providers.a.type = "anthropic"
providers.a.model_name = "claude"
providers.b.type = "mistral"
providers.b.model_name = "m"
"""
CHANGE = RoutingChange("vw-1", "m", "anthropic", ("models.m.providers.a",), "b", Strength.EXCLUDE, "geo", "403")


def planned(text: str) -> tuple[str, object]:
    reading = read(text)
    cuts, intended, _ = Move(CHANGE, reading, {route.key: route for route in routes(reading)}).planned()
    return splice(text, cuts)[0], intended


def test_dotted_keys_go_line_by_line() -> None:
    after, intended = planned(TEXT)
    assert load(after) == intended
    assert after == '[models.m]\nrouting = ["b"]\nproviders.b.type = "mistral"\nproviders.b.model_name = "m"\n'


def test_inline_tables_are_refused() -> None:
    with pytest.raises(PatchRefused, match="inline"):
        planned('[models.m]\nrouting = ["a", "b"]\nproviders = { a = { type = "anthropic" }, b = { type = "x" } }\n')
    with pytest.raises(PatchRefused, match="inline"):
        planned('[models]\nm = { routing = ["a", "b"], providers = { a = { type = "anthropic" }, b = {} } }\n')
