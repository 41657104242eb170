"""Started within a network namespace of its own: claude-code-router 1.0.73, started anew or not, and the rounds.

Prints a JSON list, a story each: what was told, where the change stands, who was called.
"""

import asyncio
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import changing
from ccr_run import PORT, ROUTER
from portkey_run import Vendor, wait_for
from rounding import Daemon

from alerts.gateways.claude_code_router import Gateway
from monitor.proposing import Running
from monitor.rounds import GRACE

CHANGE = changing.another(workload="default", takes_over="qwen,qwen3-max")


def config(banned: Vendor, fallback: Vendor) -> str:
    def provider(name: str, model: str, vendor: Vendor) -> dict[str, object]:
        return {"name": name, "api_base_url": f"http://127.0.0.1:{vendor.server_port}/v1/chat/completions",
                "api_key": "$ANY", "models": [model]}

    both = [provider("claude", "claude-sonnet-4", banned), provider("qwen", "qwen3-max", fallback)]
    return json.dumps({"HOST": "127.0.0.1", "PORT": PORT, "LOG": False, "Providers": both,
                       "Router": {"default": "claude,claude-sonnet-4"}}, indent=1)


@contextmanager
def router(text: str) -> Iterator[None]:
    with tempfile.TemporaryDirectory() as home:
        file = Path(home, ".claude-code-router", "config.json")
        file.parent.mkdir()
        file.write_text(text, encoding="utf-8")
        started = subprocess.Popen(["node", str(ROUTER), "start"], env={**os.environ, "HOME": home, "ANY": "k"},
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(PORT)
            yield
        finally:
            started.terminate()
            started.wait(10)


def story(banned: Vendor, fallback: Vendor, *, restarts: bool, breaks: bool) -> dict[str, object]:
    text = config(banned, fallback)
    fallback.status, banned.hits, fallback.hits = 500 if breaks else 200, 0, 0
    with tempfile.TemporaryDirectory() as folder, changing.a_world(Path(folder), text) as world:
        world.mode, world.causes = "auto", frozenset({CHANGE.cause})
        world.propose(CHANGE)
        daemon = Daemon(world)
        daemon.once()                       # applied; nothing is looked at yet
        daemon.running = Running("claude_code_router", f"http://127.0.0.1:{PORT}", canary=True)
        with router(world.text if restarts else text):
            told = asyncio.run(daemon.go(timedelta(minutes=1) if restarts else GRACE))
        return {"told": told, "stand": world.stand(), "banned": banned.hits, "fallback": fallback.hits,
                "as it was": world.text == text}


def main() -> None:
    changing.Gateway = Gateway  # type: ignore[misc, assignment]
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    banned, fallback = Vendor(403, "banned"), Vendor(200, "fallback")
    print(json.dumps([story(banned, fallback, restarts=False, breaks=False),
                      story(banned, fallback, restarts=True, breaks=False),
                      story(banned, fallback, restarts=True, breaks=True)]))


if __name__ == "__main__":
    main()
