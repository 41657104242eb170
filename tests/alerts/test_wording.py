"""One voice, two languages, the reader's clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sinks import AT, an_alert

from alerts import wording
from alerts.model import Alert, Occasion
from monitor.model import Cause

CAUSES = [str(cause) for cause in Cause]


def test_the_sentences_say_what_where_since_how_sure_touches_proposed_run_in_this_order() -> None:
    labels = [label for label, _ in wording.facts(an_alert())]
    assert labels[:9] == ["What", "Where", "Models", "Account", "Since", "How sure", "Touches", "Proposed", "Run"]


def test_english() -> None:
    lines = wording.sentences(an_alert())
    assert wording.headline(an_alert()) == "Claude refuses requests from cn-shanghai, cn-beijing"
    assert "Since: 2026-11-24 02:18:00 UTC (for 12 min)" in lines
    assert "How sure: 97 %, because 403 <unsupported_country> & others answer" in lines
    assert "  vendorwatch incident ack 7" in lines


def test_chinese_and_the_readers_zone() -> None:
    said = wording.text(an_alert(), "zh", "Asia/Shanghai")
    assert wording.headline(an_alert(), "zh") == "Claude 拒绝 cn-shanghai、cn-beijing 的请求"
    assert "开始：2026-11-24 10:18:00 UTC+08:00（已持续 12 分）" in said
    assert "把握：97 %" in said


@pytest.mark.parametrize("language", wording.LANGUAGES)
@pytest.mark.parametrize("occasion", list(Occasion))
@pytest.mark.parametrize("cause", [*CAUSES, "a cause of a later version"])
def test_every_cause_and_occasion_is_worded(cause: str, occasion: Occasion, language: str) -> None:
    for alert in (an_alert(cause=cause, occasion=occasion), _bare(cause, occasion)):
        line = wording.headline(alert, language)
        assert line.strip() == line
        assert "\n" not in line
        assert "{" not in line
        assert "None" not in line
        assert wording.sentences(alert, language)


@pytest.mark.parametrize("language", wording.LANGUAGES)
@pytest.mark.parametrize("cause", CAUSES)
def test_the_end_is_not_worded_like_the_beginning(cause: str, language: str) -> None:
    began = wording.headline(an_alert(cause=cause), language)
    ended = wording.headline(an_alert(cause=cause, occasion=Occasion.RECOVERED), language)
    assert began not in ended


def test_occasions_differ() -> None:
    assert len({wording.headline(an_alert(occasion=occasion)) for occasion in Occasion}) == len(Occasion)


def test_a_late_message_says_so_and_when_it_ended() -> None:
    said = wording.text(an_alert(occasion=Occasion.RECOVERED, ended=AT, late=True))
    assert "Ended: 2026-11-24 02:30:00 UTC" in said
    assert "(lasted 12 min)" in said
    assert "could not be delivered before" in said


def test_what_was_closed_is_not_said_to_have_recovered() -> None:
    closed = an_alert(cause="region_restricted", occasion=Occasion.ENDED, because="closed by mei: our firewall")
    said = wording.text(closed)
    assert wording.headline(closed) == f"Closed: {wording.headline(an_alert(cause='region_restricted'))}"
    assert "Why closed: closed by mei: our firewall; that it is over was not seen" in said
    assert not {"Ended", "How sure", "again"} & set(said.replace(":", " ").split())
    assert "before it was closed" in wording.text(an_alert(occasion=Occasion.ENDED, late=True))
    assert "关闭原因" in wording.text(closed, "zh")


def test_html_escapes_what_vendors_say() -> None:
    page = wording.html(an_alert(because="<script>alert(1)</script>", extra={"<b>": "<i>"}))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<i>" not in page
    assert "-smart: &lt;claude&gt;" in page


def test_a_vendors_text_cannot_add_lines() -> None:
    alert = an_alert(because="x\r\nBcc: all@example.org", provider_name="Cla\nude")
    assert "\n" not in wording.headline(alert)
    assert "\nBcc" not in wording.text(alert)


def test_daylight_saving_shows_in_the_offset() -> None:
    before = wording.moment(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Berlin")
    after = wording.moment(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Berlin")
    assert before[:16] == after[:16]
    assert before != after


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (59.6, "1 min"), (3600, "1 h"), (90061, "1 d 1 h"), (-5, "0 s")]
)
def test_spans(seconds: float, said: str) -> None:
    assert wording.span(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("language", "zone"), [("de", "UTC"), ("en", "Mars/Olympus"), ("en", "../etc/passwd"), ("en", "")]
)
def test_a_voice_that_is_not_known_is_refused(language: str, zone: str) -> None:
    with pytest.raises(ValueError, match=r"language|timezone"):
        wording.check_voice(language, zone)


@given(st.text(max_size=60), st.integers(4, 50), st.booleans())
def test_clipping_keeps_to_the_limit(said: str, limit: int, in_bytes: bool) -> None:
    cut = wording.clip(said, limit, in_bytes=in_bytes)
    assert (len(cut.encode()) if in_bytes else len(cut)) <= limit
    assert cut == said or cut.endswith("…")


def test_the_key_is_the_same_however_often_it_is_rendered_and_differs_by_occasion() -> None:
    keys = {wording.message(an_alert(occasion=occasion), language, "UTC").key
            for occasion in Occasion for language in wording.LANGUAGES}
    assert len(keys) == len(Occasion)


def _bare(cause: str, occasion: Occasion) -> Alert:
    full = an_alert(cause=cause, occasion=occasion)
    return replace(full, provider=None, provider_name="", regions=(), models=(), account=None, because="", since=None,
                   touches=(), proposed="", run=(), confidence=0.0)
