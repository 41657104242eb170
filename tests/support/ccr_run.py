"""Started within a network namespace of its own: claude-code-router 1.0.73, two stand-in vendors, and some requests.

Reads config texts from standard input (a JSON list; BANNED and FALLBACK stand for the vendors' addresses); each is put
into a home of its own and the router started anew, as it reads its config at start. Prints what came of each.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from portkey_run import REQUESTS, Vendor, wait_for

ROUTER = Path(__file__).parent / "npm-ccr" / "node_modules" / "@musistudio" / "claude-code-router" / "dist" / "cli.js"
PORT = 13456                                # ours alone: the namespace is new


def ask(port: int) -> tuple[int, str]:
    """As Claude Code asks: Anthropic's dialect, a model of its own."""
    body = json.dumps({"model": "claude-sonnet-4", "max_tokens": 50, "messages": [
        {"role": "user", "content": [{"type": "text", "text": "hello"}]}]}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/messages", body, {
        "content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": "local"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)["content"][0]["text"]
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")[:300]


def play(text: str, banned: Vendor, fallback: Vendor) -> dict[str, object]:
    banned.hits = fallback.hits = 0
    with tempfile.TemporaryDirectory() as home:
        config = Path(home, ".claude-code-router", "config.json")
        config.parent.mkdir()
        config.write_text(text.replace("BANNED", f"http://127.0.0.1:{banned.server_port}/v1/chat/completions").replace(
            "FALLBACK", f"http://127.0.0.1:{fallback.server_port}/v1/chat/completions"), encoding="utf-8")
        router = subprocess.Popen(["node", str(ROUTER), "start"], env={**os.environ, "HOME": home},
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(PORT)
            answers = [ask(PORT) for _ in range(REQUESTS)]
        finally:
            router.terminate()
            router.wait(10)
    return {"answers": answers, "banned": banned.hits, "fallback": fallback.hits}


def main() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    banned, fallback = Vendor(403, "banned"), Vendor(200, "fallback")
    print(json.dumps([play(text, banned, fallback) for text in json.load(sys.stdin)]))


if __name__ == "__main__":
    main()
