"""Notices: what is plain, what is open, what is one incident, and which dates are believed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.notice import Notice, clean, is_closed, is_open, newest, read_moment, read_stamp, subject

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(("title", "text", "expected"), [
    ("RESOLVED: trouble", "Investigating", False),
    ("Trouble", "Monitoring - a fix. Investigating - we look", True),
    ("Trouble", "Nothing known", False),
    ("Trouble", "Resolved - done. Investigating - we look", False),
    ("Huggingface Hub went down", "", True),
    ("Database work", "THIS IS A SCHEDULED EVENT Nov 24. In progress - expect a disruption", False),
    ("DeepSeek API 不可用", "调查中 - 我们正在调查", True),
    ("DeepSeek API 不可用", "已解决 - 服务恢复。 调查中 - 我们正在调查", False),
])
def test_open_is_what_the_newest_word_says(title: str, text: str, expected: bool) -> None:
    assert is_open(title, text) is expected


def test_where_a_source_lists_only_what_stands_silence_means_that_it_stands() -> None:
    assert is_open("Issues connecting to resources in West US", "Impacted customers may see failures.", unsaid=True)
    assert not is_open("Issue Resolved - West US", "Impacted customers may see failures.", unsaid=True)


@pytest.mark.parametrize(("first", "second"), [
    ("Huggingface Hub went down", "Huggingface Hub recovered"),
    ("Service disruption: Increased Error Rates", "Service is operating normally: [RESOLVED] Increased error rates"),
    ("Informational message: Increased Error Rates", "Increased Error Rates (monitoring)"),
])
def test_updates_of_one_incident_have_one_subject(first: str, second: str) -> None:
    assert subject(first) == subject(second) != ""


def test_different_incidents_have_different_subjects() -> None:
    assert subject("Spaces went down") != subject("Jobs went down")


def test_of_several_updates_the_latest_stays_and_without_dates_the_first() -> None:
    def a(key: str, title: str, hour: int | None) -> Notice:
        return Notice(key, title, True, "", NOON.replace(hour=hour) if hour is not None else None)

    kept = newest([a("1", "old", 3), a("1", "new", 9), a("2", "first", None), a("2", "second", None)])
    assert [notice.title for notice in kept] == ["new", "first"]


@pytest.mark.parametrize("said", ["2026年9月1日 10:00", "Tue, 24 Nov 2026 12:00:00 CST"])
def test_a_date_that_a_parser_can_only_have_guessed_is_none(said: str) -> None:
    assert read_moment(said, NOON.timetuple()) is None


def test_moments() -> None:
    assert read_moment("Tue, 24 Nov 2026 12:00:00 Z", tuple(NOON.timetuple())) == NOON
    assert read_moment("", None) is None
    assert read_moment("", (10**9, 1, 1, 1, 1, 1)) is None
    assert read_stamp("2026-11-24T12:00:00Z") == read_stamp("1795521600") == read_stamp(1795521600) == NOON
    assert read_stamp("2026-11-24T12:00:00") == NOON
    assert read_stamp("20 minutes ago") is read_stamp(None) is read_stamp(True) is read_stamp(10**30) is None


def test_words_for_well() -> None:
    assert is_closed("Resolved")
    assert is_closed("UNDERMAINTENANCE")
    assert not is_closed("INVESTIGATING")
    assert not is_closed("")


@given(st.text(max_size=300), st.integers(1, 50))
def test_cleaned_text_is_short_plain_and_one_line(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert "<" not in cleaned
    assert cleaned.isprintable()
