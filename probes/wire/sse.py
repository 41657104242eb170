"""Server-sent events, as vendors really send them, and the draft an answer is gathered in.

Comments, blank lines, CR, LF and CRLF, `data:` with or without a space, no `[DONE]`, a last event without its blank
line: all of it occurs. An event is stamped with the arrival of the chunk that completed its last data line, which is
the moment a client could have shown it.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from probes.dialect import Answer, Json, ToolCall, as_dict, parse_json
from probes.model import Exchange

_LINE_END = re.compile(rb"\r\n|\n|\r")
_ERROR_LENGTH = 2000
_STREAM_STARTS = (b"data:", b"event:", b":", b"id:", b"retry:")


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its name ('' where none was given), its data, and when it was there."""

    at_s: float
    name: str
    data: str


def is_stream(exchange: Exchange) -> bool:
    """Whether the body is a stream: by its header, or, where a proxy dropped that, by how it begins."""
    if "text/event-stream" in (exchange.header("content-type") or "").lower():
        return exchange.body.lstrip()[:1] not in (b"{", b"[", b"<")
    return exchange.body.lstrip().startswith(_STREAM_STARTS)


def read_lines(exchange: Exchange) -> Iterator[tuple[float, str]]:
    """The lines of the body, each with the arrival of its end."""
    body = exchange.body
    ends = list(accumulate(len(chunk.data) for chunk in exchange.chunks))
    start = 0
    for match in _LINE_END.finditer(body):
        # the line was usable when its terminator's first byte was there
        at = exchange.chunks[bisect_left(ends, match.start() + 1)].at_s
        yield at, body[start : match.start()].decode("utf-8", errors="replace")
        start = match.end()
    if start < len(body):
        yield exchange.chunks[-1].at_s, body[start:].decode("utf-8", errors="replace")


def read_events(exchange: Exchange) -> Iterator[Event]:
    """The events of the body; the last one also where the connection closed before its blank line."""
    name, data, at = "", list[str](), 0.0
    for at_s, line in read_lines(exchange):
        if not line:
            if data:
                yield Event(at, name, "\n".join(data))
            name, data = "", []
            continue
        key, _, value = line.lstrip("\ufeff").partition(":")
        value = value.removeprefix(" ")
        if key == "data":
            data.append(value)
            at = at_s
        elif key == "event":
            name = value
    if data:
        yield Event(at, name, "\n".join(data))


def read_payloads(exchange: Exchange) -> Iterator[tuple[float, str, Json]]:
    """The JSON objects of a body, each with its time and event name: of a stream, or of one plain JSON document."""
    if is_stream(exchange):
        for event in read_events(exchange):
            payload = parse_json(event.data)
            yield event.at_s, event.name, payload if isinstance(payload, dict) else {"": event.data.strip()}
        return
    whole = parse_json(exchange.body)
    at = exchange.chunks[0].at_s if exchange.chunks else 0.0
    for part in whole if isinstance(whole, list) else [whole]:
        yield at, "", as_dict(part)


@dataclass(slots=True)
class Draft:
    """An answer in the making: dialects add to it, `finish_up` makes the value."""

    text: list[str] = field(default_factory=list)
    thinking: list[str] = field(default_factory=list)
    tools: dict[str, tuple[str, str]] = field(default_factory=dict)
    finish: str = ""
    done: bool = False
    tokens_in: int | None = None
    tokens_out: int | None = None
    hidden: int = 0
    first_at: float | None = None
    last_at: float | None = None
    events: int = 0
    model: str | None = None
    error: str | None = None

    def stamp(self, at_s: float) -> None:
        """Something of the answer arrived."""
        self.first_at = at_s if self.first_at is None else self.first_at
        self.last_at = at_s
        self.events += 1

    def say(self, at_s: float, text: str) -> None:
        """Visible text arrived."""
        if text:
            self.text.append(text)
            self.stamp(at_s)

    def think(self, at_s: float, text: str) -> None:
        """Thinking arrived: the first token may well be one of these."""
        if text:
            self.thinking.append(text)
            self.stamp(at_s)

    def call(self, at_s: float, slot: object, name: str, arguments: str) -> None:
        """A piece of a tool call arrived; pieces of one call share a slot."""
        key = str(slot)
        known, so_far = self.tools.get(key, ("", ""))
        self.tools[key] = (known or name, so_far + arguments)
        self.stamp(at_s)

    def fail(self, payload: object) -> None:
        """The vendor said that it failed; the first such word counts."""
        if self.error is None:
            text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
            self.error = text[:_ERROR_LENGTH]

    def finish_up(self) -> Answer:
        """The value. Tokens that nobody counted are estimated, and marked so: about four letters, or one sign, each."""
        text, inline = split_thinking("".join(self.text))
        thinking = "".join(self.thinking) + inline
        tools = tuple(ToolCall(name, arguments or "{}") for name, arguments in self.tools.values())
        estimated = self.tokens_out is None and self.events > 0
        tokens = self.tokens_out
        if estimated:
            written = text + thinking + "".join(call.arguments for call in tools)
            tokens = max(self.events, estimate_tokens(written))
        return Answer(
            text=text, thinking=thinking, tool_calls=tools, finish=self.finish, tokens_in=self.tokens_in,
            tokens_out=tokens, tokens_hidden=0 if thinking else self.hidden, estimated=estimated,
            first_token_at_s=self.first_at, last_token_at_s=self.last_at, token_events=self.events,
            complete=bool(self.finish or self.done) and self.error is None,
            served_model=self.model, error=self.error,
        )


def estimate_tokens(text: str) -> int:
    """A rough count for text that came without usage: wide signs count one, four others make one."""
    wide = sum(1 for sign in text if ord(sign) >= 0x2E80)
    return wide + (len(text) - wide + 3) // 4


def split_thinking(text: str) -> tuple[str, str]:
    """Text without its <think> part, and that part: MiniMax and raw R1 write it inline, a cut leaves it open."""
    opening = text.find("<think>")
    if opening < 0 or text[:opening].strip():
        return text, ""
    inner, closed, rest = text[opening + len("<think>") :].partition("</think>")
    return (rest.lstrip() if closed else ""), inner
