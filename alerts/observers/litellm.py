"""A running LiteLLM proxy: what it has loaded, and who answers under the public name. Seen on 1.106.2.

Never `GET /health`: it sends a paid call to every deployment, the vendor that shut us out among them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.model import RoutingChange
from alerts.observer import Seen, Took

_MODELS, _SETTINGS = "/model/info", "/router/settings"
_ERROR = 400


@dataclass(frozen=True, slots=True)
class Observer:
    reads: tuple[str, ...] = (_MODELS, _SETTINGS)

    def canary(self, workload: str) -> tuple[str, Mapping[str, object]]:
        """Sixteen tokens: some models refuse to be given one."""
        asked = {"role": "user", "content": "Answer with: ok"}
        return "/v1/chat/completions", {"model": workload, "messages": [asked], "max_tokens": 16}

    def judge(self, change: RoutingChange, seen: Mapping[str, Seen], canary: Seen | None) -> Took:
        loaded = _alias(change.workload, seen.get(_SETTINGS, Seen()))
        if canary is not None and not canary.failed:
            return _by_canary(change, _groups(seen.get(_MODELS, Seen())), canary, loaded)
        if loaded is None:
            failed = next((one.failed for one in seen.values() if one.failed), "")
            return Took(None, failed or "the proxy does not say which aliases it has loaded; set `canary: true`")
        if loaded == change.takes_over:
            return Took(True, f"the proxy has loaded {change.workload}: {loaded}")
        return Took(False, f"the proxy has not loaded it: {change.workload} leads to {loaded or 'its own group'} there")


def _by_canary(change: RoutingChange, groups: Mapping[str, str], canary: Seen, loaded: str | None) -> Took:
    live = loaded == change.takes_over
    if canary.status >= _ERROR or not canary.status:
        said = f"a request for {change.workload} was answered {canary.status}"
        return Took(live, f"{said} by {change.takes_over}" if live else f"{said}, and the change is not loaded", live)
    name = canary.headers.get("x-litellm-model-id", "")
    group = groups.get(name) or canary.headers.get("x-litellm-model-group", "")
    if not group:
        return Took(None if loaded is None else live, "the answer does not say which deployment gave it")
    if group == change.takes_over:
        return Took(True, f"a request for {change.workload} was answered by {group}")
    return Took(False, f"a request for {change.workload} was answered by {group}, not by {change.takes_over}")


def _groups(seen: Seen) -> Mapping[str, str]:
    """The model group of each deployment, by its id."""
    rows = seen.body.get("data") if isinstance(seen.body, dict) else None
    found = {}
    for row in rows if isinstance(rows, list) else ():
        info = row.get("model_info") if isinstance(row, dict) else None
        if isinstance(info, dict) and isinstance(info.get("id"), str):
            found[info["id"]] = str(row.get("model_name", ""))
    return found


def _alias(workload: str, seen: Seen) -> str | None:
    """Where the public name leads as loaded; '': to its own group; None: it does not say."""
    body = seen.body if isinstance(seen.body, dict) else {}
    values = body.get("current_values")
    aliases = (values if isinstance(values, dict) else body).get("model_group_alias")
    if not isinstance(aliases, dict):
        return None
    target = aliases.get(workload, "")
    return str(target.get("model", "")) if isinstance(target, dict) else str(target)
