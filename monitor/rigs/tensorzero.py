"""TensorZero's gateway in a drill: its own routing, every provider led to a stand-in. Seen on 2026.6.0."""

import asyncio
import importlib.util
import json
import os
import re
import sys
import tomllib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

from monitor.rig import Place, RigFailed, Started, program, written

_MISSING: Final = "TensorZero's gateway is not installed here: pip install tensorzero"
# underscored upstream: the one way to its HTTP server without their container
_START: Final = (
    "import sys, time, tensorzero\n"
    "one = tensorzero._start_http_gateway(config_file=sys.argv[1], clickhouse_url=None, postgres_url=None,\n"
    "                                     valkey_url=None, async_setup=False)\n"
    "print('at', one.base_url, flush=True)\n"
    "time.sleep(3600)\n"
)


@dataclass(frozen=True)
class Rig:
    """The gateway inside the Python package `tensorzero`, of ours or of another Python."""

    label: ClassVar[str] = "TensorZero"
    python: str = sys.executable

    def missing(self) -> str:
        if self.python == sys.executable:
            return "" if importlib.util.find_spec("tensorzero") else _MISSING
        return "" if Path(self.python).is_file() else _MISSING

    def adapted(self, text: str, places: Mapping[str, Place]) -> str:
        """The models' routing alone, as JSON that TOML's inline tables are written from."""
        config = tomllib.loads(text.removeprefix("\ufeff"))
        lines = ["[gateway]", "observability.enabled = false", "disable_pseudonymous_usage_analytics = true"]
        for name, model in config.get("models", {}).items():
            lines += [f"[models.{json.dumps(name)}]", f"routing = {json.dumps(model['routing'])}"]
            for provider, said in model.get("providers", {}).items():
                lines += _led((name, provider), said, places)
        for name, function in config.get("functions", {}).items():
            lines += _function(name, function, config.get("models", {}))
        return "\n".join(lines) + "\n"

    def asked_as(self, text: str, workload: str) -> str:
        kind = "function" if workload in tomllib.loads(text.removeprefix("\ufeff")).get("functions", {}) else "model"
        return f"tensorzero::{kind}_name::{workload}"

    @asynccontextmanager
    async def running(self, text: str, folder: Path) -> AsyncIterator[str]:
        file = written(text, folder, ".toml")
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "DRILL_KEY": "sk-drill-0000"}
        async with program([self.python, "-c", _START, str(file)], environment, folder) as started:
            yield f"{await _address(started)}/chat/completions"


def _led(key: tuple[str, str], said: Mapping[str, Any], places: Mapping[str, Place]) -> list[str]:
    name, provider = key
    place = places[f"models.{name}.providers.{provider}"]
    return [f"[models.{json.dumps(name)}.providers.{json.dumps(provider)}]", 'type = "openai"',
            f"model_name = {json.dumps(said.get('model_name', 'model'))}", f"api_base = {json.dumps(place.base_url)}",
            'api_key_location = "env::DRILL_KEY"']


def _function(name: str, said: Mapping[str, Any], models: Mapping[str, Any]) -> list[str]:
    """A function by those of its variants that ask a model of this file; templates and schemas are left out."""
    lines = [f"[functions.{json.dumps(name)}]", 'type = "chat"']
    for variant, one in said.get("variants", {}).items():
        if one.get("model") in models:
            lines += [f"[functions.{json.dumps(name)}.variants.{json.dumps(variant)}]", 'type = "chat_completion"',
                      f"model = {json.dumps(one['model'])}", f"weight = {one.get('weight', 1)}"]
    return lines


async def _address(started: Started) -> str:
    for _ in range(300):
        found = re.search(r"^at (\S+)$", started.words(), re.MULTILINE)
        if found:
            return found.group(1).rstrip("/")
        started.check()
        await asyncio.sleep(0.1)
    raise RigFailed(f"it did not start within 30 s; its last words: {started.last_words()}")
