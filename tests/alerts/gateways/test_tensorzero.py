"""Patches of tensorzero.toml: routing, provider tables, variants; on texts, and on the real gateway if installed."""

import json
import os
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.gateway import PatchRefused
from alerts.gateways.tensorzero import Gateway
from alerts.model import Patch, RoutingChange, Strength
from monitor.catalogue import load_catalogue
from monitor.formats import aimed, changed_lines

SAMPLE = """\
[gateway]
observability.enabled = false   # no database here
disable_pseudonymous_usage_analytics = true

[models.smart]
routing = ["claude", 'qwen'] # in this order

[models.smart.providers.claude]
type = "anthropic"
model_name = "claude-opus-4-8"

[models.smart.providers.claude.timeouts]
non_streaming.total_ms = 30000

# the one that takes over
[models.smart.providers.qwen]
type = "openai"
model_name = "qwen3-max"
api_base = "https://dashscope.aliyuncs.com/compatible-mode/v1"
api_key_location = "env::DASHSCOPE_API_KEY"
"""
WORKLOAD, TARGET = "smart", "qwen"
FUNCTIONS = """
[models.other]
routing = ["mistral"]
[models.other.providers.mistral]
type = "mistral"
model_name = "mistral-large"

[functions.draft]
type = "chat"
[functions.draft.variants.a]
type = "chat_completion"
model = 'anthropic::claude-sonnet'   # quotes stay
[functions.draft.variants.b]
type = "chat_completion"
model = "other"
[functions.best.variants.c]
type = "experimental_best_of_n_sampling"
candidates = ["d"]
[functions.best.variants.c.evaluator]
model = "smart"
[functions.best.variants.d]
type = "chat_completion"
model = "openai::gpt-5"
[functions.best]
type = "chat"
"""
CHANGE = RoutingChange("vw-1", WORKLOAD, "anthropic", (), TARGET, Strength.EXCLUDE, "geo", "403")


def moved(text: str, workload: str, target: str, strength: Strength = Strength.EXCLUDE) -> Patch:
    change = replace(CHANGE, workload=workload, takes_over=target, strength=strength)
    patch = Gateway().render(aimed(change, Gateway(), text, load_catalogue()), text)
    again = Gateway().render(aimed(change, Gateway(), patch.patched, load_catalogue()), patch.patched)
    assert patch.reverted == text
    assert not again.diff
    return patch


def load(patch: Patch) -> dict[str, Any]:
    return tomllib.loads(patch.patched)


@pytest.mark.parametrize("target", ["qwen", "smart/qwen", "qwen3-max", "openai"])
def test_excluded_the_providers_tables_go_too(target: str) -> None:
    patch = moved(SAMPLE, "tensorzero::model_name::smart", target)
    model = load(patch)["models"]["smart"]
    assert model["routing"] == ["qwen"]
    assert list(model["providers"]) == ["qwen"]
    assert "routing = ['qwen'] # in this order # vendorwatch:" in patch.patched
    assert "# the one that takes over\n[models.smart.providers.qwen]\n" in patch.patched


def test_demoted_the_provider_is_the_last() -> None:
    patch = moved(SAMPLE, "smart", "qwen", Strength.DEMOTE)
    assert "routing = ['qwen', \"claude\"] # in this order # vendorwatch:" in patch.patched
    assert changed_lines(patch) == 2
    assert list(load(patch)["models"]["smart"]["providers"]) == ["claude", "qwen"]


def test_a_provider_of_another_model_is_copied() -> None:
    patch = moved(SAMPLE.replace(", 'qwen'", "").split("\n# the one")[0] + FUNCTIONS, "smart", "other")
    model = load(patch)["models"]["smart"]
    assert model == {
        "routing": ["mistral"], "providers": {"mistral": {"type": "mistral", "model_name": "mistral-large"}}}
    short = moved(SAMPLE, "smart", "groq::llama", Strength.DEMOTE)
    assert load(short)["models"]["smart"]["routing"] == ["groq", "qwen", "claude"]


@pytest.mark.parametrize("target", ["other", "draft.b", "b", "mistral", "mistral-large"])
@pytest.mark.parametrize("workload", ["draft", "a", "draft.a", "anthropic::claude-sonnet", "claude-sonnet"])
def test_a_function_moves_by_its_variants_model(workload: str, target: str) -> None:
    if workload in ("a", "draft.a") and target == "a":
        return
    patch = moved(SAMPLE + FUNCTIONS, workload, target)
    assert "\nmodel = 'other'   # quotes stay # vendorwatch:" in patch.patched
    assert changed_lines(patch) == 2


def test_an_evaluators_model_counts_and_a_provider_moves_its_model() -> None:
    patch = moved(SAMPLE + FUNCTIONS, "best", "openai::gpt-5")
    assert load(patch)["functions"]["best"]["variants"]["c"]["evaluator"]["model"] == "openai::gpt-5"
    patch = moved(SAMPLE + FUNCTIONS, "best", "qwen")
    assert load(patch)["models"]["smart"]["routing"] == ["qwen"]
    assert any("moves as a whole" in warning for warning in patch.warnings)


@pytest.mark.parametrize(("text", "workload", "target", "why"), [
    (SAMPLE, "nobody", "qwen", "neither a model nor a function"),
    (SAMPLE, "smart", "nobody", "no provider of smart"),
    (SAMPLE, "smart", "claude", "which leaves"),
    (SAMPLE, "smart", "anthropic::claude-5", "leaves"),
    (SAMPLE.replace("models.", "embedding_models."), "smart", "openai::text-embedding-3", "vectors"),
    (SAMPLE.replace("'qwen'", "'qwen', 'lost'"), "smart", "qwen", "do not agree"),
    (SAMPLE + FUNCTIONS, "other", "smart", "leads neither"),
    (SAMPLE + FUNCTIONS + "[functions.z.variants.a]\nmodel='other'\n", "a", "other", "function.variant"),
])
def test_refusals(text: str, workload: str, target: str, why: str) -> None:
    with pytest.raises(PatchRefused, match=why):
        moved(text, workload, target)


@pytest.mark.parametrize(("old", "new", "what"), [
    ("'qwen']", "'qwen', 'lost']", "names lost"), (", 'qwen'", "", "not in its routing"),
    ("[gateway]", "[gatway]", "gatway"), ('"anthropic"', '"antropic"', "unknown"),
    ("env::", "", "api_key_location"), ("'qwen']", "'qwen', 'qwen']", "twice"),
    ("routing =", "rooting =", "rooting"),
])
def test_faults_are_found(old: str, new: str, what: str) -> None:
    assert any(what in fault.what for fault in Gateway().lint(SAMPLE.replace(old, new, 1)))


def test_a_missing_model_and_weights_that_send_nothing() -> None:
    text = SAMPLE + FUNCTIONS.replace("'anthropic::claude-sonnet'", "'lost'")
    assert any("lost" in fault.what for fault in Gateway().lint(text))
    none = FUNCTIONS.replace("   # quotes stay", "\nweight = 0").replace('"other"\n[f', '"other"\nweight = 0\n[f')
    text = SAMPLE + none
    assert any("above 0" in fault.what for fault in Gateway().lint(text))


NAMES = st.lists(st.text("abcdé-. \"", min_size=1, max_size=6), min_size=1, max_size=5, unique=True)


@given(
    NAMES, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\ufeff"]), st.booleans(),
    st.sampled_from(list(Strength)))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_law_minimal_idempotent_reversible_as_meant(
    names: list[str], end: str, bom: str, spread: bool, strength: Strength,
) -> None:
    every = ["claude", *(name for name in names if name not in ("claude", "smart"))]
    if len(every) == 1:
        return
    sign = ",\n  " if spread else ", "
    listed = sign.join(json.dumps(name, ensure_ascii=False) for name in every)
    routing = f"[\n  {listed},\n]" if spread else f"[{listed}]"
    parts = [f"[models.smart]  # ü\nrouting = {routing} # order\n"]
    for name in every:
        kind = "anthropic" if name == "claude" else "mistral"
        key = json.dumps(name, ensure_ascii=False)
        parts.append(f"# about it\n[models.smart.providers.{key}]\ntype = '{kind}'\nmodel_name = \"m # {kind}\"\n")
    text = bom + "\n".join(parts).replace("\n", end)
    patch = moved(text, "smart", every[-1], strength)
    model = tomllib.loads(patch.patched.removeprefix("\ufeff").replace("\r\n", "\n"))["models"]["smart"]
    kept = [every[-1], *every[1:-1]]
    assert model["routing"] == (kept if strength is Strength.EXCLUDE else [*kept, "claude"])
    assert set(model["providers"]) == set(model["routing"])
    assert patch.patched.count(end) == patch.patched.count("\n")
    assert patch.patched.count("# about it") == len(every)


@given(st.text(max_size=120))
@settings(max_examples=40, deadline=None)
def test_junk_is_refused(text: str) -> None:
    with pytest.raises(PatchRefused):
        Gateway().render(CHANGE, text)
    Gateway().lint(text)


# --- the real gateway -----------------------------------------------------------------------------------------------

OWN = Path(__file__).parents[3] / ".gateways" / "bin" / "python"       # by `make gateways`
PYTHON = os.environ.get("TENSORZERO_PYTHON") or str(OWN if OWN.exists() else sys.executable)
RUN = """
import json, sys, urllib.request, tensorzero
g = tensorzero._start_http_gateway(config_file=sys.argv[1], clickhouse_url=None, postgres_url=None, valkey_url=None,
                                   async_setup=False)
for _ in range(3):
    body = {"model": "tensorzero::model_name::smart", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    url, kind = g.base_url + "/chat/completions", {"content-type": "application/json"}
    ask = urllib.request.Request(url, json.dumps(body).encode(), kind)
    with urllib.request.urlopen(ask, timeout=20) as answer:
        print("said", json.load(answer)["choices"][0]["message"]["content"])
"""


def _has_tensorzero() -> bool:
    if which(PYTHON) is None:
        return False
    return subprocess.run([PYTHON, "-c", "import tensorzero"], capture_output=True, check=False).returncode == 0


class _Vendor(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.server.hits.append(self.path)  # type: ignore[attr-defined]
        banned = self.server.banned  # type: ignore[attr-defined]
        said = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [{
            "index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "from the fallback"}}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}
        refusal = {"error": {"message": "Request not allowed", "type": "forbidden"}}
        body = json.dumps(refusal if banned else said).encode()
        self.send_response(403 if banned else 200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def vendors() -> Iterator[tuple[Any, Any]]:
    servers = []
    for banned in (True, False):
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Vendor)
        server.hits, server.banned = [], banned  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
    yield servers[0], servers[1]
    for server in servers:
        server.shutdown()
        server.server_close()


def _asked(path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    keys = {**os.environ, "ANTHROPIC_API_KEY": "x", "DASHSCOPE_API_KEY": "y", "RUST_LOG": "off"}
    command = [PYTHON, "-c", RUN, str(path)]
    done = subprocess.run(command, env=keys, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-400:] + done.stdout[-400:]
    return [line for line in done.stdout.splitlines() if line.startswith("said")]


@pytest.mark.skipif(not _has_tensorzero(), reason="no TensorZero here; to have it: make gateways")
@pytest.mark.parametrize("strength", list(Strength))
def test_the_real_gateway_moves(tmp_path: Path, vendors: tuple[Any, Any], strength: Strength) -> None:
    banned, fallback = vendors
    text = SAMPLE.replace('"anthropic"', f'"anthropic"\napi_base = "http://127.0.0.1:{banned.server_port}/v1/messages"')
    text = text.replace("https://dashscope.aliyuncs.com/compatible-mode", f"http://127.0.0.1:{fallback.server_port}")
    change = replace(CHANGE, strength=strength, leaves_routes=("models.smart.providers.claude",))
    patch = Gateway().render(change, text)
    assert len(_asked(tmp_path / "a.toml", text)) == 3
    assert len(banned.hits) >= 3
    banned.hits.clear()
    assert _asked(tmp_path / "b.toml", patch.patched) == ["said from the fallback"] * 3
    assert banned.hits == []
    assert patch.reverted == text
