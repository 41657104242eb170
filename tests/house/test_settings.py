"""Every key that vendorwatch.yaml may hold is read by whoever ought to honour it: a key that nobody reads is a lie.

A config with every section is put to work under a spy; checking a config is not honouring it and does not count.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor import policysettings, settings, workloadsettings
from monitor.app import compose
from monitor.clock import Clock
from monitor.commands import run
from monitor.cycle import is_paid
from monitor.patching import ground_of
from monitor.section import Open, Section
from monitor.setup import read_setup

NOW = datetime.now(UTC)
ENVIRON = {"ACME_KEY": "sk-1", "OURS_KEY": "sk-2"}
EVERYTHING = f"""
database: v.db
catalogue: vendors
regions:
  sg: {{country: SG, was: old,
        vantages: [{{name: out, proxy: "socks5://127.0.0.1:9", source_address: 127.0.0.1}}, {{}}]}}
vendors:
  claude: {{expect: {{sg: restricted}}, surface: international, accounts: [main], models: [m], regions: [sg],
            checks: {{reachability: {{every: 2m}}}}}}
  kimi: {{}}
endpoints: [{{name: ours, base_url: "http://127.0.0.1:9/v1", model: q, key_env: OURS_KEY}}]
accounts: [{{name: main, vendor: claude, key_env: ACME_KEY}}]
controls: [127.0.0.1]
channels: {{here: {{type: console}}}}
gateways: {{gw: {{type: litellm, file: litellm.yaml}}}}
workloads: {{smart: {{primary: claude, fallbacks: [kimi], gateway: gw, needs: {{tools: true, json: true, context: 9}},
                     data_stays: {{sg: {{vendors: [kimi]}}}},
                     allowed: [{{vendor: kimi, by: mei, date: 2026-11-02}}]}}}}
policy: {{reminders: [1h], rules: [{{when: {{cause: billing}}, hold: 5m}}, {{patch: none}}]}}
patching:
  freeze:
  - {{start: "2026-12-24T00:00", end: "2026-12-27T00:00"}}
  - {{cron: "30 23 * * 6", for: 2h, timezone: Europe/Berlin}}
budget: {{vendors: {{claude: {{}}}}}}
maintenance:
- {{start: "{(NOW - timedelta(hours=1)).isoformat()}", end: "{(NOW + timedelta(hours=1)).isoformat()}"}}
- {{cron: "30 23 * * 6", for: 2h, timezone: Europe/Berlin}}
"""
CHECKERS = {"monitor.configcheck", "monitor.workloadcheck", "monitor.workloadnames"}
SHAPES = (settings, policysettings, workloadsettings)
PROPERTIES = {name for room in SHAPES for section in vars(room).values() if isinstance(section, type)
              for name, value in vars(section).items() if isinstance(value, property)}

Reads = set[tuple[str, str]]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    """(section, key) of everything that a room other than the checkers reads from now on."""
    found: Reads = set()

    def spy(self: Section, name: str) -> object:
        frame = sys._getframe(1)
        room = str(frame.f_globals.get("__name__", ""))
        honours = room.startswith("monitor.") and room not in CHECKERS
        if honours and (room not in {one.__name__ for one in SHAPES} or frame.f_code.co_name in PROPERTIES):
            found.add((type(self).__name__, name))
        return object.__getattribute__(self, name)

    monkeypatch.setattr(Section, "__getattribute__", spy, raising=False)
    return found


def sections() -> list[type[Section]]:
    return list(dict.fromkeys(one for room in SHAPES for one in vars(room).values()
                if isinstance(one, type) and issubclass(one, Section) and one not in {Section, Open}))


def put_to_work(folder: Path) -> None:
    """What `vendorwatch run` does with a config, short of asking anybody."""
    setup = read_setup(folder / "vendorwatch.yaml", ENVIRON)
    app = compose(setup, ENVIRON, Clock())
    try:
        app.known()
        ground_of(setup, app.store)
        app.silences(NOW)
        asyncio.run(app.purse.refuses(next(check for check in setup.checks if is_paid(check)), NOW))
        asyncio.run(app._prune())
    finally:
        app.store.close()


def test_every_key_is_honoured_somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads: Reads) -> None:
    (tmp_path / "vendors").mkdir()
    (tmp_path / "litellm.yaml").write_text("model_list: []\n")
    (tmp_path / "vendorwatch.yaml").write_text(EVERYTHING)
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    put_to_work(tmp_path)
    monkeypatch.setattr("monitor.logs.begin", lambda *_: None)
    monkeypatch.setattr(run, "_serve", lambda *_: None)
    run.run(tmp_path / "vendorwatch.yaml", use_keys=False)
    owed = {(section.__name__, key) for section in sections() for key in section.model_fields} - reads
    assert owed == set()


def test_the_spy_can_tell(reads: Reads) -> None:
    assert settings.RegionSettings(country="CN").side
    assert reads == {("RegionSettings", "zone"), ("RegionSettings", "country")}
