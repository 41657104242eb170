"""A small gateway over real HTTP that loads its config as LiteLLM does: once, at `load`. It counts who was called."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from answering import Asked, Said, answering

from alerts.gateways.litellm import Gateway
from alerts.model import Inventory


class FakeGateway:
    def __init__(self, file: Path, key: str = "sk-master-1") -> None:
        self.file, self.key = file, key
        self.admin = ""                         # the key of what is read, where it is another
        self.paths: list[str] = []
        self.hits: Counter[str] = Counter()
        self.heads: dict[str, Mapping[str, str]] = {}      # by path, of the last request there
        self.broken: set[str] = set()           # groups whose calls fail
        self.busy: set[str] = set()             # and those who say 429
        self.loaded = Inventory()
        self.url = ""
        self.load()

    def load(self) -> None:
        """What a restart does."""
        self.loaded = Gateway().inventory(self.file.read_text(encoding="utf-8"))

    def answer(self, asked: Asked) -> Said:
        method, path, body, heads = asked
        self.paths.append(f"{method} {path}")
        self.heads[path] = heads
        key = heads.get("authorization", "")
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
    with answering(fake.answer) as fake.url:
        yield fake
