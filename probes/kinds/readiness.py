"""Could this model take over now? Everything a workload needs of a fallback, tried one after the other.

A proof is a run in which all of it worked: law 9 moves traffic to nothing less.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from random import Random

from probes.asking import CUT_BY_LIMIT, Asked, ask, find_model, order_models
from probes.dialect import parse_json
from probes.model import Call, Exchange, Occasion, Reading, Target
from probes.outcome import Outcome
from probes.probe import Steps
from probes.quality import arithmetic, counting, extraction, long_text, takeover, tool_call
from probes.tally import GRADABLE, Item, Tally

CATALOGUED = "context"
_REFUSED = frozenset({Outcome.BAD_REQUEST})
_PLAIN: Mapping[str, Callable[[Random, int], Item]] = {
    "answer": arithmetic.draw, "tools": tool_call.draw, "json": extraction.draw, "streaming": counting.draw,
}
FEATURES = (*_PLAIN, "takeover", "takeover-bare", "long", CATALOGUED)


@dataclass(frozen=True, slots=True)
class Kind:
    """Tries `features`: answer, tools (a call with a schema), json (JSON mode), streaming, takeover (a session of tool
    calls that another began in the dialect `origin`, its thinking replayed), takeover-bare (without that thinking),
    context (the catalogue's figure is at least `context` tokens; nothing is sent), long (a prompt of so many is).

    Ready if all of them work. One that does not, or that is refused with a 400, leaves the vendor as it was: it
    answers, so the outcome is *ok* or *degraded*, with the share of features that work as its score.
    """

    features: tuple[str, ...] = ("answer",)
    origin: str = "openai"
    context: int = 0
    max_tokens: int = 1024
    deadline_s: float = 60.0

    def __post_init__(self) -> None:
        unknown = [one for one in self.features if one not in FEATURES]
        if unknown:
            raise ValueError(f"no feature '{unknown[0]}'; there are: {', '.join(FEATURES)}")

    def steps(self, target: Target, occasion: Occasion) -> Steps:
        """One question a feature; what refuses another's thinking is asked once more without it, to say so."""
        dice = Random(occasion.seed)  # noqa: S311 - items are drawn, not guarded
        run = _Run(self, target, occasion, dict(occasion.memory))
        for feature in self.features:
            if feature == CATALOGUED:
                run.note(feature, self._too_short(target, run.notes))
                continue
            asked, item = yield from run.ask(feature, dice)
            if not _is_judged(asked):
                return run.tally.stop(asked, run.notes)
            why = _why(feature, item, asked)
            if feature == "takeover" and asked.reading.outcome in _REFUSED:
                why += yield from run.bare(dice)
            run.note(feature, why, asked)
        return run.conclude()

    def item(self, feature: str, dice: Random) -> Item:
        """What is asked for a feature. Where answers are streamed, tool calls are too."""
        if feature in _PLAIN:
            return _PLAIN[feature](dice, self.max_tokens)
        if feature == "long":
            return long_text.draw(dice, self.max_tokens, self.context)
        return takeover.draw(dice, self.max_tokens, self.origin, thinking=feature == "takeover")

    def _too_short(self, target: Target, notes: Mapping[str, str]) -> str:
        asked = next(iter(order_models(target, notes)), "")
        known = find_model(target, asked)
        if known is None or known.context is None:
            return f"the catalogue does not know how many tokens {asked or 'its model'} takes"
        return "" if known.context >= self.context else f"{asked} takes {known.context} tokens, not {self.context}"


@dataclass(slots=True)
class _Run:
    """Adds up while features go by."""

    kind: Kind
    target: Target
    occasion: Occasion
    notes: dict[str, str]
    tally: Tally = field(default_factory=Tally)
    wrong: list[str] = field(default_factory=list)

    def ask(self, feature: str, dice: Random) -> Generator[Call, Exchange, tuple[Asked, Item]]:
        """The feature's question, to the model that answered the first."""
        item = self.kind.item(feature, dice)
        streamed = item.question.stream or (bool(item.question.tools) and "streaming" in self.kind.features)
        question = replace(item.question, stream=streamed, deadline_s=self.kind.deadline_s)
        asked = yield from ask(self.target, question, self.occasion, self.notes)
        self.notes = dict(asked.notes)
        return asked, item

    def bare(self, dice: Random) -> Generator[Call, Exchange, str]:
        """What becomes of the session without the other's thinking; costs what it costs."""
        asked, item = yield from self.ask("takeover-bare", dice)
        self.tally.readings.append(asked.reading)
        works = _is_judged(asked) and not _why("takeover-bare", item, asked)
        return "; without the other's thinking it carries on" if works else "; nor without the other's thinking"

    def note(self, feature: str, why: str, asked: Asked | None = None) -> None:
        """`why`: what was wrong with it; '': nothing."""
        self.tally.mark(feature, not why, asked)
        if why:
            self.wrong.append(f"{feature}: {why}")

    def conclude(self) -> Reading:
        """All were tried."""
        reading = self.tally.conclude(self.notes)
        if reading.outcome is Outcome.SKIPPED:
            return reading
        works = [one for one in self.kind.features if not any(line.startswith(f"{one}: ") for line in self.wrong)]
        reason = f"ready: {', '.join(works)}" if not self.wrong else "; ".join(self.wrong)
        refused = reading.outcome in _REFUSED
        outcome = Outcome.DEGRADED if refused else reading.outcome
        return replace(reading, outcome=outcome, reason=reason[:300], rule="" if refused else reading.rule)


def _is_judged(asked: Asked) -> bool:
    """Whether it says something of the feature: an answer does, and so does a refusal of the very request."""
    outcome = asked.reading.outcome
    return outcome in _REFUSED or (outcome in GRADABLE and asked.answer.complete)


def _why(feature: str, item: Item, asked: Asked) -> str:
    if asked.reading.outcome in _REFUSED:
        return f"refused ({asked.reading.status}): {asked.reading.reason}"
    if feature == "json" and "json_mode" in asked.notes.get("without", "").split(","):
        return "it has no JSON mode"
    if feature == "json" and not isinstance(parse_json(asked.answer.text), dict):
        return _cut(asked) or "the answer is no JSON by itself"
    return "" if item.grade(asked.answer) else _cut(asked) or _WRONG.get(feature, "a wrong answer")


_WRONG = {
    "tools": "the call that was asked for was not made", "takeover": "it does not carry on rightly",
    "takeover-bare": "it does not carry on rightly", "streaming": "the answer came whole",
    "long": "it does not know what the beginning of the text said",
}


def _cut(asked: Asked) -> str:
    return "cut by our own token limit; raise max_tokens" if asked.answer.finish in CUT_BY_LIMIT else ""
