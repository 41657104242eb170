"""The robot of DingTalk: its signature, its limits, and the code in the body of a 200."""

import asyncio
import base64
import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit

import pytest
from sinks import an_alert, http_sink

from alerts.channel import DeliveryError
from alerts.channels.dingtalk import Channel

GOOD = {"errcode": 0, "errmsg": "ok"}
CANARY = "canary-robot-token"


def deliver(url: str, monkeypatch: pytest.MonkeyPatch, **options: str) -> None:
    monkeypatch.setenv("VW_URL", f"{url}/hook/{CANARY}?key={CANARY}")
    monkeypatch.setenv("VW_SECRET", "SECcanary")
    channel = Channel(url_env="VW_URL", language="zh", **options)
    asyncio.run(channel.deliver(channel.render(an_alert(proposed="+中\n" * 20_000))))


def test_signed_in_the_query(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_sink(GOOD) as sink:
        deliver(sink.url, monkeypatch, secret_env="VW_SECRET")
    asked = parse_qs(urlsplit(sink.asked[0].path).query)
    stamp = asked["timestamp"][0]
    mark = hmac.new(b"SECcanary", f"{stamp}\nSECcanary".encode(), hashlib.sha256).digest()
    assert asked["sign"] == [base64.b64encode(mark).decode()]
    assert asked["key"] == [CANARY]
    assert len(stamp) == 13
    assert "vendorwatch" in sink.asked[0].body["text"]["content"]
    assert len(sink.asked[0].raw) < 20_000


@pytest.mark.parametrize(("code", "permanent"), [(310000, True), (300001, True), (130101, False), (-1, False)])
def test_a_code_in_the_body_of_a_200_is_read(code: int, permanent: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    with http_sink() as sink:
        sink.answer(200, {"errcode": code, "errmsg": f"no, {CANARY}"})
        with pytest.raises(DeliveryError, match=str(code)) as caught:
            deliver(sink.url, monkeypatch)
    assert caught.value.permanent is permanent
    assert CANARY not in str(caught.value)
    assert (caught.value.retry_after_s is None) is permanent


@pytest.mark.parametrize("body", [b"<html>", b"{}", b"[]", b'{"errcode": "0"}', b'{"errcode": false}'])
def test_an_answer_that_cannot_be_read_is_no_success(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with http_sink(body) as sink, pytest.raises(DeliveryError):
        deliver(sink.url, monkeypatch)
