"""E-mail against real SMTP servers on loopback: plain, STARTTLS, SMTPS, login, 4xx and 5xx."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from sinks import an_alert, free_port, mail_sink

from alerts.channel import DeliveryError
from alerts.channels.email import Channel
from alerts.model import Occasion, Receipt

PASSWORD = "canary-s3cret"


@pytest.fixture
def authority(tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    ca = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    file = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(file)
    return context, str(file)


def channel(port: int, **options: Any) -> Channel:
    said: dict[str, Any] = {"host": "127.0.0.1", "port": port, "security": "plain", "sender": "Watch <vw@example.org>",
            "recipients": ["a@example.org", "b@example.org"]}
    return Channel(**(said | options))


def send(one: Channel, earlier: Receipt | None = None, **changed: Any) -> Receipt:
    return asyncio.run(one.deliver(one.render(an_alert(**changed)), earlier))


def test_text_and_html_in_the_readers_language() -> None:
    with mail_sink() as sink:
        send(channel(sink.port, language="zh", timezone="Asia/Shanghai"))
    mail = sink.mails[0]
    assert mail["Subject"] == "[vendorwatch] Claude 拒绝 cn-shanghai、cn-beijing 的请求"
    text, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert "+smart: qwen" in text.get_content()
    assert page is not None
    assert "<h2" in page.get_content()
    assert "UTC+08:00" in page.get_content()
    assert mail["To"] == "a@example.org, b@example.org"


def test_later_mails_answer_the_first_and_a_repeated_one_has_the_same_id() -> None:
    with mail_sink() as sink:
        one = channel(sink.port)
        first = send(one)
        send(one)
        second = send(one, first, occasion=Occasion.UPDATED)
        send(one, second, occasion=Occasion.RECOVERED)
    opened, again, update, over = sink.mails
    assert opened["Message-ID"] == again["Message-ID"] == first.reference == second.reference
    assert update["In-Reply-To"] == over["In-Reply-To"] == over["References"] == first.reference
    assert len({mail["Message-ID"] for mail in (opened, update, over)}) == 3
    assert "Recovered" in over["Subject"]


def test_starttls_with_login(authority: tuple[ssl.SSLContext, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VW_MAIL", PASSWORD)
    with mail_sink(starttls=authority[0], password=PASSWORD) as sink:
        one = channel(sink.port, security="starttls", ca_file=authority[1], user="me", password_env="VW_MAIL")
        send(one)
        monkeypatch.setenv("VW_MAIL", "wrong-canary")
        with pytest.raises(DeliveryError, match="535") as caught:
            send(one)
    assert len(sink.mails) == 1
    assert caught.value.permanent
    assert "wrong-canary" not in str(caught.value)
    assert PASSWORD not in repr(one)


def test_smtps(authority: tuple[ssl.SSLContext, str]) -> None:
    with mail_sink(smtps=authority[0]) as sink:
        send(channel(sink.port, security="smtps", ca_file=authority[1]))
    assert len(sink.mails) == 1


def test_a_certificate_that_is_not_trusted_is_permanent_and_says_what_to_do(
    authority: tuple[ssl.SSLContext, str],
) -> None:
    with mail_sink(starttls=authority[0]) as sink, pytest.raises(DeliveryError, match="ca_file") as caught:
        send(channel(sink.port, security="starttls"))
    assert caught.value.permanent
    assert not sink.mails


def test_a_server_without_starttls_gets_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VW_MAIL", PASSWORD)
    with mail_sink() as sink, pytest.raises(DeliveryError, match="STARTTLS") as caught:
        send(channel(sink.port, security="starttls", user="me", password_env="VW_MAIL"))
    assert caught.value.permanent
    assert not sink.mails


@pytest.mark.parametrize(("answer", "permanent"), [("451 greylisted", False), ("550 no", True)])
def test_what_the_server_says_decides_about_trying_again(answer: str, permanent: bool) -> None:
    with mail_sink() as sink:
        sink.data_answers.append(answer)
        with pytest.raises(DeliveryError, match=answer[:3]) as by_data:
            send(channel(sink.port))
        sink.rcpt_answers += [answer, answer]
        with pytest.raises(DeliveryError, match=answer[:3]) as by_recipient:
            send(channel(sink.port))
    assert by_data.value.permanent is by_recipient.value.permanent is permanent


def test_one_refused_recipient_of_two_is_told_but_no_failure() -> None:
    with mail_sink() as sink:
        sink.rcpt_answers.append("550 unknown")
        assert send(channel(sink.port)).detail == "refused: a@example.org"
    assert len(sink.mails) == 1


def test_nobody_listening_may_be_tried_again() -> None:
    with pytest.raises(DeliveryError, match="could not reach") as caught:
        send(channel(free_port()))
    assert not caught.value.permanent


def test_a_missing_password_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VW_MAIL", raising=False)
    with pytest.raises(DeliveryError, match="VW_MAIL"):
        send(channel(1, user="me", password_env="VW_MAIL"))


def test_a_vendors_text_cannot_add_a_header() -> None:
    with mail_sink() as sink:
        send(channel(sink.port), provider_name="Claude\r\nBcc: all@example.org")
    assert sink.mails[0]["Bcc"] is None


@pytest.mark.parametrize(
    "options",
    [{"security": "none"}, {"host": "mail.example.org"}, {"recipients": "a@example.org"}, {"recipients": ["a"]},
     {"sender": ""}, {"language": "xx"}],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        channel(25, **options)
