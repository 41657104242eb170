"""The generic webhook: a signature the receiver can check, and a key that is the same for every try."""

import asyncio
import hashlib
import hmac

import pytest
from sinks import an_alert, http_sink

from alerts.channel import DeliveryError
from alerts.channels.webhook import Channel
from alerts.model import Occasion


def test_signed_and_keyed(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Channel(url_env="VW_URL", secret_env="VW_SECRET")
    monkeypatch.setenv("VW_SECRET", "canary-shared")
    with http_sink() as sink:
        monkeypatch.setenv("VW_URL", f"{sink.url}/in/canary-path")
        for occasion in (Occasion.OPENED, Occasion.OPENED, Occasion.RECOVERED):
            asyncio.run(channel.deliver(channel.render(an_alert(occasion=occasion))))
        sink.answer(422, b"canary-shared canary-path")
        with pytest.raises(DeliveryError) as caught:
            asyncio.run(channel.deliver(channel.render(an_alert())))
    one, again, over = sink.asked[:3]
    stamp, mark = (part.split("=", 1)[1] for part in one.headers["x-vendorwatch-signature"].split(","))
    assert mark == hmac.new(b"canary-shared", stamp.encode() + b"." + one.raw, hashlib.sha256).hexdigest()
    assert one.headers["idempotency-key"] == again.headers["idempotency-key"] != over.headers["idempotency-key"]
    assert one.body["provider"] == "anthropic"
    assert one.body["at"] == "2026-11-24T02:30:00+00:00"
    assert over.body["occasion"] == "recovered"
    assert "canary" not in str(caught.value)


def test_unsigned_without_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_sink() as sink:
        monkeypatch.setenv("VW_URL", sink.url)
        asyncio.run(Channel(url_env="VW_URL").deliver(Channel("VW_URL").render(an_alert())))
    assert "x-vendorwatch-signature" not in sink.asked[0].headers
