"""Redaction as laws: no form of the value survives, however it is torn; the rest is untouched."""

import base64
import json
from itertools import pairwise
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from probes.model import Chunk, HttpCall, Secret
from probes.net.redact import MARK, Redactor

_LETTERS = st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="[]")
VALUES = st.text(_LETTERS, min_size=8, max_size=40)


@given(
    value=VALUES,
    before=st.binary(max_size=20),
    cuts=st.lists(st.integers(0, 120), max_size=5),
    form=st.integers(0, 5),
)
def test_no_form_survives_any_tearing(value: str, before: bytes, cuts: list[int], form: int) -> None:
    raw = value.encode()
    spelled = (
        raw, quote(value, safe="").encode(), json.dumps(value).encode()[1:-1], raw.hex().encode(),
        base64.b64encode(raw)[:-4], base64.b64encode(b"u:" + raw)[4:-4],
    )[form]  # fmt: skip
    whole = {4: base64.b64encode(raw), 5: base64.b64encode(b"u:" + raw)}.get(form, spelled)
    body = before + b"<" + whole + b">"
    edges = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    chunks = tuple(Chunk(float(at), body[a:b]) for at, (a, b) in enumerate(pairwise(edges)))
    cleaned = Redactor([value]).clean_chunks(chunks)
    left = b"".join(chunk.data for chunk in cleaned)
    assert spelled not in left.replace(MARK, b"\0")
    assert [chunk.at_s for chunk in cleaned] == [chunk.at_s for chunk in chunks]


@given(body=st.binary(max_size=200))
def test_innocent_bodies_are_untouched(body: bytes) -> None:
    chunks = (Chunk(0.1, body),)
    assert Redactor(["sk-a-long-secret-that-is-not-there"]).clean_chunks(chunks) == chunks
    assert Redactor().clean_chunks(chunks) is chunks


@given(value=VALUES, kept=st.integers(6, 40))
def test_a_value_cut_off_by_a_cap_is_cut_out(value: str, kept: int) -> None:
    beginning = value.encode()[: min(kept, len(value.encode()) - 1)]
    (cleaned,) = Redactor([value]).clean_chunks((Chunk(0.0, b"key: " + beginning),))
    assert cleaned.data == b"key: " + MARK


def test_text_and_headers() -> None:
    redactor = Redactor(["s3cret/value"])
    assert redactor.clean_text("bad key s3cret%2Fvalue and s3cret/value") == "bad key [redacted] and [redacted]"
    assert redactor.clean_headers((("x", "s3cret/value"), ("y", "z"))) == (("x", "[redacted]"), ("y", "z"))


@given(value=VALUES, depth=st.integers(1, 3))
def test_no_secret_survives_in_json_quoted_within_json(value: str, depth: int) -> None:
    said = value
    for _ in range(depth):
        said = json.dumps({"error": said})
    assert Redactor([value]).clean_text(said).count(MARK.decode()) == 1


def test_literal_secrets_of_the_config_are_cut_out_of_call_and_answer_but_short_words_are_not() -> None:
    redactor = Redactor()
    for text in ("Bearer tenant-secret-1", "yes"):
        redactor.suspect(text)
    named = Secret("KEY", "host", "eu")
    call = HttpCall("GET", "https://h/?k=tenant-secret-1",
                    (("x-tenant", "Bearer tenant-secret-1"), ("x-flag", "yes"), ("authorization", named)))
    cleaned = redactor.clean_call(call)
    assert isinstance(cleaned, HttpCall)
    assert cleaned.url == "https://h/?k=[redacted]"
    assert cleaned.headers == (("x-tenant", "Bearer [redacted]"), ("x-flag", "yes"), ("authorization", named))
    assert redactor.clean_text("yes: tenant-secret-1") == "yes: [redacted]"
    assert redactor.clean_call(None) is None
