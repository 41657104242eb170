"""A file as samples: whatever a JSON writer may do to a line is read, and what nobody could mean is named."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import UserError
from monitor.history import KINDS, OUTCOMES, History, moment_of
from monitor.model import Sample

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLAIN = {"slot": "2026-03-01T12:00:00Z", "kind": "reachability", "provider": "acme", "region": "eu", "outcome": "ok"}


def line(**more: object) -> str:
    return json.dumps({**PLAIN, **more}) + "\n"


def read(*lines: str, notes: list[str] | None = None) -> list[Sample]:
    return list(History("h.jsonl", (notes if notes is not None else []).append).samples(lines))


def wrong(*lines: str) -> str:
    with pytest.raises(UserError) as told:
        read(*lines)
    [problem] = told.value.problems
    return problem


def test_the_least_that_a_line_says() -> None:
    [one] = read(line())
    assert (one.seq, one.slot, one.kind, one.provider, one.region, one.outcome) == (
        1, NOON, "reachability", "acme", "eu", "ok")
    assert (one.account, one.model, one.total_s, one.control, one.check_key) == (None, None, None, False, "")


def test_all_that_a_line_may_say() -> None:
    [one] = read(line(kind="quality", account="main", model="m1", status=200, total_s=1, ttft_s=0.5, items=4, passed=3,
                      score=0.75, mood="fine", deeper={"a": [1]}))
    assert (one.account, one.model, one.status, one.total_s, one.ttft_s, one.items, one.passed, one.score) == (
        "main", "m1", 200, 1, 0.5, 4, 3, 0.75)


def test_nulls_are_as_if_left_out() -> None:
    nothing = dict.fromkeys(("account", "model", "status", "total_s", "ttft_s", "items", "passed", "score"))
    assert read(line(**nothing)) == read(line())


@pytest.mark.parametrize("text", [
    "2026-03-01T12:00:00Z", "2026-03-01T12:00:00z", "2026-03-01T13:30:00+01:30", "2026-03-01 12:00:00+00:00",
    "2026-03-01T12:00:00", "20260301T120000Z", "2026-03-01T07:00-05:00", "2026-03-01T12:00:00.000000000Z"])
def test_a_slot_in_any_form_is_a_moment(text: str) -> None:
    assert moment_of(text) == NOON
    assert read(line(slot=text))[0].slot == NOON


def test_line_ends_blank_lines_and_spaces_do_not_matter() -> None:
    assert len(read("\n", line().rstrip("\n") + "\r\n", "  \r\n", " " + line(provider="b").rstrip())) == 2


def test_within_a_slot_neutral_hosts_come_first_and_what_is_written_twice_counts_once() -> None:
    found = read(line(), line(provider="b"), line(), line(kind="control", provider="n1"), line(total_s=0.5),
                 line(slot="2026-03-01T12:00:01Z"))
    assert [(one.provider, one.total_s, one.seq) for one in found] == [
        ("n1", None, 4), ("acme", None, 1), ("b", None, 2), ("acme", 0.5, 5), ("acme", None, 6)]


def test_a_neutral_host_needs_no_name() -> None:
    bare = {key: value for key, value in PLAIN.items() if key != "provider"} | {"kind": "control"}
    assert [one.control for one in read(json.dumps(bare))] == [True]


def test_what_goes_back_in_time_is_read_and_said_once() -> None:
    notes: list[str] = []
    found = read(line(), line(slot="2026-03-01T11:59:00Z"), line(slot="2026-03-01T11:58:00Z"), notes=notes)
    assert len(found) == 3
    assert len(notes) == 1
    assert "h.jsonl: line 2: its slot, 2026-03-01T11:59:00Z" in notes[0]


def test_a_kind_that_nothing_is_judged_by_is_left_out_and_said_once() -> None:
    notes: list[str] = []
    assert read(line(kind="pages", outcome="changed"), line(kind="pages"), line(kind="notices"), notes=notes) == []
    assert [note.split(":")[1].strip() for note in notes] == ["kind pages", "kind notices"]


@pytest.mark.parametrize(("bad", "told"), [
    ("{", "not a JSON object"), ("[]", "not a JSON object"), ("7", "not a JSON object"), ("null", "not a JSON object"),
    (line() * 2, "not a JSON object"), ("[" * 100_000, "not a JSON object"), ('{"total_s": NaN}', "NaN is no JSON"),
    ("{}", "slot, kind, provider, region, outcome missing"),
    (line(slot="yesterday"), "slot: expected an ISO 8601 time such as"), (line(slot=5), "slot: expected"),
    (line(slot=None), "slot: expected"), (line(slot=""), "slot: expected"), (line(slot=["a"]), "slot: expected"),
    (line(slot="0001-01-01T00:00:00+14:00"), "slot: expected"),
    (line(outcome="fine"), "outcome: 'fine' is none of account_restricted,"),
    (line(outcome=[]), "outcome: expected text"),
    (line(outcome=None), "outcome: expected text"), (line(kind=3), "kind: expected text"),
    (line(kind={}), "kind: expected text"), (line(provider=None), "provider: expected text, found None"),
    (line(provider=1, region=2), "provider: expected text"), (line(region=None), "region: expected text"),
    (line(account=5), "account: expected text or null, found 5"), (line(model=[]), "model: expected text or null"),
    (line(total_s="1"), "total_s: expected a number from 0 on, or null, found '1'"),
    (line(total_s=-1), "total_s: expected a number"), (line(status="403"), "status: expected a number"),
    ('{"slot": "2026-03-01T12:00:00Z", "kind": "control", "region": "eu", "outcome": "ok", "total_s": 1e999}',
     "total_s: expected a number"), (line(items=[2]), "items: expected"), (line(score={}), "score: expected"),
])
def test_what_is_wrong_is_named_with_its_line(bad: str, told: str) -> None:
    assert wrong(line(), bad).startswith("h.jsonl, line 2: ")
    assert told in wrong(line(), bad)


ANY = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) |
                   st.dictionaries(st.text(), inner), max_leaves=5)
ROW = st.fixed_dictionaries(
    {"slot": ANY | st.just(PLAIN["slot"]), "kind": ANY | st.sampled_from(sorted(KINDS)),
     "provider": ANY | st.text(), "region": ANY | st.text(), "outcome": ANY | st.sampled_from(sorted(OUTCOMES))},
    optional=dict.fromkeys(("account", "model", "status", "total_s", "ttft_s", "items", "passed", "score"), ANY))


@given(st.one_of(ANY, ROW))
def test_any_json_is_a_sample_or_a_complaint(value: object) -> None:
    with suppress(UserError):          # nothing else may come out of it
        assert len(read(json.dumps(value))) <= 1


def test_a_file_of_any_length_is_read_as_it_comes() -> None:
    taken = []

    def endless() -> Iterator[str]:
        for n in range(10**9):
            taken.append(n)
            yield line(slot=f"2026-03-01T12:{n % 60:02}:{n // 60 % 60:02}Z")

    samples = History("endless").samples(endless())
    for _ in range(3):
        next(samples)
    assert len(taken) < 10
