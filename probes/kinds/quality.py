"""Does the model still answer well? Freshly drawn items with one right answer each, graded in plain code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Protocol, TypeVar

from probes.asking import CUT_BY_LIMIT, Asked, ask
from probes.dialect import Answer, Question
from probes.model import Exchange, Figures, Occasion, Reading, Target
from probes.outcome import Outcome
from probes.probe import Steps
from probes.quality import arithmetic, extraction, tool_call


class Item(Protocol):
    """What a generator in probes/quality draws."""

    @property
    def question(self) -> Question: ...

    def grade(self, answer: Answer) -> bool: ...


_DRAW: dict[str, Callable[[Random, int], Item]] = {
    "arithmetic": arithmetic.draw,
    "extraction": extraction.draw,
    "tool_call": tool_call.draw,
}
Number = TypeVar("Number", int, float)
_GRADABLE = frozenset({Outcome.OK, Outcome.DEGRADED})


@dataclass(frozen=True, slots=True)
class Kind:
    """Asks `rounds` items of each sort (arithmetic, JSON extraction, a tool call), drawn from the slot's seed.

    The pass rate is a figure; whether it is a worsening is the rules' business, so a wrong answer is still *ok* here.
    A refusal, a network failure or a stream that broke off ends the run and is that outcome, never a quality failure.
    """

    rounds: int = 1
    sorts: tuple[str, ...] = ("arithmetic", "extraction", "tool_call")
    max_tokens: int = 512
    deadline_s: float = 60.0

    def steps(self, target: Target, occasion: Occasion) -> Steps:
        """One question an item, of the model that answered the first."""
        dice = Random(occasion.seed)  # noqa: S311 - items are drawn, not guarded
        notes = dict(occasion.memory)
        tally = _Tally()
        for sort in [sort for _ in range(self.rounds) for sort in self.sorts]:
            item = _DRAW[sort](dice, self.max_tokens)
            question = replace(item.question, deadline_s=self.deadline_s)
            asked = yield from ask(target, question, occasion, notes)
            notes = dict(asked.notes)
            if asked.reading.outcome not in _GRADABLE or not asked.answer.complete:
                return tally.stop(asked, notes)
            tally.count(sort, asked, item.grade(asked.answer))
        return tally.conclude(notes)


class _Tally:
    """Adds up while the items go by."""

    def __init__(self) -> None:
        self.passed: dict[str, list[bool]] = {}
        self.readings: list[Reading] = []
        self.wrong: list[Exchange] = []
        self.cut = 0

    def count(self, sort: str, asked: Asked, right: bool) -> None:
        """One graded item. An answer that our own token limit cut off says nothing of quality, unless it is right."""
        self.readings.append(asked.reading)
        if right or asked.answer.finish not in CUT_BY_LIMIT:
            self.passed.setdefault(sort, []).append(right)
        else:
            self.cut += 1
        self.wrong.extend(asked.reading.exchanges)

    def stop(self, asked: Asked, notes: dict[str, str]) -> Reading:
        """An item was not answered at all: that is the reading. What it cost so far still counts."""
        self.readings.append(asked.reading)
        figures = replace(self._figures(), score=None, items=None, passed=None, total_s=asked.reading.figures.total_s)
        return replace(asked.reading, figures=figures, memory=notes)

    def conclude(self, notes: dict[str, str]) -> Reading:
        """Every item was answered, rightly or wrongly."""
        if not self.readings:
            return Reading(Outcome.SKIPPED, "no items were asked for")
        figures = self._figures()
        if not figures.items:
            reason = "the token limit cut every answer: thinking used it up"
            return replace(self.readings[-1], outcome=Outcome.UNKNOWN, reason=reason, figures=figures, memory=notes)
        broken = next((reading for reading in self.readings if reading.outcome is not Outcome.OK), None)
        reason = broken.reason if broken else f"{figures.passed} of {figures.items} items right"
        last = broken or self.readings[-1]
        return replace(last, reason=reason, figures=figures, memory=notes, exchanges=tuple(self.wrong))

    def _figures(self) -> Figures:
        marks = [mark for sort in self.passed.values() for mark in sort]
        extra: dict[str, float | str] = {}
        for reading in self.readings:
            extra.update(reading.figures.extra)
        if self.cut:
            extra["cut_by_limit"] = float(self.cut)
        for sort, results in self.passed.items():
            extra[f"{sort}_items"] = float(len(results))
            extra[f"{sort}_passed"] = float(sum(results))
        each = [reading.figures for reading in self.readings]
        return Figures(
            total_s=_sum([figures.total_s for figures in each]),
            tokens_in=_sum([figures.tokens_in for figures in each]),
            tokens_out=_sum([figures.tokens_out for figures in each]),
            cost_usd=_sum([figures.cost_usd for figures in each]),
            items=len(marks) or None,
            passed=sum(marks) if marks else None,
            score=sum(marks) / len(marks) if marks else None, extra=extra,
        )


def _sum(values: Sequence[Number | None]) -> Number | None:
    known = [value for value in values if value is not None]
    return sum(known[1:], known[0]) if known else None
