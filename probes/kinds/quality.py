"""Does the model still answer well? Freshly drawn items with one right answer each, graded in plain code."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from probes.asking import ask
from probes.model import Occasion, Target
from probes.probe import Steps
from probes.quality import arithmetic, extraction, tool_call
from probes.tally import GRADABLE, Item, Tally

_DRAW: dict[str, Callable[[Random, int], Item]] = {
    "arithmetic": arithmetic.draw,
    "extraction": extraction.draw,
    "tool_call": tool_call.draw,
}


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
        tally = Tally()
        for sort in [sort for _ in range(self.rounds) for sort in self.sorts]:
            item = _DRAW[sort](dice, self.max_tokens)
            question = replace(item.question, deadline_s=self.deadline_s)
            asked = yield from ask(target, question, occasion, notes)
            notes = dict(asked.notes)
            if asked.reading.outcome not in GRADABLE or not asked.answer.complete:
                return tally.stop(asked, notes)
            tally.count(sort, asked, item.grade(asked.answer))
        return tally.conclude(notes)
