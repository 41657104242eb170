from dataclasses import replace
from datetime import timedelta

import pytest
from histories import T0, Asked, Ledger, history
from hypothesis import given
from hypothesis import strategies as st

from monitor.board import Board, Dark, dump_line, line_of, load_dark, load_line
from monitor.model import Sample
from monitor.rules import standing_rules
from probes.outcome import Outcome

PLAIN = Sample(1, T0, "reachability", "claude", "eu", "ok", account="main", status=200, reason="好", check_key="c")


def board_of(*samples):
    board = Board(standing_rules())
    for sample in samples:
        line = line_of(sample)
        board.put(line)
        board.observe_dark(line)
    return board


def test_a_line_survives_being_written_down():
    line = line_of(replace(PLAIN, expect_restricted=True, control=True, zone="cn"))
    assert load_line(dump_line(line)) == line


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40))
def test_no_failure_is_trusted_that_no_witness_vouches_for(told):
    dark = Dark()
    for at, (out, answered) in enumerate(told, 1):
        dark = dark.told(float(at), out, answered and not out)
        assert load_dark(dark.dump()) == dark
        if out:
            assert not any(dark.trusts(float(t)) for t in range(at + 1))
        assert not dark.trusts(dark.well + 0.5)
    if not any(answered and not out for out, answered in told):
        assert not dark.trusts(1.0)


def test_the_time_between_last_well_and_well_again_stays_untrusted():
    dark = Dark().told(10, False, True).told(20, True, False).told(30, False, True)
    assert dark.trusts(10)
    assert not dark.trusts(11)
    assert not dark.trusts(30)
    assert dark.told(40, False, True).trusts(31)


@pytest.mark.parametrize(("outcome", "minutes", "fresh"), [("ok", 3, True), ("ok", 4, False),
                                                          ("geo_restricted", 15, True), ("geo_restricted", 18, False)])
def test_what_was_told_to_slow_down_is_given_the_time_to(outcome, minutes, fresh):
    board = board_of(replace(PLAIN, outcome=outcome))
    now = T0 + timedelta(minutes=minutes)
    assert bool(board.of("claude", now)) is fresh
    assert board.of("claude")


def test_most_neutral_hosts_make_the_dark_and_one_alone_does_not():
    hosts = [replace(PLAIN, provider=f"n{n}", control=True, check_key=f"n{n}") for n in range(3)]
    assert not board_of(*hosts, replace(hosts[0], outcome="network_dns")).is_dark("eu", "global")
    dark = board_of(*hosts, *(replace(h, outcome="network_dns") for h in hosts[:2]))
    assert dark.is_dark("eu", "global")
    assert not dark.is_dark("us", "global")


def test_vendors_speak_for_a_zone_only_when_there_are_enough_and_all_fail():
    vendors = [replace(PLAIN, provider=p, check_key=p, outcome="network_timeout") for p in "abc"]
    assert board_of(*vendors).is_dark("eu", "global")
    assert not board_of(*vendors[:2]).is_dark("eu", "global")
    assert not board_of(replace(PLAIN, provider="d", check_key="d"), *vendors).is_dark("eu", "global")


def test_the_latest_of_a_stream_replaces_the_one_before():
    board = board_of(PLAIN, replace(PLAIN, outcome="network_dns"))
    assert [line.outcome for line in board.of("claude")] == [Outcome.NETWORK_DNS]


def test_a_late_report_does_not_undo_what_is_known_since():
    board = board_of(PLAIN, replace(PLAIN, outcome="network_dns", slot=T0 - timedelta(minutes=1)))
    assert [line.outcome for line in board.of("claude")] == [Outcome.OK]


def test_a_control_is_no_vendor():
    board = board_of(replace(PLAIN, control=True))
    assert not board.of("claude")
    assert board.guarded("eu")


def test_silent_are_regions_that_stopped_while_others_go_on():
    def us(minute):
        return replace(PLAIN, region="us", check_key="d", slot=T0 + timedelta(minutes=minute))

    assert board_of(PLAIN).silent() == {}
    assert board_of(PLAIN, *map(us, range(3))).silent() == {}
    assert board_of(PLAIN, *map(us, range(9))).silent() == {"eu": T0}


def test_whoever_speaks_first_after_we_were_off_does_not_make_the_others_silent():
    def at(minute, *regions):
        return [replace(PLAIN, region=region, check_key=region, slot=T0 + timedelta(minutes=minute))
                for region in regions]

    night = [*at(0, "us", "eu"), *at(1, "us", "eu"), *at(480, "us")]
    assert board_of(*night).silent() == {}
    assert board_of(*night, *at(481, "us"), *at(482, "us")).silent() == {}
    later = board_of(*night, *(one for minute in range(481, 490) for one in at(minute, "us")))
    assert later.silent() == {"eu": T0 + timedelta(minutes=1)}       # it did not come back with us
    assert [load_line(dump_line(line)).since for line in later.lines.values()] == [
        T0 + timedelta(minutes=480), T0] == [line.since for line in later.lines.values()]


def test_a_board_read_back_decides_as_the_one_written():
    book = Ledger()
    for sample in history([Asked("claude", "eu"), Asked("n", "eu", control=True)], 9,
                          lambda one, m: "network_dns" if m > 2 and not one.control else "ok"):
        book.take([sample])
    assert len(book.all()) == 1


def test_green_is_where_it_answers_now_and_is_meant_to():
    def line(n, **more):
        return replace(PLAIN, seq=n, check_key=f"c{n}", **more)

    later = T0 + timedelta(seconds=30)
    board = board_of(PLAIN, line(2, slot=later), line(3, region="cn", expect_restricted=True),
                     line(4, region="us", outcome="provider_outage"), line(5, region="sg", slot=T0 - timedelta(1)))
    assert board.green("claude", later) == {"eu": later}
    assert board.green("nobody", later) == {}
