"""Event streams as vendors really send them: however the bytes are cut, the events are the same."""

from builders import an_exchange
from hypothesis import given
from hypothesis import strategies as st

from probes.model import Chunk, Exchange
from probes.wire.sse import estimate_tokens, is_stream, read_events, read_payloads, split_thinking

STREAM = {"content-type": "text/event-stream; charset=utf-8"}


def events(body: bytes):
    return [(event.name, event.data) for event in read_events(an_exchange(200, body, headers=STREAM))]


def test_comments_blank_lines_and_names():
    body = b": keep-alive\n\n\nevent: ping\ndata: {}\n\n: OPENROUTER PROCESSING\n\ndata:{\"a\": 1}\n\n"
    assert events(body) == [("ping", "{}"), ("", '{"a": 1}')]


def test_a_last_event_without_its_blank_line_counts():
    assert events(b"data: one\r\n\r\ndata: two") == [("", "one"), ("", "two")]


def test_data_over_several_lines_is_joined():
    assert events(b"data: a\ndata: b\n\n") == [("", "a\nb")]


@given(st.lists(st.text("ab: {}é中", min_size=1, max_size=8).map(str.strip).filter(bool), max_size=6),
       st.sampled_from(["\n", "\r\n", "\r"]), st.lists(st.integers(1, 7), min_size=1, max_size=40))
def test_cutting_the_bytes_changes_nothing(datas, end, cuts):
    body = "".join(f"data: {data}{end}{end}" for data in datas).encode()
    whole = [event.data for event in read_events(an_exchange(200, body, headers=STREAM))]
    chunks, start = [], 0
    for order, size in enumerate(cuts * (len(body) + 1)):
        if start >= len(body):
            break
        chunks.append(Chunk(float(order), body[start : start + size]))
        start += size
    cut = [event.data for event in read_events(Exchange(status=200, chunks=tuple(chunks)))]
    assert cut == whole == datas


def test_an_event_is_stamped_with_the_chunk_that_completed_its_line():
    exchange = an_exchange(chunks=[(1.0, b"data: {\"a\""), (2.0, b": 1}\n"), (3.0, b"\ndata: {}"), (4.0, b"\n\n")])
    assert [event.at_s for event in read_events(exchange)] == [2.0, 4.0]


def test_json_is_told_from_a_stream_by_its_bytes():
    assert not is_stream(an_exchange(200, b'\n\n{"a": 1}', headers=STREAM))
    assert is_stream(an_exchange(200, b"data: {}\n\n"))
    assert [payload for _, _, payload in read_payloads(an_exchange(200, b'\n\n {"a": 1}'))] == [{"a": 1}]


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(body):
    list(read_payloads(an_exchange(200, body, headers=STREAM)))
    list(read_payloads(an_exchange(200, body)))


def test_thinking_written_inline_is_split_off_also_when_cut():
    assert split_thinking("<think>hm</think>\n42") == ("42", "hm")
    assert split_thinking("<think>hm") == ("", "hm")
    assert split_thinking("is <think> a tag?") == ("is <think> a tag?", "")


def test_wide_signs_count_one():
    assert estimate_tokens("你好") == 2
    assert estimate_tokens("abcdefgh") == 2
