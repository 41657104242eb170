"""A real Envoy on loopback, told by files, as a stand-in for the data plane of Envoy AI Gateway.

The controller's work is done here in small: a rule becomes a route by the model's header and a cluster of which every
backend is a locality with its priority; an entry of weight 0 is left out, as Envoy Gateway does. Files are renamed into
place, for only that makes Envoy read them.
"""

import http.client
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from sinks import free_port

INSTALL = "make gateways"
PATIENCE_S = 20.0
ROOT = Path(__file__).parent.parent.parent
HEADER = "x-ai-eg-model"
_HCM = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_ROUTER = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
_PRIORITIES = "type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig"
_CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
_ROUTES = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"


def command() -> list[str]:
    """How Envoy is started here; empty where it is not installed."""
    for place in (os.environ.get("VENDORWATCH_ENVOY", ""), str(ROOT / ".gateways/bin/envoy")):
        if place and Path(place).is_file():
            return [place]
    if importlib.util.find_spec("envoy._main") if importlib.util.find_spec("envoy") else None:
        return [sys.executable, "-m", "envoy"]
    found = shutil.which("envoy")
    return [found] if found else []


@dataclass
class Envoy:
    """One that runs: where it listens, and the folder whose files it follows."""

    port: int
    admin: int
    folder: Path

    def tell(self, manifest: str) -> None:
        """What the manifest says, renamed into place: clusters first, for the routes lead to them."""
        for name, resources in zip(("clusters", "routes"), translated(manifest), strict=True):
            fresh = self.folder / f"{name}.fresh"
            fresh.write_text(json.dumps({"version_info": str(time.monotonic_ns()), "resources": resources}))
            fresh.rename(self.folder / f"{name}.json")

    def ask(self, model: str) -> tuple[int, str]:
        """(status, who answered) of one call."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.request("POST", "/v1/chat/completions", body=b"{}", headers={HEADER: model})
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        finally:
            line.close()

    def moved(self, model: str, who: str) -> None:
        """Wait until a call is answered by `who`."""
        self._until(lambda: self.ask(model) == (200, who), f"{who} does not answer")

    def answers(self, model: str) -> None:
        """Wait until somebody answers with 200."""
        self._until(lambda: self.ask(model)[0] == 200, "nobody answers")

    def _until(self, done: Callable[[], bool], else_said: str) -> None:
        start = time.perf_counter()
        while time.perf_counter() - start < PATIENCE_S:
            if done():
                return
            time.sleep(0.002)
        raise AssertionError(else_said)


@contextmanager
def envoy(folder: Path, manifest: str) -> Iterator[Envoy]:
    it = Envoy(free_port(), free_port(), folder)
    it.tell(manifest)
    (folder / "envoy.json").write_text(json.dumps(_bootstrap(it)))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command(), "-c", str(folder / "envoy.json"), "--concurrency", "1", "--use-dynamic-base-id", "-l", "warn"],
            stdout=log, stderr=log, env={**os.environ, "TMPDIR": str(folder)})
        try:
            _wait(it, process)
            yield it
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def translated(manifest: str) -> tuple[list[Any], list[Any]]:
    """(clusters, route configurations) for the AIGatewayRoutes of a manifest."""
    documents = [one for one in YAML(typ="safe", pure=True).load_all(manifest) if one]
    places = _places(documents)
    codes = [code for one in documents if one["kind"] == "BackendTrafficPolicy"
             for code in one["spec"]["retry"]["retryOn"]["httpStatusCodes"]]
    clusters, routes = [], []
    for route in (one for one in documents if one["kind"] == "AIGatewayRoute"):
        for at, rule in enumerate(route["spec"]["rules"]):
            name = f"httproute/default/{route['metadata']['name']}/rule/{at}"       # as Envoy Gateway calls it
            clusters.append(_cluster(name, rule["backendRefs"], places))
            routes += [_route(header["value"], name, codes) for match in rule["matches"] for header in match["headers"]]
    host = {"name": "all", "domains": ["*"], "routes": routes}
    return clusters, [{"@type": _ROUTES, "name": "routes", "virtual_hosts": [host]}]


def _places(documents: list[Any]) -> Mapping[str, tuple[str, int]]:
    ends = {one["metadata"]["name"]: one["spec"]["endpoints"][0]["ip"] for one in documents if one["kind"] == "Backend"}
    hosts = {name: (end["address"], end["port"]) for name, end in ends.items()}
    return {one["metadata"]["name"]: hosts[one["spec"]["backendRef"]["name"]]
            for one in documents if one["kind"] == "AIServiceBackend"}


def _cluster(name: str, refs: list[Any], places: Mapping[str, tuple[str, int]]) -> Any:
    endpoints = [
        {"priority": ref.get("priority", 0), "load_balancing_weight": ref.get("weight", 1),
         "locality": {"region": f"{name}/backend/{at}"},
         "lb_endpoints": [{"endpoint": {"address": _socket(*places[ref["name"]])}}]}
        for at, ref in enumerate(refs) if ref.get("weight", 1)]
    return {
        "@type": _CLUSTER, "name": name, "type": "STATIC", "connect_timeout": "2s",
        "common_lb_config": {"locality_weighted_lb_config": {}},
        "load_assignment": {"cluster_name": name, "endpoints": endpoints}}


def _route(model: str, cluster: str, codes: list[int]) -> Any:
    action: dict[str, Any] = {"cluster": cluster}
    if codes:
        action["retry_policy"] = {
            "retry_on": "retriable-status-codes,connect-failure,reset", "retriable_status_codes": codes,
            "num_retries": 3, "retry_priority": {
                "name": "envoy.retry_priorities.previous_priorities",
                "typed_config": {"@type": _PRIORITIES, "update_frequency": 1}}}
    match = {"prefix": "/", "headers": [{"name": HEADER, "string_match": {"exact": model}}]}
    return {"match": match, "route": action}


def _socket(address: str, port: int) -> Any:
    return {"socket_address": {"address": address, "port_value": port}}


def _bootstrap(it: Envoy) -> Any:
    def follow(name: str) -> Any:
        place = {"path": str(it.folder / f"{name}.json"), "watched_directory": {"path": str(it.folder)}}
        return {"resource_api_version": "V3", "path_config_source": place}

    manager = {
        "@type": _HCM, "stat_prefix": "in", "rds": {"route_config_name": "routes", "config_source": follow("routes")},
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": {"@type": _ROUTER}}]}
    listener = {
        "name": "in", "address": _socket("127.0.0.1", it.port),
        "filter_chains": [{"filters": [
            {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}]}
    return {
        "node": {"id": "test", "cluster": "test"}, "admin": {"address": _socket("127.0.0.1", it.admin)},
        "static_resources": {"listeners": [listener]}, "dynamic_resources": {"cds_config": follow("clusters")}}


def _wait(it: Envoy, process: subprocess.Popen[bytes]) -> None:
    """Until it has routes."""
    start = time.perf_counter()
    while time.perf_counter() - start < PATIENCE_S:
        if process.poll() is not None:
            raise AssertionError(f"envoy ended with {process.returncode}: {(it.folder / 'log').read_text()[-2000:]}")
        try:
            if it.ask("no such model")[0] == 404:
                return
        except OSError:
            time.sleep(0.02)
    raise AssertionError("envoy does not listen")
