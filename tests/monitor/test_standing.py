"""While a batch is judged: what stands belongs to an incident, and what is over starts with nothing against it."""

from dataclasses import replace
from datetime import timedelta

from histories import T0, Asked, Ledger, grid, history, story

from monitor.known import Known, KnownCheck, Policy
from monitor.model import Cause, Incident, Scope, Stage, Tier
from monitor.policy import SOON

GRID = grid(("eu", "us"), ("claude", "openai", "qwen"), controls=1)


def refused(end=10**9):
    return lambda one, m: "geo_restricted" if (one.provider, one.region) == ("claude", "eu") and 5 <= m < end else "ok"


def test_what_an_incident_stands_on_is_declared_and_teaches_its_null_nothing():
    book = story(GRID, 60, refused())
    [incident] = book.all()
    memory = book.judge.memory
    [(track, rule)] = memory.members[incident.key]
    assert (track.stream.provider, track.stream.region, rule) == ("claude", "eu", "refusals")
    assert track.declared == {"refusals": incident.key}
    assert memory.vendors["claude"].standing == {incident.key}
    assert sum(track.detectors[rule].starts.values()) <= 1


def test_what_is_over_starts_with_nothing_against_it():
    book = story(GRID, 60, refused(20))
    memory = book.judge.memory
    assert [i.stage for i in book.all()] == [Stage.CLOSED]
    assert (memory.members, memory.looked) == ({}, {})
    assert not memory.vendors["claude"].standing
    for track in memory.vendors["claude"].tracks:
        assert (track.declared, track.hot) == ({}, set())
        assert all(found.value < 3600 for found in track.detectors.values())


def test_silence_where_it_says_that_it_refuses_is_one_story():
    """Between its refusals it does not answer at all: no second incident of the same region."""
    def answer(one, m):
        if (one.provider, one.region) != ("claude", "eu") or m < 5:
            return "ok"
        return "geo_restricted" if m < 15 else "network_timeout"
    book = story(GRID, 60, answer)
    assert [i.cause for i in book.all()] == [Cause.REGION_RESTRICTED]


def test_a_suspicion_that_fades_is_closed_and_told_to_nobody():
    def answer(one, m):
        return "network_timeout" if (one.provider, one.region) == ("qwen", "us") and 5 <= m < 10 else "ok"
    book = story(GRID, 90, answer)
    assert [(i.stage, i.opened_at, i.told) for i in book.incidents.values()] == [(Stage.CLOSED, None, "")]
    assert not book.told()


def test_what_was_closed_long_ago_is_forgotten():
    samples, book = history(GRID, 180, refused(12)), Ledger()
    early = [s for s in samples if s.slot < T0 + timedelta(minutes=40)]
    book.take(early)
    [incident] = book.all()
    assert [one.key for one in book.judge.incidents] == [incident.key]
    assert incident.closed_at + 2 * SOON < samples[-1].slot
    book.take(samples[len(early):-1])
    book.take(samples[-1:])
    assert book.judge.incidents == []


def test_what_a_person_did_wins_over_memory():
    book = story(GRID, 20, refused())
    [incident] = book.all()
    book.incidents[incident.key] = replace(incident, acked_by="mei")
    book.take(history(GRID, 40, refused(25))[20 * len(GRID):])
    after = book.incidents[incident.key]
    assert (after.acked_by, after.stage) == ("mei", Stage.CLOSED)


def test_a_failure_has_its_vendor_asked_fast_without_a_key_and_the_neutral_hosts_with_it():
    checks = (*(KnownCheck(one.key, one.provider, one.region, control=one.control) for one in GRID),
              KnownCheck("keyed", "qwen", "us", "main", True),
              KnownCheck("expected", "qwen", "cn", expect_restricted=True))

    def answer(one, m):
        return "network_timeout" if (one.provider, one.region) == ("qwen", "us") and m == 5 else "ok"
    fast, = story(GRID, 7, answer, known=Known(checks=checks)).watches()
    assert set(fast.check_keys) == {"neutral0/us/keyless/reachability", "qwen/eu/keyless/reachability",
                                    "qwen/us/keyless/reachability"}
    assert fast.until is not None
    assert fast.until > T0 + timedelta(minutes=5)
    refusal = story(GRID, 6, refused(), known=Known(checks=checks))
    [once] = refusal.watches()
    assert once.check_keys == ("claude/eu/keyless/reachability",), "a refusal is confirmed where it was said"
    assert once.until - once.every < T0 + timedelta(minutes=5, seconds=5), "once, and not fast from then on"


def test_one_vendor_failing_everywhere_and_another_in_one_region_are_two():
    def answer(one, m):
        if m < 5:
            return "ok"
        return "provider_outage" if one.provider == "claude" or (one.provider, one.region) == ("qwen", "us") else "ok"
    book = Ledger()
    book.take(history([*GRID, Asked("kimi", "eu")], 30, answer))
    assert {i.scope for i in book.all()} == {Scope("claude"), Scope("qwen", "us")}


def lost(book, incidents):
    """The memory agreed with other rows than it knows."""
    book.judge.incidents = list(incidents)
    book.judge.agree(Policy(), Known())
    return book.judge.memory


def test_what_no_row_says_any_more_is_let_go_and_counts_again():
    book = story(GRID, 30, refused())
    memory = lost(book, [])
    assert memory.members == {}
    assert not memory.vendors["claude"].standing
    assert not [track for track in memory.vendors["claude"].tracks if track.declared]
    found = dict(memory.dump())
    assert dict(lost(book, []).dump()) == found


def test_what_a_row_says_stands_is_given_streams_so_that_it_ends_when_it_is_over():
    """The memory was lost, as after an upgrade: it stands while refusals come, and closes when they do not."""
    [incident] = story(GRID, 30, refused()).all()
    for still, stage in ((True, Stage.OPEN), (False, Stage.CLOSED)):
        book = story(GRID, 30, lambda one, m: "ok")
        lost(book, [incident])
        book.incidents = {incident.key: incident}
        later = history(GRID, 600, refused() if still else lambda one, m: "ok")
        book.take([replace(sample, slot=sample.slot + timedelta(hours=1)) for sample in later])
        assert [one.stage for one in book.all()] == [stage]


def test_our_own_networks_incident_is_given_its_place():
    book = story(GRID, 30, lambda one, m: "ok")
    cut = Incident(3, "own", Stage.OPEN, Cause.OWN_NETWORK, Scope(region="eu"), 0.97, "cut off", T0, T0, T0,
                   regions=("eu", "gone"), family="own")
    memory = lost(book, [cut])
    assert memory.places["eu"].whole.declared == {"own_network": "own"}


def test_what_goes_on_grows_surer_and_what_passes_does_not():
    """Silence of one region: told as likely, and sure once it has lasted for longer than a hiccup a year does."""
    def silent(end):
        return lambda one, m: ("network_timeout" if (one.provider, one.region) == ("claude", "eu") and 60 <= m < end
                               else "ok")
    found = (story(GRID, 150, silent(end)).all() for end in range(62, 150))
    brief = next(incidents[0] for incidents in found if incidents)      # the shortest that is told at all
    [lasting] = story(GRID, 150, silent(150)).all()
    assert (lasting.tier, lasting.confidence >= 0.97) == (Tier.PATCH, True)
    assert (brief.tier, brief.confidence < 0.97) == (Tier.CONFIRM, True)
