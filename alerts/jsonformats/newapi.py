"""What an export of one-api's or new-api's channels says, and what is wrong with it. Pure.

A channel's `type` is a number whose meaning differs between the two. one-api: relay/channeltype/define.go of v0.6.11
(8df4a26, 2025-02-21); new-api: common/constants.go of v0.6.3 (ef8ae4d, 2025-04-11) and constant/channel.go of 2026.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from alerts.gateway import PatchRefused
from alerts.model import Problem, Route, Severity
from alerts.surgery.jsonnodes import Node, Path, child, line_of, parse, said

ON, OFF, OFF_BY_ITSELF = 1, 2, 3
_BOTH: Final = {
    1: "openai", 3: "azure", 8: "custom", 14: "anthropic", 15: "qianfan", 16: "zhipu", 17: "dashscope", 18: "spark",
    20: "openrouter", 23: "tencent", 24: "gemini", 25: "moonshot", 31: "lingyi", 33: "bedrock"}
_ONE: Final = _BOTH | {
    11: "gemini", 26: "baichuan", 27: "minimax", 28: "mistral", 29: "groq", 30: "ollama", 32: "stepfun", 34: "coze",
    35: "cohere", 36: "deepseek", 37: "cloudflare", 38: "deepl", 39: "together", 40: "volcengine", 41: "novita",
    42: "vertex", 44: "siliconflow", 45: "xai", 46: "replicate", 47: "qianfan", 48: "spark", 49: "dashscope",
    50: "openai_like", 51: "gemini"}
_NEW: Final = _BOTH | {
    4: "ollama", 11: "gemini", 26: "zhipu", 27: "perplexity", 34: "cohere", 35: "minimax", 37: "dify", 38: "jina",
    39: "cloudflare", 40: "siliconflow", 41: "vertex", 42: "mistral", 43: "deepseek", 45: "volcengine", 46: "qianfan",
    47: "xinference", 48: "xai", 49: "coze", 55: "openai", 56: "replicate", 57: "openai"}
_NEW_ONLY: Final = frozenset({"auto_ban", "tag", "setting", "settings", "status_code_mapping", "channel_info",
                              "header_override", "param_override", "other_info", "openai_organization"})
_ONE_ONLY: Final = frozenset({"config", "system_prompt"})
_DIALECT: Final = frozenset({"custom", "openai_like"})


@dataclass(frozen=True, slots=True)
class Channel:
    """One row. `place`: where it stands in the export; `priority` higher first; `groups` who may use it."""

    place: Path
    row: Mapping[str, Any]

    @property
    def id(self) -> int:
        return int(self.row["id"])

    @property
    def name(self) -> str:
        return str(self.row.get("name") or f"#{self.id}")

    @property
    def models(self) -> tuple[str, ...]:
        return _listed(self.row.get("models"))

    @property
    def groups(self) -> tuple[str, ...]:
        return _listed(self.row.get("group")) or ("default",)

    @property
    def on(self) -> bool:
        return bool(self.row.get("status", ON) == ON)

    @property
    def priority(self) -> int:
        value = self.row.get("priority")
        return int(value) if isinstance(value, int | float) else 0

    def mapping(self) -> dict[str, Any]:
        """Raises PatchRefused where model_mapping is no JSON object."""
        text = self.row.get("model_mapping")
        if not text:
            return {}
        try:
            found = json.loads(text) if isinstance(text, str) else text
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise PatchRefused(f"model_mapping of channel {self.name} is no JSON object; mend it first")
        return found


@dataclass(frozen=True, slots=True)
class Export:
    """All channels of an export. `fork`: 'new-api', 'one-api', or '' where the rows do not tell."""

    channels: tuple[Channel, ...]
    fork: str
    whole: bool         # no further page of it is missing


def _listed(value: object) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else ()


@lru_cache(maxsize=4)
def read(text: str) -> Export:
    """Raises PatchRefused for what is no list of channels."""
    root = said(text)
    place, rows = _rows(root)
    good = [(at, row) for at, row in enumerate(rows) if isinstance(row, dict) and _is_channel(row)]
    if not good or len(good) != len(rows):
        raise PatchRefused("no list of channels (id, type, models …): export them with GET /api/channel/?p=0")
    channels = tuple(Channel((*place, at), _simple(row)) for at, row in good)
    ids = [channel.id for channel in channels]
    if len(set(ids)) < len(ids):
        raise PatchRefused("a channel's id stands twice in the export; export it again")
    return Export(channels, _fork(channels), _whole(root, len(rows)))


def _is_channel(row: Mapping[str, Any]) -> bool:
    number = _figure(row.get("id"))
    return number is not None and "models" in row and bool({"type", "group"} & set(row))


def _figure(value: Any) -> int | None:
    """A JSON number, whether it is kept as written or as a number."""
    raw = getattr(value, "raw", value)
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    try:
        return int(raw) if not isinstance(value, str) else None
    except ValueError:
        return None


def _simple(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: number if (number := _figure(value)) is not None else value for key, value in row.items()}


def _rows(root: Any) -> tuple[Path, list[Any]]:
    for place in ((), ("data",), ("data", "items"), ("items",), ("channels",), ("data", "channels"), ("data", "data")):
        found = root
        for step in place:
            found = found.get(step) if isinstance(found, dict) else None
        if isinstance(found, list):
            return place, found
    raise PatchRefused("no list of channels: export them with GET /api/channel/?p=0")


def _whole(root: Any, count: int) -> bool:
    data = root.get("data") if isinstance(root, dict) else None
    totals = [_figure(box.get("total")) for box in (root, data) if isinstance(box, dict)]
    return all(total is None or total <= count for total in totals)


def _fork(channels: tuple[Channel, ...]) -> str:
    keys = {key for channel in channels for key in channel.row}
    return "new-api" if keys & _NEW_ONLY else "one-api" if keys & _ONE_ONLY else ""


def vendor(channel: Channel, fork: str) -> str:
    """Who a channel's number stands for; '' where that is nobody we know, or differs between the two forks."""
    table = {"new-api": _NEW, "one-api": _ONE}.get(fork, _BOTH)
    number = channel.row.get("type")
    return table.get(number, "") if isinstance(number, int) else ""


def route(channel: Channel, fork: str) -> Route:
    """`model`: the first one. A channel of another maker's own type and no host is that maker's."""
    word = vendor(channel, fork)
    base = channel.row.get("base_url")
    tag = channel.row.get("tag")
    if word in _DIALECT:
        word = "openai" if base else ""
    return Route(
        channel.name, word, next(iter(channel.models), ""),
        base if isinstance(base, str) and "://" in base else "", key=f"channel.{channel.id}",
        also=(str(channel.id), f"#{channel.id}", *((tag,) if isinstance(tag, str) and tag else ())))


def _circles(name: str, mapping: Mapping[str, Any]) -> bool:
    seen: set[str] = set()
    while name in mapping and name not in seen and mapping[name] != name:
        seen.add(name)
        name = str(mapping[name])
    return name in seen


def problems(text: str, export: Export) -> Iterator[Problem]:
    root = parse(text)
    for channel in export.channels:
        line = _line(text, root, channel)
        yield from _dead(export, channel, line)
        try:
            mapping = channel.mapping()
        except PatchRefused as error:
            yield Problem(line, str(error), Severity.CRITICAL)
            continue
        for name in mapping:
            if _circles(name, mapping):
                yield Problem(line, f"channel {channel.name} maps {name} in a circle; new-api answers with an error")
        if not channel.models:
            yield Problem(line, f"channel {channel.name} serves no model")
        if len(set(channel.models)) < len(channel.models):
            yield Problem(line, f"channel {channel.name} lists a model twice")


def _line(text: str, root: Node, channel: Channel) -> str:
    found = child(root, *channel.place)
    return f"line {line_of(text, found.start if found else 0)}"


def _dead(export: Export, channel: Channel, line: str) -> Iterator[Problem]:
    """What a switched-off channel alone serves."""
    served = {(group, model) for one in export.channels if one.on for group in one.groups for model in one.models}
    for model in channel.models if not channel.on else ():
        dead = [group for group in channel.groups if (group, model) not in served]
        if dead:
            yield Problem(line, f"{model} has no enabled channel for group {', '.join(dead)}", Severity.INFO)
