"""One delivery: which failures pass by themselves, and that no error tells a secret."""

import asyncio
import json
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakegateway import a_gateway
from hypothesis import given
from hypothesis import strategies as st
from sinks import free_port, http_sink

from alerts import post
from alerts.channel import DeliveryError
from alerts.post import Reply, post_json, retry_after, scrub, secret

CANARY = "T0KENcanary9"


def test_a_taken_body_arrives_as_utf8_json() -> None:
    with http_sink() as sink:
        reply = asyncio.run(post_json(f"{sink.url}/x", {"a": "中"}, headers={"X-One": "1"}))
    assert reply.status == 200
    assert sink.asked[0].body == {"a": "中"}
    assert sink.asked[0].headers["x-one"] == "1"


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(301, True), (400, True), (401, True), (403, True), (404, True), (410, True),
     (408, False), (425, False), (429, False), (500, False), (502, False), (503, False)],
)
def test_status_says_whether_to_try_again(status: int, permanent: bool) -> None:
    with http_sink() as sink:
        sink.answer(status, f"no: {CANARY}".encode(), Location="http://127.0.0.1:1/")
        with pytest.raises(DeliveryError) as caught:
            asyncio.run(post_json(f"{sink.url}/hooks/{CANARY}?token={CANARY}", {}))
    assert caught.value.permanent is permanent
    assert str(status) in caught.value.reason
    assert CANARY not in caught.value.reason
    assert len(sink.asked) == 1


def test_retry_after_is_honoured() -> None:
    with http_sink() as sink:
        sink.answer(429, b"", Retry_After="17")
        with pytest.raises(DeliveryError) as caught:
            asyncio.run(post_json(sink.url, {}))
    assert caught.value.retry_after_s == 17


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("3", 3), ("Tue, 24 Nov 2026 02:31:00 GMT", 60), ("Tue, 24 Nov 2026 02:00:00 GMT", 0), ("soon", None), ("", None)],
)
def test_retry_after_in_both_forms(value: str, seconds: float | None) -> None:
    assert retry_after(value, datetime(2026, 11, 24, 2, 30, tzinfo=UTC)) == seconds


@given(st.text(max_size=40))
def test_retry_after_never_raises(value: str) -> None:
    found = retry_after(value, datetime(2026, 11, 24, tzinfo=UTC))
    assert found is None or found >= 0


def test_nobody_listening_may_be_tried_again() -> None:
    url = f"http://127.0.0.1:{free_port()}/{CANARY}"
    with pytest.raises(DeliveryError, match=r"could not reach 127\.0\.0\.1") as caught:
        asyncio.run(post_json(url, {}))
    assert not caught.value.permanent
    assert CANARY not in caught.value.reason


def test_a_server_that_says_nothing_is_left_after_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "DEADLINE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/{CANARY}"
        with pytest.raises(DeliveryError, match=r"0\.2 s|Timeout") as caught:
            asyncio.run(post_json(url, {}))
    assert not caught.value.permanent
    assert CANARY not in caught.value.reason


@pytest.mark.parametrize("url", [f"ftp://h/{CANARY}", CANARY, f"http://[{CANARY}", f"http://h\n{CANARY}/", ""])
def test_an_address_that_is_none_is_permanent_and_not_told(url: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        asyncio.run(post_json(url, {}))
    assert caught.value.permanent
    assert CANARY not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_secret_that_is_no_header_is_not_told() -> None:
    with http_sink() as sink, pytest.raises(DeliveryError) as caught:
        asyncio.run(post_json(sink.url, {}, headers={"X-Key": f"{CANARY}\nX: y"}))
    assert CANARY not in str(caught.value)


def test_reading_the_reply_may_fail_it_without_its_secrets() -> None:
    def refuse(reply: Reply) -> None:
        raise DeliveryError(f"said {reply.text}", permanent=True)

    with http_sink(CANARY.encode()) as sink, pytest.raises(DeliveryError) as caught:
        asyncio.run(post_json(sink.url, {}, secrets=(CANARY,), read_reply=refuse))
    assert caught.value.permanent
    assert CANARY not in caught.value.reason


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    with http_sink() as sink:
        assert asyncio.run(post_json(sink.url, {})).status == 200


def test_a_ca_file_that_cannot_be_read_is_told(tmp_path: object) -> None:
    with pytest.raises(DeliveryError):
        asyncio.run(post_json("https://127.0.0.1:1/", {}, ca_file=f"{tmp_path}/none.pem"))


def test_a_huge_reply_is_cut() -> None:
    with http_sink(b"x" * 300_000) as sink:
        assert len(asyncio.run(post_json(sink.url, {})).text) == 64 * 1024


def test_a_secret_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VW_NONE", raising=False)
    with pytest.raises(DeliveryError, match="VW_NONE is not set") as caught:
        secret("VW_NONE")
    assert caught.value.permanent


@pytest.mark.parametrize("text", ["[]", "nothing", "{}", "[1]", '"code"'])
def test_fields_of_a_reply_that_is_no_object(text: str) -> None:
    assert Reply(200, text).field("code") is None


def test_scrubbing_takes_the_longest_first() -> None:
    assert scrub("abcdefgh\n!", ("abcd", "abcdefgh")) == "[secret] !"


def test_a_question_is_answered_whatever_the_status(tmp_path: Path) -> None:
    """A gateway that lists much, with a key, by GET: a status above 299 is an answer too."""
    file = tmp_path / "gw.yaml"
    rows = "".join(f"- {{model_name: m{n}, litellm_params: {{model: openai/m}}}}\n" for n in range(3000))
    file.write_text(f"model_list:\n{rows}")
    with a_gateway(file) as gateway:
        asked = asyncio.run(post.ask_json("GET", f"{gateway.url}/model/info", None, {"Authorization": "Bearer sk-x"}))
        assert (asked.status, asked.field("error")) == (401, "no key")
        key = {"Authorization": f"Bearer {gateway.key}"}
        whole = asyncio.run(post.ask_json("GET", f"{gateway.url}/model/info", None, key))
        said = asyncio.run(post.ask_json("POST", f"{gateway.url}/v1/chat/completions", {"model": "m1"}, key))
    assert len(json.loads(whole.text)["data"]) == 3000
    assert len(whole.text) > 64 * 1024
    assert said.headers["x-litellm-model-id"] == "id-m1"
    with pytest.raises(DeliveryError, match="could not reach"):
        asyncio.run(post.ask_json("GET", f"{gateway.url}/model/info"))
