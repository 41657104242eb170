"""A real LiteLLM proxy on loopback before stand-in vendors, from an environment of its own: `make litellm` builds it.

GET /health is never called: it sends a paid call to every deployment, what left included.
"""

import json
import os
import secrets
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
PROXY = Path(os.environ.get("VENDORWATCH_LITELLM", ROOT / ".litellm-venv/bin/litellm"))
MASTER = f"sk-{secrets.token_hex(16)}"
STATUS = {"banned": 403, "broken": 500}
BANNED = {"error": {"message": "Country, region, or territory not supported", "type": "request_forbidden",
                    "code": "unsupported_country_region_territory"}}


def why_not() -> str:
    """Why the tests with a real LiteLLM are skipped; empty where they are not."""
    return "" if PROXY.exists() else f"no LiteLLM at {PROXY}: make litellm (600 MB), or set VENDORWATCH_LITELLM"


class Vendors(ThreadingHTTPServer):
    """Stand-in vendors in OpenAI's dialect, one a path: /NAME/v1. `hits` counts calls by vendor."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Vendor)
        self.hits: Counter[str] = Counter()

    def url(self, vendor: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{vendor}/v1"


class _Vendor(BaseHTTPRequestHandler):
    server: Vendors

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        vendor = self.path.split("/")[1]
        self.server.hits[vendor] += 1
        status = STATUS.get(vendor, 200)
        said = BANNED if status == 403 else {"error": {"message": "broken"}} if status == 500 else _answer(vendor)
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _answer(vendor: str) -> dict[str, object]:
    return {
        "id": "c-1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": vendor}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


@contextmanager
def vendors() -> Iterator[Vendors]:
    with Vendors() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


@contextmanager
def proxy(config: str, folder: Path) -> Iterator[httpx.Client]:
    """A client of a LiteLLM started with this config and stopped afterwards. Fails with its log where none starts."""
    folder.mkdir(parents=True, exist_ok=True)
    file, log = folder / "config.yaml", folder / "log.txt"
    file.write_bytes(config.encode())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {
        "PATH": os.defpath, "HOME": str(folder), "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False",
        "KEY": "stand-in", "MASTER": MASTER, "NO_PROXY": "127.0.0.1",
    }
    with log.open("wb") as out:
        command = [str(PROXY), "--config", str(file), "--host", "127.0.0.1", "--port", str(port)]
        started = subprocess.Popen(command, stdout=out, stderr=out, env=env, cwd=folder)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False,
                          headers={"authorization": f"Bearer {MASTER}"}) as client:
            _wait(client, started, log)
            yield client
    finally:
        started.terminate()
        started.wait(30)


def _wait(client: httpx.Client, started: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 240
    while time.monotonic() < until and started.poll() is None:
        try:
            if client.get("/health/liveliness").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise AssertionError(f"LiteLLM did not start:\n{log.read_text()[-2000:]}")


def ask(client: httpx.Client, model: str) -> str:
    """Which vendor answered; the status where none did."""
    body = {"model": model, "messages": [{"role": "user", "content": "hello"}]}
    answer = client.post("/v1/chat/completions", json=body)
    if answer.status_code != 200:
        return str(answer.status_code)
    return str(answer.json()["choices"][0]["message"]["content"])
