"""A small internet on loopback: stand-in vendors with one authority, and vantages that lead to them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from probes.model import Vantage, Zone
from probes.sim.certs import issue
from probes.sim.server import StandIn
from probes.sim.world import World


@dataclass(frozen=True, slots=True)
class Lab:
    world: World
    stand_ins: Mapping[str, StandIn]
    hosts: Mapping[str, str]
    ca_file: Path

    def vantage(self, region: str = "eu", address: str = "127.0.0.1", zone: Zone = Zone.GLOBAL) -> Vantage:
        return Vantage(region, region, zone, source_address=address, hosts=self.hosts, ca_file=str(self.ca_file))


@asynccontextmanager
async def open_lab(folder: Path, vendors: Mapping[str, tuple[str, str, tuple[str, ...]]]) -> AsyncIterator[Lab]:
    """`vendors`: provider id -> (host, dialect, models)."""
    world = World()
    certs = issue(tuple(host for host, _, _ in vendors.values()), folder)
    stand_ins = {name: StandIn(name, dialect, models, world, certs.context)
                 for name, (_, dialect, models) in vendors.items()}
    for stand_in in stand_ins.values():
        await stand_in.start()
    hosts = {vendors[name][0]: f"127.0.0.1:{stand_in.port}" for name, stand_in in stand_ins.items()}
    try:
        yield Lab(world, stand_ins, hosts, certs.ca_file)
    finally:
        for stand_in in stand_ins.values():
            await stand_in.stop()
