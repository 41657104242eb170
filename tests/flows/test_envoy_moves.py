"""A real Envoy, told by what the AIGatewayRoute says: unpatched the vendor is hit, patched never, reverted again."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from envoys import INSTALL, command, envoy

from alerts.gateways.envoy_ai_gateway import Gateway
from alerts.model import Patch, RoutingChange, Strength
from monitor.catalogue import load_catalogue
from monitor.formats import aimed

pytestmark = pytest.mark.skipif(not command(), reason=f"no envoy here; to have it: {INSTALL}")
CALLS = 40


@dataclass
class Vendor:
    """A stand-in on loopback that counts its calls."""

    name: str
    status: int = 200
    hits: int = 0
    port: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self) -> int:
        with self._lock:
            self.hits += 1
        return self.status


@contextmanager
def standing(*vendors: Vendor) -> Iterator[None]:
    servers = []
    for vendor in vendors:
        server = _Server(("127.0.0.1", 0), _handler(vendor))
        vendor.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
    try:
        yield
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A connection that Envoy keeps is reset when it ends."""


def _handler(vendor: Vendor) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1       # an answer in one packet

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            status, body = vendor.answer(), vendor.name.encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's name)
            return

    return Handler


def manifest(*vendors: Vendor, codes: str = "[500]") -> str:
    backends = "".join(
        "---\napiVersion: aigateway.envoyproxy.io/v1beta1\nkind: AIServiceBackend\n"
        f"metadata: {{name: {one.name}}}\nspec: {{schema: {{name: OpenAI}}, backendRef: {{name: {one.name}-host}}}}\n"
        f"---\napiVersion: gateway.envoyproxy.io/v1alpha1\nkind: Backend\nmetadata: {{name: {one.name}-host}}\n"
        f"spec: {{endpoints: [{{ip: {{address: 127.0.0.1, port: {one.port}}}}}]}}\n" for one in vendors)
    refs = "".join(
        f"        - name: {one.name}   # {at}\n          priority: {at}\n" for at, one in enumerate(vendors))
    return (
        "apiVersion: aigateway.envoyproxy.io/v1beta1\nkind: AIGatewayRoute\nmetadata: {name: llm}\nspec:\n  rules:\n"
        "    - matches: [{headers: [{type: Exact, name: x-ai-eg-model, value: smart}]}]\n"
        f"      backendRefs:\n{refs}{backends}"
        "---\napiVersion: gateway.envoyproxy.io/v1alpha1\nkind: BackendTrafficPolicy\nmetadata: {name: retry}\n"
        "spec:\n  targetRefs: [{kind: HTTPRoute, name: llm}]\n"
        f"  retry: {{retryOn: {{httpStatusCodes: {codes}}}}}\n")


def moved(text: str, strength: Strength = Strength.EXCLUDE) -> Patch:
    change = RoutingChange("vw-1", "smart", "anthropic", (), "qwen", strength, "geo", "403")
    return Gateway().render(aimed(change, Gateway(), text, load_catalogue()), text)


def test_excluded_without_a_lost_call_and_back_again(tmp_path: Path) -> None:
    banned, other = Vendor("claude", status=403), Vendor("qwen")
    with standing(banned, other):
        text = manifest(banned, other)
        assert "does not fail over" in next(iter(Gateway().lint(text))).what
        patch = moved(text)
        with envoy(tmp_path, text) as gateway:
            assert {gateway.ask("smart") for _ in range(CALLS)} == {(403, "claude")}     # 403 is not among the codes
            assert (banned.hits, other.hits) == (CALLS, 0)

            start = time.perf_counter()
            gateway.tell(patch.patched)
            gateway.moved("smart", "qwen")
            took_s = time.perf_counter() - start
            banned.hits = other.hits = 0
            assert {gateway.ask("smart") for _ in range(CALLS)} == {(200, "qwen")}
            assert (banned.hits, other.hits) == (0, CALLS)
            assert took_s < 5

            other.status = 500      # whatever happens to the fallback, the vendor that left gets no call
            assert {gateway.ask("smart")[0] for _ in range(CALLS)} == {500}
            assert banned.hits == 0

            other.status, banned.status = 200, 200
            assert patch.reverted == text
            gateway.tell(patch.reverted)
            gateway.moved("smart", "claude")
            assert {gateway.ask("smart") for _ in range(CALLS)} == {(200, "claude")}


def test_no_call_is_lost_while_it_moves(tmp_path: Path) -> None:
    leaving, other = Vendor("claude"), Vendor("qwen")
    with standing(leaving, other):
        text = manifest(leaving, other)
        with envoy(tmp_path, text) as gateway:
            said, done = list[tuple[int, str]](), threading.Event()

            def keep_asking() -> None:
                while not done.is_set():
                    said.append(gateway.ask("smart"))

            asking = threading.Thread(target=keep_asking)
            asking.start()
            try:
                gateway.moved("smart", "claude")
                gateway.tell(moved(text).patched)
                gateway.moved("smart", "qwen")
                time.sleep(0.1)
            finally:
                done.set()
                asking.join()
    assert {status for status, _ in said} == {200}
    assert {who for _, who in said} == {"claude", "qwen"}


def test_demoted_is_the_last_resort(tmp_path: Path) -> None:
    slow, other = Vendor("claude"), Vendor("qwen")
    with standing(slow, other):
        patch = moved(manifest(slow, other, codes="[403, 500]"), Strength.DEMOTE)
        with envoy(tmp_path, patch.patched) as gateway:
            assert {gateway.ask("smart") for _ in range(CALLS)} == {(200, "qwen")}
            assert slow.hits == 0
            other.status = 500
            assert {gateway.ask("smart") for _ in range(CALLS)} == {(200, "claude")}
