"""The admin API of one-api over real HTTP: 200 to everything, and `success` says how it was."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from alerts.model import ApiCall

TOKEN = "tk-9fQ2Zx7Lm4"
BEFORE, AFTER = ["smart,claude", "qwen"], ["claude", "smart,qwen"]      # the models of channels 1 and 2


def a_call(number: int, models: str, before: str) -> ApiCall:
    return ApiCall("PUT", "/api/channel/", {"id": number, "models": models}, f"/api/channel/{number}",
                   {"id": number, "models": before}, {"id": number, "models": before})


CALLS = (a_call(2, "smart,qwen", "qwen"), a_call(1, "claude", "smart,claude"))


class OneApi:
    """Two channels; `fails`: channels whose update is answered with success false."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[str, Any]] = {
            1: {"id": 1, "models": "smart,claude", "key": "hidden"}, 2: {"id": 2, "models": "qwen", "key": "hidden"}}
        self.fails: list[int] = []
        self.said: list[str] = []
        self.heads: dict[str, str] = {}

    def answer(self, method: str, path: str, body: dict[str, Any], heads: dict[str, str]) -> dict[str, Any]:
        self.heads = heads
        if heads.get("authorization") != TOKEN:
            return {"success": False, "message": f"no access with {heads.get('authorization')}"}
        if method == "GET":
            return {"success": True, "data": self.rows[int(path.rpartition("/")[2])]}
        self.said.append(f"{body['id']}:{body['models']}")
        if body["id"] in self.fails:
            return {"success": False, "message": "database is locked"}
        self.rows[body["id"]].update(body)
        return {"success": True}

    @property
    def models(self) -> list[str]:
        return [self.rows[1]["models"], self.rows[2]["models"]]


@contextmanager
def one_api() -> Iterator[tuple[OneApi, str]]:
    fake = OneApi()

    class Handler(BaseHTTPRequestHandler):
        def _say(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            heads = {name.lower(): value for name, value in self.headers.items()}
            content = json.dumps(fake.answer(self.command, self.path, json.loads(raw or b"{}"), heads)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = _say  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield fake, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
