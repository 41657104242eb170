"""Started within a network namespace of its own: Portkey's real gateway, two stand-in vendors, and some requests.

The gateway listens on all interfaces and has no option against it, so nothing else may be in reach here. Reads configs
from standard input (a JSON list; BANNED and FALLBACK stand for the vendors' addresses), prints what came of each.
"""

import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SERVER = Path(__file__).parent / "npm" / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"
GEO = {"error": {"code": "unsupported_country_region_territory", "type": "request_forbidden", "param": None,
                 "message": "Country, region, or territory not supported"}}
REQUESTS = 4
DEADLINE_S = 30.0


class Vendor(ThreadingHTTPServer):
    """Answers every chat request alike, and counts them."""

    def __init__(self, status: int, name: str) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.status, self.name, self.hits = status, name, 0
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answer(BaseHTTPRequestHandler):
    server: Vendor

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))))
        self.server.hits += 1
        said = GEO if self.server.status != 200 else {
            "id": "x", "object": "chat.completion", "created": 1, "model": asked.get("model"), "choices": [
                {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": self.server.name}}]}
        body = json.dumps(said).encode()
        self.send_response(self.server.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: object) -> None:      # nothing on standard error
        del said


def ask(port: int, config: str) -> tuple[int, str]:
    body = json.dumps({"model": "smart", "messages": [{"role": "user", "content": "hello"}]}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/chat/completions", body, {
        "content-type": "application/json", "x-portkey-config": config})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)["choices"][0]["message"]["content"]
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")[:300]


def wait_for(port: int) -> None:
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the gateway did not start")


def main() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)      # only in the namespace, that has no other
    banned, fallback = Vendor(403, "banned"), Vendor(200, "fallback")
    port = 18787                            # ours alone: the namespace is new
    gateway = subprocess.Popen(["node", str(SERVER), f"--port={port}", "--headless"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        results = []
        for config in json.load(sys.stdin):
            banned.hits = fallback.hits = 0
            named = config.replace("BANNED", f"http://127.0.0.1:{banned.server_port}/v1").replace(
                "FALLBACK", f"http://127.0.0.1:{fallback.server_port}/v1")
            answers = [ask(port, json.dumps(json.loads(named))) for _ in range(REQUESTS)]
            results.append({"answers": answers, "banned": banned.hits, "fallback": fallback.hits})
        print(json.dumps(results))
    finally:
        gateway.terminate()
        gateway.wait(10)


if __name__ == "__main__":
    main()
