"""The stage: stand-in vendors on loopback for a story, and where the vantages find them. Needs the extra `demo`."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from monitor.demo.story import REGIONS, Line
from probes.model import Provider
from probes.sim.certs import issue
from probes.sim.server import StandIn
from probes.sim.world import Line as WorldLine
from probes.sim.world import World

NEUTRAL = {
    "neutral-global": ("www.cloudflare.com", "www.apple.com", "www.microsoft.com"),
    "neutral-cn": ("www.baidu.com", "www.qq.com"),
}


@dataclass(slots=True)
class Stage:
    """Running stand-ins. `hosts` is for the vantages; `keys` are the throw-away keys by variable name."""

    world: World
    hosts: Mapping[str, str]
    ca_file: Path
    keys: Mapping[str, str]
    _said: dict[Line, WorldLine] = field(default_factory=dict)

    def play(self, lines: Iterable[Line]) -> None:
        """Let the stand-ins do as the lines say."""
        for line in lines:
            address = REGIONS[line.region] if line.region else None
            key = self.keys[line.key_env] if line.key_env else None
            self._said[line] = self.world.say(line.behaviour, provider=line.provider, address=address, key=key)

    def end(self, lines: Iterable[Line]) -> None:
        """Take the lines back."""
        for line in lines:
            self.world.unsay(self._said.pop(line))


@asynccontextmanager
async def set_up(providers: Iterable[Provider], keys: Mapping[str, str], folder: Path) -> AsyncIterator[Stage]:
    """Start one stand-in a vendor and two neutral hosts; stop them at the end."""
    world = World()
    hosts_of = {provider.id: _hosts(provider) for provider in providers} | NEUTRAL
    certs = issue(tuple(host for hosts in hosts_of.values() for host in hosts), folder)
    stand_ins = {
        provider.id: StandIn(provider.id, provider.surfaces[0].dialect, tuple(m.id for m in provider.probe_models),
                             world, certs.context, open_listing=bool(provider.quirks.get("keyless_models")))
        for provider in providers
    }
    for name in NEUTRAL:
        stand_ins[name] = StandIn(name, "", (), world, certs.context, neutral=True)
    for stand_in in stand_ins.values():
        await stand_in.start()
    ports = {host: f"127.0.0.1:{stand_ins[name].port}" for name, hosts in hosts_of.items() for host in hosts}
    try:
        yield Stage(world, ports, certs.ca_file, keys)
    finally:
        for stand_in in stand_ins.values():
            await stand_in.stop()


def _hosts(provider: Provider) -> tuple[str, ...]:
    hosts = (urlsplit(surface.base_url).hostname for surface in provider.surfaces)
    return tuple(dict.fromkeys(host for host in hosts if host and "{" not in host))
