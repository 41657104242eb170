"""LiteLLM's proxy in a drill: its own routing, every deployment led to a stand-in. Seen on 1.106.2."""

import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar, Final

from ruamel.yaml import YAML

from monitor.rig import DRILL_KEY, Place, free_port, listening, program, written

_ROUTING: Final = ("fallbacks", "context_window_fallbacks", "content_policy_fallbacks", "default_fallbacks",
                   "num_retries")
_MISSING: Final = "LiteLLM's proxy is not installed here: pip install 'litellm[proxy]'"


class Rig:
    """The program `litellm` of the PATH."""

    label: ClassVar[str] = "LiteLLM"

    def missing(self) -> str:
        return "" if shutil.which("litellm") else _MISSING

    def adapted(self, text: str, places: Mapping[str, Place]) -> str:
        """Model list and routing alone: databases, callbacks and keys of the real one are none of a drill's."""
        config: dict[str, Any] = YAML(typ="safe", pure=True).load(text.removeprefix("\ufeff"))
        served = [_led(entry, places[f"model_list.{at}"]) for at, entry in enumerate(config["model_list"])
                  if f"model_list.{at}" in places]
        general = {key: value for key, value in (config.get("litellm_settings") or {}).items() if key in _ROUTING}
        router = {key: value for key, value in (config.get("router_settings") or {}).items()
                  if not key.startswith("redis")}
        out = StringIO()
        YAML(typ="safe", pure=True).dump(
            {"model_list": served, "router_settings": {**router, "num_retries": 0}, "litellm_settings": general}, out)
        return out.getvalue()

    def asked_as(self, text: str, workload: str) -> str:
        del text
        return workload

    @asynccontextmanager
    async def running(self, text: str, folder: Path) -> AsyncIterator[str]:
        port, file = free_port(), written(text, folder, ".yaml")
        command = [shutil.which("litellm") or "litellm", "-c", str(file), "--host", "127.0.0.1", "--port", str(port)]
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "LITELLM_LOCAL_MODEL_COST_MAP": "True",
                       "LITELLM_TELEMETRY": "False", "NO_PROXY": "*",
                       "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true"}      # on loopback, for a drill
        async with program(command, environment, folder) as started:
            await listening(port, started)
            yield f"http://127.0.0.1:{port}/v1/chat/completions"


def _led(entry: Mapping[str, Any], place: Place) -> dict[str, Any]:
    params = dict(entry["litellm_params"])
    dialect = "anthropic" if place.dialect == "anthropic" else "openai"
    model = str(params["model"]).rpartition("/")[2]
    base = place.base_url.removesuffix("/v1") if dialect == "anthropic" else place.base_url
    kept = {key: params[key] for key in ("weight", "order") if key in params}
    return {**entry, "litellm_params": {**kept, "model": f"{dialect}/{model}", "api_base": base, "api_key": DRILL_KEY}}
