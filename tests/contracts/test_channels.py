"""Every channel, by walking the folder: its form, its failing send, its recovery, its silence about secrets."""

import asyncio
import dataclasses
import importlib
import io
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from sinks import an_alert, free_port

import alerts.channels
from alerts.channel import DeliveryError
from alerts.model import Message, Occasion
from monitor.configcheck import problems_in
from monitor.settings import Config

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")   # Apprise imports it
NAMES = sorted(file.stem for file in Path(alerts.channels.__path__[0]).glob("*.py") if file.stem != "__init__")
CANARY = "canary-s3cret-0123456789"
# a channel of another shape says here how to make it fail; a new one with url_env needs no line
OPTIONS: dict[str, dict[str, Any]] = {
    "console": {},
    "email": {"host": "127.0.0.1", "security": "plain", "recipients": ["a@example.org"], "user": "u",
              "password_env": "VW_CANARY"},
    "slack": {"webhook_env": "VW_CANARY"},
}


def module_of(name: str) -> Any:
    return importlib.import_module(f"alerts.channels.{name}")


def options_of(name: str) -> dict[str, Any]:
    return dict(OPTIONS.get(name, {"url_env": "VW_CANARY"}))


def made(name: str, **more: Any) -> Any:
    """The channel as a config must at least write it."""
    return module_of(name).Channel(**options_of(name) | more)


def failing(name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The channel, set up so that nobody takes its message."""
    port = free_port()
    scheme = "json" if name == "apprise" else "http"
    monkeypatch.setenv("VW_CANARY", f"{scheme}://127.0.0.1:{port}/{CANARY}")
    options = options_of(name)
    if name == "email":
        options["port"] = port
    if name == "console":
        gone = io.StringIO()
        gone.close()
        monkeypatch.setattr(sys, "stderr", gone)
    return module_of(name).Channel(**options)


def test_there_are_channels() -> None:
    assert {"console", "slack", "email", "feishu", "dingtalk", "wecom", "webhook", "apprise"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_form(name: str) -> None:
    kind: Any = module_of(name).Channel
    assert dataclasses.is_dataclass(module_of(name).Channel)
    assert kind.__dataclass_params__.frozen
    assert hasattr(kind, "__slots__")
    doc = kind.__doc__ or ""
    for option in dataclasses.fields(kind):
        assert option.name in doc, f"{option.name} is not documented"
        if any(word in option.name for word in ("secret", "token", "password", "webhook", "url")):
            assert option.name.endswith("_env") or option.name == "base_url"
    channel = made(name)
    assert (channel.language, channel.timezone) == ("en", "UTC")
    with pytest.raises(dataclasses.FrozenInstanceError):
        channel.language = "zh"
    with pytest.raises(ValueError, match="timezone"):
        made(name, timezone="Mars/Olympus")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "console"])
def test_one_that_could_reach_nobody_is_a_problem_of_the_config(name: str, tmp_path: Path) -> None:
    config = Config.model_validate({"database": f"sqlite:///{tmp_path}/a.db", "channels": {"team": {"type": name}}})
    [line] = problems_in(config, None, {})
    assert re.match(r"channels\.team(\.url_env)?: .*is missing", line)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("occasion", list(Occasion))
def test_every_occasion_is_rendered_purely(name: str, language: str, occasion: Occasion) -> None:
    channel = made(name, language=language)
    alert = an_alert(occasion=occasion)
    message = channel.render(alert)
    assert isinstance(message, Message)
    assert message == channel.render(alert)
    assert message.thread == alert.incident
    assert message.key
    assert message.subject
    assert message.text


@pytest.mark.parametrize("name", NAMES)
def test_a_recovery_is_told_apart_from_its_opening(name: str) -> None:
    channel = made(name)
    opened, over = channel.render(an_alert()), channel.render(an_alert(occasion=Occasion.RECOVERED))
    assert opened.key != over.key
    assert opened.thread == over.thread
    assert "Recovered" in over.subject
    assert over.body is None or over.body != opened.body


@pytest.mark.parametrize("name", NAMES)
def test_a_failing_send_is_a_delivery_error_that_may_be_tried_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = failing(name, monkeypatch)
    with pytest.raises(DeliveryError) as caught:
        asyncio.run(channel.deliver(channel.render(an_alert())))
    assert caught.value.reason
    assert not caught.value.permanent
    assert CANARY not in str(caught.value) + repr(channel) + repr(channel.render(an_alert()))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "console"])
def test_a_secret_that_is_not_set_is_permanent_and_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = failing(name, monkeypatch)
    monkeypatch.delenv("VW_CANARY")
    with pytest.raises(DeliveryError, match="VW_CANARY is not set") as caught:
        asyncio.run(channel.deliver(channel.render(an_alert())))
    assert caught.value.permanent
