"""Law 11 on the real house: no key reaches another host or leaves from another region, none is used after a ban.

The stand-ins speak real TLS and keep every request they get, whole; regions are told apart by their source address.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from composed import a_setup, at_work, until
from lab import Lab, Witness, open_lab
from servers import http_proxy, serving, socks_proxy

from monitor.clock import Clock
from monitor.model import Cause, Stage
from probes.sim.bodies import Answer
from probes.sim.server import Ask
from probes.sim.speech import Speech
from probes.sim.world import Behaviour, Line

US, EU, THROUGH_A_PROXY = "127.0.0.21", "127.0.0.22", "127.0.0.1"
MODELS = ("gpt-6-luna", "claude-haiku-5-5", "gemini-3.1-flash-lite", "glm-4.7-flash", "kimi-k2.6", "m")
SITES = {
    "openai": ("api.openai.com", "openai", MODELS),
    "anthropic": ("api.anthropic.com", "anthropic", MODELS),
    "gemini": ("generativelanguage.googleapis.com", "gemini", MODELS),
    "zhipu": ("api.z.ai", "openai", MODELS),
    "zhipu-cn": ("open.bigmodel.cn", "openai", MODELS),
    "deepseek": ("api.deepseek.com", "openai", MODELS),
    "relay": ("relay.test", "openai", MODELS),
    "elsewhere": ("elsewhere.test", "openai", MODELS),
    "n1": ("n1.test", "", ()), "n2": ("n2.test", "", ()), "n3": ("n3.test", "", ()),
}
KEYS = {name: f"sk-law11-{name.lower()}-5f0c" for name in (
    "OPENAI_MAIN", "OPENAI_TEAM", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GLM_KEY", "DEEPSEEK_API_KEY", "RELAY_KEY")}
# whose key may be seen where, and from which address
ALLOWED = {
    KEYS["OPENAI_MAIN"]: ("openai", US), KEYS["OPENAI_TEAM"]: ("openai", EU),
    KEYS["ANTHROPIC_API_KEY"]: ("anthropic", US), KEYS["GEMINI_API_KEY"]: ("gemini", US),
    KEYS["GLM_KEY"]: ("zhipu", THROUGH_A_PROXY), KEYS["RELAY_KEY"]: ("relay", EU),
}
ENVIRON = {**KEYS, "DEEPSEEK_BASE_URL": "https://relay.test/v1"}    # so its key is the relay's, and nobody may use it
OFTEN = {kind: {"every": "60s"} for kind in ("completion", "models", "quality")}


class Redirecting(Witness):
    """A vendor that sends everybody elsewhere, once it is told to."""

    def _answer(self, ask: Ask, behaviour: Behaviour) -> Answer | Speech:
        answer = super()._answer(ask, behaviour)
        if self.provider == "anthropic" and behaviour is Behaviour.WRONG:
            return Answer(307, b"", (("location", f"https://{SITES['elsewhere'][0]}{ask.path}"),))
        return answer


def config(lab: Lab, proxies: Mapping[str, str]) -> dict[str, Any]:
    return {
        "use_keys": True,
        "budget": {"usd_per_day": 50, "tokens_per_day": 50_000_000, "each_vendor": {"tokens_per_day": 50_000_000}},
        "regions": {
            "us": {"vantages": [lab.place("us", US)]},
            "eu": {"vantages": [lab.place("eu", EU), lab.place("eu-proxy", proxy=proxies["http"])]},
            "asia": {"vantages": [lab.place("asia", proxy=proxies["socks"])]},
        },
        "vendors": {
            "openai": {"checks": OFTEN}, "claude": {"checks": OFTEN}, "gemini": {"checks": OFTEN},
            "glm": {"checks": OFTEN}, "deepseek": {"checks": OFTEN},
        },
        "accounts": [
            {"name": "main", "vendor": "openai", "key_env": "OPENAI_MAIN", "region": "us"},
            {"name": "team", "vendor": "openai", "key_env": "OPENAI_TEAM", "region": "eu"},
            {"name": "glm", "vendor": "glm", "key_env": "GLM_KEY", "host": "api.z.ai", "region": "asia"},
        ],
        "endpoints": [{"name": "relay", "base_url": "https://relay.test/v1", "model": "m", "key_env": "RELAY_KEY",
                       "regions": ["eu"], "checks": OFTEN}],
        "controls": [SITES[name][0] for name in ("n1", "n2", "n3")],
    }


def seen(lab: Lab) -> Counter[tuple[str, str, str]]:
    """Which key was found, anywhere in a request, at which site and from which address."""
    found: Counter[tuple[str, str, str]] = Counter()
    for name, site in lab.stand_ins.items():
        assert isinstance(site, Witness)
        for address, ask in list(site.asks):
            whole = f"{ask.path}\n{ask.headers}\n{ask.body.decode('latin-1')}"
            found.update((key, name, address) for key in KEYS.values() if key in whole)
    return found


def keyless(lab: Lab, name: str) -> set[str]:
    """The addresses from which a site was asked without any key."""
    site = lab.stand_ins[name]
    assert isinstance(site, Witness)
    return {address for address, ask in list(site.asks) if not ask.key}


def uses(lab: Lab, name: str) -> int:
    return sum(times for (key, _, _), times in seen(lab).items() if key == KEYS[name])


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[tuple[Lab, dict[str, Any], bytearray]]:
    """The stand-ins, a config that leads to them, and all that the proxies read."""
    wire = bytearray()
    async with (
        open_lab(folder, SITES, Redirecting) as lab,
        serving(http_proxy(wire=wire)) as http,
        serving(socks_proxy(wire=wire)) as socks,
    ):
        yield lab, config(lab, {"http": f"http://127.0.0.1:{http}", "socks": f"socks5://127.0.0.1:{socks}"}), wire


def assert_kept_at_home(lab: Lab) -> None:
    strayed = {where: times for where, times in seen(lab).items() if ALLOWED.get(where[0]) != where[1:]}
    assert strayed == {}


async def _at_home(folder: Path) -> None:
    async with town(folder) as (lab, said, wire):
        async with at_work(a_setup(folder, said, ENVIRON), ENVIRON, Clock(rate=120.0)) as app:
            await until("every key in use", lambda: all(
                seen(lab)[key, *where] >= 4 for key, where in ALLOWED.items()))
            lab.world.say(Line(Behaviour.WRONG, "anthropic"))
            sent_on = uses(lab, "ANTHROPIC_API_KEY")
            await until("redirects met with a key", lambda: uses(lab, "ANTHROPIC_API_KEY") >= sent_on + 4)
            # the owner of the variable learns that the key is a reseller's: a reload takes it out of use
            later = {**ENVIRON, "GEMINI_BASE_URL": "https://relay.test/v1beta"}
            app.renew(a_setup(folder, said, later))
            others = uses(lab, "OPENAI_MAIN")
            await until("what was under way is over", lambda: uses(lab, "OPENAI_MAIN") >= others + 4)
            before, others = uses(lab, "GEMINI_API_KEY"), uses(lab, "OPENAI_MAIN")
            await until("others go on", lambda: uses(lab, "OPENAI_MAIN") >= others + 6)
            assert uses(lab, "GEMINI_API_KEY") == before
        assert_kept_at_home(lab)
        for name in ("openai", "anthropic", "gemini", "deepseek"):     # keyless controls came from everywhere
            assert keyless(lab, name) == {US, EU, THROUGH_A_PROXY}, name
        elsewhere = lab.stand_ins["elsewhere"]
        assert isinstance(elsewhere, Witness)
        assert elsewhere.asks == []                        # a redirect is an answer, never a way
        assert uses(lab, "DEEPSEEK_API_KEY") == 0
        assert len(wire) > 10_000
        assert not [name for name, key in KEYS.items() if key.encode() in wire]


def test_no_key_reaches_another_host_or_leaves_from_another_region(tmp_path: Path) -> None:
    asyncio.run(_at_home(tmp_path))


@pytest.mark.parametrize(("behaviour", "cause"), [
    (Behaviour.BAN, Cause.ACCOUNT_RESTRICTED), (Behaviour.GEO, Cause.REGION_RESTRICTED),
])
def test_a_refused_key_is_left_alone_also_after_a_restart(tmp_path: Path, behaviour: Behaviour, cause: Cause) -> None:
    asyncio.run(_refused(tmp_path, behaviour, cause))


async def _refused(folder: Path, behaviour: Behaviour, cause: Cause) -> None:
    clock, key = Clock(rate=120.0), KEYS["OPENAI_MAIN"] if behaviour is Behaviour.BAN else None
    async with town(folder) as (lab, said, _):
        setup = a_setup(folder, said, ENVIRON)
        async with at_work(setup, ENVIRON, clock) as app:
            await until("both accounts in use", lambda: min(uses(lab, "OPENAI_MAIN"), uses(lab, "OPENAI_TEAM")) >= 4)
            served = uses(lab, "OPENAI_MAIN")
            lab.world.say(Line(behaviour, "openai", US, key))
            await until("an incident", lambda: [
                one for one in app.store.incidents() if one.cause is cause and one.stage is Stage.OPEN])
            await until("the key's checks stopped", lambda: stopped(app, "main"))
            team, bare = uses(lab, "OPENAI_TEAM"), keyless_calls(lab)
            await until("the other account goes on", lambda: uses(lab, "OPENAI_TEAM") >= team + 6)
            await until("and so do keyless calls", lambda: keyless_calls(lab) > bare)
        # each of the three keyed checks: a sighting, its confirmation, and one on its way; none at the least, where
        # keyless calls have seen and confirmed it first
        assert uses(lab, "OPENAI_MAIN") - served <= 3 * 3
        after, team = uses(lab, "OPENAI_MAIN"), uses(lab, "OPENAI_TEAM")
        async with at_work(setup, ENVIRON, clock):
            await until("the other account goes on after a restart", lambda: uses(lab, "OPENAI_TEAM") >= team + 6)
        assert uses(lab, "OPENAI_MAIN") == after
        assert_kept_at_home(lab)


def keyless_calls(lab: Lab) -> int:
    return sum(call.provider == "openai" and not call.key for call in lab.world.calls)


def stopped(app: Any, account: str) -> bool:
    """Whether every check that shows this account's key stands still."""
    every = app.timetable.intervals()
    return all(every[check.key] is None for check in app.checks
               if check.keyed and check.target.account.name == account)
