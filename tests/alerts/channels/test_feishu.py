"""The robot of Feishu: its signature, its limits, and the code in the body of a 200."""

import asyncio
import base64
import hashlib
import hmac

import pytest
from sinks import an_alert, http_sink

from alerts.channel import DeliveryError
from alerts.channels.feishu import Channel

GOOD = {"code": 0, "msg": "success"}
CANARY = "canary-robot-token"


def deliver(url: str, monkeypatch: pytest.MonkeyPatch, **options: str) -> None:
    monkeypatch.setenv("VW_URL", f"{url}/hook/{CANARY}?key={CANARY}")
    monkeypatch.setenv("VW_SECRET", "SECcanary")
    channel = Channel(url_env="VW_URL", language="zh", **options)
    asyncio.run(channel.deliver(channel.render(an_alert(proposed="+中\n" * 20_000))))


def test_signed_in_the_body(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_sink(GOOD) as sink:
        deliver(sink.url, monkeypatch, secret_env="VW_SECRET")
    body = sink.asked[0].body
    mark = hmac.new(f"{body['timestamp']}\nSECcanary".encode(), b"", hashlib.sha256).digest()
    assert body["sign"] == base64.b64encode(mark).decode()
    assert body["card"]["header"]["template"] == "red"
    assert len(sink.asked[0].raw) < 20_000


def test_the_older_form_of_success_is_success(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_sink({"StatusCode": 0, "StatusMessage": "success"}) as sink:
        deliver(sink.url, monkeypatch)
    assert "sign" not in sink.asked[0].body


@pytest.mark.parametrize(("code", "permanent"), [(19021, True), (19024, True), (11232, False)])
def test_a_code_in_the_body_of_a_200_is_read(code: int, permanent: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    with http_sink() as sink:
        sink.answer(200, {"code": code, "msg": f"no, {CANARY}"})
        with pytest.raises(DeliveryError, match=str(code)) as caught:
            deliver(sink.url, monkeypatch)
    assert caught.value.permanent is permanent
    assert CANARY not in str(caught.value)
    assert (caught.value.retry_after_s is None) is permanent


@pytest.mark.parametrize("body", [b"<html>", b"{}", b"[]", b'{"code": "0"}', b'{"code": false}'])
def test_an_answer_that_cannot_be_read_is_no_success(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with http_sink(body) as sink, pytest.raises(DeliveryError):
        deliver(sink.url, monkeypatch)
