"""The story: what happens when, to whom, and what the house has to make of it. Minutes of the scaled clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.model import Cause, Incident, Scope
from probes.sim.world import Behaviour

REGIONS = {"us": "127.0.0.11", "eu": "127.0.0.12", "cn": "127.0.0.13"}
VENDORS = {"anthropic": "Claude", "gemini": "Gemini", "openai": "OpenAI", "dashscope": "Qwen", "moonshot": "Kimi",
           "zhipu": "GLM", "deepseek": "DeepSeek", "xiaomi": "MiMo"}
TEAM_KEY_ENV = "DEMO_OPENAI_TEAM_KEY"
MAIN_KEY_ENV = "DEMO_OPENAI_MAIN_KEY"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what a stand-in does, `provider` and `region` None for all; `key_env` for one account."""

    behaviour: Behaviour
    provider: str | None = None
    region: str | None = None
    key_env: str | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be told of a scene: the cause, and about whom. None matches any."""

    cause: Cause
    provider: str | None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """Something that happens at minute `at` and lasts until `until` (None: to the end)."""

    at: float
    until: float | None
    title: str
    lines: tuple[Line, ...]
    expected: Expected | None = None


ABROAD = ("anthropic", "gemini", "openai")
EXPECTED_IN_CN = tuple(Line(Behaviour.GEO, vendor, "cn") for vendor in ABROAD)

SCENES: tuple[Scene, ...] = (
    Scene(0, None, "three vendors refuse cn, as they have for years: expected, so nobody is told", EXPECTED_IN_CN),
    Scene(9, 32, "Claude geo-blocks eu, which it served until now",
          (Line(Behaviour.GEO, "anthropic", "eu"),), Expected(Cause.REGION_RESTRICTED, "anthropic", "eu")),
    Scene(12, 22, "cn loses its link abroad; everything domestic is fine",
          (Line(Behaviour.RESET, None, "cn", zone="global"),),
          Expected(Cause.OWN_NETWORK, None, "cn")),
    Scene(16, None, "OpenAI bans the team's account; the other account keeps working",
          (Line(Behaviour.BAN, "openai", None, TEAM_KEY_ENV),), Expected(Cause.ACCOUNT_RESTRICTED, "openai")),
    Scene(43, 52, "Kimi goes down everywhere",
          (Line(Behaviour.DOWN, "moonshot"),), Expected(Cause.PROVIDER_OUTAGE, "moonshot")),
    # half an hour after cn's link: what comes back sooner goes on as the same incident (policy.SOON)
    Scene(66, 75, "this machine's own network fails",
          (Line(Behaviour.RESET),), Expected(Cause.OWN_NETWORK, None)),
)
LENGTH = 79.0

# Causes that blame a vendor: none may be opened because of scenes that are our own network's. Slowness is no scene: the
# stand-ins share this machine, and where it is busy they are slow in truth.
BLAMES_A_VENDOR = frozenset(Cause) - {Cause.OWN_NETWORK, Cause.OWN_FAULT, Cause.UNKNOWN, Cause.LATENCY_DEGRADED}


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report at the end: a scene, whether it was told rightly, and what was told."""

    title: str
    passed: bool
    told: str


def compare(incidents: Sequence[Incident], told: Sequence[Incident] = ()) -> tuple[Check, ...]:
    """Hold the incidents against the story: every expected one told, and nobody blamed besides. `told`: as they stood
    when something was said of them, for what comes back soon goes on as the same incident, and may have grown.
    """
    seen = list({(one.key, one.scope): one for one in (*told, *incidents)}.values())
    numbers = {one.key: one.id for one in incidents}
    claimed: set[tuple[str, Scope]] = set()
    checks = []
    for scene in SCENES:
        if scene.expected is None:
            continue
        found = [one for one in seen if (one.key, one.scope) not in claimed and _fits(one, scene.expected)]
        claimed |= {(one.key, one.scope) for one in found}
        checks.append(Check(scene.title, bool(found), _told(found, numbers)))
    keys = {key for key, _ in claimed}
    wrong = [one for one in incidents if one.opened_at and one.key not in keys and one.cause in BLAMES_A_VENDOR]
    blamed = _told(wrong, numbers) or "nothing else was told"
    checks.append(Check("no vendor is blamed for what it did not do", not wrong, blamed))
    return tuple(checks)


def _fits(incident: Incident, expected: Expected) -> bool:
    if expected.cause is Cause.OWN_NETWORK and incident.scope.region != expected.region:
        return False      # one region's link and the whole machine's are two things
    return (incident.opened_at is not None and incident.cause is expected.cause
            and incident.scope.provider == expected.provider
            and expected.region in {None, incident.scope.region, *incident.regions})


def _told(incidents: Sequence[Incident], numbers: Mapping[str, int]) -> str:
    first = {one.key: one for one in reversed(incidents)}
    return "; ".join(f"#{numbers.get(key, one.id)} {one.cause.value}: {one.because}" for key, one in first.items())
