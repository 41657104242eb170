"""A small internet on loopback: stand-in vendors with one authority, and vantages that lead to them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from probes.model import Vantage, Zone
from probes.sim.bodies import Answer
from probes.sim.certs import issue
from probes.sim.server import Ask, StandIn
from probes.sim.speech import Speech
from probes.sim.world import Behaviour, World


@dataclass
class Witness(StandIn):
    """A stand-in that keeps every request it gets, with the address it came from."""

    asks: list[tuple[str, Ask]] = field(default_factory=list)

    def _answer(self, ask: Ask, behaviour: Behaviour) -> Answer | Speech:
        self.asks.append((self.world.calls[-1].address, ask))
        return super()._answer(ask, behaviour)


@dataclass(frozen=True, slots=True)
class Lab:
    world: World
    stand_ins: Mapping[str, StandIn]
    hosts: Mapping[str, str]
    ca_file: Path

    def vantage(self, region: str = "eu", address: str = "127.0.0.1", zone: Zone = Zone.GLOBAL) -> Vantage:
        return Vantage(region, region, zone, source_address=address, hosts=self.hosts, ca_file=str(self.ca_file))

    def place(self, name: str, address: str | None = None, **more: Any) -> dict[str, Any]:
        """The same as an entry of a config's `vantages`."""
        way = {"name": name, "source_address": address, "hosts": dict(self.hosts), "ca_file": str(self.ca_file)}
        return {key: value for key, value in (way | more).items() if value is not None}


@asynccontextmanager
async def open_lab(
    folder: Path, vendors: Mapping[str, tuple[str, str, tuple[str, ...]]], make: type[StandIn] = StandIn
) -> AsyncIterator[Lab]:
    """`vendors`: provider id -> (host, dialect, models); without a dialect it is a neutral host."""
    world = World()
    certs = issue(tuple(host for host, _, _ in vendors.values()), folder)
    stand_ins = {name: make(name, dialect, models, world, certs.context, neutral=not dialect)
                 for name, (_, dialect, models) in vendors.items()}
    for stand_in in stand_ins.values():
        await stand_in.start()
    hosts = {vendors[name][0]: f"127.0.0.1:{stand_in.port}" for name, stand_in in stand_ins.items()}
    try:
        yield Lab(world, stand_ins, hosts, certs.ca_file)
    finally:
        for stand_in in stand_ins.values():
            await stand_in.stop()
