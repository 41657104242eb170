"""How many probes may run at once: in all, and at one vendor, so that we never are its load (law 10)."""

import asyncio
from dataclasses import dataclass, field

from monitor.model import Check

CONCURRENCY = 64
PER_PROVIDER = 4


@dataclass(slots=True)
class Gates:
    """Bounded concurrency: in all, and per provider, so that we never are the vendor's load (law 10)."""

    per_provider: int
    whole: asyncio.Semaphore
    providers: dict[str, asyncio.Semaphore] = field(default_factory=dict)

    def of(self, check: Check) -> asyncio.Semaphore:
        name = check.target.provider.id
        gate = self.providers.get(name)
        if gate is None:
            gate = self.providers[name] = asyncio.Semaphore(self.per_provider)
        return gate
