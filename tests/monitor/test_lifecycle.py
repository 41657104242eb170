import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.lifecycle import (
    CLEARING,
    FLAPPING_COSTS,
    FLAPS,
    MOVES,
    RELAPSED,
    Sign,
    diagram,
    follow,
    sign_of_calm,
    sign_of_return,
)
from monitor.model import Stage

NEEDED = 600_000.0


def test_no_sign_no_move():
    assert all(follow(stage, None) is None for stage in (None, *Stage))


def test_everything_reaches_closed_and_only_what_comes_back_leaves_it():
    assert {sign for stage, sign in MOVES if stage is Stage.CLOSED} == {Sign.RELAPSE, Sign.FLAP}
    reached: set[Stage | None] = {None}
    for _ in MOVES:
        reached |= {after for (before, _), after in MOVES.items() if before in reached}
    assert reached == {None, *Stage}


@given(st.lists(st.sampled_from(Sign)))
def test_only_confirmation_and_return_open(signs):
    stage: Stage | None = None
    for sign in signs:
        after = follow(stage, sign)
        if after is Stage.OPEN:
            assert sign in (Sign.CONFIRMED, Sign.RELAPSE)
        if after is Stage.FLAPPING:
            assert sign is Sign.FLAP
        stage = after or stage


@pytest.mark.parametrize("stage", Stage)
def test_where_nobody_reports_nothing_is_said(stage):
    assert sign_of_calm(stage, None, NEEDED, 0) is None


@pytest.mark.parametrize(("share", "sign"), [
    (0, Sign.RELAPSE), (RELAPSED, None), (CLEARING * 0.99, None), (CLEARING, Sign.CLEARING), (0.99, Sign.CLEARING),
    (1, Sign.CLEARED), (1e9, Sign.CLEARED)])
def test_calm_has_hysteresis(share, sign):
    assert sign_of_calm(Stage.RECOVERING, share * NEEDED, NEEDED, 0) is sign


def test_an_open_incident_is_not_told_that_it_has_come_back():
    assert sign_of_calm(Stage.OPEN, 0.0, NEEDED, 0) is None


def test_what_comes_back_more_than_once_flaps_and_needs_more_calm():
    assert [sign_of_return(n) for n in range(FLAPS + 1)] == [Sign.RELAPSE] * (FLAPS - 1) + [Sign.FLAP] * 2
    assert sign_of_calm(Stage.FLAPPING, NEEDED, NEEDED, 2) is not Sign.CLEARED
    assert sign_of_calm(Stage.FLAPPING, FLAPPING_COSTS * NEEDED, NEEDED, 2) is Sign.CLEARED
    assert follow(Stage.FLAPPING, Sign.CLEARING) is None


def test_no_evidence_closes_an_open_incident_in_one_move():
    """The config can – what is to be expected is over as news at once (law 12) – and a person."""
    ends = {sign for (before, sign), after in MOVES.items() if before is Stage.OPEN and after is Stage.CLOSED}
    assert ends == {Sign.EXPECTED, Sign.ENDED, Sign.UNWATCHED}


@pytest.mark.parametrize("sign", [Sign.ENDED, Sign.UNWATCHED])
def test_people_and_the_config_can_end_whatever_stands(sign: Sign):
    assert {follow(stage, sign) for stage in Stage if stage is not Stage.CLOSED} == {Stage.CLOSED}
    assert follow(Stage.CLOSED, sign) is None
    assert follow(None, sign) is None


def test_the_diagram_shows_every_move():
    drawn = diagram()
    assert drawn.startswith("stateDiagram-v2\n")
    for (before, sign), after in MOVES.items():
        line = next(x for x in drawn.splitlines() if f"{before or '[*]'} --> {after}:" in x)
        assert sign in line
