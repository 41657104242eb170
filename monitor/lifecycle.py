"""The incident machine, as a table (law 4). Hysteresis both ways: it opens on its budget and closes on another.

No sign, no move: silence never changes a stage (law 1).
"""

from collections.abc import Mapping
from enum import StrEnum

from monitor.model import Stage

CLEARING = 0.01          # of the evidence that closes: recovering
RELAPSED = 0.001         # less than this while recovering: it has come back
FLAPS = 2                # so many returns are flapping
FLAPPING_COSTS = 10.0    # then it takes so much more evidence to close


class Sign(StrEnum):
    """What the evidence says to an incident."""

    SUSPICION = "suspicion"     # there is evidence, not enough to tell anybody
    CONFIRMED = "confirmed"     # there is enough
    FADED = "faded"             # what was suspected has nothing left for it
    RELAPSE = "relapse"         # it has come back while recovering, or soon after
    FLAP = "flap"               # and not for the first time
    CLEARING = "clearing"
    CLEARED = "cleared"
    EXPECTED = "expected"       # the config says since that it is to be expected (law 12)
    RESUMED = "resumed"         # a person says that what was stopped may be asked again (law 11)
    ENDED = "ended"             # a person says that nothing more is expected of it
    UNWATCHED = "unwatched"     # the config asks nobody any more who could tell that it is over


MOVES: Mapping[tuple[Stage | None, Sign], Stage] = {
    (None, Sign.SUSPICION): Stage.SUSPECTED,
    (None, Sign.CONFIRMED): Stage.OPEN,
    (Stage.SUSPECTED, Sign.CONFIRMED): Stage.OPEN,
    (Stage.SUSPECTED, Sign.FADED): Stage.CLOSED,
    (Stage.OPEN, Sign.CLEARING): Stage.RECOVERING,
    (Stage.OPEN, Sign.CLEARED): Stage.RECOVERING,
    (Stage.SUSPECTED, Sign.EXPECTED): Stage.CLOSED,
    (Stage.OPEN, Sign.EXPECTED): Stage.CLOSED,
    (Stage.RECOVERING, Sign.EXPECTED): Stage.CLOSED,
    (Stage.FLAPPING, Sign.EXPECTED): Stage.CLOSED,
    (Stage.OPEN, Sign.RESUMED): Stage.RECOVERING,
    (Stage.RECOVERING, Sign.RELAPSE): Stage.OPEN,
    (Stage.RECOVERING, Sign.FLAP): Stage.FLAPPING,
    (Stage.RECOVERING, Sign.CLEARED): Stage.CLOSED,
    (Stage.FLAPPING, Sign.CLEARED): Stage.CLOSED,
    (Stage.FLAPPING, Sign.RESUMED): Stage.RECOVERING,
    **{(stage, sign): Stage.CLOSED for stage in Stage if stage is not Stage.CLOSED
       for sign in (Sign.ENDED, Sign.UNWATCHED)},
    (Stage.CLOSED, Sign.RELAPSE): Stage.OPEN,
    (Stage.CLOSED, Sign.FLAP): Stage.FLAPPING,
}


def follow(stage: Stage | None, sign: Sign | None) -> Stage | None:
    """The next stage, or None where nothing moves."""
    return MOVES.get((stage, sign)) if sign is not None else None


def sign_of_calm(stage: Stage, calm_s: float | None, recover_s: float, flaps: int) -> Sign | None:
    """What so much evidence of calm says. None: nobody reports, or nothing follows."""
    if calm_s is None:
        return None
    needed = recover_s * (FLAPPING_COSTS if stage is Stage.FLAPPING else 1.0)
    if calm_s >= needed:
        return Sign.CLEARED
    if calm_s >= CLEARING * needed:
        return Sign.CLEARING
    if calm_s < RELAPSED * needed and stage is Stage.RECOVERING:
        return sign_of_return(flaps)
    return None


def sign_of_return(flaps: int) -> Sign:
    """It has come back, having done so `flaps` times before."""
    return Sign.FLAP if flaps + 1 >= FLAPS else Sign.RELAPSE


def diagram() -> str:
    """The table as a mermaid state diagram, for the docs."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (before, sign), after in MOVES.items():
        arrows.setdefault((before or "[*]", after), []).append(sign)
    lines = [f"    {before} --> {after}: {' or '.join(signs)}" for (before, after), signs in arrows.items()]
    return "\n".join(["stateDiagram-v2", *lines, f"    {Stage.CLOSED} --> [*]"]) + "\n"
