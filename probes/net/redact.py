"""No secret leaves with an answer: every form of a resolved value is cut out of headers, body and error text.

Some vendors echo the key they were sent. It may come back raw, percent-encoded, in base64 (alone or inside a longer
text), JSON-escaped or in hex; torn across chunks; or cut off by our own cap.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import quote, quote_plus

from probes.model import Call, Chunk, HttpCall, Secret

MARK = b"[redacted]"
PUBLIC_HEADERS = frozenset({"accept", "accept-language", "anthropic-beta", "anthropic-version", "content-type",
                            "user-agent"})
_NESTED = 3          # errors within errors within errors; deeper ones are not read either
_LITERAL_LEAST = 8   # a shorter word that somebody wrote into the config is rather a word than a secret
_TAIL_LEAST = 6      # a cut-off beginning shorter than this gives nothing away and would hit innocent text


def spell_forms(value: str) -> tuple[bytes, ...]:
    """Every way the value may be written in an answer, longest first."""
    raw = value.encode()
    forms = {raw, *_spell_json(value)}
    forms.add(raw.decode("latin-1").encode())      # a header's bytes, read as latin-1
    for text in (quote(value, safe=""), quote(value), quote_plus(value)):
        forms |= {text.encode(), text.encode().lower() if "%" in text else text.encode()}
    if len(raw) >= _TAIL_LEAST:
        forms |= {raw.hex().encode(), raw.hex().upper().encode(), *_spell_base64(raw)}
    return tuple(sorted((form for form in forms if form), key=len, reverse=True))


def _spell_json(value: str) -> Iterator[bytes]:
    """Within a JSON string, and within JSON inside JSON: a relay quotes the error of whoever stands behind it."""
    spelled = {value}
    for _ in range(_NESTED):
        inner = {json.dumps(text, ensure_ascii=ascii_only)[1:-1] for text in spelled for ascii_only in (True, False)}
        spelled = inner | {text.replace("/", "\\/") for text in inner}
        yield from (text.encode() for text in spelled)


def _spell_base64(raw: bytes) -> Iterator[bytes]:
    """What base64 text must hold, wherever in it the value begins; both alphabets, escaped slashes too."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        start = (shift * 8 + 5) // 6
        inner = encoded[start : (shift + len(raw)) * 8 // 6]
        yield inner
        yield inner.replace(b"+", b"-").replace(b"/", b"_")
        yield inner.replace(b"/", b"\\/")
        yield quote(inner.decode(), safe="").encode()


class Redactor:
    """Cuts the secrets it was told of out of whatever it is given."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._forms: dict[str, tuple[bytes, ...]] = {}
        for value in values:
            self.learn(value)

    def __bool__(self) -> bool:
        """Whether there is anything to cut out."""
        return bool(self._forms)

    def learn(self, value: str) -> None:
        """Cut this value out from now on."""
        if value and value not in self._forms:
            self._forms[value] = spell_forms(value)

    def suspect(self, text: str) -> None:
        """Cut these words out too: written out in the config where a secret may stand, but named nowhere."""
        for word in text.split():
            if len(word) >= _LITERAL_LEAST:
                self.learn(word)

    def clean_call(self, call: Call | None) -> Call | None:
        """What was asked, without literal secrets. Named ones are names in it anyway."""
        if not isinstance(call, HttpCall):
            return call
        headers = tuple((name, value if isinstance(value, Secret) else self.clean_text(value))
                        for name, value in call.headers)
        return replace(call, url=self.clean_text(call.url), headers=headers)

    def clean_text(self, text: str) -> str:
        """The text without secrets."""
        cleaned = text.encode("utf-8", "surrogateescape")
        spans = self._find(cleaned, cut_off=False)
        if not spans:
            return text
        return _cut(cleaned, 0, len(cleaned), spans).decode("utf-8", "surrogateescape")

    def clean_headers(self, headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        """The headers without secrets; looked through in one go, as nearly none holds any."""
        whole = "\n".join(f"{name}\n{value}" for name, value in headers)
        if self.clean_text(whole) == whole:
            return headers
        return tuple((self.clean_text(name), self.clean_text(value)) for name, value in headers)

    def clean_chunks(self, chunks: tuple[Chunk, ...]) -> tuple[Chunk, ...]:
        """The chunks without secrets, also those torn across chunks or cut off at the end; arrival times stay."""
        if not self._forms or not chunks:
            return chunks
        body = b"".join(chunk.data for chunk in chunks)
        spans = self._find(body, cut_off=True)
        if not spans:
            return chunks
        cleaned, at = [], 0
        for chunk in chunks:
            cleaned.append(Chunk(chunk.at_s, _cut(body, at, at + len(chunk.data), spans)))
            at += len(chunk.data)
        return tuple(cleaned)

    def _find(self, text: bytes, *, cut_off: bool) -> list[tuple[int, int]]:
        spans: list[tuple[int, int]] = []
        for form in (form for forms in self._forms.values() for form in forms):
            at = text.find(form)
            while at >= 0:
                spans.append((at, at + len(form)))
                at = text.find(form, at + 1)
            if cut_off and (tail := _tail_of(text, form)):
                spans.append((len(text) - tail, len(text)))
        return _merge(spans)


def _tail_of(text: bytes, form: bytes) -> int:
    """How many bytes at the end of the text are the beginning of the form."""
    end = text[-(len(form) - 1) :] if len(form) > _TAIL_LEAST else b""
    at = end.find(form[:_TAIL_LEAST])
    while at >= 0:
        if form.startswith(end[at:]):
            return len(end) - at
        at = end.find(form[:_TAIL_LEAST], at + 1)
    return 0


def _merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _cut(body: bytes, start: int, end: int, spans: list[tuple[int, int]]) -> bytes:
    """body[start:end] without the spans; the mark stands where a span begins."""
    parts, at = [], start
    for left, right in spans:
        if right <= at or left >= end:
            continue
        parts.append(body[at : max(at, left)])
        if left >= start:
            parts.append(MARK)
        at = min(right, end)
    parts.append(body[at:end])
    return b"".join(parts)
