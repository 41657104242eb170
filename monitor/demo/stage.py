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


@dataclass(frozen=True, slots=True)
class Site:
    """What a vendor has in one zone. No dialect: a neutral host."""

    name: str
    zone: str
    dialect: str
    hosts: tuple[str, ...]
    models: tuple[str, ...] = ()


NEUTRAL = (
    Site("neutral-global", "global", "", ("www.cloudflare.com", "www.apple.com", "www.microsoft.com")),
    Site("neutral-cn", "cn", "", ("www.baidu.com", "www.qq.com")),
)


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
            self._said[line] = self.world.say(WorldLine(line.behaviour, line.provider, address, key, line.zone))

    def end(self, lines: Iterable[Line]) -> None:
        """Take the lines back."""
        for line in lines:
            self.world.unsay(self._said.pop(line))


@asynccontextmanager
async def set_up(providers: Iterable[Provider], keys: Mapping[str, str], folder: Path) -> AsyncIterator[Stage]:
    """Start one stand-in a vendor and two neutral hosts; stop them at the end."""
    world = World()
    sites = [*(site for provider in providers for site in _sites(provider)), *NEUTRAL]
    certs = issue(tuple(host for site in sites for host in site.hosts), folder)
    stand_ins = {site: StandIn(site.name, site.dialect, site.models, world, certs.context,
                               neutral=not site.dialect, zone=site.zone) for site in sites}
    for stand_in in stand_ins.values():
        await stand_in.start()
    ports = {host: f"127.0.0.1:{stand_in.port}" for site, stand_in in stand_ins.items() for host in site.hosts}
    try:
        yield Stage(world, ports, certs.ca_file, keys)
    finally:
        for stand_in in stand_ins.values():
            await stand_in.stop()


def _sites(provider: Provider) -> list[Site]:
    """One site a zone: a wall stands between them."""
    by_zone: dict[str, dict[str, None]] = {}
    for surface in provider.surfaces:
        host = urlsplit(surface.base_url).hostname
        if host and "{" not in host:
            by_zone.setdefault(surface.zone.value, {})[host] = None
    models = tuple(model.id for model in provider.probe_models)
    return [Site(provider.id, zone, provider.surfaces[0].dialect, tuple(hosts), models)
            for zone, hosts in by_zone.items()]
