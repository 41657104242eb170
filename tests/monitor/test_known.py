from datetime import timedelta

import pytest
from histories import T0

from monitor.known import Policy, Silence
from monitor.model import Cause, Incident, Scope, Stage

INCIDENT = Incident(1, "k", Stage.OPEN, Cause.BILLING, Scope("claude"), 1, "", T0, T0, T0, regions=("eu", "us"))


@pytest.mark.parametrize(("changes", "covers"), [
    ({}, True), ({"provider": "claude"}, True), ({"provider": "openai"}, False), ({"region": "us"}, True),
    ({"region": "sg"}, False), ({"cause": Cause.BILLING}, True), ({"cause": Cause.UNKNOWN}, False)])
def test_a_silence_covers_what_matches_all_it_names(changes, covers):
    assert Silence(T0 + timedelta(hours=1), **changes).covers(INCIDENT, T0) is covers


def test_a_silence_ends():
    assert not Silence(T0).covers(INCIDENT, T0)


def test_the_last_pause_goes_on_and_no_pause_is_no_reminder():
    hours = Policy(reminders=(timedelta(hours=1), timedelta(hours=4)))
    assert [hours.pause(n) for n in (0, 1, 2, 9)] == [timedelta(hours=h) for h in (1, 4, 4, 4)]
    assert Policy(reminders=()).pause(0) is None


def test_the_defaults_propose_and_change_nothing_by_themselves():
    assert Policy().patch_mode == "propose"
    assert Policy().demote_causes <= Policy().patch_causes
