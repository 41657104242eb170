import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.lifecycle import CLEARED, CLEARING, MOVES, Sign, diagram, follow, sign_of_calm
from monitor.model import Stage


def test_no_sign_no_move():
    assert all(follow(stage, None) is None for stage in (None, *Stage))


def test_nothing_leaves_closed_and_everything_reaches_it():
    assert not [stage for stage, _ in MOVES if stage is Stage.CLOSED]
    reached: set[Stage | None] = {None}
    for _ in MOVES:
        reached |= {after for (before, _), after in MOVES.items() if before in reached}
    assert reached == {None, *Stage}


@given(st.lists(st.sampled_from(Sign)))
def test_only_confirmation_opens(signs):
    stage: Stage | None = None
    for sign in signs:
        after = follow(stage, sign)
        if after is Stage.OPEN:
            assert sign in (Sign.CONFIRMED, Sign.RELAPSE)
        stage = after or stage


@pytest.mark.parametrize(("clean", "sign"), [(None, None), (0, Sign.RELAPSE), (1, None), (CLEARING - 1, None),
                                             (CLEARING, Sign.CLEARING), (CLEARED - 1, Sign.CLEARING),
                                             (CLEARED, Sign.CLEARED)])
def test_calm_has_hysteresis(clean, sign):
    assert sign_of_calm(clean) is sign


def test_an_open_incident_never_closes_in_one_move():
    assert Stage.CLOSED not in {after for (before, _), after in MOVES.items() if before is Stage.OPEN}


def test_the_diagram_shows_every_move():
    drawn = diagram()
    assert drawn.startswith("stateDiagram-v2\n")
    for (before, sign), after in MOVES.items():
        line = next(x for x in drawn.splitlines() if f"{before or '[*]'} --> {after}:" in x)
        assert sign in line
