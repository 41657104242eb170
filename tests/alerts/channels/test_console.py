"""The terminal."""

import asyncio
import io
import sys

import pytest
from sinks import an_alert

from alerts.channel import DeliveryError
from alerts.channels.console import Channel


def test_it_prints_headline_and_sentences_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    channel = Channel(language="zh", timezone="Asia/Shanghai")
    asyncio.run(channel.deliver(channel.render(an_alert())))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("=== Claude 拒绝")
    assert "+08:00" in err
    assert "  +smart: qwen" in err


def test_a_closed_terminal_is_a_delivery_error(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = io.StringIO()
    gone.close()
    monkeypatch.setattr(sys, "stderr", gone)
    with pytest.raises(DeliveryError):
        asyncio.run(Channel().deliver(Channel().render(an_alert())))
