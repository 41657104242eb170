"""Who gave an answer, and whether that tells a config before a change from the one after it. Pure.

An answer proves something only if it could not have come from the other config: a fallback that stood in the list
before answers by the old config too, each time after the vendor that shut us out was called.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from alerts.model import Route
from alerts.observer import Seen, Took, Written

CHAT: Final = "/v1/chat/completions"
_ERROR: Final = 400
_TOO_MANY: Final = 429
_OURS: Final = frozenset({401, 404, 405, 407})      # unless it names a vendor: our key or our address may be wrong
_QUESTION: Final = frozenset({400, 422})
_LIMIT: Final = re.compile(r"max_(?:completion_|output_)?tokens|unsupported[ _]parameter", re.IGNORECASE)
_SHORT: Final = 100
_TOKENS: Final = 16                                 # some models refuse to be given one
_DATED: Final = re.compile(r"(?:[-@:_.]v?\d[\w.:-]*|[-:]latest)?")
_NO_CHAT: Final = re.compile(
    r"embed|\bbge\b|rerank|whisper|transcri|\btts\b|speech|dall-e|\bimagen?\b|moderation|realtime", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Who:
    """As far as the answer says it; '' where it does not. `provider` in the words of the routes' prefixes; `key`: the
    route's own; `after`: who was asked before and did not answer.
    """

    provider: str = ""
    model: str = ""
    key: str = ""
    after: str = ""

    def __str__(self) -> str:
        said = short("/".join(filter(None, (self.provider, self.model))) or self.key)
        return f"{said} after {self.after}" if said and self.after else said

    def might_be(self, route: Route) -> bool:
        """Nothing that it says is against it. A slug that somebody chose (`@prod`) may be any provider."""
        slug = not route.prefix or route.prefix.startswith("@")
        provider = slug or not self.provider or self.provider.lower() == route.prefix.lower()
        model = not self.model or not route.model or alike(self.model, route.model)
        return provider and model and self.key in ("", route.key)


class ByAnswer:
    """What most observers have in common: one port, nothing to read, and a chat with the workload as its model.
    `unread`: why nothing is read, and what to do.
    """

    __slots__ = ()
    key_header: ClassVar[str] = "Authorization"
    apart: ClassVar[bool] = False
    unread: ClassVar[str] = ""

    def reads(self, written: Written) -> tuple[str, ...]:
        del written
        return ()

    def loaded(self, written: Written, seen: Mapping[str, Seen]) -> Took:
        del written, seen
        return Took(None, self.unread)

    def canary(self, written: Written) -> tuple[str, Mapping[str, object]] | None:
        return (CHAT, question(written.change.workload)) if chats(written) else None


def alike(said: str, model: str) -> bool:
    """Whether an answer that calls its model so may be that model's: vendors add dates, gateways prefixes."""
    said, model = (one.lower().rpartition("/")[2] for one in (said, model))
    short, long = sorted((said, model), key=len)
    return long.startswith(short) and _DATED.fullmatch(long[len(short):]) is not None


def question(model: str) -> Mapping[str, object]:
    """One small request."""
    return {"model": model, "messages": [{"role": "user", "content": "Answer with: ok"}], "max_tokens": _TOKENS}


def chats(written: Written) -> bool:
    """Whether the workload can be asked a question: a model of embeddings, speech or images cannot, and its refusal
    would be taken for the route's.
    """
    return not any(_NO_CHAT.search(route.model) for route in (*written.was, *written.now))


def told(who: Who, was: Sequence[Route], now: Sequence[Route]) -> bool | None:
    """True: it cannot have come from the old config; False: not from the new one; None: from both, or from neither."""
    if str(who) and was and now:
        for one in (who, Who(who.provider, key=who.key)):      # then without a model's name that nobody knows
            before, after = any(map(one.might_be, was)), any(map(one.might_be, now))
            if before != after:
                return after
    return None


def model_in(seen: Seen) -> str:
    """What the answer calls its model."""
    return text_at(seen.body, "model")


def short(said: str) -> str:
    """Somebody else's words, in a line that an alert can hold."""
    return " ".join(said.split())[:_SHORT]


def text_at(body: object, *path: str) -> str:
    """The text at a path of JSON objects; '' where there is none."""
    for step in path:
        body = body.get(step) if isinstance(body, dict) else None
    return body if isinstance(body, str) else ""


def rows_at(body: object, name: str) -> Iterator[dict[str, Any]]:
    """The objects of a list in a JSON object; none where there is no such list."""
    rows = body.get(name) if isinstance(body, dict) else None
    yield from (row for row in (rows if isinstance(rows, list) else ()) if isinstance(row, dict))


def said_of(body: object) -> str:
    """An error's own words: whatever is in it, in one text."""
    return text_at(body, "error", "message") or json.dumps(body)


def by_answer(written: Written, loaded: Took, canary: Seen, who: Who,
              tell: Callable[[Who], bool | None] | None = None) -> Took:
    """What it comes to. `loaded`: by what was read; `tell`: how this gateway's answers tell, if not by the routes."""
    if canary.failed:
        return loaded if loaded.took is not None else Took(None, canary.failed)
    by = tell(who) if tell else told(who, written.was, written.now)
    what = f"a request for {written.change.workload} was answered {canary.status}{f' by {who}' if str(who) else ''}"
    if by is False:
        return Took(False, f"{what}, as before the change")
    live = bool(by or loaded.took)
    if not live:
        return Took(None, f"{what}, {_why(who)}")
    if canary.status == _TOO_MANY or (not by and canary.status in _OURS) or _our_question(canary):
        return Took(None, f"{what}, which says nothing of the route")
    if canary.status >= _ERROR:
        return Took(True, what, failing=True)
    return Took(True, what if by else f"{loaded.because}; {what}")


def _our_question(canary: Seen) -> bool:
    """Some models refuse the limit that keeps the question cheap; that is no fault of the route."""
    return canary.status in _QUESTION and _LIMIT.search(json.dumps(canary.body)) is not None


def _why(who: Who) -> str:
    return "who may have answered before the change too" if str(who) else "and the answer does not say by whom"
