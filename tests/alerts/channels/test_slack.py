"""Slack: limits judged by Slack's own models; webhook and bot against a loopback sink."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sinks import an_alert, free_port, http_sink
from slack_sdk.models.blocks import Block

from alerts.channel import DeliveryError
from alerts.channels.slack import Channel
from alerts.model import Message, Occasion, Receipt

TOKEN = "xoxb-canary-123456"


def valid(message: Message) -> list[dict[str, Any]]:
    """Slack's models raise for what Slack would refuse; a block they do not know becomes None."""
    assert isinstance(message.body, dict)
    blocks = message.body["blocks"]
    parsed = Block.parse_all(blocks)
    assert len(parsed) == len(blocks) <= 50
    for block in parsed:
        block.validate_json()
    for block in blocks:
        assert len(block["text"]["text"]) <= (150 if block["type"] == "header" else 3000)
    return list(blocks)


@given(st.text(max_size=5000), st.text(alphabet="<>&`\n+x", max_size=4000), st.text(max_size=300))
def test_blocks_stay_within_slacks_limits(because: str, diff: str, name: str) -> None:
    valid(Channel("HOOK").render(an_alert(because=because, proposed=diff, provider_name=name, run=(diff[:3500],))))


@pytest.mark.parametrize("occasion", list(Occasion))
def test_every_occasion_is_valid(occasion: Occasion) -> None:
    assert valid(Channel("HOOK", language="zh").render(an_alert(occasion=occasion)))


def test_a_vendors_text_addresses_nobody() -> None:
    blocks = json.dumps(valid(Channel("HOOK").render(an_alert(because="<!channel> look", proposed="```\n<@U1>"))))
    assert "<!channel>" not in blocks
    assert "<@U1>" not in blocks


def test_webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Channel(webhook_env="VW_HOOK")
    with http_sink() as sink:
        monkeypatch.setenv("VW_HOOK", f"{sink.url}/services/T00/B00/{TOKEN}")
        asyncio.run(channel.deliver(channel.render(an_alert())))
        sink.answer(403, b"action_prohibited")
        with pytest.raises(DeliveryError, match="action_prohibited") as caught:
            asyncio.run(channel.deliver(channel.render(an_alert())))
    assert sink.asked[0].body["blocks"][0]["type"] == "header"
    assert caught.value.permanent
    assert TOKEN not in str(caught.value)
    assert TOKEN not in repr(channel)


def bot(url: str) -> Channel:
    return Channel(token_env="VW_TOKEN", channel="#ops", base_url=f"{url}/api/")


def posted(asked: Any) -> dict[str, Any]:
    return dict(asked.body)


def test_bot_keeps_one_thread_and_edits_its_first_message_on_recovery(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VW_TOKEN", TOKEN)
    with http_sink({"ok": True, "channel": "C1", "ts": "1.5"}) as sink:
        channel = bot(sink.url)
        first = asyncio.run(channel.deliver(channel.render(an_alert())))
        sink.answer(200, {"ok": True, "channel": "C1", "ts": "2.0"})
        second = asyncio.run(channel.deliver(channel.render(an_alert(occasion=Occasion.UPDATED)), first))
        asyncio.run(channel.deliver(channel.render(an_alert(occasion=Occasion.RECOVERED)), second))
    assert [one.path for one in sink.asked] == [
        "/api/chat.postMessage", "/api/chat.postMessage", "/api/chat.update", "/api/chat.postMessage"
    ]
    assert first.reference == second.reference == "C1:1.5"
    assert posted(sink.asked[0])["channel"] == "#ops"
    assert "thread_ts" not in posted(sink.asked[0])
    assert posted(sink.asked[1])["thread_ts"] == "1.5"
    assert posted(sink.asked[1])["channel"] == "C1"
    assert posted(sink.asked[2])["ts"] == "1.5"
    assert posted(sink.asked[2])["text"].startswith("Recovered")
    assert sink.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_first_message_that_is_gone_keeps_no_news_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VW_TOKEN", TOKEN)
    with http_sink({"ok": True, "channel": "C1", "ts": "3.0"}) as sink:
        sink.answer(200, {"ok": False, "error": "message_not_found"})
        over = bot(sink.url).render(an_alert(occasion=Occasion.RECOVERED))
        asyncio.run(bot(sink.url).deliver(over, Receipt("C1:1.5")))
    assert len(sink.asked) == 2


@pytest.mark.parametrize(
    ("status", "error", "permanent"),
    [(200, "channel_not_found", True), (200, "invalid_auth", True), (200, "internal_error", False),
     (429, "ratelimited", False), (503, "service_unavailable", False)],
)
def test_bot_failures(monkeypatch: pytest.MonkeyPatch, status: int, error: str, permanent: bool) -> None:
    monkeypatch.setenv("VW_TOKEN", TOKEN)
    with http_sink() as sink:
        sink.answer(status, {"ok": False, "error": error}, Retry_After="9", Content_Type="application/json")
        with pytest.raises(DeliveryError, match=error) as caught:
            asyncio.run(bot(sink.url).deliver(bot(sink.url).render(an_alert())))
    assert caught.value.permanent is permanent
    assert TOKEN not in str(caught.value)
    assert caught.value.retry_after_s == (None if permanent else 9)


def test_slack_out_of_reach_may_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VW_TOKEN", TOKEN)
    channel = bot(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(DeliveryError) as caught:
        asyncio.run(channel.deliver(channel.render(an_alert())))
    assert not caught.value.permanent


def test_an_answer_that_is_not_slacks_is_a_delivery_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VW_TOKEN", TOKEN)
    with http_sink(b"<html>proxy</html>") as sink, pytest.raises(DeliveryError):
        asyncio.run(bot(sink.url).deliver(bot(sink.url).render(an_alert())))


@pytest.mark.parametrize("options", [{"token_env": "A"}, {"token_env": "A", "webhook_env": "B", "channel": "c"}])
def test_options_that_contradict_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="token_env"):
        Channel(**options)
