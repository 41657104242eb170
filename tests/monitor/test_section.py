"""Whatever a section does not know is an error; an open one keeps it for its plugin."""

import pytest
from pydantic import ValidationError

from monitor.section import Open, Section, short_form


class Plain(Section):
    model_config = short_form("word")
    size: int = 1


def test_a_key_that_is_not_known_is_an_error_and_nothing_can_be_changed() -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        Plain.model_validate({"sizes": 2})
    with pytest.raises(ValidationError, match="frozen"):
        Plain().size = 2  # type: ignore[misc]


def test_an_open_section_keeps_what_a_plugin_may_know() -> None:
    class Kind(Open):
        type: str

    found = Kind.model_validate({"type": "slack", "url": "x", "options": {"a": 1}})
    assert (found.type, found.options) == ("slack", {"a": 1, "url": "x"})


def test_editors_know_the_short_form() -> None:
    assert Plain.model_json_schema()["properties"]["word"] == {"type": "string"}
