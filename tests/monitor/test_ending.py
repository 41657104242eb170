"""How an incident ends without having recovered: by hand, or because the config asks nobody any more."""

from dataclasses import replace
from datetime import timedelta

import pytest
from histories import T0, Asked, Ledger, grid, history, story

from alerts.model import Occasion
from monitor.batch import UNWATCHED, Act, act_of
from monitor.ending import acted, closing, told_of, unwatched
from monitor.known import Deciding, Known, KnownCheck, Policy, Silence
from monitor.model import Cause, Incident, Move, Scope, Stage
from monitor.rule import StreamKey
from monitor.track import Track

EVERYWHERE = Incident(1, "k", Stage.OPEN, Cause.REGION_RESTRICTED, Scope("claude"), 0.99, "403", T0, T0, T0,
                      regions=("eu", "us"), told="opened")
LATER = T0 + timedelta(hours=1)
ASKED = tuple(KnownCheck(f"reach/{vendor}@{region}", vendor, region)
              for vendor in ("claude", "qwen") for region in ("eu", "us"))
GRID = grid(("eu", "us", "ap"), ("claude", "qwen"))


def tracks(*regions: str, vendor: str = "claude") -> list[Track]:
    return [Track(StreamKey(vendor, region, "reachability", check=f"reach/{vendor}@{region}"), 60.0)
            for region in regions]


def known(*left: KnownCheck) -> Known:
    return Known(checks=left)


def of(move: Move | None) -> Act:
    assert move is not None
    act = act_of(move.incident.key, move.at, move.because)
    assert act is not None
    return act


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.CLOSED])
def test_a_person_may_close_whatever_stands_and_says_why(stage: Stage) -> None:
    move = closing(replace(EVERYWHERE, stage=stage), "mei", "our firewall", LATER)
    assert move is not None
    assert (move.incident.stage, move.incident.closed_at, move.before) == (Stage.CLOSED, LATER, stage)
    assert move.because == "closed by mei: our firewall"
    assert acted(move.incident, of(move)) is None, "twice done is once done"


def test_what_is_watched_stays() -> None:
    assert unwatched(EVERYWHERE, tracks("eu", "us"), known(*ASKED), LATER) is None
    assert unwatched(EVERYWHERE, [], known(*ASKED), LATER) is None


def test_a_vendor_that_is_asked_nowhere_is_watched_no_longer() -> None:
    left = known(*(one for one in ASKED if one.provider != "claude"))
    for members in (tracks("eu", "us"), []):
        move = unwatched(EVERYWHERE, members, left, LATER)
        assert move is not None
        assert (move.incident.stage, move.because) == (Stage.CLOSED, UNWATCHED)


def test_an_account_or_a_model_that_is_asked_no_more_is_watched_no_longer() -> None:
    """Its vendor is asked as ever, without a key and about other models: these can never say that it is over."""
    banned = replace(EVERYWHERE, cause=Cause.ACCOUNT_RESTRICTED, scope=Scope("claude", account="old"))
    for members in ([], [Track(StreamKey("claude", "eu", "completion", check="ask/claude:old@eu"), 300.0)]):
        move = unwatched(replace(banned, regions=("eu",)), members, known(*ASKED), LATER)
        assert move is not None
        assert move.incident.stage is Stage.CLOSED


def test_a_region_that_left_no_longer_holds_the_others_back() -> None:
    left = known(*(one for one in ASKED if one.region != "eu"))
    move = unwatched(EVERYWHERE, tracks("eu", "us"), left, LATER)
    assert move is not None
    assert (move.incident.stage, move.incident.regions, move.incident.scope) == (Stage.OPEN, ("us",), EVERYWHERE.scope)
    assert of(move).gone == ("eu",)


def test_a_place_as_a_whole_is_watched_while_anything_is_asked_from_there() -> None:
    dark = replace(EVERYWHERE, cause=Cause.OWN_NETWORK, scope=Scope(), regions=("eu",))
    whole = [Track(StreamKey("*", "eu", "*"), 0.0)]
    assert unwatched(dark, whole, known(*ASKED), LATER) is None
    assert unwatched(dark, whole, known(*(one for one in ASKED if one.region == "us")), LATER) is not None


def test_whoever_heard_is_told_that_it_was_closed_and_not_that_it_is_over() -> None:
    move = closing(EVERYWHERE, "mei", "", LATER)
    assert move is not None
    context = Deciding(Known(channels=("ops",)))
    [tell] = told_of([of(move)], {"k": move.incident}, Policy(), context)
    assert (tell.alert.occasion, tell.alert.because, tell.alert.ended) == (Occasion.ENDED, "closed by mei", None)
    assert [tell] == list(told_of([of(move)], {"k": move.incident}, Policy(), context)), "keyed: one errand"
    assert not list(told_of([of(move)], {"k": replace(move.incident, told="")}, Policy(), context))
    again = replace(move.incident, stage=Stage.OPEN, closed_at=None)
    assert not list(told_of([of(move)], {"k": again}, Policy(), context)), "it has come back meanwhile"
    quiet = replace(context, known=Known(channels=("ops",), silences=(Silence(LATER + timedelta(hours=1)),)))
    assert not list(told_of([of(move)], {"k": move.incident}, Policy(), quiet))


def refused(one: Asked, minute: int) -> str:
    hit = one.provider == "claude" and one.region in ("eu", "us") and 5 <= minute < 20
    return "geo_restricted" if hit else "ok"


def without_eu() -> Ledger:
    """Refused in two regions; one of them leaves the config, the other recovers."""
    book = story(GRID, 15, refused)
    for one in book.all():
        gone = Act(one.key, T0 + timedelta(minutes=15), "no longer watched from eu", None, ("eu",))
        for move in book.judge.heed([gone]):
            book.incidents[move.incident.key] = replace(move.incident, id=one.id)
    return book


def test_what_goes_on_elsewhere_can_end_there() -> None:
    book = without_eu()
    [incident] = [one for one in book.all() if "us" in one.regions]
    assert incident.regions == ("us",)
    assert {track.stream.region for track, _ in book.judge.memory.members[incident.key]} == {"us"}
    book.take([one for one in history(GRID, 400, refused) if one.region != "eu" and one.slot >= incident.changed_at])
    assert book.incidents[incident.key].stage is Stage.CLOSED
    assert len(book.told("recovered")) == 1
