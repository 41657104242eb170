"""Play the story: the real app on a clock sped up sixty times, the stand-ins on their stage, the verdict at the end."""

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.live import Live
from rich.table import Table

from monitor.app import App
from monitor.catalogue import load_catalogue
from monitor.clock import Clock
from monitor.config import load_config
from monitor.demo.hands import Hands
from monitor.demo.screen import Ear, Screen, lay_out
from monitor.demo.stage import Stage, set_up
from monitor.demo.story import LENGTH, MAIN_KEY_ENV, REGIONS, SCENES, TEAM_KEY_ENV, VENDORS, Check, Scene, compare
from monitor.model import Incident, Judged, Move, Reroute
from monitor.model import Stage as IncidentStage
from monitor.setup import Setup, setup_of
from monitor.store.asking import Answer, ask
from monitor.store.sql import open_store
from probes.run import Runner

RATE = 60.0
HOLD = "3m"
KEYS = {MAIN_KEY_ENV: "sk-demo-main-0001", TEAM_KEY_ENV: "sk-demo-team-0002"}
WHAT_HAPPENED = """SELECT id, cause, provider, regions, substr(onset, 12, 8) AS onset, substr(closed, 12, 8) AS closed,
round(confidence, 2) AS sure FROM v_incident ORDER BY id"""       # fits eighty columns

GATEWAY = """# the team's gateway, as it is today
model_list:
  - model_name: smart
    litellm_params: {model: anthropic/claude-haiku-5-5, api_key: os.environ/ANTHROPIC_API_KEY}
  - model_name: smart-qwen   # proven every day
    litellm_params: {model: dashscope/qwen3.8-flash, api_key: os.environ/DASHSCOPE_API_KEY}

router_settings:
  num_retries: 2
"""


def config_text(stage: Stage, folder: Path) -> str:
    """The demo's vendorwatch.yaml: the real thing, but for where the packets land."""
    hosts = ", ".join(f'{host}: "{place}"' for host, place in stage.hosts.items())
    regions = "\n".join(
        f"  {name}: {{zone: {'cn' if name == 'cn' else 'global'}, vantages: [{{name: {name}, "
        f'source_address: {address}, ca_file: "{stage.ca_file}", hosts: {{{hosts}}}}}]}}'
        for name, address in REGIONS.items())
    refused = "{expect: {cn: restricted}}"
    return f"""database: {folder}/demo.db
regions:
{regions}
vendors:
  claude: {refused}
  gemini: {refused}
  openai: {{expect: {{cn: restricted}}, checks: {{completion: {{every: 1m}}}}}}
  qwen: {{}}
  kimi: {{}}
  glm: {{}}
  deepseek: {{}}
  mimo: {{}}
accounts:
  - {{name: openai-main, vendor: openai, key_env: {MAIN_KEY_ENV}, region: us}}
  - {{name: openai-team, vendor: openai, key_env: {TEAM_KEY_ENV}, region: eu}}
gateways:
  team: {{type: litellm, file: {folder}/litellm.yaml, mode: propose}}
workloads:
  smart: {{primary: claude, fallbacks: [qwen], regions: [us, eu]}}
patching: {{hold: {HOLD}}}      # an hour, unless said otherwise; the story is short
"""


class Play:
    """One performance."""

    def __init__(self, console: Console, stage: Stage, folder: Path) -> None:
        self.screen = Screen(console, VENDORS, tuple(REGIONS))
        self.stage, self.folder, self.clock = stage, folder, Clock(rate=RATE)
        self.start = self.clock.now()
        (folder / "litellm.yaml").write_text(GATEWAY, encoding="utf-8")
        file = folder / "vendorwatch.yaml"
        file.write_text(config_text(stage, folder), encoding="utf-8")
        self.setup = setup_of(load_config(file, KEYS), KEYS, file)
        self.told: list[Incident] = []

    def app(self, setup: Setup) -> App:
        """The app as `compose` would make it, but with the demo's keys, clock and ears."""
        return App(setup.config, setup.catalogue, setup.checks, open_store(setup.config.database),
                   Runner(KEYS.get, now=self.clock.now), {"team": Ear(self.screen)},
                   setup.gateways, setup.policy, self.clock,
                   on_measurement=self.screen.measured, on_judged=self.judged, patches=self.folder / "patches",
                   inventories=setup.inventories)

    def judged(self, judged: Judged) -> None:
        """Tell what was decided as it is decided."""
        for action in judged.actions:
            if isinstance(action, Move):
                self.told.append(action.incident)
            if isinstance(action, Move) and action.before is not action.incident.stage:
                self._moved(action)
            elif isinstance(action, Reroute):
                self.screen.say(f"patch {action.change.id} for {action.gateway}: {action.change.workload} leaves "
                                f"{action.change.leaves} for {action.change.takes_over}", "bold magenta")

    def _moved(self, move: Move) -> None:
        one = move.incident
        if one.stage is IncidentStage.SUSPECTED:
            return
        style = "bold red" if one.stage is IncidentStage.OPEN else "green"
        self.screen.say(f"incident {one.stage.value}: {one.cause.value} {one.scope.provider or 'our own network'} "
                        f"({one.confidence:.0%}) – {one.because}", style)

    def minute(self) -> float:
        return (self.clock.now() - self.start) / timedelta(minutes=1)

    async def perform(self, app: App) -> tuple[Check, ...]:
        """Start the house, follow the script, drain. What the person's own steps came to."""
        cues = sorted([(scene.at, True, scene) for scene in SCENES]
                      + [(scene.until, False, scene) for scene in SCENES if scene.until is not None],
                      key=lambda cue: cue[0])
        self._cue(*cues.pop(0)[1:])      # what was so before anybody looked
        await app.start()
        hands = Hands(self.setup, app.store, self.screen, self.clock)
        person = asyncio.create_task(hands.work())
        try:
            while self.minute() < LENGTH:
                self.screen.minute = self.minute()
                while cues and cues[0][0] <= self.screen.minute:
                    self._cue(*cues.pop(0)[1:])
                self.screen.draw()
                await asyncio.sleep(0.1)
        finally:
            person.cancel()
            await app.drain()
        if person.done() and not person.cancelled():
            person.result()       # a bug of ours
        return hands.results()

    def _cue(self, begins: bool, scene: Scene) -> None:
        (self.stage.play if begins else self.stage.end)(scene.lines)
        self.screen.say(f"{'SCENE' if begins else 'END OF'}: {scene.title}", "bold")


def _summary(console: Console, checks: Sequence[Check]) -> bool:
    table = Table(title="what the story was, and what was told", title_justify="left", show_lines=True)
    for column in ("scene", "right", "told"):
        table.add_column(column, overflow="fold")
    for check in checks:
        table.add_row(check.title, "yes" if check.passed else "NO", check.told)
    lay_out(console, table)
    return all(check.passed for check in checks)


def _history(console: Console, answer: Answer) -> None:
    console.print("\nThe same from SQL, run now against the demo's database:\n", style="bold")
    console.print(f'$ vendorwatch sql "{WHAT_HAPPENED}"\n', highlight=False, soft_wrap=True)
    table = Table(box=SIMPLE_HEAD, show_edge=False)
    for name in answer.columns:
        table.add_column(name, no_wrap=name != "regions")      # a list may be broken, a word or a time may not
    for row in answer.rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    lay_out(console, table)


async def _play(console: Console, folder: Path) -> bool:
    catalogue = load_catalogue()
    providers = [catalogue.find(name) for name in VENDORS]
    async with set_up(providers, KEYS, folder) as stage:
        play = Play(console, stage, folder)
        app = play.app(play.setup)
        with closing(app.store):
            if console.is_terminal:
                with Live(console=console, refresh_per_second=5) as live:
                    play.screen.live = live
                    steps = await play.perform(app)
                    play.screen.live = None
            else:
                steps = await play.perform(app)
            passed = _summary(console, (*compare(app.store.incidents(closed=True), play.told), *steps))
            _history(console, ask(play.setup.config.database, WHAT_HAPPENED, None))
    return passed


def play(console: Console) -> bool:
    """The whole demo. True if every scripted restriction was told rightly, nobody blamed besides, and drill, approval,
    way back and audit came out as they must.
    """
    with tempfile.TemporaryDirectory(prefix="vendorwatch-demo-") as folder:
        return asyncio.run(_play(console, Path(folder)))
