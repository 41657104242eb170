"""Whether our own network is in the way: told by who answers, wholly or beyond the border."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from watched import NOW

from monitor.esr import Lives
from monitor.place import ABROAD, TOGETHER_S, WHOLLY, Place, load_place
from monitor.rule import StreamKey
from monitor.rules import BY_PLACE, rules
from monitor.track import Track

SILENT, OK = "network_timeout", "ok"
ANSWERS = st.lists(st.sampled_from([OK, SILENT, "provider_outage", "geo_restricted"]), max_size=5)


def place(hosts=(), vendors=(), t=NOW):
    """A region with these latest answers of neutral hosts and of vendors, a stream each."""
    here = Place("eu", {})
    for n, outcome in enumerate(hosts):
        here.controls.append(arrived(Track(StreamKey(f"neutral{n}", "eu", "reachability"), 60.0, control=True), outcome,
                                     t))
    for n, outcome in enumerate(vendors):
        here.tracks.append(arrived(Track(StreamKey(f"vendor{n}", "eu", "reachability"), 60.0), outcome, t))
    for track in (*here.controls, *here.tracks):
        here.note(track)
    return here


def arrived(track, outcome, t):
    track.arrive(t, outcome)
    return track


@pytest.mark.parametrize(("hosts", "vendors", "shape"), [
    ([SILENT] * 3, [SILENT] * 3, WHOLLY),
    ([SILENT] * 3, [OK] * 3, WHOLLY),                         # all neutral hosts: it is dark whatever vendors say
    ([SILENT, SILENT, OK], [SILENT, OK], ABROAD),             # most, while a host and a vendor answer
    ([SILENT, OK, OK], [SILENT, SILENT, OK], ABROAD),         # one host and several vendors, at once
    ([SILENT, OK, OK], [SILENT, OK, OK], ""),                 # one host, one vendor: chance
    ([SILENT, OK, OK], [OK] * 3, ""),
    ([OK] * 3, [SILENT] * 3, ""),                             # neutral hosts answer: not our network
    ([OK] * 3, [OK] * 3, ""),
    ([SILENT], [SILENT, SILENT, OK], WHOLLY),                 # a single host needs vendors beside it
    ([SILENT], [SILENT, OK, OK], ""),
    ([], [SILENT] * 3, WHOLLY),                               # no host: three vendors stand in for one
    ([], [SILENT] * 2, ""),
    ([], [SILENT, SILENT, SILENT, OK], ""),
    (["provider_outage"] * 3, ["geo_restricted"] * 3, ""),    # answers, if bad ones: the network works
])
def test_the_shape_is_told_by_who_answers(hosts, vendors, shape):
    assert place(hosts, vendors).look(NOW) == shape


@pytest.mark.parametrize(("hosts", "here", "there", "shape"), [
    ([OK], [SILENT, SILENT, OK], [OK] * 3, ABROAD),           # the one neutral host is near us, as is the third vendor
    ([OK], [SILENT, SILENT, OK], [SILENT] * 3, ""),           # they answer nowhere: it is theirs
    ([OK], [SILENT, OK, OK], [OK] * 3, ""),
    ([OK], [SILENT, SILENT, OK, OK, OK], [OK] * 5, ""),       # two of five: chance, or theirs
    ([OK, OK], [SILENT, SILENT, OK], [OK] * 3, ""),           # two neutral hosts, one of which would have failed too
])
def test_beside_a_single_neutral_host_vendors_tell_of_the_link_abroad(hosts, here, there, shape):
    one, other = place(hosts, here), place((), there)
    one.peers = {"eu": one, "us": other}
    assert one.look(NOW) == shape


def test_vendors_that_fell_silent_one_after_the_other_are_no_link():
    one = place([OK], [SILENT, SILENT, OK])
    one.peers = {"us": place((), [OK] * 3)}
    one.fell[one.tracks[0].stream.text] = NOW - 600.0
    assert one.look(NOW) == ""


def test_what_is_too_old_to_tell_is_no_witness():
    assert place([SILENT] * 3, [SILENT] * 3).look(NOW + 3600.0) == ""


def test_a_vendor_that_is_expected_to_refuse_is_no_witness():
    here = place([], [SILENT] * 3)
    here.tracks[0].expect = True
    assert here.look(NOW) == ""


def test_what_did_not_begin_together_is_no_cut():
    here = place([SILENT, OK, OK], [SILENT, SILENT, OK])
    here.fell[here.controls[0].stream.text] = NOW - TOGETHER_S - 1.0
    assert here.look(NOW) == ""


@given(ANSWERS, ANSWERS)
def test_it_is_never_dark_where_no_neutral_host_and_fewer_than_three_vendors_fail(hosts, vendors):
    here = place(hosts, vendors)
    if here.look(NOW):
        assert SILENT in hosts or (not hosts and vendors.count(SILENT) >= 3)


@given(ANSWERS.filter(bool), ANSWERS)
def test_one_more_neutral_host_that_answers_never_makes_it_dark(hosts, vendors):
    if not place(hosts, vendors).look(NOW) and len(hosts) > 1:
        assert not place([*hosts, OK], vendors).look(NOW)


def test_a_witness_tells_since_when_and_when_it_is_over():
    here = place([OK] * 3, [OK])
    for minute, outcome in enumerate([SILENT, SILENT, OK], 1):
        for host in here.controls:
            t = NOW + minute * 60.0
            assert here.witness(arrived(host, outcome, t), t)
        assert here.dark == (WHOLLY if outcome == SILENT else "")
    assert here.since == NOW + 60.0
    assert not here.fell


def test_a_vendor_speaks_for_the_place_only_where_there_is_no_neutral_host():
    guarded, bare = place([OK] * 3, [OK]), place([], [OK] * 3)
    assert not guarded.witness(guarded.tracks[0], NOW)
    assert bare.witness(bare.tracks[0], NOW)
    assert (guarded.guarded(NOW), bare.guarded(NOW)) == (True, False)
    assert place([OK, SILENT, OK]).well(NOW) == (2, 3)


@settings(max_examples=40)
@given(ANSWERS, ANSWERS, st.lists(st.booleans(), max_size=20))
def test_written_down_and_read_again_it_is_the_same_to_the_bit(hosts, vendors, seen):
    here, above = place(hosts, vendors), {BY_PLACE: Lives()}
    for track in (*here.controls, *here.tracks):
        here.witness(track, NOW)
    found = here.whole.detector(BY_PLACE, rules()[BY_PLACE], NOW)
    for n, bad in enumerate(seen):
        found.step(NOW + n * 60.0, bad, 0.01)
    here.lives.learn([(0.0, 60.0, bad) for bad in seen])
    text = json.dumps(here.dump())
    again = load_place(json.loads(text), above)
    assert json.dumps(again.dump()) == text
    assert again.lives.parent is above[BY_PLACE]
    assert again.whole.detectors[BY_PLACE].value == found.value


def test_a_vendor_that_falls_silent_later_does_not_end_the_dark():
    here = place([SILENT, OK], [SILENT, SILENT, OK])
    assert here.look(NOW) == ABROAD
    later = NOW + TOGETHER_S + 60.0
    for track, outcome in zip((*here.controls, *here.tracks), (SILENT, OK, SILENT, SILENT, SILENT), strict=True):
        here.note(arrived(track, outcome, later))
    assert here.look(later) == ABROAD
    here.note(arrived(here.tracks[0], OK, later + 60.0))
    assert here.look(later + 60.0) == ""           # one vendor alone fell silent with the host: chance


def test_who_is_in_the_dark_is_known_everywhere():
    there, here = place([SILENT] * 2, [SILENT] * 2), place([OK] * 2, [OK] * 2)
    there.name, there.dark = "sg", WHOLLY
    here.peers = {"eu": here, "sg": there}
    assert here.in_the_dark() == {"sg"}


def test_who_fails_now_and_then_anyway_is_no_witness_of_the_border():
    here, there = place([OK], [SILENT, SILENT, OK]), place([OK], [OK, OK, OK])
    here.peers = there.peers = {"eu": here, "us": there}
    assert here.look(NOW) == ABROAD
    here.tracks[0].declared = {"latency": "slow"}
    assert here.look(NOW) == ABROAD
    here.tracks[0].declared = {"outage": "in part"}
    assert here.look(NOW) == ""
