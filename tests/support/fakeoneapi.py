"""The admin API of one-api over real HTTP: 200 to everything, and `success` says how it was."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from answering import Asked, Said, answering

from alerts.model import ApiCall

TOKEN = "tk-9fQ2Zx7Lm4"       # an admin's, without Bearer
USER = "sk-u-3Vh8"
CHAT = "/v1/chat/completions"
BEFORE, AFTER = ["smart,claude", "qwen"], ["claude", "smart,qwen"]      # the models of channels 1 and 2

ROWS: list[dict[str, Any]] = [
    {"id": 1, "type": 14, "name": "claude", "key": "", "status": 1, "models": "smart,claude-x", "group": "default",
     "model_mapping": '{"smart":"claude-opus"}', "priority": 10, "auto_ban": 1, "tag": None},
    {"id": 2, "type": 17, "name": "qwen", "key": "", "status": 1, "models": "qwen3-max", "group": "default",
     "model_mapping": '{"a":"b"}', "priority": 0, "auto_ban": 1, "tag": None},
]
EXPORT = json.dumps({"success": True, "message": "", "data": ROWS}, indent=2) + "\n"


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
        self.heads: Mapping[str, str] = {}
        self.cached: dict[int, dict[str, Any]] = {}
        self.hits: Counter[int] = Counter()     # canaries and clients, by channel
        self.down: list[int] = []               # channels whose vendor fails

    def answer(self, asked: Asked) -> Said:
        if asked.path == CHAT:
            return self.chat(asked)
        return 200, {}, self.admin(*asked)

    def admin(self, method: str, path: str, body: dict[str, Any], heads: Mapping[str, str]) -> dict[str, Any]:
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

    def sync(self) -> None:
        """With MEMORY_CACHE_ENABLED the traffic follows the rows only then."""
        self.cached = {number: dict(row) for number, row in self.rows.items()}

    def chat(self, asked: Asked) -> Said:
        """By the channel of the highest priority that serves the model, which passes on what its vendor says."""
        if asked.heads.get("authorization") != f"Bearer {USER}":
            return 401, {}, {"error": {"type": "new_api_error", "message": "Invalid token", "code": ""}}
        serving = [row for row in self.cached.values() if asked.body["model"] in row["models"].split(",")]
        if not serving:
            return 503, {}, {"error": {"type": "new_api_error", "message": "no channel", "code": "model_not_found"}}
        row = max(serving, key=lambda one: one.get("priority", 0))
        self.hits[row["id"]] += 1
        if row["id"] in self.down:
            return 500, {}, {"error": {"type": "upstream_error", "message": "down"}}
        model = json.loads(row.get("model_mapping") or "{}").get(asked.body["model"], asked.body["model"])
        return 200, {}, {"model": model, "choices": []}

    @property
    def models(self) -> list[str]:
        return [self.rows[1]["models"], self.rows[2]["models"]]


@contextmanager
def one_api() -> Iterator[tuple[OneApi, str]]:
    fake = OneApi()
    with answering(fake.answer) as url:
        yield fake, url
