"""One gate a vendor, the same for all its checks, and none shared between vendors."""

import asyncio
from datetime import timedelta

from monitor.gates import Gates
from monitor.model import Check
from probes.model import Provider, Surface, Target, Vantage


def a_check(vendor: str, kind: str) -> Check:
    target = Target(Provider(vendor, vendor), Surface("international", "https://x.test", "openai"))
    return Check(f"{kind}/{vendor}", kind, target, Vantage("eu", "eu"), timedelta(minutes=1))


def test_a_vendor_has_one_gate_of_its_own_size() -> None:
    async def play() -> None:
        gates = Gates(2, asyncio.Semaphore(64))
        gate = gates.of(a_check("openai", "network"))
        assert gate is gates.of(a_check("openai", "models"))
        assert gate is not gates.of(a_check("gemini", "models"))
        await gate.acquire()
        assert not gate.locked()
        await gate.acquire()
        assert gate.locked()

    asyncio.run(play())
