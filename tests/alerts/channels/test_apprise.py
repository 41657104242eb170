"""Apprise, the real one, against a loopback sink; and what is said where it is missing."""

import asyncio
import sys

import pytest
from sinks import an_alert, http_sink

from alerts.channel import DeliveryError
from alerts.channels.apprise import Channel
from alerts.model import Occasion

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")   # Apprise imports it
CHANNEL = Channel(url_env="VW_APPRISE")


def test_it_sends_what_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_sink() as sink:
        monkeypatch.setenv("VW_APPRISE", sink.url.replace("http://", "json://"))
        asyncio.run(CHANNEL.deliver(CHANNEL.render(an_alert(occasion=Occasion.RECOVERED))))
    body = sink.asked[0].body
    assert body["title"].startswith("Recovered: Claude")
    assert body["type"] == "success"
    assert "<unsupported_country>" in body["message"]


def test_a_failure_may_be_tried_again_and_tells_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_sink() as sink:
        sink.answer(500)
        monkeypatch.setenv("VW_APPRISE", sink.url.replace("http://", "json://me:canary@"))
        with pytest.raises(DeliveryError) as caught:
            asyncio.run(CHANNEL.deliver(CHANNEL.render(an_alert())))
    assert not caught.value.permanent
    assert "canary" not in str(caught.value)


def test_a_url_that_is_not_known_is_permanent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VW_APPRISE", "nosuch://canary")
    with pytest.raises(DeliveryError, match="VW_APPRISE") as caught:
        asyncio.run(CHANNEL.deliver(CHANNEL.render(an_alert())))
    assert caught.value.permanent
    assert "canary" not in str(caught.value)


def test_without_apprise_the_line_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VW_APPRISE", "json://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(DeliveryError, match=r"pip install 'vendorwatch\[apprise\]'") as caught:
        asyncio.run(CHANNEL.deliver(CHANNEL.render(an_alert())))
    assert caught.value.permanent
