"""The stage stands: every host of every surface leads to its stand-in, and lines are said and taken back."""

import asyncio
from pathlib import Path

from monitor.demo.stage import set_up
from monitor.demo.story import Line
from probes.model import Provider, Surface, Zone
from probes.sim.world import Asker, Behaviour

VENDOR = Provider("moonshot", "Kimi", surfaces=(
    Surface("mainland", "https://api.moonshot.cn/v1", "openai", Zone.CN),
    Surface("international", "https://api.moonshot.ai/v1", "openai"),
    Surface("own", "https://{resource}.moonshot.ai/v1", "openai")))


def test_hosts_lead_to_stand_ins_and_lines_come_and_go(tmp_path: Path) -> None:
    async def play() -> None:
        async with set_up([VENDOR], {"KEY": "sk-1"}, tmp_path) as stage:
            assert stage.hosts["api.moonshot.cn"] != stage.hosts["api.moonshot.ai"]
            assert {"www.apple.com", "www.baidu.com"} <= set(stage.hosts)
            ban = (Line(Behaviour.BAN, "moonshot", None, "KEY"), Line(Behaviour.GEO, "moonshot", "eu"))
            stage.play(ban)
            assert stage.world.behaviour(Asker("moonshot", "127.0.0.11", "sk-1")) is Behaviour.BAN
            assert stage.world.behaviour(Asker("moonshot", "127.0.0.12")) is Behaviour.GEO
            stage.end(ban)
            assert stage.world.behaviour(Asker("moonshot", "127.0.0.12", "sk-1")) is Behaviour.SERVE
    asyncio.run(play())
