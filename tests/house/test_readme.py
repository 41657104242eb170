"""What the READMEs show is what comes out: the alert, the patch, and every command with its options."""

import asyncio
import re
import shlex
from datetime import UTC, datetime

import pytest
from house import ROOT
from typer.main import get_command

from alerts.channels.console import Channel
from alerts.gateways.litellm import Gateway
from alerts.model import Alert, Occasion, RoutingChange, Severity, Strength
from monitor.cli import build
from monitor.demo.play import GATEWAY

READMES = {"en": "README.md", "zh": "README.zh.md"}
DOCUMENTS = (*READMES.values(), "docs/operating.md", "docs/sql.md")
ONSET, NOW, END = (datetime(2026, *when, tzinfo=UTC) for when in ((11, 24, 10, 2), (11, 24, 10, 4), (12, 1, 10, 4)))
CHANGE = RoutingChange("vw-21247a28c5e8", "smart", "anthropic", ("smart",), "smart-qwen", Strength.EXCLUDE,
                       "region_restricted", "403", expires_at=END)
DIFF = Gateway().render(CHANGE, GATEWAY, "/etc/litellm.yaml").diff
ALERT = Alert(
    "region_restricted:anthropic|eu", Occasion.OPENED, Severity.CRITICAL, "region_restricted", NOW, ONSET, "anthropic",
    "Claude (Anthropic)", ("eu",), confidence=0.97, touches=("smart",), proposed=DIFF,
    because="Claude (Anthropic) answers 403 to keyless calls from eu since 10:02 UTC (Request not allowed); "
            "us is served; neutral hosts answer from eu (5)",
    run=("vendorwatch incident show ic025dd7e", "vendorwatch incident ack ic025dd7e",
         "vendorwatch patch approve vw-21247a28c5e8"))


@pytest.mark.parametrize("language", READMES)
def test_the_alert_shown_is_what_the_console_says(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    channel = Channel(language=language)
    asyncio.run(channel.deliver(channel.render(ALERT)))
    said = capsys.readouterr().err.split("\n\n")[0].splitlines()
    shown = "\n".join(said[:-1])      # but for the last line, the incident's whole key
    assert f"```\n{shown}\n```\n" in (ROOT / READMES[language]).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", READMES)
def test_the_patch_shown_is_what_the_gateway_renders(language: str) -> None:
    assert f"```diff\n{DIFF}```\n" in (ROOT / READMES[language]).read_text(encoding="utf-8")


def _lines(document: str) -> set[str]:
    text = (ROOT / document).read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    code = re.findall(r"`(vendorwatch [^`]+)`", text) + re.findall(r"\b(vendorwatch [a-z].*)$", blocks, re.MULTILINE)
    return {re.split(r" [<|] ?", line)[0] for line in code}


COMMANDS = sorted({line for document in DOCUMENTS for line in _lines(document)})


def test_commands_were_found() -> None:
    assert len(COMMANDS) > 10


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_shown_is_taken_as_it_stands(line: str) -> None:
    words, command = shlex.split(line)[1:], get_command(build())
    while hasattr(command, "commands") and words:
        command = command.commands[words.pop(0)]
    command.make_context("vendorwatch", words)
