"""The stand-ins do as the world says, over real TLS, and remember who asked."""

import asyncio
import json
import ssl
from pathlib import Path

import pytest
from lab import Lab, open_lab

from probes.sim.world import Asker, Behaviour, Line

VENDORS = {"anthropic": ("api.anthropic.com", "anthropic", ("claude-haiku-5-5",)),
           "openai": ("api.openai.com", "openai", ("gpt-6-luna",)),
           "gemini": ("generativelanguage.googleapis.com", "gemini", ("gemini-3.1-flash-lite",))}


async def ask(lab: Lab, provider: str, path: str, *, key: str = "", body: bytes = b"",
              source: str = "127.0.0.1") -> tuple[int, bytes]:
    host = VENDORS[provider][0]
    context = ssl.create_default_context(cafile=str(lab.ca_file))
    reader, writer = await asyncio.open_connection("127.0.0.1", lab.stand_ins[provider].port, ssl=context,
                                                   server_hostname=host, local_addr=(source, 0))
    shown = f"authorization: Bearer {key}\r\n" if key else ""
    writer.write((f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\nhost: {host}\r\n{shown}"
                  f"connection: close\r\ncontent-length: {len(body)}\r\n\r\n").encode() + body)
    answer = await reader.read()
    writer.close()
    head, _, rest = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), rest


def run(folder: Path, story: object) -> None:
    async def play() -> None:
        async with open_lab(folder, VENDORS) as lab:
            await story(lab)  # type: ignore[operator]
    asyncio.run(play())


def test_a_living_vendor_asks_for_a_key_and_lists_with_one(tmp_path: Path) -> None:
    async def story(lab: Lab) -> None:
        assert (await ask(lab, "anthropic", "/v1/models"))[0] == 401
        assert (await ask(lab, "gemini", "/v1beta/models"))[0] == 403
        status, body = await ask(lab, "openai", "/v1/models", key="k")
        assert status == 200
        assert json.loads(body)["data"][0]["id"] == "gpt-6-luna"
    run(tmp_path, story)


def test_a_region_is_refused_by_where_the_packets_come_from(tmp_path: Path) -> None:
    async def story(lab: Lab) -> None:
        line = lab.world.say(Line(Behaviour.GEO, provider="anthropic", address="127.0.0.2"))
        status, body = await ask(lab, "anthropic", "/v1/models", source="127.0.0.2")
        assert (status, json.loads(body)["error"]["type"]) == (403, "forbidden")
        assert (await ask(lab, "anthropic", "/v1/models"))[0] == 401
        lab.world.unsay(line)
        assert (await ask(lab, "anthropic", "/v1/models", source="127.0.0.2"))[0] == 401
    run(tmp_path, story)


def test_a_ban_touches_one_key_and_no_keyless_call(tmp_path: Path) -> None:
    async def story(lab: Lab) -> None:
        lab.world.say(Line(Behaviour.BAN, provider="openai", key="banned"))
        assert (await ask(lab, "openai", "/v1/models", key="banned"))[0] == 401
        assert b"deactivated" in (await ask(lab, "openai", "/v1/models", key="banned"))[1]
        assert (await ask(lab, "openai", "/v1/models", key="good"))[0] == 200
        assert Asker("openai", "127.0.0.1", "good") in lab.world.calls
    run(tmp_path, story)


def test_a_reset_comes_before_the_handshake(tmp_path: Path) -> None:
    async def story(lab: Lab) -> None:
        lab.world.say(Line(Behaviour.RESET))
        with pytest.raises((ConnectionError, ssl.SSLError)):
            await ask(lab, "openai", "/v1/models")
    run(tmp_path, story)


@pytest.mark.parametrize(("provider", "path"), [
    ("openai", "/v1/chat/completions"), ("anthropic", "/v1/messages"),
    ("gemini", "/v1beta/models/m:streamGenerateContent?alt=sse")])
def test_it_speaks_every_dialect_and_can_count(tmp_path: Path, provider: str, path: str) -> None:
    question = "What is 12 * 12 - 3? Answer with the number only."
    body = json.dumps({"model": "m", "stream": True, "messages": [{"role": "user", "content": question}],
                       "contents": [{"role": "user", "parts": [{"text": question}]}]}).encode()

    async def story(lab: Lab) -> None:
        status, answer = await ask(lab, provider, path, key="k", body=body)
        assert status == 200
        assert b"141" in answer
    run(tmp_path, story)
