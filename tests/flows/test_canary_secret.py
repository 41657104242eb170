"""Secrets in keys, headers, URLs, bodies and error texts are found in no log, row, alert, patch, evidence or output.

The real daemon; vendors that give back every secret they are shown, in every spelling; receivers of alerts that
answer with the secrets of their own address.
"""

import asyncio
import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from canary import Parrot, everything_in, found_in, spellings, texts
from composed import write_config
from lab import Lab, open_lab
from running import Running, running
from servers import authority, http_proxy, server_context, serving
from sinks import HttpSink, MailSink, http_sink, mail_sink
from typer.testing import CliRunner

from monitor import cli
from monitor.errand import alert_from_json
from monitor.errors import UserError
from monitor.plugins import load_plugin, plugin_names
from monitor.store.asking import ask

US, EU = "127.0.0.31", "127.0.0.32"
MODELS = ("gpt-6-luna", "m")
SITES = {
    "openai": ("api.openai.com", "openai", MODELS), "anthropic": ("api.anthropic.com", "anthropic", MODELS),
    "gemini": ("generativelanguage.googleapis.com", "gemini", MODELS),
    "deepseek": ("api.deepseek.com", "openai", MODELS), "dashscope": ("dashscope.aliyuncs.com", "openai", MODELS),
    "dashscope-intl": ("dashscope-intl.aliyuncs.com", "openai", MODELS),
    "relay": ("relay.test", "openai", MODELS), "elsewhere": ("elsewhere.test", "openai", MODELS),
    "n1": ("n1.test", "", ()), "n2": ("n2.test", "", ()), "n3": ("n3.test", "", ()),
}
VENDOR_KEYS = {
    "OPENAI_MAIN": 'sk-p0/Qv8+Zr2=Tn"6kW1', "CLAUDE_KEY": "ak-e7/Uj5+Hx3=Lc%9sB4",
    "GEMINI_KEY": "AIz4f/2mY+8dKq=6vNw0R", "DEEPSEEK_KEY": "ds-h3/Xt7+Pg9=Jz&5bE2",
}
LITERALS = {"header": "tn-c6/Ko2+Vd8=Ry1uF7g", "proxy": "px-w9Ga4Mi6Ze0Sl3Tq5", "gateway": "sk-u1Bn7Hp3Xc9Dv5Kf0"}
VARIABLES = {"PROXY_PASSWORD": "pw-r8Yj2Lo6Qt4Ew0Az", "SIGN": "sg-m5Vx1Cf7Nk3Hb9Up", "MAIL": "ml-t2Ds8Gq4Jw6Ri0Oy"}
HOOKS = ("GOOD", "BAD", "SLACK", "FEISHU", "DINGTALK", "WECOM")
SECRET_PATHS = {name: f"hk{name.lower()}-z7Pe3Ua9Lm5Xn1Tb" for name in HOOKS}
SECRETS = VENDOR_KEYS | LITERALS | VARIABLES | SECRET_PATHS
GATEWAY = """model_list:
  - model_name: smart
    litellm_params: {{model: openai/gpt-6-luna, api_key: os.environ/OPENAI_MAIN}}
  - model_name: private
    litellm_params: {{model: openai/other, api_key: {gateway}}}
  - model_name: smart-qwen
    litellm_params: {{model: dashscope/qwen3.8-flash, api_key: os.environ/DASHSCOPE_API_KEY}}
"""
OFTEN = {kind: {"every": "60s"} for kind in ("completion", "models", "quality")}


def config(lab: Lab, folder: Path, proxy: int, mail: MailSink) -> dict[str, Any]:
    own = {"language": "en"}
    hooks = {kind: {"type": kind, "url_env": f"URL_{kind.upper()}", **own} for kind in ("feishu", "dingtalk", "wecom")}
    (folder / "litellm.yaml").write_text(GATEWAY.format(**LITERALS))
    return {
        "budget": {"usd_per_day": 50, "tokens_per_day": 50_000_000, "each_vendor": {"tokens_per_day": 50_000_000}},
        "regions": {
            "us": {"vantages": [lab.place("us", US)]},
            "eu": {"vantages": [lab.place("eu", EU),
                                lab.place("named", proxy=f"http://u:$PROXY_PASSWORD@127.0.0.1:{proxy}"),
                                lab.place("literal", proxy=f"http://u:{LITERALS['proxy']}@127.0.0.1:{proxy}")]},
        },
        "vendors": {name: {"checks": OFTEN} for name in ("openai", "claude", "gemini", "deepseek", "qwen")},
        "accounts": [{"name": vendor, "vendor": vendor, "key_env": env, "region": "us"}
                     for vendor, env in zip(("openai", "claude", "gemini", "deepseek"), VENDOR_KEYS, strict=True)],
        "endpoints": [{"name": "relay", "base_url": "https://relay.test/v1", "model": "m", "checks": OFTEN,
                       "headers": {"X-Tenant-Secret": LITERALS["header"]}}],
        "controls": [SITES[name][0] for name in ("n1", "n2", "n3")],
        "channels": {
            "terminal": {"type": "console"}, "team": {"type": "slack", "webhook_env": "URL_SLACK"}, **hooks,
            "hook": {"type": "webhook", "url_env": "URL_GOOD", "secret_env": "SIGN"},
            "broken": {"type": "webhook", "url_env": "URL_BAD", "secret_env": "SIGN"},
            "mail": {"type": "email", "host": "127.0.0.1", "port": mail.port, "user": "me",
                     "password_env": "MAIL", "ca_file": authority()[1], "recipients": ["team@example.org"]},
        },
        "gateways": {"team": {"type": "litellm", "file": "litellm.yaml"}},
        "workloads": {"smart": {"primary": "openai", "fallbacks": ["qwen"]}},
    }


@contextmanager
def receivers() -> Iterator[tuple[HttpSink, HttpSink, MailSink]]:
    """One that takes everything, one that refuses and says what it was shown, a mail server that wants a password."""
    with ExitStack() as open_now:
        good = open_now.enter_context(http_sink({"code": 0, "errcode": 0}))
        bad = open_now.enter_context(http_sink())
        mail = open_now.enter_context(mail_sink(starttls=server_context(), password=VARIABLES["MAIL"]))
        for _ in range(200):
            bad.answer(500, f"no: /{SECRET_PATHS['BAD']} {VARIABLES['SIGN']}".encode(), retry_after="0")
        yield good, bad, mail


def environ_of(good: HttpSink, bad: HttpSink) -> Mapping[str, str]:
    urls = {f"URL_{name}": f"{(bad if name == 'BAD' else good).url}/hook/{path}" for name, path in SECRET_PATHS.items()}
    urls["URL_WECOM"] = f"{good.url}/cgi-bin/webhook/send?key={SECRET_PATHS['WECOM']}"
    return {**VENDOR_KEYS, **VARIABLES, **urls}


def told_by(daemon: Running, good: HttpSink, mail: MailSink) -> None:
    """Until everything that could carry a secret away has happened."""
    daemon.wait("the account's alert on every channel", lambda: len({
        ask.path for ask in list(good.asked)} ) >= 5 and mail.mails and "has shut out our account" in daemon.said)
    daemon.wait("a patch", lambda: list(daemon.home.glob("patches/*.diff")))
    daemon.wait("a failing channel's report", lambda: "channel broken does not deliver" in daemon.said)
    seen = "SELECT count(*) FROM v_measurement WHERE provider = '{}' AND kind = 'completion'"
    for vendor in ("anthropic", "gemini", "deepseek", "relay"):   # not openai: it bans at the first call, of any kind
        daemon.wait(vendor, partial(_any, daemon, seen.format(vendor)))
    proxied = "SELECT count(DISTINCT vantage) FROM v_measurement WHERE vantage IN ('named', 'literal')"
    daemon.wait("the proxied vantages", lambda: daemon.rows(proxied) == [(2,)])


def _any(daemon: Running, statement: str) -> bool:
    return bool(daemon.rows(statement)[0][0])


ALERTS = "SELECT payload FROM errand WHERE kind = 'tell'"
COMMANDS = (
    ("status",), ("status", "--json"), ("incident", "list", "--all"), ("incident", "show", "1", "--json"), ("doctor",),
    ("sql", "SELECT * FROM v_measurement", "--json"), ("sql", "SELECT * FROM v_delivery"),
    ("config", "check"), ("db", "info"), ("notify", "test", "broken"), ("notify", "test", "hook"),
    ("check", "relay", "--json"), ("check", "gemini"), ("silence", "list"),
)


def printed_by(words: tuple[str, ...]) -> str:
    """All that a command prints; in this process, as a dozen interpreters would take their time."""
    done = CliRunner().invoke(cli.build(), [*words])
    assert done.exception is None or isinstance(done.exception, SystemExit | UserError), words
    assert done.output
    return f"{done.output}\n{done.exception or ''}"


async def _story(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = bytearray()
    with receivers() as (good, bad, mail):
        async with open_lab(folder / "lab", SITES, Parrot) as lab, serving(http_proxy(wire=wire)) as proxy:
            write_config(folder, config(lab, folder, proxy, mail))
            environ = environ_of(good, bad)
            monkeypatch.chdir(folder)
            for name, value in environ.items():
                monkeypatch.setenv(name, value)

            def live() -> str:
                with running(folder, environ=environ, database=f"sqlite:///{folder / 'v.db'}") as daemon:
                    told_by(daemon, good, mail)
                    assert daemon.stop() == 0
                return "\n".join(printed_by(words) for words in COMMANDS)

            printed = await asyncio.to_thread(live)
        assert_they_were_told(lab, bad)
        mails = "\n".join(part.get_content() for sent in mail.mails for part in sent.walk() if not part.is_multipart())
        bodies = "\n".join(ask.raw.decode() for ask in [*good.asked, *bad.asked])
        looked_at = {"output": printed, "database": everything_in(folder / "v.db"), "mail": mails, "bodies": bodies,
                     "rendered": rendered(folder / "v.db")}
        looked_at |= dict(texts(folder, frozenset({"vendorwatch.yaml", "litellm.yaml"})))
    assert {"output": 1, "said": 1}.keys() <= looked_at.keys()
    assert any(name.endswith(".diff") for name in looked_at)
    assert looked_at["database"].count("[redacted]") > 20             # the vendors' words were kept, but for these
    leaks = {name: hits for name, text in looked_at.items() if (hits := found_in(text, SECRETS))}
    assert leaks == {}


def rendered(database: Path) -> str:
    """Every alert that was queued, as every channel there is would put it, in both languages."""
    kinds = [load_plugin("alerts.channels", name, "Channel") for name in plugin_names("alerts.channels")]
    queued = [alert_from_json(row[0]) for row in ask(f"sqlite:///{database}", ALERTS, None).rows]
    assert len({alert.cause for alert in queued}) > 1
    channels = [kind(language=language, **_address(kind)) for kind in kinds for language in ("en", "zh")]
    messages = [channel.render(alert) for alert in queued for channel in channels]
    return "\n".join(map(repr, messages))


def _address(kind: type) -> dict[str, Any]:
    known = {field.name for field in fields(kind)}
    return {"recipients": ["team@example.org"]} if "recipients" in known else dict.fromkeys(
        known & {"url_env", "webhook_env"}, "URL_GOOD")


def assert_they_were_told(lab: Lab, bad: HttpSink) -> None:
    """Else finding nothing proves nothing."""
    shown = {key for site in lab.stand_ins.values() for _, ask in site.asks if (key := ask.key)}  # type: ignore[attr-defined]
    assert shown == set(VENDOR_KEYS.values())
    relay = lab.stand_ins["relay"]
    assert any(ask.headers.get("x-tenant-secret") == LITERALS["header"] for _, ask in relay.asks)  # type: ignore[attr-defined]
    assert bad.asked


def test_no_secret_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lab").mkdir()
    asyncio.run(_story(tmp_path, monkeypatch))


def test_the_search_can_find() -> None:
    """Each spelling, and a piece of one; else the flow above proves nothing."""
    key = VENDOR_KEYS["OPENAI_MAIN"]
    for form in spellings(key):
        assert found_in(f"x{form}y", SECRETS), form
    assert found_in(json.dumps({"key": key}), SECRETS)
    assert found_in(base64.b64encode(b"user:" + key.encode() + b"!").decode(), SECRETS)
    assert found_in(key[3:16], SECRETS)
    assert not found_in("an answer without any", SECRETS)
