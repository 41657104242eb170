"""Adds up graded items while they go by: what the kinds that grade answers do alike. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from probes.asking import CUT_BY_LIMIT, Asked
from probes.dialect import Answer, Question
from probes.model import Exchange, Figures, Reading
from probes.outcome import Outcome

GRADABLE = frozenset({Outcome.OK, Outcome.DEGRADED})
Number = TypeVar("Number", int, float)


class Item(Protocol):
    """What a generator in probes/quality draws."""

    @property
    def question(self) -> Question: ...

    def grade(self, answer: Answer) -> bool: ...


class Tally:
    """Items of one run, by sort; what they cost is counted whatever they come to."""

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

    def mark(self, sort: str, right: bool, asked: Asked | None = None) -> None:
        """One item that was judged otherwise than by its answer. With `asked`: what it cost, and its evidence."""
        self.passed.setdefault(sort, []).append(right)
        if asked is not None:
            self.readings.append(asked.reading)
            self.wrong.extend(() if right else asked.reading.exchanges)

    def stop(self, asked: Asked, notes: dict[str, str]) -> Reading:
        """An item was not answered at all: that is the reading. What it cost so far still counts."""
        self.readings.append(asked.reading)
        figures = replace(self.figures(), score=None, items=None, passed=None, total_s=asked.reading.figures.total_s)
        return replace(asked.reading, figures=figures, memory=notes)

    def conclude(self, notes: dict[str, str]) -> Reading:
        """Every item was answered, rightly or wrongly."""
        if not self.readings:
            return Reading(Outcome.SKIPPED, "no items were asked for")
        figures = self.figures()
        if not figures.items:
            reason = "the token limit cut every answer: thinking used it up"
            return replace(self.readings[-1], outcome=Outcome.UNKNOWN, reason=reason, figures=figures, memory=notes)
        broken = next((reading for reading in self.readings if reading.outcome is not Outcome.OK), None)
        reason = broken.reason if broken else f"{figures.passed} of {figures.items} items right"
        last = broken or self.readings[-1]
        return replace(last, reason=reason, figures=figures, memory=notes, exchanges=tuple(self.wrong))

    def figures(self) -> Figures:
        """The sums so far."""
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
