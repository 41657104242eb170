"""Unwraps an answer into evidence: who answered, machine codes, numbers, and the words – however deep they were nested.

An error may be JSON, JSON in a string of JSON, a Python repr, a line of a stream or a sentence with all of it inside.
Pure and total: any bytes give an Evidence.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from probes.refusals import normal, read_names

TEXT_CAP = 4_000      # characters of prose that rules are held against
PARSE_CAP = 400_000   # characters that are parsed as JSON
NODE_CAP = 400        # JSON values looked at
DEPTH_CAP = 8         # JSON in strings in JSON …

_CODE_KEYS = frozenset({"code", "type", "status", "reason", "error", "errorcode", "errortype", "errcode", "errormsg",
                        "errorname", "kind", "name", "blockreason", "detail", "errortag", "errorcategory"})
_STATUS_KEYS = frozenset({"code", "status", "httpcode", "statuscode", "httpstatus"})
_NUMBER_KEYS = {"code": "code", "errorcode": "error_code", "errcode": "error_code", "statuscode": "code"}
_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_.\-][A-Za-z0-9]+)+|[A-Z][a-z]+(?:[A-Z][a-z0-9]+)+")
_PAIR = re.compile(r"""["']([A-Za-z_.@]{1,40})["']\s*:\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(-?\d{1,9}))""")
_BRACKET = re.compile(r"[(\[](\d{4})[)\]]")
_EDGE = re.compile(r"error(?:\s+code)?:?\s+(1\d{3}|52\d)\b", re.IGNORECASE)
_SAID = re.compile(r"(?:^\W*|status(?:[ _]?code)?[\s:=]*|http(?:/[\d.]+)?[\s:]+|error(?:[ _]?code)?[\s:(]*|\[|"
                   r"failed:? |from \S+: |\): |[→>(]\s*)([45]\d\d)\b(?![.,]\d)", re.IGNORECASE)
# atomic, so that a thousand comments before no page cannot be split in every way there is
_HTML = re.compile(r"\s*(?>(?:<!--.*?-->|<\?xml[^>]*>)\s*)*+<(?:!doctype ?html|html|head|body|div|noscript|title|"
                   r"center|h[1-6]|table|script|meta|link|style|form|iframe|p|span|main|section|svg)\b",
                   re.IGNORECASE | re.DOTALL)
_GATEWAY_CODES = frozenset({"oneapierror", "newapierror", "vapierror", "shellapierror", "upstreamerror"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an answer shows, in the order it may be trusted. Texts are lower case, codes are `normal`."""

    who: str                                     # origin edge gateway unclear nobody
    status: int | None = None
    codes: frozenset[str] = frozenset()
    tokens: frozenset[str] = frozenset()         # code-like words in the prose
    numbers: frozenset[str] = frozenset()        # 'code/1302', 'base_resp/1004', 'bracket/2049', 'edge/1009'
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    families: frozenset[str] = frozenset()


class _Digger:
    """Collects while going down; thrown away once the Evidence is made."""

    def __init__(self) -> None:
        self.codes: set[str] = set()
        self.numbers: set[str] = set()
        self.words: list[str] = []
        self.statuses: list[tuple[int, int]] = []
        self.nodes = 0

    def dig(self, value: object, key: str = "", depth: int = 0) -> None:
        """Look at one JSON value and all below it."""
        self.nodes += 1
        if self.nodes > NODE_CAP or depth > 4 * DEPTH_CAP or value is None or isinstance(value, bool):
            return
        if isinstance(value, dict):
            for name, below in value.items():
                plain = normal(str(name))
                self.dig(below, "base_resp" if key == "baseresp" and plain == "statuscode" else plain, depth + 1)
        elif isinstance(value, list):
            for below in value:
                self.dig(below, key, depth + 1)
        elif isinstance(value, str):
            self.hear(value, key, depth)
        elif isinstance(value, int):
            self.count(value, key, depth)

    def count(self, number: int, key: str, depth: int) -> None:
        """A number: an HTTP status where it looks like one, a vendor's own code otherwise."""
        if key in _STATUS_KEYS and 400 <= number <= 599:
            self.statuses.append((depth, number))
        elif key == "base_resp":
            self.numbers.add(f"base_resp/{number}")
        elif key in _NUMBER_KEYS:
            self.numbers.add(f"{_NUMBER_KEYS[key]}/{number}")

    def hear(self, words: str, key: str, depth: int) -> None:
        """A string: a code, a number, wrapped JSON, or prose."""
        short = len(words) <= 80 and " " not in words
        if short and key in (_CODE_KEYS | _STATUS_KEYS) and words:
            if words.lstrip("-").isdecimal() and len(words) < 10:
                self.count(int(words), key, depth)
            else:
                self.codes.update(spellings(words))
        self.words.append(words)
        if "{" in words and depth < DEPTH_CAP:
            self.open(words, depth + 1)
        elif not short:
            self.statuses.extend((depth + 1, int(said)) for said in _SAID.findall(words[:300]))

    def open(self, words: str, depth: int) -> None:
        """Find the JSON (or what is left of it, or a Python repr) in a text and dig there."""
        start = words.find("{")
        if start > 0:
            self.statuses.extend((depth, int(said)) for said in _SAID.findall(words[:start][:300]))
        parsed = parse_json(words[start:])
        if parsed is not None:
            self.dig(parsed, "", depth)
            return
        loose = words[:20_000].replace('\\\\\\"', '"').replace('\\"', '"')
        for name, double, single, number in _PAIR.findall(loose):
            self.dig(int(number) if number else double or single, normal(name), depth + DEPTH_CAP)


def parse_json(text: str) -> object | None:
    """The JSON value a text starts with, or None. `null` is None too: it says as little."""
    if len(text) > PARSE_CAP:
        return None
    try:
        value: object = json.JSONDecoder(strict=False).raw_decode(text.lstrip())[0]
    except (ValueError, RecursionError):
        return None
    return value


def spellings(code: str) -> Iterator[str]:
    """`A.B:detail` is also known as `A`, `B` and `A.B`."""
    head = code.split(":", 1)[0] if "://" in code or ":" in code else code
    yield normal(head)
    parts = head.split(".")
    for at, part in enumerate(parts):
        yield normal(part)
        yield normal("".join(parts[:at + 1]))


def gather(status: int | None, headers: Mapping[str, str], text: str, parsed: object | None, provider: str) -> Evidence:
    """Evidence of one refusal. `headers` have lower-case names; `parsed` is its JSON where that is known already."""
    digger = _Digger()
    if isinstance(parsed, dict | list):
        digger.dig(parsed)
    elif _HTML.match(text[:2_000]):
        digger.words.append(text)
    else:
        digger.hear(text[:20_000], "", 0)
    for name in ("x-amzn-errortype", "x-ms-error-code", "x-error-code"):
        if name in headers:
            digger.codes.update(spellings(headers[name]))
    if status is not None and 300 <= status < 400 and "location" in headers:
        digger.words.append(headers["location"])       # a way to elsewhere says in its address why
    prose = " ".join(" ".join(digger.words)[:TEXT_CAP].split())
    tokens = {spelling for token in _TOKEN.findall(prose) for spelling in spellings(token)}
    digger.numbers.update(f"bracket/{number}" for number in _BRACKET.findall(prose))
    lowered = prose.lower().replace("’", "'")
    who = _who(status, headers, text, lowered, digger)
    said = max(digger.statuses, default=None)
    return Evidence(
        who=who,
        status=said[1] if said else status,
        codes=frozenset(digger.codes - {""}),
        tokens=frozenset(tokens - {""}),
        numbers=frozenset(digger.numbers),
        headers=headers,
        text=lowered,
        families=frozenset(_families(provider, lowered)),
    )


def is_page(text: str) -> bool:
    """A web page where an API's answer should be."""
    return _HTML.match(text[:2_000]) is not None


def _who(status: int | None, headers: Mapping[str, str], text: str, lowered: str, digger: _Digger) -> str:
    edge = _EDGE.search(lowered[:400])
    if edge and ("ray id" in lowered or "cloudflare" in lowered or len(lowered) < 40):
        digger.numbers.add(f"edge/{edge[1]}")
    for number in tuple(digger.numbers):
        if number.startswith("error_code/") and "cloudflare" in lowered:
            digger.numbers.add("edge/" + number.removeprefix("error_code/"))
    if is_page(text) or edge or "cf-mitigated" in headers:
        return "edge"
    if not digger.codes.isdisjoint(_GATEWAY_CODES) or "provider returned error" in lowered:
        return "gateway"
    if digger.codes or digger.numbers:
        return "origin"
    return "nobody" if status is None and not digger.statuses else "unclear"


def _families(provider: str, lowered: str) -> Iterator[str]:
    aliases, marks = read_names()
    name = provider.lower()
    yield name
    if name in aliases:
        yield aliases[name]
    for mark, family in marks:
        if mark in lowered:
            yield family
