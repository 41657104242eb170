"""The robot of WeCom: its signature, its limits, and the code in the body of a 200."""

import asyncio

import pytest
from sinks import an_alert, http_sink

from alerts.channel import DeliveryError
from alerts.channels.wecom import Channel

GOOD = {"errcode": 0, "errmsg": "ok"}
CANARY = "canary-robot-token"


def deliver(url: str, monkeypatch: pytest.MonkeyPatch, **options: str) -> None:
    monkeypatch.setenv("VW_URL", f"{url}/hook/{CANARY}?key={CANARY}")
    monkeypatch.setenv("VW_SECRET", "SECcanary")
    channel = Channel(url_env="VW_URL", language="zh", **options)
    asyncio.run(channel.deliver(channel.render(an_alert(proposed="+中\n" * 20_000))))


def test_text_within_wecoms_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_sink(GOOD) as sink:
        deliver(sink.url, monkeypatch)
    text = sink.asked[0].body["text"]["content"]
    assert len(text.encode()) <= 2048
    assert text.startswith("Claude 拒绝")
    assert text.endswith("…")


@pytest.mark.parametrize(("code", "permanent"), [(93000, True), (40058, True), (45009, False), (-1, False)])
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
