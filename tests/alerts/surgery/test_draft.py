"""Every step of a draft is parsed again and compared; all of it can be taken back."""

import json
from datetime import UTC, datetime

import pytest

from alerts.gateway import PatchRefused
from alerts.model import RoutingChange, Strength
from alerts.surgery.draft import Draft, note_of
from alerts.surgery.text import Splice

CHANGE = RoutingChange("vw 1", "smart", "claude", (), "b", Strength.EXCLUDE, "geo", "403",
                       expires_at=datetime(2026, 12, 1, tzinfo=UTC))


def parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise PatchRefused("no JSON") from error


def test_steps_are_taken_back_in_reverse() -> None:
    text = '{"a": 1,\r\n "b": 2}'
    draft = Draft(text, parsed).edited([Splice(6, 7, "10")], {"a": 10, "b": 2})
    draft = draft.edited([Splice(17, 18, "30")], {"a": 10, "b": 30})
    assert json.loads(draft.text) == {"a": 10, "b": 30}
    patch = draft.patch(CHANGE, "json", "c.json", "restart", warnings=["mind the gap"])
    assert (patch.reverted, patch.patched, patch.change) == (text, draft.text, "vw 1")
    assert patch.warnings == ("mind the gap",)
    assert "\r\n" in patch.diff


def test_nothing_to_do_is_an_empty_patch_without_warnings() -> None:
    patch = Draft('{"a": 1}', parsed).edited([], {"a": 1}).patch(CHANGE, "json", "c", "restart", warnings=["w"])
    assert (patch.diff, patch.warnings, patch.patched) == ("", (), patch.reverted)


@pytest.mark.parametrize(("cut", "reason"), [
    (Splice(0, 8, '{"a": 2, "c": 3}'), "something else"), (Splice(0, 1, ""), "cannot be edited safely")])
def test_a_cut_that_does_more_than_was_meant_is_refused(cut: Splice, reason: str) -> None:
    with pytest.raises(PatchRefused, match=reason):
        Draft('{"a": 1}', parsed).edited([cut], {"a": 2})


def test_the_note_says_whose_until_when_and_how_back() -> None:
    assert note_of(CHANGE) == "vendorwatch:vw_1 expires=2026-12-01T00:00Z revert: vendorwatch patch revert vw_1"
