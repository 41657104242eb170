"""The Probe protocol: a probe is a conversation – yield a call, be told what came of it, conclude with a reading.

Pure (law 3): no await, no clock, no network, nothing drawn outside `occasion.seed`. `play` in tests/support and
`probes.run.observe` are the two ways to carry one out.
"""

from collections.abc import Generator
from typing import Protocol

from probes.model import Call, Exchange, Occasion, Reading, Target

Steps = Generator[Call, Exchange, Reading]


class Probe(Protocol):
    """One kind of question. A file in probes/kinds exports one class called `Kind`; its dataclass fields are
    its options.
    """

    def steps(self, target: Target, occasion: Occasion) -> Steps:
        """The conversation. Raises nothing for what a vendor may answer."""
        ...
