"""200 is not success: finds the error in an answer that claims to be fine, and never reads what the assistant wrote.

Looks at the fields in which vendors put errors (top level, choices, stop reason), in plain JSON and in event streams.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from probes.unwrap import is_page, parse_json

_SUSPECT = re.compile(r'error|fail|block|filter|refus|base_resp|"success"|safety|prohibited|sensitive|recitation'
                      r'|guardrail|spii|insufficient|"code"|"ret"|_code"', re.IGNORECASE)
_CONFESSION = re.compile(r"\s*(?:message|error|detail|code)\s*[:=]|\s*\{\s*'|(?:<\?xml[^>]*>\s*)?<error\b",
                         re.IGNORECASE)
_ANSWER_KEYS = frozenset({"choices", "candidates", "content", "output", "data", "result", "results", "embeddings",
                          "models"})
_FINE_CODES = frozenset({0, 200, 20000, "0", "200", "20000", "ok", "OK", "success", "Success"})
_STOPS = frozenset({"content_filter", "refusal", "sensitive", "safety", "prohibited_content", "blocklist", "spii",
                    "image_safety", "recitation", "guardrail_intervened", "content_filtered",
                    "network_error", "insufficient_system_resource", "error", "error_toxic"})


@dataclass(frozen=True, slots=True)
class Complaint:
    """The part of a 2xx answer that says it failed: JSON where there was some, and the text to read otherwise."""

    parsed: object | None
    text: str


def find_complaint(text: str) -> Complaint | None:
    """The error in a 2xx body, or None if the answer is an answer. An empty body and a web page are complaints too."""
    head = text.lstrip("\ufeff \r\n\t")
    if not head:
        return Complaint(None, "")
    if head[0] in "{[":
        return _in_json(head)
    if head.startswith(("data:", "event:", ":", "id:", "retry:")):
        return _in_stream(head)
    if is_page(head) or _CONFESSION.match(head):
        return Complaint(None, head)
    return None


def _in_json(text: str) -> Complaint | None:
    parsed = parse_json(text)
    if parsed is None:
        return Complaint(None, text) if _CONFESSION.match(text) else None
    found = next(_complaints(parsed), None)
    return _in_lines(text) if found is None else Complaint(found, "")


def _in_lines(text: str) -> Complaint | None:
    """Ollama streams a JSON value a line, and an error is one of them."""
    for line in text.split("\n{")[1:]:
        if _SUSPECT.search(line):
            for found in _complaints(parse_json("{" + line)):
                return Complaint(found, "")
    return None


def _in_stream(text: str) -> Complaint | None:
    """Only events that could complain are parsed; what they say in their text fields is not looked at."""
    for event in re.split(r"\r?\n\r?\n", text):
        named_error = event.startswith(("event: error", "event:error"))
        if not named_error and not _SUSPECT.search(event):
            continue
        lines = (line[5:] for line in event.splitlines() if line.startswith("data:"))
        rest = event[event.find("data:") + 5:]
        data = "\n".join(lines) or (event if event.lstrip().startswith("{") else "")   # Google breaks the framing
        parsed = parse_json(data) if data else None
        if parsed is None and "data:" in event:
            parsed = parse_json(rest)   # pretty-printed JSON after one data: is not to the letter, but it is sent
        if named_error:
            return Complaint(parsed, data or event)
        for found in _complaints(parsed):
            return Complaint(found, "")
    return None if "data:" in text or "event:" in text else Complaint(None, "")   # kept alive, never answered


def _complaints(parsed: object) -> Iterator[object]:
    """Every way in which a JSON value of a 2xx answer says that it failed; what is yielded is the part that says it."""
    if isinstance(parsed, list):
        for entry in parsed[:20]:
            if isinstance(entry, dict) and ("error" in entry or "promptFeedback" in entry or "candidates" in entry):
                yield from _complaints(entry)
        return
    if not isinstance(parsed, dict):
        return
    yield from _errors(parsed)
    yield from _codes(parsed)
    yield from _stops(parsed)


def _errors(body: dict[object, object]) -> Iterator[object]:
    for name in ("error", "Error", "errors"):
        if body.get(name) and body[name] not in (True, "null", "None"):
            yield {key: value for key, value in body.items() if key not in _ANSWER_KEYS}
    if body.get("type") in ("error", "response.failed", "response.error"):
        yield body.get("response", body)
    for name in ("Response", "response"):
        inner = body.get(name)
        if isinstance(inner, dict) and (inner.get("Error") or inner.get("error")):
            yield {"error": inner.get("Error") or inner.get("error")}
    if body.get("status") == "failed" and body.get("object") == "response":
        yield {"error": body.get("error") or "server_error"}


def _codes(body: dict[object, object]) -> Iterator[object]:
    base = body.get("base_resp")
    if isinstance(base, dict) and base.get("status_code") not in (0, "0", None):
        yield {"base_resp": base}
    answered = any(body.get(key) for key in _ANSWER_KEYS)
    if body.get("error_code") not in (None, 0, "0", "") and not body.get("result"):
        yield body
    if body.get("success") is False and not answered:
        yield body
    inner = body.get("data")
    if isinstance(inner, dict) and inner.get("biz_code") not in (None, 0, "0"):   # an envelope in an envelope
        yield inner
    returned = body.get("ret")   # Aliyun's gateways: ["SUCCESS::…"] or ["FAIL_…::…"]
    if isinstance(returned, list) and any(isinstance(one, str) and one.startswith(("FAIL", "ERR")) for one in returned):
        yield body
    code = body.get("code")
    worded = "msg" in body or "message" in body
    if worded and not answered and isinstance(code, int | str) and code != "" and code not in _FINE_CODES:
        yield body


def _stops(body: dict[object, object]) -> Iterator[object]:
    feedback = body.get("promptFeedback")
    if isinstance(feedback, dict) and feedback.get("blockReason"):
        yield {"code": "prompt_blocked", "reason": str(feedback["blockReason"])}
    delta = body.get("delta")
    enders = [body, delta if isinstance(delta, dict) else {}]
    for name in ("choices", "candidates"):
        listed = body.get(name)
        if isinstance(listed, list):
            enders.extend(entry for entry in listed[:8] if isinstance(entry, dict))
    for ender in enders:
        if ender is not body and ender.get("error"):
            yield {"error": ender["error"]}
        for name in ("finish_reason", "finishReason", "stop_reason", "stopReason"):
            stop = ender.get(name)
            if isinstance(stop, str) and stop.lower() in _STOPS:
                yield {"code": f"stopped_{stop.lower()}", "error": body.get("error")}
