"""What is judged together: measurements, and what was done to incidents since the batch before apart from any of them.

An act – a person's, or the config's – is a move of its incident whose words begin as these here do, and which names the
cursor it was done at: so it has its place among the batches, and a history that is judged again meets it there (law 2).
"""

from dataclasses import dataclass
from datetime import datetime

from monitor.lifecycle import Sign
from monitor.model import Sample

RESUMED = "resumed by "
CLOSED_BY = "closed by "
UNWATCHED = "no longer watched: the config has none of its checks any more"
UNWATCHED_FROM = "no longer watched from "
ACTS = {RESUMED: Sign.RESUMED, CLOSED_BY: Sign.ENDED, UNWATCHED: Sign.UNWATCHED, UNWATCHED_FROM: None}


@dataclass(frozen=True, slots=True)
class Act:
    """What was done to the incident of this key. `sign` None: it only lost the regions that are `gone`."""

    key: str
    at: datetime
    because: str
    sign: Sign | None
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """What was judged together, when, and the cursor after it. `acts`: done before it and after the batch before.
    Without samples: done since the last batch.
    """

    samples: tuple[Sample, ...]
    now: datetime
    cursor: int
    acts: tuple[Act, ...] = ()


def act_of(key: str, at: datetime, because: str) -> Act | None:
    """The act that a move's words tell of; None: they tell of none."""
    words = next((words for words in ACTS if because.startswith(words)), None)
    if words is None:
        return None
    gone = because.removeprefix(UNWATCHED_FROM).split(", ") if words == UNWATCHED_FROM else ()
    return Act(key, at, because, ACTS[words], tuple(gone))
