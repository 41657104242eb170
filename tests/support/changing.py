"""A gateway's real file, a real database and a change of it: what the tests of applying and taking back stand on."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.channel import DeliveryError
from alerts.gateways.litellm import Gateway
from alerts.inplace import InPlace
from alerts.landing import Landing
from alerts.model import RoutingChange, Strength
from monitor.catalogue import load_catalogue
from monitor.changes import Life, Stand
from monitor.errand import change_to_json
from monitor.ground import Ground
from monitor.guards import Bounds
from monitor.model import Errand, ErrandKind
from monitor.proposing import Place, Proposing
from monitor.store.sql import SqlStore, open_store

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CONFIG = """# ours
model_list:
  - model_name: smart
    litellm_params:
      model: anthropic/claude-sonnet-4-5
      api_key: os.environ/ANTHROPIC_API_KEY
  - model_name: backup
    litellm_params:
      model: dashscope/qwen3-max
router_settings:
  num_retries: 2
"""
CHANGE = RoutingChange(
    "vw-1", "smart", "anthropic", (), "backup", Strength.EXCLUDE, "region_restricted", "403 from eu", "i1", "eu", NOON,
    NOON, NOON + timedelta(days=7), "prod", ("eu",))


def an_errand(change: RoutingChange = CHANGE, mode: str = "auto") -> Errand:
    return Errand(1, f"r-{change.id}", ErrandKind.REROUTE, "gw", change_to_json(change, mode), 1, change.incident, NOON)


class Broken(InPlace):
    def put(self, *_: object) -> dict[str, object]:
        raise DeliveryError("disk full", permanent=True)


@dataclass
class World:
    """`dark`: why no fallback is proven; '' where it is."""

    folder: Path
    store: SqlStore
    mode: str = "approve"
    bounds: Bounds = field(default_factory=Bounds)
    dark: str = ""
    landing: Landing | None = None
    causes: frozenset[str] = frozenset()

    @property
    def file(self) -> Path:
        return self.folder / "gw" / "config.yaml"

    @property
    def text(self) -> str:
        return self.file.read_bytes().decode()

    @property
    def places(self) -> Mapping[str, Place]:
        return {"gw": Place(Gateway(), self.file, self.mode, load_catalogue(), {}, self.landing, self.causes)}

    @property
    def ground(self) -> Ground:
        return Ground(self.store, self.places, self.bounds, lambda change, now: self.dark, self.folder)

    def propose(self, change: RoutingChange = CHANGE, mode: str = "auto") -> str:
        return Proposing(self.places, self.folder / "patches", self.store)(an_errand(change, mode))

    def life(self, name: str = "vw-1") -> Life:
        found = self.store.life(name)
        assert found is not None
        return found

    def said(self, name: str = "vw-1") -> list[str]:
        return [entry.what for entry in self.store.entries(name)]

    def stand(self, name: str = "vw-1") -> Stand:
        return self.life(name).stand

    def edit(self, how: Callable[[str], str]) -> None:
        self.file.write_bytes(how(self.text).encode())


@contextmanager
def a_world(folder: Path, text: str = CONFIG, place: str = "") -> Iterator[World]:
    """`place`: another database than a file in the folder."""
    world = World(folder, open_store(place or f"sqlite:///{folder / 'v.db'}"))
    world.file.parent.mkdir(exist_ok=True)
    if not world.file.exists():
        world.file.write_bytes(text.encode())
    try:
        yield world
    finally:
        world.store.close()


def another(change: RoutingChange = CHANGE, **more: object) -> RoutingChange:
    return replace(change, **more)  # type: ignore[arg-type]
