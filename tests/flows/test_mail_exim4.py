"""E-mail through a real exim4: STARTTLS and login, a mail that lands in a maildir, its updates in one thread."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from exim import Exim, exim, why_not
from sinks import AT, an_alert

from alerts.channel import DeliveryError
from alerts.channels.email import Channel
from alerts.model import Occasion, Receipt
from monitor.clock import Clock
from monitor.courier import Courier
from monitor.model import Judged, Settled, Tell
from monitor.store.sql import open_store

pytestmark = [pytest.mark.external, pytest.mark.skipif(bool(why_not()), reason=why_not() or "exim4 is here")]

PASSWORD = "exim-canary-41b7"


@pytest.fixture(scope="module")
def _server() -> Iterator[Exim]:
    with exim(PASSWORD) as running:
        yield running


@pytest.fixture
def server(_server: Exim, monkeypatch: pytest.MonkeyPatch) -> Exim:
    monkeypatch.setenv("VW_MAIL", PASSWORD)
    return _server


def channel(server: Exim, **options: Any) -> Channel:
    said: dict[str, Any] = {
        "host": "127.0.0.1", "port": server.port, "security": "starttls", "ca_file": server.ca_file, "user": "watch",
        "password_env": "VW_MAIL", "sender": "vendorwatch <watch@mail.test>", "recipients": ["team@mail.test"],
    }
    return Channel(**(said | options))


def send(one: Channel, **changed: Any) -> Receipt:
    return asyncio.run(one.deliver(one.render(an_alert(**changed))))


def tell(database: Path, server: Exim, occasion: Occasion, minutes: int) -> None:
    """One life of the daemon's telling half: queue an alert in the database, deliver what is due, end."""
    at = AT + timedelta(minutes=minutes)
    store = open_store(f"sqlite:///{database}")
    settled: list[Settled] = []
    try:
        alert = an_alert(incident="region:claude:eu", occasion=occasion, at=at)
        assert store.carry_out(Judged(0, 0, at, actions=(Tell(f"{alert.incident}:{occasion}", alert, ("mail",)),)))
        courier = Courier(store, {"mail": channel(server)}, Clock(epoch=at), lambda errand: "")
        courier.on_delivery = lambda delivery, _: settled.append(delivery.settled)
        asyncio.run(courier.once())
    finally:
        store.close()
    assert settled == [Settled.DONE]


def test_an_incidents_mails_are_one_thread_although_the_daemon_was_restarted(server: Exim, tmp_path: Path) -> None:
    before = server.delivered()
    for minutes, occasion in enumerate((Occasion.OPENED, Occasion.UPDATED, Occasion.RECOVERED)):
        tell(tmp_path / "v.db", server, occasion, minutes)
        mails = server.mails(before + minutes + 1)
    opened, updated, over = mails[before:]
    first = str(opened["Message-ID"])
    assert opened["In-Reply-To"] is None
    assert updated["In-Reply-To"] == over["In-Reply-To"] == over["References"] == first
    assert len({first, str(updated["Message-ID"]), str(over["Message-ID"])}) == 3
    assert "esmtpsa" in str(opened["Received"])      # over TLS and logged in, says the server
    text, page = opened.get_body(("plain",)), opened.get_body(("html",))
    assert text is not None
    assert page is not None
    assert "+smart: qwen" in text.get_content()
    assert "403 &lt;unsupported_country&gt;" in page.get_content()
    assert PASSWORD not in server.log


def test_smtps_delivers_a_chinese_mail_whole(server: Exim) -> None:
    before = server.delivered()
    send(channel(server, security="smtps", port=server.tls_port, language="zh"))
    mail = server.mails(before + 1)[-1]
    assert mail["Subject"] == "[vendorwatch] Claude 拒绝 cn-shanghai、cn-beijing 的请求"


def test_a_wrong_password_is_permanent_and_never_shown(server: Exim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VW_MAIL", "wrong-canary-9c2e")
    with pytest.raises(DeliveryError, match="535") as caught:
        send(channel(server))
    assert caught.value.permanent
    assert "wrong-canary-9c2e" not in str(caught.value)


def test_no_login_is_shown_to_a_server_that_offers_none_without_tls(server: Exim) -> None:
    with pytest.raises(DeliveryError, match="login") as caught:
        send(replace(channel(server), security="plain"))
    assert caught.value.permanent


def test_greylisting_is_tried_again_and_relaying_is_not(server: Exim) -> None:
    with pytest.raises(DeliveryError, match="451") as later:
        send(channel(server, recipients=["later@mail.test"]))
    assert not later.value.permanent
    with pytest.raises(DeliveryError, match="550") as never:
        send(channel(server, recipients=["somebody@elsewhere.test"]))
    assert never.value.permanent


def test_a_server_whose_authority_nobody_named_gets_nothing(server: Exim) -> None:
    with pytest.raises(DeliveryError, match="ca_file"):
        send(channel(server, ca_file=""))
