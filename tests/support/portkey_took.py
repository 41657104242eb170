"""Started within a network namespace of its own: Portkey's real gateway, an app before it, and vendorwatch's rounds.

The app reads the config when it starts and sends it with each request, as Portkey's apps do; it passes the answers on
with their headers. Prints a JSON list, a story each: what was told, where the change stands, who was called.
"""

import asyncio
import json
import subprocess
import tempfile
import threading
import urllib.error
import urllib.request
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import changing
from portkey_run import SERVER, Vendor, wait_for
from rounding import QUIET, Daemon

from alerts.gateways.portkey import Gateway
from monitor.proposing import Running
from monitor.rounds import GRACE

PORT = 18788                                # ours alone: the namespace is new
CHANGE = changing.another(workload="smart", takes_over="in")


class App(ThreadingHTTPServer):
    """Its clients ask it for a model; which config serves that, it knows from its start."""

    def __init__(self, file: Path) -> None:
        super().__init__(("127.0.0.1", 0), Relay)
        self.file, self.config = file, ""
        self.restart()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def restart(self) -> None:
        self.config = json.dumps(json.loads(self.file.read_text())["configs"]["smart"])


class Relay(BaseHTTPRequestHandler):
    server: App

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        request = urllib.request.Request(f"http://127.0.0.1:{PORT}{self.path}", body, {
            "content-type": "application/json", "x-portkey-config": self.server.config})
        try:
            answer = urllib.request.urlopen(request, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            said = answer.read()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower().startswith("x-portkey-"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *said: object) -> None:      # nothing on standard error
        del said


def story(banned: Vendor, fallback: Vendor, *, restarts: bool, breaks: bool) -> dict[str, object]:
    """Applied, and looked at until it has had its time; then the app is started anew, or not."""
    out = {"provider": "anthropic", "api_key": "{{A}}", "custom_host": f"http://127.0.0.1:{banned.server_port}/v1",
           "override_params": {"model": "claude-opus-4-8"}}
    takes = {"name": "in", "provider": "openai", "api_key": "{{B}}", "override_params": {"model": "qwen3-max"},
             "custom_host": f"http://127.0.0.1:{fallback.server_port}/v1"}
    text = json.dumps({"configs": {"smart": {"strategy": {"mode": "fallback"}, "targets": [out, takes]}}}, indent=1)
    fallback.status = 500 if breaks else 200
    with tempfile.TemporaryDirectory() as folder, changing.a_world(Path(folder), text) as world:
        app = App(world.file)
        world.mode, world.causes = "auto", frozenset({CHANGE.cause})
        world.propose(CHANGE)
        daemon = Daemon(world)
        daemon.running = Running("portkey", f"http://127.0.0.1:{app.server_port}", canary=True)

        async def rounds() -> list[str]:
            told = []
            for later in (QUIET, GRACE) if not breaks else (QUIET,):
                told = await daemon.go(later)
            banned.hits = fallback.hits = 0
            if restarts:
                app.restart()
                told = await daemon.go(timedelta(minutes=3))
            return told

        told = asyncio.run(rounds())
        app.shutdown()
        app.server_close()
        return {"told": told, "stand": world.stand(), "banned": banned.hits, "fallback": fallback.hits,
                "as it was": world.text == text}


def main() -> None:
    changing.Gateway = Gateway  # type: ignore[misc, assignment]
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    banned, fallback = Vendor(403, "banned"), Vendor(200, "fallback")
    gateway = subprocess.Popen(["node", str(SERVER), f"--port={PORT}", "--headless"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        wait_for(PORT)
        print(json.dumps([story(banned, fallback, restarts=False, breaks=False),
                          story(banned, fallback, restarts=True, breaks=False),
                          story(banned, fallback, restarts=True, breaks=True)]))
    finally:
        gateway.terminate()
        gateway.wait(10)


if __name__ == "__main__":
    main()
