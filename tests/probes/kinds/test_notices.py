"""Notices: other people's text, and every way in which a status source is not one."""

import json

import pytest
from builders import SLOT, a_provider, a_target, an_exchange, an_occasion
from hypothesis import given
from hypothesis import strategies as st
from playbook import play
from statuspages import BETTER_STACK_RSS, DOCUMENTS, atom, entry, item, rss, said

from monitor.catalogue import load_catalogue
from probes.kinds.notices import Kind
from probes.model import Failure, HttpCall, StatusSource
from probes.outcome import Outcome

URL = "https://status.acme.test/history.atom"


def feed(*entries, when="2026-11-24T09:00:00Z"):
    parts = "".join(
        f"<entry><id>tag:{key}</id><title>{title}</title><updated>{when}</updated>"
        f'<link href="https://status.acme.test/incidents/{key}"/><content type="html">{text}</content></entry>'
        for key, title, text in entries)
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>s</title>{parts}</feed>'


OPEN = ("1", "Errors on chat", "&lt;strong&gt;Investigating&lt;/strong&gt; - we look. ")
SHUT = ("2", "Old trouble", "&lt;p&gt;Resolved - done.&lt;/p&gt;&lt;p&gt;Investigating - we look&lt;/p&gt;")


def ask(*script, memory=None, slot=SLOT, **source):
    vendor = a_provider(status=(StatusSource(URL, "statuspage", **source),))
    return play(Kind().steps(a_target(vendor, keyed=False), an_occasion(slot=slot, **(memory or {}))), list(script))


def test_the_first_poll_imports_silently_and_tells_what_is_open():
    reading = ask(an_exchange(200, feed(OPEN, SHUT))).reading
    assert reading.outcome is Outcome.OK
    assert reading.figures.extra["open_incidents"] == 1
    assert reading.figures.extra["open"] == "Errors on chat"
    assert "new" not in reading.figures.extra


def test_later_a_new_entry_and_a_rewritten_one_are_news():
    memory = ask(an_exchange(200, feed(OPEN))).reading.memory
    assert "new" not in ask(an_exchange(200, feed(OPEN)), memory=memory).reading.figures.extra
    rewritten = ("1", "Errors on chat", "Resolved - done.")
    reading = ask(an_exchange(200, feed(rewritten, SHUT)), memory=memory).reading
    assert reading.figures.extra["new"] == "Errors on chat\nOld trouble"
    assert reading.figures.extra["open_incidents"] == 0


def test_the_second_question_of_a_day_is_conditional_and_304_keeps_what_is_open():
    first = ask(an_exchange(200, feed(OPEN), headers={"ETag": 'W/"x"', "Last-Modified": "Tue"})).reading
    again = ask(an_exchange(304), memory=first.memory)
    assert isinstance(again.calls[0], HttpCall)
    headers = dict(again.calls[0].headers)
    assert (headers["if-none-match"], headers["if-modified-since"]) == ('W/"x"', "Tue")
    assert again.reading.outcome is Outcome.OK
    assert again.reading.figures.extra["open"] == "Errors on chat"
    tomorrow = ask(an_exchange(200, feed(OPEN)), memory=first.memory, slot=SLOT.replace(day=25))
    assert "if-none-match" not in dict(tomorrow.calls[0].headers)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "answer",
    [
        an_exchange(200, "<html><body>All systems operational</body></html>"),
        an_exchange(200, "<!DOCTYPE html><html><feed ></html>"),
        an_exchange(200, '<!DOCTYPE x [<!ENTITY a "b">]><rss version="2.0"><channel/></rss>'),
        an_exchange(200, '<!DOCTYPE x []><rss version="2.0"><channel/></rss>'.encode("utf-16")),
        an_exchange(200, b""), an_exchange(200, b"/etc/passwd"), an_exchange(200, feed()),
        an_exchange(200, b"<feed " + b"<" * 30_000), an_exchange(200, b"<feed>" + b"x" * 600_000),
        an_exchange(403, "no"), an_exchange(301, ""), an_exchange(failure=Failure.TOO_LARGE),
        an_exchange(failure=Failure.DNS_NXDOMAIN), an_exchange(304),
    ],
)
def test_a_source_that_cannot_be_read_is_broken_and_never_operational(answer):
    reading = ask(answer).reading
    assert reading.outcome is Outcome.UNKNOWN
    assert reading.reason.startswith("status source broken")


def test_an_empty_feed_is_healthy_only_where_the_catalogue_says_so():
    assert ask(an_exchange(200, feed()), empty_is_healthy=True).reading.outcome is Outcome.OK


def test_the_next_source_is_tried_and_the_broken_one_named():
    vendor = a_provider(status=(StatusSource(URL, "x"), StatusSource("https://b.test/summary.json", "x", "json")))
    summary = {"page": {}, "status": {"indicator": "minor"}, "incidents": [
        {"id": "i", "name": "Slow <b>answers</b>", "status": "identified", "updated_at": "2026-11-24T10:00:00Z"},
        {"id": "j", "name": "Old", "status": "resolved", "updated_at": "2026-11-24T10:00:00Z"}]}
    played = play(Kind().steps(a_target(vendor), an_occasion()), [an_exchange(500), an_exchange(200, summary)])
    assert played.reading.outcome is Outcome.OK
    assert played.reading.figures.extra["open"] == "Slow answers"
    assert "status.acme.test" in str(played.reading.figures.extra["broken_sources"])


def test_googles_list_and_its_keyword():
    vendor = a_provider(status=(StatusSource("https://g.test/incidents.json", "google", "json", keyword="gemini"),))
    listed = [{"id": "1", "begin": "x", "external_desc": "Gemini API errors", "modified": "2026-11-24T10:00:00Z"},
              {"id": "2", "begin": "x", "external_desc": "Storage errors", "modified": "2026-11-24T10:00:00Z"}]
    reading = play(Kind().steps(a_target(vendor), an_occasion()), [an_exchange(200, listed)]).reading
    assert reading.figures.extra["open"] == "Gemini API errors"


@pytest.mark.parametrize("when", ["2026-12-24T09:00:00Z", "2026-01-01T09:00:00Z"])
def test_the_future_and_the_past_are_not_open(when):
    assert ask(an_exchange(200, feed(OPEN, when=when))).reading.figures.extra["open_incidents"] == 0


def test_no_html_no_length_and_no_key_is_kept():
    wild = ("9", "&lt;script&gt;alert(1)&lt;/script&gt;" + "x" * 5000, "Investigating")
    played = ask(an_exchange(200, feed(wild)))
    title = str(played.reading.figures.extra["open"])
    assert "<" not in title
    assert len(title) <= 160
    assert all(isinstance(value, str) for _, value in played.calls[0].headers)  # type: ignore[union-attr]


def test_a_long_history_is_cut_before_it_is_parsed():
    reading = ask(an_exchange(200, feed(*[(str(n), f"t{n}", "Investigating") for n in range(300)]))).reading
    assert reading.figures.extra["open_incidents"] == 60


def test_without_a_source_there_is_nothing_to_say():
    assert play(Kind().steps(a_target(), an_occasion()), []).reading.outcome is Outcome.SKIPPED


VENDORS = {vendor.id: vendor for vendor in load_catalogue().providers}
CATALOGUE = [(name, source) for name, vendor in VENDORS.items() for source in vendor.status]
ERRORS = {"Elevated errors", "[API (us-east-1.api.x.ai)] Elevated errors", "Elevated errors（API 服务异常）",
          "Service degradation: Elevated errors", "UPDATE: Elevated errors", "Elevated errors went down"}
@given(st.recursive(st.none() | st.text(max_size=4) | st.integers(), lambda inner: st.lists(inner, max_size=3) |
                    st.dictionaries(st.sampled_from(["incidents", "name", "status", "id", "begin", "end"]), inner)))
def test_no_json_makes_it_raise(value):
    ask(an_exchange(200, json.dumps(value)), format="json")


@pytest.mark.parametrize(("name", "source"), CATALOGUE, ids=[f"{name}-{one.url}" for name, one in CATALOGUE])
def test_every_source_of_the_catalogue_can_be_read_in_its_recorded_form(name, source):
    """Feeds tell one standing trouble of this vendor beside what is over, planned, old, or other products'."""
    document = DOCUMENTS[(source.platform, source.format)]
    vendor = a_provider(name, status=(source,))
    reading = play(Kind(fresh_days=365).steps(a_target(vendor), an_occasion()), [an_exchange(200, document)]).reading
    assert reading.outcome is Outcome.OK, reading.reason
    if source.format == "feed" and source.platform != "aws":
        assert str(reading.figures.extra["open"]) in ERRORS


def test_bedrocks_feed_is_utf_16_and_old_events_that_aws_never_closed_are_history():
    vendor = a_provider(status=(StatusSource(URL, "aws", empty_is_healthy=True),))
    reading = play(Kind().steps(a_target(vendor), an_occasion()), [an_exchange(200, DOCUMENTS["aws", "feed"])]).reading
    assert reading.figures.extra["open"] == "Service degradation: Elevated errors"


@pytest.mark.parametrize("name", ["gemini", "vertex"])
def test_of_googles_products_only_the_vendors_own(name):
    source = VENDORS[name].status[1]
    slot = SLOT.replace(month=6, day=7)
    reading = play(Kind().steps(a_target(a_provider(status=(source,))), an_occasion(slot=slot)),
                   [an_exchange(200, DOCUMENTS["google", "json"])]).reading
    assert reading.figures.extra["open"] == "Increased latency"
    other = [{"id": "1", "begin": "2026-06-07T00:00:00Z", "external_desc": "Errors",
              "affected_products": [{"title": "Cloud SQL"}]}]
    reading = play(Kind().steps(a_target(a_provider(status=(source,))), an_occasion(slot=slot)),
                   [an_exchange(200, other)]).reading
    assert reading.figures.extra["open_incidents"] == 0


def test_a_keyword_may_be_one_of_several():
    document = rss("https://h.test", item("Disks", "Investigating", "https://h.test/i/1", "1", tags=("Storage",)),
                   item("Models", "Investigating", "https://h.test/i/2", "2", tags=("Foundry Models",)))
    assert ask(an_exchange(200, document), keyword="openai|foundry").reading.figures.extra["open"] == "Models"


def test_a_recovery_closes_what_went_down_though_every_update_has_its_own_id():
    assert "Spaces" not in str(ask(an_exchange(200, BETTER_STACK_RSS)).reading.figures.extra["open"])


@pytest.mark.parametrize("when", ["", "20 minutes ago", "2026年9月1日 10:00"])
def test_what_bears_no_date_counts_by_its_own_words(when):
    document = rss("https://h.test", item("Now", "Investigating", "https://h.test/i/1", "1", when),
                   item("Then", "Resolved. Investigating", "https://h.test/i/2", "2", when))
    assert ask(an_exchange(200, document)).reading.figures.extra["open"] == "Now"


def test_how_old_the_newest_entry_is_tells_a_page_that_was_left_behind():
    old = atom("https://h.test", entry("t", said(("Resolved", "")), "https://h.test/i/1", "1", "2026-05-08T12:00:00Z"))
    assert ask(an_exchange(200, old)).reading.figures.extra["newest_days"] == 200


CHALLENGE = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>"


@pytest.mark.parametrize("answer", [
    an_exchange(403, CHALLENGE, headers={"cf-mitigated": "challenge", "server": "cloudflare"}),
    an_exchange(200, CHALLENGE), an_exchange(200, CHALLENGE[15:]),
])
def test_a_bot_challenge_is_told_as_such_and_is_no_outage(answer):
    vendor = a_provider(status=(StatusSource(URL, "x"), StatusSource("https://b.test/a.json", "x", "json")))
    reading = play(Kind().steps(a_target(vendor), an_occasion()), [answer, an_exchange(404, "no")]).reading
    assert reading.outcome is Outcome.BOT_CHALLENGE
    assert reading.reason.startswith("status source broken: status.acme.test")
    assert reading.exchanges


def test_of_all_of_aws_only_bedrock_and_what_strikes_its_whole_region():
    source = VENDORS["bedrock"].status[1]
    def event(service, at=1795521600):
        return {"date": str(at), "arn": f"arn:aws:health:x::event/{service}", "status": "2", "service": service,
                "service_name": service.split("-")[0], "summary": "Errors", "event_log": [{"timestamp": at}]}
    old = int(SLOT.timestamp()) - 90 * 86400   # AWS leaves some events open for ever
    listed = [event("bedrock-us-east-1"), event("ec2-us-east-1"), event("multipleservices-us-east-1"),
              event("multipleservices-me-central-1"), event("bedrock-eu-west-1", old)]
    reading = play(Kind().steps(a_target(a_provider(status=(source,))), an_occasion()),
                   [an_exchange(200, json.dumps(listed).encode("utf-16"))]).reading
    assert reading.figures.extra["open"] == "bedrock: Errors\nmultipleservices: Errors"


def test_a_json_that_holds_years_is_read_and_the_call_allows_for_it():
    listed = [{"id": str(n), "begin": "x", "end": "y", "external_desc": "Gemini " + "x" * 900} for n in range(1000)]
    listed[0].update(end="", modified="2026-11-24T10:00:00Z")
    played = ask(an_exchange(200, listed), format="json")
    assert played.calls[0].max_bytes >= 4_000_000
    assert played.reading.figures.extra["open_incidents"] == 1
