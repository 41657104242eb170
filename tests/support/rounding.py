"""The daemon's rounds over a world's changes, on a clock that is set by hand."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from changing import NOON, World

from alerts.model import Alert
from monitor.clock import Clock
from monitor.errand import alert_from_json
from monitor.ground import Ground
from monitor.proposing import Running
from monitor.rounds import Rounds

QUIET = timedelta(0)


class SetByHand(Clock):
    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


class Daemon:
    """The rounds of a world. `running`: the gateway, as the config says it; without a URL it is not looked at."""

    def __init__(self, world: World) -> None:
        self.world, self.running, self.clock = world, Running("litellm", ""), SetByHand()
        self.rounds = Rounds(world.store, self.ground, lambda: ("ops",), self.clock)

    def ground(self) -> Ground:
        running = self.running if self.running.url else None
        ground = self.world.ground
        return replace(ground, places={name: replace(one, running=running) for name, one in ground.places.items()})

    def once(self, later: timedelta = QUIET) -> list[str]:
        return asyncio.run(self.go(later))

    async def go(self, later: timedelta = QUIET) -> list[str]:
        """Two rounds, so that nothing is told twice; what was told by now."""
        self.clock.at += later
        for _ in range(2):
            await self.rounds.once()
        return [alert.because.partition("): ")[2] for alert in self.told()]

    def told(self) -> list[Alert]:
        return [alert_from_json(row["payload"]) for row in self.world.store.errands() if row["kind"] == "tell"]
