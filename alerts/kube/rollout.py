"""What makes an edited manifest live, as far as its text tells: pods do not restart when a ConfigMap changes. Pure.

The mechanisms people use for that leave traces: a hash in the name (kustomize's configMapGenerator), a checksum among
the pod's annotations (Helm), Stakater Reloader's annotation. Where there is none, the change is applied but not live.
"""

import re
from typing import Final

_HASHED: Final = re.compile(r"(?m)^ {0,4}name: *[\"']?([\w.-]+-[bcdfghkmt2456789]{10})[\"']?\s*$")
_RELOADER: Final = re.compile(r"(?m)^\s*[\"']?(?:[a-z]+\.)?reloader\.stakater\.com/(?:auto|reload|match|search)\b")
_CHECKSUM: Final = re.compile(r"(?m)^\s*[\"']?checksum/[\w.-]*[\"']?\s*:")
_COMPOSE: Final = re.compile(r"(?m)^(?:services|configs):\s*$")
_ARGO: Final = re.compile(r"(?m)^kind: *(?:Application|ApplicationSet|HelmRelease)\s*$")
_WORKLOAD: Final = re.compile(r"(?m)^kind: *(Deployment|StatefulSet|DaemonSet)\s*$")
_NAME: Final = re.compile(r"(?m)^metadata:(?:\r?\n(?:[ #][^\n]*)?)*?\r?\n  name: *[\"']?([\w.-]+)")
NOT_LIVE: Final = (
    "applied is not live: no pod restarts when a ConfigMap changes, and this manifest has neither a checksum "
    "annotation nor Reloader's; restart what reads it, or it goes on with the old routes"
)


def rollout(text: str, path: str) -> tuple[str, tuple[str, ...]]:
    """(what to run, warnings) for a manifest, Helm values or a compose file."""
    file = path or "FILE"
    if _ARGO.search(text):
        return f"commit {file}; the controller syncs it, and a checksum annotation of the chart restarts the pods", ()
    if _COMPOSE.search(text):
        return f"docker compose -f {file} up -d --force-recreate (a service reads its config when it starts)", ()
    if not re.search(r"(?m)^kind: ", text):
        return (f"helm upgrade RELEASE CHART -f {file}; LiteLLM's chart restarts its pods by checksum/config, "
                "of another chart look whether it does"), ()
    return _of_manifest(text, file)


def _of_manifest(text: str, file: str) -> tuple[str, tuple[str, ...]]:
    if "configMapGenerator:" in text:
        return f"kubectl apply -k {file}: the new name's hash restarts the pods", ()
    if "reloader.stakater.com/" in text and _RELOADER.search(text):
        return f"kubectl apply -f {file}; Reloader restarts the pods", ()
    if "checksum/" in text and _CHECKSUM.search(text):
        return "helm upgrade; the checksum annotation restarts the pods", ()
    hashed = _HASHED.search(text)
    if hashed:
        return f"kubectl apply -f {file}", (
            f"{hashed.group(1)} looks like kustomize's output: edit its source, where a new name restarts the pods",)
    names = " ".join(_readers(text)) or "deployment/NAME"
    return f"kubectl apply -f {file} && kubectl rollout restart {names}", (NOT_LIVE,)


def _readers(text: str) -> list[str]:
    """The workloads that stand in the same file, as kubectl names them."""
    found = []
    for part in re.split(r"(?m)^---.*$", text):
        kind = _WORKLOAD.search(part)
        name = _NAME.search(part) if kind else None
        if kind and name:
            found.append(f"{kind.group(1).lower()}/{name.group(1)}")
    return found
