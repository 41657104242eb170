"""A function that answers, over real HTTP on loopback: what stands in for a gateway's API."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Asked(NamedTuple):
    """`heads` by lower-case name."""

    method: str
    path: str
    body: dict[str, Any]
    heads: Mapping[str, str]


Said = tuple[int, Mapping[str, str], object]       # status, headers, what becomes JSON


@contextmanager
def answering(answer: Callable[[Asked], Said]) -> Iterator[str]:
    """The server's base URL."""

    class Handler(BaseHTTPRequestHandler):
        def _say(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            heads = {name.lower(): value for name, value in self.headers.items()}
            status, headers, said = answer(Asked(self.command, self.path, json.loads(raw or b"{}"), heads))
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
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
