"""The incident machine, as a table (law 4). Hysteresis: it opens on confirmation and closes only after a long calm.

No sign, no move: silence never changes a stage (law 1).
"""

from collections.abc import Mapping
from enum import StrEnum

from monitor.model import Stage

CLEARING = 3     # clears in a row on every stream concerned: recovering
CLEARED = 6      # and then as many again: closed


class Sign(StrEnum):
    """What the evidence says to an incident."""

    SUSPICION = "suspicion"     # the verdict is there, its confidence is low
    CONFIRMED = "confirmed"     # the verdict is there
    RELAPSE = "relapse"         # another hit while recovering
    CLEARING = "clearing"
    CLEARED = "cleared"
    RESUMED = "resumed"         # a person says that what was stopped may be asked again (law 11)


MOVES: Mapping[tuple[Stage | None, Sign], Stage] = {
    (None, Sign.SUSPICION): Stage.SUSPECTED,
    (None, Sign.CONFIRMED): Stage.OPEN,
    (Stage.SUSPECTED, Sign.CONFIRMED): Stage.OPEN,
    (Stage.SUSPECTED, Sign.CLEARING): Stage.CLOSED,
    (Stage.SUSPECTED, Sign.CLEARED): Stage.CLOSED,
    (Stage.OPEN, Sign.CLEARING): Stage.RECOVERING,
    (Stage.OPEN, Sign.CLEARED): Stage.RECOVERING,
    (Stage.OPEN, Sign.RESUMED): Stage.RECOVERING,
    (Stage.RECOVERING, Sign.RELAPSE): Stage.OPEN,
    (Stage.RECOVERING, Sign.CONFIRMED): Stage.OPEN,
    (Stage.RECOVERING, Sign.CLEARED): Stage.CLOSED,
}


def follow(stage: Stage | None, sign: Sign | None) -> Stage | None:
    """The next stage, or None where nothing moves."""
    return MOVES.get((stage, sign)) if sign is not None else None


def sign_of_calm(clean: int | None) -> Sign | None:
    """What so many clears in a row say. None: nobody reports, which says nothing."""
    if clean is None:
        return None
    if clean >= CLEARED:
        return Sign.CLEARED
    if clean >= CLEARING:
        return Sign.CLEARING
    return Sign.RELAPSE if clean == 0 else None


def diagram() -> str:
    """The table as a mermaid state diagram, for the docs."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (before, sign), after in MOVES.items():
        arrows.setdefault((before or "[*]", after), []).append(sign)
    lines = [f"    {before} --> {after}: {' or '.join(signs)}" for (before, after), signs in arrows.items()]
    return "\n".join(["stateDiagram-v2", *lines, f"    {Stage.CLOSED} --> [*]"]) + "\n"
