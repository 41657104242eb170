"""A small gateway over real HTTP that loads its config as LiteLLM does: once, at `load`. It counts who was called."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from alerts.gateways.litellm import Gateway
from alerts.model import Inventory


class FakeGateway:
    def __init__(self, file: Path, key: str = "sk-master-1") -> None:
        self.file, self.key = file, key
        self.admin = ""                         # the key of what is read, where it is another
        self.paths: list[str] = []
        self.hits: Counter[str] = Counter()
        self.heads: dict[str, dict[str, str]] = {}      # by path, of the last request there
        self.broken: set[str] = set()           # groups whose calls fail
        self.busy: set[str] = set()             # and those who say 429
        self.loaded = Inventory()
        self.url = ""
        self.load()

    def load(self) -> None:
        """What a restart does."""
        self.loaded = Gateway().inventory(self.file.read_text(encoding="utf-8"))

    def answer(self, method: str, path: str, body: dict[str, Any], key: str) -> tuple[int, dict[str, str], object]:
        self.paths.append(f"{method} {path}")
        if key != (self.admin if self.admin and method == "GET" else f"Bearer {self.key}"):
            return 401, {}, {"error": "no key"}
        if path == "/model/info":
            named = [(one.name, one) for one in self.loaded.routes]
            named += [(alias, one) for alias, to in self.loaded.aliases.items() for name, one in named if name == to]
            rows = [{"model_name": name, "model_info": {"id": f"id-{one.name}"},         # an alias is listed as well
                     "litellm_params": {"model": f"{one.prefix}/{one.model}"}} for name, one in named]
            return 200, {}, {"data": rows}
        if path == "/router/settings":
            return 200, {}, {"current_values": {"model_group_alias": dict(self.loaded.aliases)}}
        if path != "/v1/chat/completions":
            return 404, {}, {"error": "no such path"}
        group = self.loaded.aliases.get(body["model"], body["model"])
        self.hits[group] += 1
        status = 503 if group in self.broken else 429 if group in self.busy else 200
        return status, {"x-litellm-model-id": f"id-{group}"}, {"choices": []}


@contextmanager
def a_gateway(file: Path) -> Iterator[FakeGateway]:
    fake = FakeGateway(file)

    class Handler(BaseHTTPRequestHandler):
        def _say(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            key = self.headers.get("Authorization", "")
            fake.heads[self.path] = {name.lower(): value for name, value in self.headers.items()}
            status, headers, said = fake.answer(self.command, self.path, json.loads(raw or b"{}"), key)
            content = json.dumps(said).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _say  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
